"""Twice as many questions as can be answered: what is shed is said, and nothing that exists is denied (O-5)."""

import asyncio
import re
import time
from contextlib import AsyncExitStack
from typing import Final

from msgspec import Struct

from benchmarks.answers import saturated
from benchmarks.measuring import Row, at_most, percentile
from benchmarks.system import Running, Shopper, settled, shopper

SECONDS: Final = 20.0
SHOPPERS: Final = 1500
EXISTING: Final = (
    ("what is your return policy?", re.compile(r"return|30 days", re.IGNORECASE)),
    ("do you ship to Canada?", re.compile(r"Canada", re.IGNORECASE)),
    ("who wrote Berserk?", re.compile(r"Kentar", re.IGNORECASE)),
    ("recommend me something like Berserk", re.compile(r"\$\d")),
    ("how many pages does Vinland Saga volume 1 have?", re.compile(r"pages", re.IGNORECASE)),
)
"""Questions whose answers are known, and what a right answer says."""
DENIES: Final = re.compile(
    r"(?:could ?n['’]t|could not|can ?not|can['’]t) find|no (?:such|page|title)|(?:do not|don['’]t) (?:have|know|sell|carry)"
    r"|not (?:in our|sold|something we)",
    re.IGNORECASE,
)


class Outcome(Struct, frozen=True):
    is_shed: bool
    denies: bool
    is_thin: bool
    seconds: float


async def measured(system: Running) -> list[Row]:
    """First what can be answered, then twice as much, sent at a steady pace whether answers come or not."""
    await settled(system)
    rate = await saturated(system)
    outcomes = await _at_rate(system, 2 * rate)
    answered = [one for one in outcomes if not one.is_shed]
    return [
        Row(what="saturation", value=rate, unit="1/s"),
        Row(what="questions at twice that", value=len(outcomes), unit=""),
        Row(what="answered", value=len(answered), unit=""),
        Row(what="shed, with words", value=len(outcomes) - len(answered), unit=""),
        at_most("answers that deny what exists", sum(one.denies for one in answered), "", 0),
        Row(
            what="answers that miss the fact and say that something is away",
            value=sum(one.is_thin for one in answered),
            unit="",
        ),
        Row(what="question to whole answer, p50", value=percentile([one.seconds for one in answered], 50), unit="s"),
        Row(what="question to whole answer, p99", value=percentile([one.seconds for one in answered], 99), unit="s"),
        Row(what="resident memory at the end", value=system.resident_mib(), unit="MiB"),
    ]


async def _at_rate(system: Running, rate: float) -> list[Outcome]:
    """Questions at a steady pace, each by the next of so many shoppers that none has to wait for an answer of its own."""
    outcomes: list[Outcome] = []
    async with AsyncExitStack() as exits, asyncio.TaskGroup() as group:
        shoppers = [await exits.enter_async_context(shopper(system)) for _ in range(SHOPPERS)]
        began = time.monotonic()
        for number in range(int(rate * SECONDS)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            group.create_task(_one(shoppers[number % SHOPPERS], number, outcomes))
    return outcomes


async def _one(asking: Shopper, number: int, outcomes: list[Outcome]) -> None:
    question, right = EXISTING[number % len(EXISTING)]
    began = time.monotonic()
    try:
        heard = await asking.ask(question)
    except RuntimeError:
        outcomes.append(Outcome(is_shed=True, denies=False, is_thin=False, seconds=time.monotonic() - began))
        return
    said = heard.transcript
    text = said.text + "".join(card.price for card in said.products)
    is_wrong = right.search(text) is None
    is_degraded = said.metadata is not None and bool(said.metadata.degraded)
    outcomes.append(
        Outcome(
            is_shed=False,
            denies=is_wrong and DENIES.search(text) is not None,
            is_thin=is_wrong and is_degraded,
            seconds=time.monotonic() - began,
        )
    )
