"""One kill after another: a process dies in mid-answer, its shoppers go on at the next, and each must hear one whole answer."""

import asyncio
import random
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from tests.crashes.fleet import Assistant, fleet, shared_services
from tests.crashes.shopper import Shopper, Told

QUESTIONS: Final = (
    ("who wrote Berserk?", "recommend me something like Berserk"),
    ("do you ship to Canada?", "what is your return policy?"),
    ("how many pages does Berserk volume 1 have?", "tell me about the series One Piece"),
)
"""What each shopper asks: the first in peace, the second while the process dies."""

Deployment = Callable[[Path, Path, tuple[str, ...]], AbstractContextManager[list[Assistant]]]


def alone(home: Path, built: Path, program: tuple[str, ...]) -> AbstractContextManager[list[Assistant]]:
    return fleet(home, built, {}, 1, program)


@contextmanager
def together(home: Path, built: Path, program: tuple[str, ...]) -> Generator[list[Assistant]]:
    """Two assistants over one Redis and one DynamoDB; a killed one's shoppers go on at the other at once."""
    with shared_services(home) as shared, fleet(home, built, shared, 2, program) as assistants:
        yield assistants


DEPLOYMENTS: Final[dict[str, Deployment]] = {"alone": alone, "together": together}
"""One assistant on SQLite, started again; two over one Redis and one DynamoDB."""


class Killed(Struct, frozen=True):
    """One kill. ``answers`` to the questions that were open, one a shopper."""

    after_s: float
    answers: tuple[Told, ...]


class Round:
    """What the shoppers of one kill share: the process that they are at, and the moment at which it dies."""

    def __init__(self, assistants: list[Assistant], first: int) -> None:
        self._assistants = assistants
        self._place = first
        self._waiting = len(QUESTIONS)
        self.all_asked = asyncio.Event()

    def address(self) -> str:
        return self._assistants[self._place].address

    def asked(self) -> None:
        self._waiting -= 1
        if self._waiting <= 0:
            self.all_asked.set()

    def go_on_elsewhere(self) -> None:
        self._place = (self._place + 1) % len(self._assistants)


def killings(assistants: list[Assistant], kills: int, chance: random.Random) -> Iterator[Killed]:
    """Kill so many times, at moments that ``chance`` chooses. Raises ``AssertionError`` when a shopper is told anything else
    than what it is told in peace."""
    with asyncio.Runner() as runner:
        expected = runner.run(_in_peace(assistants[0]))
        longest = max(told.seconds for told in expected)
        for number in range(kills):
            after_s = chance.uniform(0, longest * 1.1)
            killed = runner.run(_killing(assistants, number % len(assistants), after_s))
            for told, peaceful in zip(killed.answers, expected, strict=True):
                assert told.receipts == 1, told
                assert told.text == peaceful.text, (told.text, peaceful.text)
            yield killed


async def _in_peace(assistant: Assistant) -> list[Told]:
    told: list[Told] = []
    for first, second in QUESTIONS:
        shopper = Shopper(lambda: assistant.address)
        await shopper.ask("first", first)
        told.append(await shopper.ask("second", second))
        await shopper.hang_up()
    return told


async def _killing(assistants: list[Assistant], dies: int, after_s: float) -> Killed:
    this = Round(assistants, dies)
    shoppers = [Shopper(this.address) for _ in QUESTIONS]
    await asyncio.gather(*(one.ask("first", first) for one, (first, _) in zip(shoppers, QUESTIONS, strict=True)))
    async with asyncio.TaskGroup() as group:
        asking = [
            group.create_task(one.ask("second", second, this.asked))
            for one, (_, second) in zip(shoppers, QUESTIONS, strict=True)
        ]
        await this.all_asked.wait()
        await asyncio.sleep(after_s)
        assistants[dies].kill()
        this.go_on_elsewhere()
        assistants[dies].begin()
        await asyncio.to_thread(assistants[dies].ready)
    await asyncio.gather(*(one.hang_up() for one in shoppers))
    return Killed(after_s, tuple(task.result() for task in asking))
