"""Where answers of services are kept for a while (S-1, column "cached"): the port, and keys that no two questions share."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, Protocol
from urllib.parse import quote

import msgspec
from msgspec import Struct

LONGEST: Final = 128
"""Characters of a question's name that go into a key as they are; a longer one goes in as its digest."""
EVERYBODY: Final = "="
"""Stands in a key where the owner does. Quoting leaves no ``=`` in an owner's id, so nobody can be called this."""


class Space(Struct, frozen=True, eq=False):
    """One kind of answer: how it is called, how long it lives (seconds), and the type of its values.

    An adapter outside the process encodes and decodes by ``type``; the embedded one keeps the objects as they are.
    """

    name: str
    ttl_s: float
    type: Any


class Dated(Struct, frozen=True):
    """What is kept: a value, and when it left the service (UTC)."""

    value: Any
    as_of: datetime


class Cache(Protocol):
    """Keys are made by ``key_of``: printable ASCII, unique within their space. Spaces of different names share nothing.

    Whatever an adapter raises counts as a miss. One that asks over a network gives up by itself, within 20 ms.
    """

    async def get_many(self, space: Space, keys: Sequence[str]) -> dict[str, Dated]:
        """What is kept and not older than ``space.ttl_s``, by key; what is not there is left out."""
        ...

    async def put_many(self, space: Space, items: Mapping[str, Dated]) -> None:
        """Keep these for ``space.ttl_s`` from now, in the place of what was kept before."""
        ...


def key_of(owner: str | None, about: Any) -> str:
    """The key of a question ``about`` something (whatever msgspec encodes), kept for ``owner``, None for everybody.

    Different owners and different questions have different keys, whatever characters they are made of.
    """
    return f"{EVERYBODY if owner is None else _safe(owner)}:{_safe(about)}"


def _safe(part: Any) -> str:
    if isinstance(part, str):
        if len(part) <= LONGEST and part.isascii() and part.isalnum():
            return part
        quoted = quote(part, safe="")
        if len(quoted) <= LONGEST:
            return quoted
    return "=" + blake2b(msgspec.json.encode(part), digest_size=16).hexdigest()
