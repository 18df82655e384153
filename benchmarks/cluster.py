"""Two processes over one Redis and one DynamoDB: what sharing adds to the first token, and a crowd beside idle sockets."""

import asyncio
import contextlib
import random
import shutil
import statistics
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.measuring import Row, at_most, console, percentile
from benchmarks.questions import mixed
from benchmarks.sockets import more_files, quiet_peers
from benchmarks.system import Running, Shopper, running, settled, shopper
from tests.crashes.fleet import AS_IT_IS, fleet, shared_services

QUESTIONS: Final = 400
WARM: Final = 40
IDLE: Final = 10_000
RATE: Final = 100.0
CROWD_S: Final = 30.0


# ---- what sharing adds


def redis(data: Path) -> list[Row]:
    """One process that keeps its conversations and one that shares them, asked the same questions in turn by one shopper each."""
    with _alone(data) as alone, _sharing(data, 1) as (sharing,):
        ours, shared = asyncio.run(side_by_side(alone, sharing, QUESTIONS))
    added = [b - a for a, b in zip(ours, shared, strict=True)]
    return [
        Row(what="first token, one process that keeps its own, p50", value=percentile(ours, 50), unit="ms"),
        Row(what="first token, Redis and dynalite, p50", value=percentile(shared, 50), unit="ms"),
        at_most("what sharing adds to a first token, at the median", statistics.median(added), "ms", 1),
        Row(what="first token, one process that keeps its own, p99", value=percentile(ours, 99), unit="ms"),
        Row(what="first token, Redis and dynalite, p99", value=percentile(shared, 99), unit="ms"),
    ]


async def side_by_side(one: Running, other: Running, questions: int) -> tuple[list[float], list[float]]:
    """First tokens (ms) of both, question by question; who is asked first changes each time."""
    for system in (one, other):
        await settled(system)
    took: tuple[list[float], list[float]] = ([], [])
    async with shopper(one) as at_one, shopper(other) as at_other:
        asked = list(zip((at_one, at_other), took, strict=True))
        for number, question in enumerate(mixed(WARM + questions, 0)):
            for asking, times in asked if number % 2 else reversed(asked):
                heard = await asking.ask(question)
                if number >= WARM:
                    times.append(heard.first_token_s * 1000)
    return took


# ---- a crowd beside idle sockets


def crowd(data: Path) -> list[Row]:
    """Two processes that share everything: idle sockets at both, and so many questions a second at either."""
    more_files()
    with _sharing(data, 2) as systems:
        return asyncio.run(beside_idle_sockets(systems, IDLE, RATE, CROWD_S))


async def beside_idle_sockets(systems: list[Running], idle: int, rate: float, for_s: float) -> list[Row]:
    for system in systems:
        await settled(system)
    async with quiet_peers([system.url for system in systems], idle) as peers, Asking(systems, rate) as asking:
        await asking.go_on(for_s / 5)
        asking.forget()
        used = [system.processor_s() for system in systems]
        began = time.monotonic()
        await asking.go_on(for_s)
        took_s = time.monotonic() - began
        busy = [100 * (system.processor_s() - before) / took_s for system, before in zip(systems, used, strict=True)]
        held = sum(peer.is_open for peer in peers)
    first = [first_s * 1000 for first_s in asking.first_tokens]
    return [
        Row(what="idle sockets held over two processes", value=held, unit=""),
        Row(what="questions a second", value=asking.asked / took_s, unit="1/s"),
        Row(what="answers a second", value=len(first) / took_s, unit="1/s"),
        Row(what="turned away, in words", value=asking.turned_away, unit=""),
        Row(what="first token beside them, p50", value=percentile(first, 50), unit="ms"),
        at_most("first token beside them, p99", percentile(first, 99), "ms", 60),
        *(
            Row(what=f"processor of assistant {number}", value=percent, unit="% of a core")
            for number, percent in enumerate(busy, 1)
        ),
    ]


class Asking:
    """Guests who ask ``rate`` questions a second, whether or not they are answered, each over a line that stays open."""

    def __init__(self, systems: list[Running], rate: float) -> None:
        self._systems = systems
        self._rate = rate
        self._chance = random.Random(1)
        self._questions = mixed(100_000, 0)
        self._idle: list[Shopper] = []
        self._lines = contextlib.AsyncExitStack()
        self._open = 0
        self.forget()

    def forget(self) -> None:
        self.asked = self.turned_away = 0
        self.first_tokens: list[float] = []

    async def __aenter__(self) -> "Asking":
        return self

    async def __aexit__(self, *gone: object) -> None:
        await self._lines.aclose()

    async def go_on(self, for_s: float) -> None:
        """Ask for so long, and wait for the last answers."""
        clock = asyncio.get_running_loop().time
        due, until = clock(), clock() + for_s
        async with asyncio.TaskGroup() as group:
            while (due := due + self._chance.expovariate(self._rate)) < until:
                await asyncio.sleep(max(0.0, due - clock()))
                group.create_task(self._ask(due - clock()))

    async def _ask(self, early_s: float) -> None:
        """``early_s``: how long before its moment it is asked; a generator that is late makes nobody look faster."""
        self.asked += 1
        asking = self._idle.pop() if self._idle else await self._connected()
        try:
            heard = await asking.ask(self._questions[self.asked % len(self._questions)])
        except RuntimeError:
            self.turned_away += 1
        else:
            self.first_tokens.append(heard.first_token_s - early_s)
        self._idle.append(asking)

    async def _connected(self) -> Shopper:
        self._open += 1
        return await self._lines.enter_async_context(shopper(self._systems[self._open % len(self._systems)]))


# ---- systems


@contextmanager
def _alone(data: Path) -> Generator[Running]:
    with fleet(_fresh(data, "alone"), _built(data), {}, 1, AS_IT_IS) as (assistant,):
        yield assistant.running()


@contextmanager
def _sharing(data: Path, processes: int) -> Generator[list[Running]]:
    home = _fresh(data, "sharing")
    with shared_services(home) as shared, fleet(home, _built(data), shared, processes, AS_IT_IS) as assistants:
        yield [assistant.running() for assistant in assistants]


def _fresh(data: Path, name: str) -> Path:
    home = data.with_name(f"{data.name}-{name}")
    shutil.rmtree(home, ignore_errors=True)
    return home


def _built(data: Path) -> Path:
    """A cache folder with the knowledge in it."""
    cache = data / "cache"
    if not (cache / "knowledge" / "built").exists():
        console.print("The store is read first ...")
        with running(data):
            pass
    return cache
