"""An API Gateway WebSocket API in front of the process, where the settings name one (W-13)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from mangaassist.assembly.webhook_keys import webhook_key
from mangaassist.conversation.entries import Sealer
from mangaassist.edge.api_gateway.connections import Connections
from mangaassist.edge.api_gateway.door import GatewayEdge
from mangaassist.edge.api_gateway.hearing import Hearing
from mangaassist.edge.api_gateway.holding import Holding
from mangaassist.edge.api_gateway.management import Management
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.greeting import Timing
from mangaassist.errors import StartFailed
from mangaassist.settings import Settings


@asynccontextmanager
async def opened_gateway(
    settings: Settings, doors: EdgeDependencies, connections: Connections, sealer: Sealer
) -> AsyncGenerator[GatewayEdge | None]:
    """Connections are held as long as the block lasts. Without a key integrations are answered to by nobody."""
    chosen = settings.api_gateway
    if chosen.endpoint_url is None:
        yield None
        return
    async with AsyncExitStack() as exits:
        management = await opened_management(settings)
        exits.push_async_callback(management.aclose)
        hearing = Hearing(doors, connections, management, sealer, settings.socket.idle_timeout_s)
        timing = Timing(settings.socket.heartbeat_s, settings.socket.idle_timeout_s)
        holding = await exits.enter_async_context(Holding(hearing, doors.metrics, timing))
        key = await asyncio.to_thread(webhook_key, chosen.key_file, "API Gateway") if chosen.key_file else None
        yield None if key is None else GatewayEdge(hearing, holding, key, doors.allowed_origins)


async def opened_management(settings: Settings) -> Management:
    """Raises ``StartFailed``."""
    chosen = settings.api_gateway
    try:
        from mangaassist.stores.api_gateway.management import ApiGatewayManagement
    except ImportError as error:
        raise StartFailed("api_gateway needs AWS's client: install mangaassist[aws].") from error
    assert chosen.endpoint_url is not None
    return await ApiGatewayManagement.open(chosen.region, chosen.endpoint_url, settings.timeout_factor)
