"""First token and whole answers over real sockets, against the whole running system; then turns per second at saturation."""

import asyncio
import time
from collections import defaultdict
from typing import Final

import numpy as np

from benchmarks.measuring import Row, at_most, percentile
from benchmarks.questions import mixed
from benchmarks.system import Heard, Running, shopper, sign_in

SHOPPERS: Final = 5
QUESTIONS_EACH: Final = 100
SATURATION_SHOPPERS: Final = 16
SATURATION_S: Final = 10.0


async def first_token(system: Running) -> tuple[list[Row], list[Heard]]:
    """Five shoppers at once, each asking the next thing when the last is answered; guests and a customer."""
    token = await sign_in(system, "aiko")
    tokens = [None, token, None, token, None]
    await asyncio.gather(*(_browse(system, tokens[n], mixed(20, n * 7)) for n in range(SHOPPERS)))
    heard = [
        answer
        for answers in await asyncio.gather(
            *(_browse(system, tokens[n], mixed(QUESTIONS_EACH, n * 7)) for n in range(SHOPPERS))
        )
        for answer in answers
    ]
    at_client = [answer.first_token_s * 1000 for answer in heard]
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
    ]
    return rows, heard


async def saturation(system: Running) -> list[Row]:
    """As many shoppers as keep the assistant busy, each asking at once again; load and store share the machine."""
    until = time.monotonic() + SATURATION_S
    counts = await asyncio.gather(*(_ask_until(system, until, n) for n in range(SATURATION_SHOPPERS)))
    return [Row(what=f"turns per second, {SATURATION_SHOPPERS} shoppers", value=sum(counts) / SATURATION_S, unit="1/s")]


def waterfall(heard: list[Heard]) -> dict[str, float]:
    """The median milliseconds of each stage over all answers."""
    by_stage: dict[str, list[float]] = defaultdict(list)
    for answer in heard:
        if answer.transcript.metadata is not None:
            for stage, took in answer.transcript.metadata.timings.items():
                by_stage[stage].append(took)
    return {stage: float(np.median(times)) for stage, times in by_stage.items()}


async def _browse(system: Running, token: str | None, questions: list[str]) -> list[Heard]:
    async with shopper(system, token) as asking:
        return [await asking.ask(question) for question in questions]


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
