"""The cache of several processes in Redis: one key an entry, ``{mangaassist:cache:<space>:<key>}``, which ends by itself.

Whatever an entry was made of, it is read as the type that its space has now: one that does not fit any more is a miss.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any, Final

import msgspec

from mangaassist.services.cache import Dated, Space
from mangaassist.stores.redis.connection import Server, failing

CACHE: Final = "cache"
"""The service that a ``ServiceFailure`` of it names."""
ANSWER_S: Final = 0.02
"""The service itself would be asked by then."""

_PACK: Final = msgspec.msgpack.Encoder().encode
_Decoder = msgspec.msgpack.Decoder[tuple[datetime, Any]]


class RedisCache:
    """Raises ``ServiceFailure``."""

    def __init__(self, server: Server, answer_s: float = ANSWER_S) -> None:
        self._server = server
        self._answer_s = answer_s
        self._decoders: dict[Any, _Decoder] = {}

    async def get_many(self, space: Space, keys: Sequence[str]) -> dict[str, Dated]:
        if not keys:
            return {}
        with failing(CACHE):
            found = await self._server.call_all([("GET", _name(space, key)) for key in keys], self._answer_s)
        read = self._decoder(space)
        kept = {key: _dated(read, packed) for key, packed in zip(keys, found, strict=True) if packed is not None}
        return {key: dated for key, dated in kept.items() if dated is not None}

    async def put_many(self, space: Space, items: Mapping[str, Dated]) -> None:
        if not items:
            return
        ttl_ms = ceil(space.ttl_s * 1000)
        kept = [
            ("SET", _name(space, key), _PACK((item.as_of, item.value)), "PX", ttl_ms) for key, item in items.items()
        ]
        with failing(CACHE):
            await self._server.call_all(kept, self._answer_s)

    def _decoder(self, space: Space) -> _Decoder:
        if space.type not in self._decoders:
            self._decoders[space.type] = msgspec.msgpack.Decoder(tuple[datetime, space.type])
        return self._decoders[space.type]


def _name(space: Space, key: str) -> str:
    return f"{{mangaassist:cache:{space.name}:{key}}}"


def _dated(read: _Decoder, packed: bytes) -> Dated | None:
    try:
        as_of, value = read.decode(packed)
    except msgspec.DecodeError:
        return None
    return Dated(value, as_of)
