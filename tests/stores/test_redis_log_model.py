"""The log in Redis does what the pure slot does: both are told the same things, drawn by seed, and must say the same."""

import asyncio
import random
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, Final

import pytest
from msgspec.structs import replace

from mangaassist.conversation.log import (
    LEASE_S,
    Claim,
    Cursor,
    Entry,
    Followed,
    Joined,
    Lease,
    Offered,
    Origin,
    Revoked,
    Unknown,
)
from mangaassist.conversation.slot import Slot, unknown
from mangaassist.errors import EpochLost, Superseded
from mangaassist.stores.redis.connection import Server
from mangaassist.stores.redis.conversation_log import RedisLog
from tests.contracts.conversation_log import SESSION
from tests.redis_log import lapse
from tests.redis_server import RedisServer

SEEDS: Final = 25
STEPS: Final = 80
CUSTOMERS: Final = (None, "aiko", "ben")


class Model:
    """A log of one session: a slot once something is known, and none again after a flush. ``now`` is its own clock."""

    def __init__(self) -> None:
        self.slot: Slot | None = None
        self.now = 0.0
        self.flushes = 0
        self.ceiling = 0

    @property
    def origin(self) -> Origin:
        return Origin(self.ceiling, self.slot.owner if self.slot else None)

    def flush(self) -> None:
        self.ceiling = (self.slot.last if self.slot else self.ceiling) + 1024
        self.slot = None
        self.flushes += 1

    def offer(self, entry: Entry, origin: Origin | None, holder: str | None) -> Offered:
        slot = self.slot or (Slot(SESSION, f"epoch {self.flushes}", origin) if origin else None)
        if slot is None:
            return Offered(verdict="unknown", last=0)
        offered = slot.offer(entry)
        if offered.verdict == "taken":
            self.slot = slot
            if holder is not None:
                return replace(offered, claim=slot.claim(holder, self.now))
        return offered

    def claim(self, holder: str) -> Claim | None:
        return self.slot.claim(holder, self.now) if self.slot else None

    def held(self, lease: Lease) -> Slot:
        if self.slot is None:
            raise EpochLost(SESSION)
        return self.slot

    def own(self, customer_id: str) -> bool:
        if self.slot is None:
            self.slot = Slot(SESSION, f"epoch {self.flushes}", self.origin)
        return self.slot.own(customer_id)

    def heard(self, after: Cursor, who: str | None) -> tuple[Followed, ...]:
        if self.slot is None:
            return (unknown("", after, who, self.origin),)
        joined = self.slot.join(after, who)
        return (joined,) if isinstance(joined, Revoked) else (joined, *self.slot.since(after.seq, who))


class Pair:
    """The log and its model, and the leases that both have given, each beside the other."""

    def __init__(self, chance: random.Random, server: RedisServer, logs: dict[str, RedisLog]) -> None:
        self.chance = chance
        self.model = Model()
        self._server = server
        self._logs = logs
        self._leases: list[tuple[str, Lease, Lease]] = []
        self._fences: dict[int, int] = {}

    async def step(self) -> str:
        steps = {
            self.offer: 6, self.claim: 3, self.append: 8, self.renew: 2, self.release: 1,
            self.stop: 1, self.own: 0.3, self.lapse: 2, self.flush: 0.2,
        }  # fmt: skip
        (step,) = self.chance.choices(tuple(steps), tuple(steps.values()))
        await step()
        await self.listen()
        assert (SESSION in await self.log().due(10)) == (
            self.model.slot is not None and self.model.slot.is_due(self.model.now)
        )
        return step.__name__

    def log(self) -> RedisLog:
        return self._logs[self.chance.choice(tuple(self._logs))]

    async def offer(self) -> None:
        name = self.chance.choice(tuple(self._logs))
        number = self.chance.randrange(12)
        entry = Entry(
            message_id=f"m{number}",
            digest=self.chance.choice(("d", "d", "d", "other")),
            response_id=f"r{self.chance.random()}",
            body=self.chance.randbytes(self.chance.randrange(200)),
            asker=self.model.slot.owner
            if self.model.slot and self.chance.random() < 0.8
            else self.chance.choice(CUSTOMERS),
            kind="note" if number > 8 else "ask",
        )
        origin = self.model.origin if self.chance.random() < 0.7 else None
        claims = self.chance.random() < 0.5
        said = await self._logs[name].offer(SESSION, entry, origin, claims)
        expected = self.model.offer(entry, origin, name if claims else None)
        assert (said.verdict, said.last) == (expected.verdict, expected.last)
        self._same_claim(name, said.claim, expected.claim)

    async def claim(self) -> None:
        name = self.chance.choice(tuple(self._logs))
        said = await self._logs[name].claim(SESSION, self.model.origin)
        assert not isinstance(said, Unknown)
        self._same_claim(name, said, self.model.claim(name))

    async def append(self) -> None:
        count = self.chance.choice((0, 1, 1, 2, 5))
        waiting = self.model.slot.inbox if self.model.slot else []
        ack = waiting[0].message_id if waiting and self.chance.random() < 0.4 else None
        fresh = self.chance.randrange(1 << 30)
        frames = tuple(f"{fresh}-{number}-é".encode() for number in range(count))
        await self._with_lease(
            lambda log, lease: log.append(lease, frames, ack),
            lambda lease: self.model.held(lease).append(lease, frames, ack, self.model.now),
        )

    async def renew(self) -> None:
        await self._with_lease(
            lambda log, lease: log.renew(lease), lambda lease: self.model.held(lease).renew(lease, self.model.now)
        )

    async def release(self) -> None:
        if self._leases:
            name, lease, model_lease = self.chance.choice(self._leases[-4:])
            await self._logs[name].release(lease)
            if self.model.slot:
                self.model.slot.release(model_lease)

    async def stop(self) -> None:
        message_id = self.chance.choice((None, f"m{self.chance.randrange(12)}"))
        await self.log().stop(SESSION, message_id)
        if self.model.slot:
            self.model.slot.stop(message_id)

    async def own(self) -> None:
        customer = self.chance.choice(("aiko", "ben"))
        origin = self.model.origin
        assert await self.log().own(SESSION, customer, origin) == self.model.own(customer)

    async def lapse(self) -> None:
        lapse(self._server, SESSION)
        self.model.now += LEASE_S

    async def flush(self) -> None:
        self._server.flush()
        self.model.flush()

    async def listen(self) -> None:
        last = self.model.slot.last if self.model.slot else self.model.ceiling
        after, who = Cursor(self.chance.randrange(last + 2)), self.chance.choice(CUSTOMERS)
        expected = self.model.heard(after, who)
        async with aclosing(self.log().follow(SESSION, after, who, self.model.origin)) as news, asyncio.timeout(30):
            for wanted in expected:
                said = await anext(news)
                assert _nameless(said) == _nameless(wanted)

    async def _with_lease(self, call: Callable[[RedisLog, Lease], Any], expected: Callable[[Lease], Lease]) -> None:
        if not self._leases:
            return
        name, lease, model_lease = self.chance.choice(
            self._leases[-4:] if self.chance.random() < 0.3 else self._leases[-1:]
        )
        try:
            wanted: Lease | type[Superseded] = expected(model_lease)
        except Superseded as superseded:
            wanted = type(superseded)
        try:
            said: Lease | type[Superseded] = await call(self._logs[name], lease)
        except Superseded as superseded:
            said = type(superseded)
        if isinstance(said, Lease) and isinstance(wanted, Lease):
            self._same_lease(name, said, wanted)
        else:
            assert said == wanted

    def _same_claim(self, name: str, said: Claim | None, wanted: Claim | None) -> None:
        assert (said is None) == (wanted is None)
        if said is not None and wanted is not None:
            assert (said.entry, said.shown) == (wanted.entry, wanted.shown)
            self._same_lease(name, said.lease, wanted.lease)

    def _same_lease(self, name: str, said: Lease, wanted: Lease) -> None:
        """Epochs and holders have names of their own, and fences of one slot begin anywhere."""
        assert (said.last, said.stopped, said.more) == (wanted.last, wanted.stopped, wanted.more)
        assert self._fences.setdefault(self.model.flushes, said.fence - wanted.fence) == said.fence - wanted.fence
        self._leases.append((name, said, wanted))


def _nameless(item: Followed) -> Followed:
    """Without the name of the epoch."""
    if isinstance(item, Joined) and item.hole is not None:
        return replace(item, epoch="", hole=replace(item.hole, epoch=""))
    return replace(item, epoch="") if hasattr(item, "epoch") else item


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_the_log_in_redis_says_what_the_slot_says(server: RedisServer, seed: int) -> None:
    server.flush()
    logs = {
        "one": await RedisLog.open(Server(server.url), "key"),
        "other": await RedisLog.open(Server(server.url), "key"),
    }
    pair = Pair(random.Random(seed), server, logs)
    try:
        done = [await pair.step() for _ in range(STEPS)]
        assert len(set(done)) > 5
    finally:
        for log in logs.values():
            await log.close()
