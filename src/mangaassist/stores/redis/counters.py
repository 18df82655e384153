"""Counters of several processes in Redis 7: one key a counter and one key a call, so that a cluster may spread them as it likes.

| key | what | lives |
|---|---|---|
| ``{mangaassist:sum:<name>}`` | a total | for its window |
| ``{mangaassist:bucket:<name>}`` | when the bucket is full, in microseconds of the server's clock | until it is full |
"""

from collections.abc import Collection
from math import ceil
from typing import Final

from mangaassist.domain.counting import Bucket, Taken, told
from mangaassist.stores.redis.connection import Server, failing
from mangaassist.stores.redis.script import Script, lua

COUNTERS: Final = "counters"
"""The service that a ``ServiceFailure`` of them names."""
ANSWER_S: Final = 0.1
"""Somebody waits for an answer meanwhile."""

ADD: Final = Script(lua("add"), name="add")
TAKE: Final = Script(lua("take"), name="take")
GIVE_BACK: Final = Script(lua("give_back"), name="give_back")


class RedisCounters:
    """Raises ``ServiceFailure``. The clock is the server's."""

    def __init__(self, server: Server, answer_s: float = ANSWER_S) -> None:
        self._server = server
        self._answer_s = answer_s

    async def add(self, name: str, amount: float, window_s: float) -> float:
        with failing(COUNTERS):
            window_ms = ceil(window_s * 1000)
            return float(await ADD(self._server, (_sum(name),), amount, window_ms, within_s=self._answer_s))

    async def totals(self, names: Collection[str]) -> dict[str, float]:
        with failing(COUNTERS):
            asked = [("GET", _sum(name)) for name in names]
            found = await self._server.call_all(asked, self._answer_s) if asked else []
        return {name: float(total or 0) for name, total in zip(names, found, strict=True)}

    async def take(self, name: str, bucket: Bucket) -> Taken:
        with failing(COUNTERS):
            allowed, debt = await TAKE(self._server, (_bucket(name),), *_spans(bucket), within_s=self._answer_s)
        return told(bool(allowed), debt, bucket)

    async def give_back(self, name: str, bucket: Bucket) -> None:
        with failing(COUNTERS):
            await GIVE_BACK(self._server, (_bucket(name),), *_spans(bucket), within_s=self._answer_s)

    async def ping(self) -> None:
        with failing(COUNTERS):
            await self._server.call("PING", within_s=self._answer_s)


def _spans(bucket: Bucket) -> tuple[int, int]:
    return bucket.token_us, bucket.whole_us


def _sum(name: str) -> str:
    return f"{{mangaassist:sum:{name}}}"


def _bucket(name: str) -> str:
    return f"{{mangaassist:bucket:{name}}}"
