"""What other systems write to us: within a limit, in JSON, signed and fresh, before anybody looks at what it says (K-5, O-6)."""

from typing import Protocol

import msgspec
from litestar import Response

from mangaassist.edge.addresses import address_of
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.limits import Standing
from mangaassist.edge.rest import AnyRequest, answered, json_body
from mangaassist.errors import NotFound
from mangaassist.wire.webhook_signatures import HEADER, delivery_of


class SignedDoor(Protocol):
    """Takes what one other system sends."""

    @property
    def shared(self) -> EdgeDependencies: ...

    @property
    def key(self) -> bytes | None:
        """By which the other system signs; None: there is no such system."""
        ...

    @property
    def without_key(self) -> str:
        """Told where there is no such system."""
        ...

    async def standing(self, address: str) -> Standing:
        """How whoever writes from there stands, before anybody has looked who it is. Raises ``TooMany``."""
        ...

    async def take(self, delivery: str, raw: bytes) -> msgspec.Struct:
        """Do what it says. ``delivery`` is its name: the same when it comes again, and no other's."""
        ...


async def taken(request: AnyRequest, door: SignedDoor) -> Response[bytes]:
    """Raises ``TooMany``, ``BadInput`` (415), ``NotFound`` without a key, ``Unauthenticated``, and as the door's ``take`` does."""
    standing = await door.standing(address_of(request.scope))
    json_body(request)
    raw = await request.body()
    if door.key is None:
        raise NotFound(door.without_key)
    delivery = delivery_of(request.headers.get(HEADER), raw, door.key, door.shared.now().timestamp())
    return answered(await door.take(delivery, raw), standing, status=202)
