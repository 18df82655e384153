"""The conversation log of several processes in Redis 7: one slot a session, one script a call, one stream of batches.

A script may only touch keys of one slot of a cluster, and what waits must be found without asking every session. Therefore a
session's keys do not share their slot with its own id but with one of ``PARTS`` names: all sessions of a part lie in one slot,
with an index of those that have unfinished messages. So the index is changed in the same step as the session, never
afterwards, and a look for what is due reads ``PARTS`` keys.

| key | what | lives |
|---|---|---|
| ``{mangaassist:7}:slot:<session>`` | numbers, owner, lease, inbox without its bodies | 25 h |
| ``{mangaassist:7}:bodies:<session>`` | the bodies of the inbox, by message id | until they are acknowledged |
| ``{mangaassist:7}:frames:<session>`` | a stream: one entry a batch, its id the number of its last frame | 15 min |
| ``{mangaassist:7}:due`` | sessions with unfinished messages, by the end of their lease | |
| ``{mangaassist:7}:news:<session>`` | the sharded channel on which each batch is published | |

The epoch is the run of the server: one that starts again and a replica that takes over begin another. A slot that is gone
(the database was flushed, say) takes its numbers from the store and its fences from the clock when it begins anew, so that no
lease of before is good for what comes after.
"""

import contextlib
import secrets
from collections.abc import AsyncGenerator
from typing import Any, Final, Self
from zlib import crc32

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mangaassist.conversation.log import (
    LOG,
    Batch,
    Claim,
    Cursor,
    Entry,
    Followed,
    Hole,
    Joined,
    Lease,
    Offered,
    Origin,
    Revoked,
    Unknown,
)
from mangaassist.conversation.slot import unknown
from mangaassist.conversation.slot_table import Wakes
from mangaassist.errors import EpochLost, Fenced, ServiceFailure, StartFailed
from mangaassist.stores.redis import scripts
from mangaassist.stores.redis.connection import CONNECT_S, Server, failing
from mangaassist.stores.redis.news import MANY, News
from mangaassist.stores.redis.script import Script

PARTS: Final = 32
"""Slots of a cluster over which sessions are spread. Never change it: it says where a session is."""
CHECK_S: Final = 25.0

_PACK: Final = msgspec.msgpack.Encoder().encode
_BATCH: Final = msgspec.msgpack.Decoder(tuple[int, str | None, tuple[bytes, ...]])


class _Held(Struct, frozen=True):
    """A lease as a script tells it."""

    epoch: str
    fence: int
    last: int
    stopped: bool
    more: bool


class _Claimed(Struct, frozen=True):
    lease: _Held
    entry: dict[str, Any]


class _State(Struct, frozen=True):
    epoch: str
    last: int
    kept_from: int


_HELD: Final = msgspec.msgpack.Decoder(_Held)
_CLAIMED: Final = msgspec.msgpack.Decoder(_Claimed)
_STATE: Final = msgspec.msgpack.Decoder(_State)
_SUPERSEDED: Final = {b"lost": EpochLost, b"fenced": Fenced}


class _Looked(Struct, frozen=True):
    """What a follower finds. ``known`` None: nothing is known of the session; ``is_whole``: nothing comes behind the batches."""

    epoch: str
    known: _State | None = None
    batches: tuple[Batch, ...] = ()
    is_revoked: bool = False
    is_whole: bool = True

    def joined(self, after: Cursor, who: str | None, origin: Origin) -> Joined | Revoked:
        if self.is_revoked:
            return Revoked()
        if self.known is None:
            return unknown(self.epoch, after, who, origin)
        return Joined(self.epoch, self.known.last, self._hole(after.seq))

    def since(self, after: int) -> tuple[Batch | Hole | Revoked, ...]:
        if self.is_revoked:
            return (Revoked(),)
        hole = self._hole(after)
        start = hole.to_seq if hole else after
        later = tuple(_cut(batch, start) for batch in self.batches)
        return (hole, *later) if hole else later

    def _hole(self, after: int) -> Hole | None:
        if self.known is None or after + 1 >= self.known.kept_from:
            return None
        return Hole(self.epoch, after + 1, self.known.kept_from - 1)


SEALED_WITH: Final = "{mangaassist:sealing}"


class RedisLog:
    """One process's view of the log. A call fails within two seconds when Redis is away.

    A follower looks every ``check_s`` seconds whether it has missed anything: publishing promises nothing.
    """

    def __init__(self, server: Server, check_s: float = CHECK_S) -> None:
        self._server = server
        self._check_s = check_s
        self._holder = secrets.token_hex(8)
        self._wakes = Wakes()
        channels = (scripts.WAKES, f"{scripts.WAKES}:{self._holder}")
        self._news = News(server.line, channels, self._wake)

    @classmethod
    async def open(cls, server: Server, key_id: str) -> Self:
        """The log in a Redis, which may be away just now.

        ``key_id`` names the key that what waits is sealed with. Raises ``StartFailed`` when the other processes of the log seal
        with another key: they could not read what this one takes, nor this one theirs.
        """
        log = cls(server)
        await log._news.start(CONNECT_S)
        with contextlib.suppress(ServiceFailure):
            if await log._key_in_use(key_id) != key_id:
                await log.close()
                raise StartFailed(
                    "The other assistants of this Redis seal messages with another key: name one sealing_key_file for all of"
                    f" them, or copies of it. When all of them have a new one, delete {SEALED_WITH} in Redis."
                )
        return log

    async def _key_in_use(self, key_id: str) -> str:
        with failing(LOG):
            _, used = await self._server.call_all((("SET", SEALED_WITH, key_id, "NX"), ("GET", SEALED_WITH)))
        return used.decode()

    async def offer(self, session_id: str, entry: Entry, origin: Origin | None, claim: bool) -> Offered:
        told = {name: value for name, value in msgspec.structs.asdict(entry).items() if name != "body"}
        holder = self._holder if claim else None
        verdict, last, *claimed = await self._call(
            scripts.OFFER, session_id, {"entry": told, "origin": origin, "holder": holder}, entry.body
        )
        if verdict == b"unknown":
            return Offered(verdict="unknown", last=0, epoch=claimed[0].decode())
        found = self._claimed(session_id, claimed) if claimed else None
        return Offered(verdict=verdict.decode(), last=last, claim=found)

    async def claim(self, session_id: str, origin: Origin | None) -> Claim | Unknown | None:
        verdict, *told = await self._call(scripts.CLAIM, session_id, {"origin": origin, "holder": self._holder})
        if verdict == b"unknown":
            return Unknown(told[0].decode())
        return self._claimed(session_id, told) if told else None

    async def renew(self, lease: Lease) -> Lease:
        return _renewed(lease, await self._call(scripts.RENEW, lease.session_id, {"lease": lease}))

    async def release(self, lease: Lease) -> None:
        await self._call(scripts.RELEASE, lease.session_id, {"lease": lease})

    async def append(self, lease: Lease, frames: tuple[bytes, ...], ack: str | None = None) -> Lease:
        ask = {"lease": lease, "count": len(frames), "ack": ack}
        return _renewed(lease, await self._call(scripts.APPEND, lease.session_id, ask, _PACK(frames)))

    async def stop(self, session_id: str, message_id: str | None = None) -> None:
        await self._call(scripts.STOP, session_id, {"message_id": message_id})

    async def own(self, session_id: str, customer_id: str, origin: Origin) -> bool:
        (whose,) = await self._call(scripts.OWN, session_id, {"customer_id": customer_id, "origin": origin})
        return whose == b"own"

    async def follow(self, session_id: str, after: Cursor, who: str | None, origin: Origin) -> AsyncGenerator[Followed]:
        with self._news.of(keys_of(session_id)[-1]) as ear:
            looked = await self._look(session_id, after.seq, who, origin)
            yield (joined := looked.joined(after, who, origin))
            heard, items = after.seq, looked.since(after.seq)
            while not isinstance(joined, Revoked):
                for item in items:
                    yield item
                    if isinstance(item, Revoked):
                        return
                    heard = item.last if isinstance(item, Batch) else item.to_seq
                batch = _published(await ear.next(self._check_s)) if looked.is_whole else None
                if batch is None or batch.first > heard + 1 or batch.audience not in (None, who):
                    looked = await self._look(session_id, heard, who, origin)
                    items = looked.since(heard)
                else:
                    items = (_cut(batch, heard),) if batch.last > heard else ()

    async def due(self, limit: int) -> tuple[str, ...]:
        with failing(LOG):
            seconds, micros = await self._server.call("TIME")
            now_ms = int(seconds) * 1000 + int(micros) // 1000
            asked = [("ZRANGEBYSCORE", _due(part), 0, now_ms, "WITHSCORES", "LIMIT", 0, limit) for part in range(PARTS)]
            found = await self._server.call_all(asked)
        waiting = sorted(
            (float(since), session_id)
            for part in found
            for session_id, since in zip(part[::2], part[1::2], strict=True)
        )
        return tuple(session_id.decode() for _, session_id in waiting[:limit])

    async def wakes(self) -> AsyncGenerator[str]:
        await self._news.start()
        while True:
            yield await self._wakes.next()

    async def ping(self) -> None:
        with failing(LOG):
            await self._server.call("PING")

    async def close(self) -> None:
        await self._news.close()
        await self._server.close()

    def _wake(self, session_id: bytes) -> None:
        self._wakes.add(session_id.decode())

    def _claimed(self, session_id: str, told: list[bytes]) -> Claim:
        packed, body, *batches = told
        claimed = _CLAIMED.decode(packed)
        return Claim(
            lease=_lease(session_id, claimed.lease),
            entry=Entry(body=body, **claimed.entry),
            shown=tuple(frame for batch in batches for frame in _batch(batch).frames),
        )

    async def _look(self, session_id: str, after: int, who: str | None, origin: Origin) -> _Looked:
        ask = {"after": after, "who": who, "origin": origin}
        verdict, *told = await self._call(scripts.LISTEN, session_id, ask)
        match verdict, told:
            case b"known", [packed, *batches]:
                state = _STATE.decode(packed)
                is_whole = len(batches) < scripts.BATCHES_AT_ONCE
                return _Looked(state.epoch, state, tuple(map(_batch, batches)), is_whole=is_whole)
            case b"unknown", [run]:
                return _Looked(run.decode())
            case _:
                return _Looked("", is_revoked=True)

    async def _call(self, script: Script, session_id: str, ask: dict[str, Any], *given: bytes) -> list[Any]:
        with failing(LOG):
            return await script(self._server, keys_of(session_id), _PACK({"session_id": session_id, **ask}), *given)


def keys_of(session_id: str) -> tuple[str, ...]:
    """What a script may touch, in the order in which ``slot.lua`` names it."""
    part = crc32(session_id.encode()) % PARTS
    own = (f"{{mangaassist:{part}}}:{kind}:{session_id}" for kind in ("slot", "bodies", "frames", "news"))
    slot, bodies, frames, news = own
    return slot, bodies, frames, _due(part), news


def _due(part: int) -> str:
    return f"{{mangaassist:{part}}}:due"


def _renewed(lease: Lease, reply: list[bytes]) -> Lease:
    verdict, *told = reply
    if verdict in _SUPERSEDED:
        raise _SUPERSEDED[verdict](lease.session_id)
    return _lease(lease.session_id, _HELD.decode(told[0]))


def _lease(session_id: str, held: _Held) -> Lease:
    return Lease(session_id=session_id, **msgspec.structs.asdict(held))


def _batch(packed: bytes) -> Batch:
    return Batch(*_BATCH.decode(packed))


def _published(news: bytes) -> Batch | None:
    return None if news == MANY else _batch(news)


def _cut(batch: Batch, after: int) -> Batch:
    """The batch without the frames up to a number."""
    return replace(batch, frames=batch.frames[max(0, after + 1 - batch.first) :])
