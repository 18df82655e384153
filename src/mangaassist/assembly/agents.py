"""The door for other agents (R-11): the same turn, services, limits and audit as for people."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from mangaassist import __version__
from mangaassist.conversation.conversations import Conversations
from mangaassist.edge.agents.dependencies import AgentDependencies
from mangaassist.edge.agents.doors import Agents, AgentsEdge
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.guardrails.audit import AuditLog
from mangaassist.services.store import StoreServices
from mangaassist.settings import Settings
from mangaassist.turn.orchestrator import Orchestrator

if TYPE_CHECKING:
    from mangaassist.edge.agents.server import AgentServer


@asynccontextmanager
async def opened_agents(
    settings: Settings,
    doors: EdgeDependencies,
    conversations: Conversations,
    orchestrator: Orchestrator,
    services: StoreServices,
    audit: AuditLog,
) -> AsyncGenerator[AgentsEdge]:
    """Ends with whatever is being answered. Nobody is served where the settings say so.

    What MCP and UCP need is half of all that a process would load: it is loaded for who asks for it first.
    """
    wanted, issuer = settings.agents, settings.identity.issuer
    if not wanted.served:
        yield AgentsEdge(doors, None)
        return
    shared = AgentDependencies(
        services=services,
        answering=orchestrator.asking_nobody(),
        screened=conversations.screened,
        audit=audit,
        limits=doors.limits,
        observe=doors.metrics.observe_agent_call,
        clock=time.monotonic,
        timeout_factor=settings.timeout_factor,
    )
    async with AsyncExitStack() as exits:

        async def opened() -> Agents:
            server = await asyncio.to_thread(_server, shared)
            return await exits.enter_async_context(server.running())

        once = _Once(opened)
        exits.push_async_callback(once.close)
        yield AgentsEdge(doors, once, wanted.address, issuer)


def _server(shared: AgentDependencies) -> "AgentServer":
    from mangaassist.edge.agents.server import AgentServer

    return AgentServer(shared, __version__)


class _Once:
    """Loads at the first call, and gives every call the same."""

    def __init__(self, load: Callable[[], Coroutine[Any, Any, Agents]]) -> None:
        self._load = load
        self._loading: asyncio.Task[Agents] | None = None

    async def __call__(self) -> Agents:
        if self._loading is None:
            self._loading = asyncio.create_task(self._load(), name="agents load")
        return await asyncio.shield(self._loading)

    async def close(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
