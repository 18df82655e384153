"""Where a reader of a Kinesis stream stands, shard by shard, and which shards come next: decided without asking anybody.

A shard that is split or merged is closed, and others go on in its place, its children. A shard is read once all its parents are
read to their ends: so what was put under one key is heard in its order, over any number of reshardings.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

READ: Final = "read"
"""In the place of a number: the shard is closed, and was read to its end."""


class Shard(Struct, frozen=True):
    shard_id: str
    parents: tuple[str, ...] = ()


class Places(Struct, frozen=True):
    """``after``: by shard the number of the record that was read last, or ``READ``. ``at``: when, seconds since 1970; 0: never."""

    after: Mapping[str, str] = {}
    at: float = 0.0

    @property
    def cursor(self) -> str:
        return msgspec.json.encode(self).decode()

    def moved(self, shard_id: str, to: str, at: float) -> "Places":
        return Places({**self.after, shard_id: to}, at)

    def among(self, shards: Iterable[Shard]) -> "Places":
        """Without shards that the stream no longer tells of: all that was in them has expired."""
        told = {shard.shard_id for shard in shards}
        return Places({one: number for one, number in self.after.items() if one in told}, self.at)


def places_of(cursor: str) -> Places:
    """Those that a cursor tells; a cursor that is none tells of nothing read."""
    try:
        return msgspec.json.decode(cursor, type=Places)
    except msgspec.MsgspecError:
        return Places()


def due(shards: Sequence[Shard], places: Places) -> list[str]:
    """The shards to read from now, parents before their children. What the stream no longer tells of keeps nobody waiting."""
    told = {shard.shard_id for shard in shards}
    left = {one for one in told if places.after.get(one) != READ}
    return [shard.shard_id for shard in shards if shard.shard_id in left and not left.intersection(shard.parents)]
