"""The door for other agents (R-11): the same turn, services, limits and audit as for people."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from mangaassist import __version__
from mangaassist.conversation.conversations import Conversations
from mangaassist.edge.agents.call import AgentDependencies
from mangaassist.edge.agents.doors import AgentsEdge
from mangaassist.edge.agents.server import AgentServer
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.guardrails.audit import AuditLog
from mangaassist.services.store import StoreServices
from mangaassist.settings import Settings
from mangaassist.turn.orchestrator import Orchestrator


@asynccontextmanager
async def opened_agents(
    settings: Settings,
    doors: EdgeDependencies,
    conversations: Conversations,
    orchestrator: Orchestrator,
    services: StoreServices,
    audit: AuditLog,
) -> AsyncGenerator[AgentsEdge]:
    """Ends with whatever is being answered. Nobody is served where the settings say so."""
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
    async with AgentServer(shared, __version__).running() as server:
        yield AgentsEdge(doors, server, wanted.address, issuer)
