"""Resident memory after many varied messages: bounded, whatever lengths come."""

import random
from typing import Final

from rich.progress import Progress

from benchmarks.measuring import Row, at_most, console
from benchmarks.questions import mixed
from benchmarks.system import Running, settled, shopper

MESSAGES: Final = 2000
LONGEST: Final = 2000
MESSAGES_A_SHOPPER: Final = 40


async def measured(system: Running) -> list[Row]:
    """Messages of one to two thousand characters, made of questions, by shoppers one after another."""
    await settled(system)
    chance, before = random.Random(7), system.resident_mib()
    most = before
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("Asking", total=MESSAGES)
        for _ in range(MESSAGES // MESSAGES_A_SHOPPER):
            async with shopper(system) as asking:
                for _ in range(MESSAGES_A_SHOPPER):
                    await asking.ask(_message(chance))
                    most = max(most, system.resident_mib())
                    bar.advance(task)
    return [
        Row(what="resident memory before", value=before, unit="MiB"),
        at_most(f"resident memory after {MESSAGES} messages", system.resident_mib(), "MiB", 450),
        at_most("resident memory at its most", most, "MiB", 450),
    ]


def _message(chance: random.Random) -> str:
    length = chance.randint(1, LONGEST)
    text = " ".join(mixed(60, chance.randrange(10_000)))
    return (text * (1 + length // len(text)))[:length].strip() or "?"
