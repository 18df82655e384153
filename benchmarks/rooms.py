"""The rooms by themselves: encoder pass, vector search, inline filter, spans."""

import json
import random
import re
import time
import timeit
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from rich.progress import Progress

from benchmarks.measuring import Row, at_least, at_most, console, percentile
from benchmarks.questions import QUESTIONS
from mangaassist.guardrails.inline import InlineRules
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import provision
from mangaassist.stores.sqlite.vector_graph import VectorGraph
from mangaassist.telemetry.client_spans import redis_call
from mangaassist.telemetry.tracing import Tracing

ROOT: Final = Path(__file__).parent.parent
ENCODER_PASSES: Final = 500
CHUNKS: Final = 18_000
SEARCHES: Final = 1000
CALLS_TOLD: Final = 20_000


async def encoder(cache: Path) -> list[Row]:
    """One shopper's message at a time, through the queue and the thread that the turn uses."""
    encoder = OnnxEncoder(provision(cache))
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
    """Texts cut into pieces of one to twelve characters, as a model streams them: the store's own pages, and one that is
    nothing but prices, addresses and numbers."""
    pages = sorted((ROOT / "src/mangastore/content").rglob("*.md"))
    usual = " ".join(page.read_text(encoding="utf-8").rpartition("---")[2] for page in pages[::6])
    dense = (
        "**Vinland Saga, Vol. 1** by Makoto Yukimura costs {{price:B0ABCDEFGH}} and is in stock. Standard shipping is free "
        "over $35. Write to help@inkwellmanga.example or call 1-800-555-0142 if anything is missing. "
    ) * 150
    rules = InlineRules.load()
    rows: list[Row] = []
    for name, text in (("the store's pages", usual), ("dense with prices and numbers", dense)):
        took = _fed(rules, text)
        rows.append(Row(what=f"inline filter per chunk, p50, {name}", value=percentile(took, 50), unit="ms"))
        rows.append(at_most(f"inline filter per chunk, p99, {name}", percentile(took, 99), "ms", 0.1))
    return rows


def _fed(rules: InlineRules, text: str) -> list[float]:
    chance = random.Random(7)
    checks = rules.filter({"B0ABCDEFGH": "$9.99"}, frozenset({Decimal(35)}))
    took: list[float] = []
    start = 0
    while start < len(text):
        end = start + chance.randint(1, 12)
        began = time.perf_counter()
        checks.feed(text[start:end])
        took.append((time.perf_counter() - began) * 1000)
        start = end
    return took


async def vectors(cache: Path) -> list[Row]:
    """18 000 real sentences: every volume of every series by its title and hook, and the messages of shoppers as questions.

    Volumes of one series are nearly alike, which is what makes them hard to tell apart.
    """
    encoder = OnnxEncoder(provision(cache))
    kept = cache / "bench-vectors.npy"
    texts = list(islice(_sentences(), CHUNKS))
    if kept.exists() and np.load(kept, mmap_mode="r").shape[0] == len(texts):
        chunks = np.load(kept)
    else:
        with Progress(console=console) as progress:
            task = progress.add_task("embedding 18 000 sentences", total=len(texts))
            chunks = await encoder.encode_many(texts, lambda done, total: progress.update(task, completed=done))
        np.save(kept, chunks)
    questions = await encoder.encode_many(_questions()[:SEARCHES])
    await encoder.close()
    graph = VectorGraph(chunks.shape[1])
    half = chunks.astype(np.float16)
    shuffled = np.random.default_rng(3).permutation(len(half))
    graph.lay_out([(shuffled.astype(np.int64), half[shuffled])])  # as the index lays its graphs out after a build
    took, found = [], []
    for question in questions:
        began = time.perf_counter()
        keys, _ = graph.search(question, 10)
        took.append((time.perf_counter() - began) * 1000)
        found.append(set(keys))
    exact = np.argsort(-(questions.astype(np.float16).astype(np.float32) @ half.astype(np.float32).T), axis=1)[:, :10]
    recall = float(np.mean([len(keys & set(best.tolist())) / 10 for keys, best in zip(found, exact, strict=True)]))
    return [
        Row(what=f"vector search over {len(half):,}, p50", value=percentile(took, 50), unit="ms"),
        at_most(f"vector search over {len(half):,}, p99", percentile(took, 99), "ms", 1),
        at_least("recall@10 against exact search", recall, "", 0.99),
    ]


def _sentences() -> Iterator[str]:
    for file in sorted((ROOT / "src/mangastore/data/series").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            series = json.loads(line)
            for number in range(1, series["volumes"] + 1):
                yield f"{series['title']}, Vol. {number} by {', '.join(series['authors'])}. {series['hook']}"
            yield from re.split(r"(?<=[.!?])\s+", f"{series['synopsis']} {series['review']['summary']}")
    for file in sorted((ROOT / "src/mangastore/content").rglob("*.md")):
        yield from (part for part in re.split(r"(?<=[.!?])\s+|\n+", file.read_text(encoding="utf-8")) if len(part) > 20)
    messages = _questions()
    for apart in (1, 7, 31):
        yield from (f"{messages[n]} {messages[n - apart]}" for n in range(len(messages)))


def _questions() -> list[str]:
    rows = [
        json.loads(line)
        for file in sorted((ROOT / "training/intents").glob("messages_*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    random.Random(11).shuffle(rows)
    return [row["text"] for row in rows]


def spans() -> list[Row]:
    """What it costs that a call of Redis is told to tracing: where nobody collects, and where somebody does."""
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(_Nowhere()))
    rows: list[Row] = []
    for name, tracing in (("nobody collects", Tracing()), ("somebody collects", Tracing(provider, is_collected=True))):
        with tracing.attempt(None):
            took = min(timeit.repeat(_told, number=CALLS_TOLD, repeat=5)) / CALLS_TOLD
        rows.append(Row(what=f"a call over the network, told to tracing: {name}", value=took * 1e6, unit="µs"))
    provider.shutdown()
    return rows


def _told() -> None:
    with redis_call("GET", "", 1, ("127.0.0.1", 6379)):
        pass


class _Nowhere(SpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS
