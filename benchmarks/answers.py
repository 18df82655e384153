"""First token and whole answers over real sockets, against the whole running system; then turns per second at saturation."""

import asyncio
import random
import time
from collections import defaultdict
from typing import Final

import numpy as np

from benchmarks.measuring import Row, at_least, at_most, percentile
from benchmarks.questions import mixed
from benchmarks.system import Heard, Running, settled, shopper, sign_in

QUESTIONS_EACH: Final = 100
READING_S: Final = (0.1, 0.3)
"""What a shopper of the benchmark takes to read and type: far less than a person, so that five stand for hundreds."""
SATURATION_SHOPPERS: Final = 16
SATURATION_S: Final = 10.0


async def first_token(system: Running) -> tuple[list[Row], list[Heard]]:
    """Five shoppers at once, guests and a customer, ten intents in turn: once with a breath between questions, once without."""
    await settled(system)
    token = await sign_in(system, "aiko")
    tokens = [None, token, None, token, None]
    await _all(system, tokens, 20, (0.0, 0.0))
    began = system.processor_s()
    heard = await _all(system, tokens, QUESTIONS_EACH, READING_S)
    used_ms = (system.processor_s() - began) * 1000
    hurried = await _all(system, tokens, QUESTIONS_EACH, (0.0, 0.0))
    at_client = [answer.first_token_s * 1000 for answer in heard]
    breathless = [answer.first_token_s * 1000 for answer in hurried]
    inside = [m.ttft_ms for answer in heard if (m := answer.transcript.metadata) and m.ttft_ms is not None]
    whole = [answer.done_s * 1000 for answer in heard]
    rows = [
        at_most("first token, at the client, p50", percentile(at_client, 50), "ms", 15),
        at_most("first token, at the client, p99", percentile(at_client, 99), "ms", 50),
        Row(what="first token, in the server, p50", value=percentile(inside, 50), unit="ms"),
        Row(what="first token, in the server, p99", value=percentile(inside, 99), unit="ms"),
        Row(what="whole answer, at the client, p50", value=percentile(whole, 50), unit="ms"),
        Row(what="whole answer, at the client, p99", value=percentile(whole, 99), unit="ms"),
        Row(what="correction frames per answer", value=100 * _corrections(heard) / len(heard), unit="%"),
        at_most("processor time of the assistant, a turn", used_ms / len(heard), "ms", 6),
        at_most("without a breath: first token, p50", percentile(breathless, 50), "ms", 20),
        at_most("without a breath: first token, p99", percentile(breathless, 99), "ms", 60),
    ]
    return rows, heard


async def _all(
    system: Running, tokens: list[str | None], questions: int, reading_s: tuple[float, float]
) -> list[Heard]:
    each = (_browse(system, token, mixed(questions, n * 7), reading_s, n) for n, token in enumerate(tokens))
    return [answer for answers in await asyncio.gather(*each) for answer in answers]


async def saturation(system: Running) -> list[Row]:
    return [at_least(f"turns per second, {SATURATION_SHOPPERS} shoppers", await saturated(system), "1/s", 200)]


async def saturated(system: Running) -> float:
    """Turns a second with as many shoppers as keep the assistant busy, each asking at once again; load and store share
    the machine."""
    until = time.monotonic() + SATURATION_S
    counts = await asyncio.gather(*(_ask_until(system, until, n) for n in range(SATURATION_SHOPPERS)))
    return sum(counts) / SATURATION_S


async def browsing(system: Running, shoppers: int, questions: int) -> list[float]:
    """First tokens (ms) of shoppers who take a breath between questions."""
    heard = await _all(system, [None] * shoppers, questions, READING_S)
    return [answer.first_token_s * 1000 for answer in heard]


def waterfall(heard: list[Heard]) -> dict[str, float]:
    """The median milliseconds of each stage over all answers."""
    by_stage: dict[str, list[float]] = defaultdict(list)
    for answer in heard:
        if answer.transcript.metadata is not None:
            for stage, took in answer.transcript.metadata.timings.items():
                by_stage[stage].append(took)
    return {stage: float(np.median(times)) for stage, times in by_stage.items()}


async def _browse(
    system: Running, token: str | None, questions: list[str], reading_s: tuple[float, float], seed: int
) -> list[Heard]:
    chance = random.Random(seed)
    heard: list[Heard] = []
    async with shopper(system, token) as asking:
        for question in questions:
            heard.append(await asking.ask(question))
            await asyncio.sleep(chance.uniform(*reading_s))
    return heard


async def _ask_until(system: Running, until: float, number: int) -> int:
    asked = 0
    async with shopper(system) as asking:
        for question in mixed(10_000, number * 3):
            if time.monotonic() >= until:
                break
            await asking.ask(question)
            asked += 1
    return asked


def _corrections(heard: list[Heard]) -> int:
    return sum(answer.transcript.metadata.corrections for answer in heard if answer.transcript.metadata)
