"""A client of one of AWS's services, as the vendor's library makes it (extra ``aws``): stores and models begin here."""

from contextlib import AsyncExitStack
from typing import Any, Final

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.exceptions import BotoCoreError

from mangaassist.errors import StartFailed

CONNECTIONS: Final = 50


async def opened(
    vendor: str,
    region: str | None,
    endpoint_url: str | None,
    exits: AsyncExitStack,
    *,
    connect_s: float,
    reply_s: float,
    tries: int,
    connections: int = CONNECTIONS,
) -> Any:
    """The client, closed with ``exits``. Credentials are those that AWS's own tools would find.

    ``vendor``: AWS's name for the service; ``region`` None: the one that AWS's own settings name; ``endpoint_url`` None: AWS.
    ``reply_s``: seconds of silence within a reply. Raises ``StartFailed`` when nothing can be called with them.
    """
    config = AioConfig(
        connect_timeout=connect_s,
        read_timeout=reply_s,
        retries={"mode": "standard", "total_max_attempts": tries},
        max_pool_connections=connections,
        parameter_validation=False,
    )
    try:
        made: Any = AioSession().create_client(  # pyright: ignore[reportUnknownMemberType]
            vendor, region_name=region, endpoint_url=endpoint_url, config=config
        )
        return await exits.enter_async_context(made)
    except (BotoCoreError, ValueError) as error:
        raise StartFailed(f"AWS's {vendor} cannot be called: {error}") from error
