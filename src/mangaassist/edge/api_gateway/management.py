"""What a server can do with a connection that an API Gateway holds for it: the port of its management API (W-13)."""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

MANAGEMENT: Final = "api_gateway"
"""The service that a ``ServiceFailure`` of it names."""


class Management(Protocol):
    """Every method raises ``ServiceFailure`` of ``api_gateway`` when it cannot be used."""

    async def post(self, connection_id: str, data: bytes) -> bool:
        """Send a text frame of at most 32 KB. False: the connection is gone, or is not there yet."""
        ...

    async def close(self, connection_id: str) -> None:
        """End a connection. One that is gone already is no error."""
        ...

    async def aclose(self) -> None: ...


Post = Callable[[bytes], Awaitable[bool]]
