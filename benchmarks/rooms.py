"""The rooms by themselves: encoder pass, vector search, inline filter."""

import random
import time
from decimal import Decimal
from pathlib import Path
from typing import Final

from benchmarks.measuring import Row, at_most, percentile
from benchmarks.questions import QUESTIONS
from mangaassist.guardrails.inline import InlineRules
from mangaassist.models.encoder import Encoder
from mangaassist.models.provisioning import provision

ENCODER_PASSES: Final = 500
CHUNKS: Final = 18_000
SEARCHES: Final = 1000


async def encoder(cache: Path) -> list[Row]:
    """One shopper's message at a time, through the queue and the thread that the turn uses."""
    encoder = Encoder(provision(cache))
    await encoder.warm_up()
    messages = [question for questions in QUESTIONS.values() for question in questions]
    took: list[float] = []
    for number in range(ENCODER_PASSES):
        began = time.perf_counter()
        await encoder.encode([messages[number % len(messages)]])
        took.append((time.perf_counter() - began) * 1000)
    await encoder.close()
    return [
        at_most("encoder pass, p50", percentile(took, 50), "ms", 3),
        Row(what="encoder pass, p99", value=percentile(took, 99), unit="ms"),
    ]


def inline_filter() -> list[Row]:
    """Answers cut into pieces of one to twelve characters, as a model streams them."""
    rules = InlineRules.load()
    text = (
        "**Vinland Saga, Vol. 1** by Makoto Yukimura costs {{price:B0ABCDEFGH}} and is in stock. Standard shipping is free "
        "over $35. Write to help@inkwellmanga.example or call 1-800-555-0142 if anything is missing. "
    ) * 20
    chance = random.Random(7)
    took: list[float] = []
    for _ in range(30):
        checks = rules.filter({"B0ABCDEFGH": "$9.99"}, frozenset({Decimal(35)}))
        start = 0
        while start < len(text):
            end = start + chance.randint(1, 12)
            began = time.perf_counter()
            checks.feed(text[start:end])
            took.append((time.perf_counter() - began) * 1000)
            start = end
        checks.finish()
    return [
        Row(what="inline filter per chunk, p50", value=percentile(took, 50), unit="ms"),
        at_most("inline filter per chunk, p99", percentile(took, 99), "ms", 0.1),
    ]
