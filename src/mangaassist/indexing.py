"""``mangaassist index``: the process that fills the knowledge, beside any number that serve from the same folder (O-7).

It answers nobody; consoles of those that serve hear how fresh it is, where they share a Redis. ``/healthz``, ``/readyz`` and
``/metrics`` say how it is, and how far behind its sources (K-5).
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from typing import Final

from litestar import Litestar
from litestar.datastructures import State
from msgspec import Struct
from rich.console import Console

from mangaassist.assembly.console import process_name
from mangaassist.assembly.encoders import opened_encoder
from mangaassist.assembly.knowledge import (
    opened_dead_letters,
    opened_feed,
    opened_inboxes,
    opened_index,
    opened_knowledge_sync,
)
from mangaassist.assembly.shared import opened_boards
from mangaassist.assembly.store import opened_services
from mangaassist.console.knowledge_sharing import KnowledgeSharing, WatchedKnowledge
from mangaassist.edge import server
from mangaassist.edge.listening import listen
from mangaassist.edge.probes import Ping, Probes, healthz, metrics, readyz
from mangaassist.knowledge.building import BUILD_PASSES
from mangaassist.knowledge_sync import KnowledgeSync
from mangaassist.services.caller import utc_now
from mangaassist.serving import Bars, Signals
from mangaassist.settings import Settings
from mangaassist.stores.memory.cache import MemoryCache
from mangaassist.telemetry import logs
from mangaassist.telemetry.metrics import Metrics

PORT: Final = 8091

_log = logs.logger("indexing")


class Indexer(Struct, frozen=True):
    """``sync`` fills the knowledge and keeps it in step; ``pings`` ask what that depends on."""

    sync: KnowledgeSync
    pings: dict[str, Ping]
    measured: Metrics


@contextlib.asynccontextmanager
async def opened_indexer(settings: Settings, bars: Bars) -> AsyncGenerator[Indexer]:
    """Everything that the process needs. Raises ``StartFailed``, ``InUse`` among them where another process indexes."""
    measured = Metrics()
    async with (
        opened_encoder(settings, bars) as encoder,
        opened_index(settings, encoder) as knowledge,
        opened_dead_letters(settings) as letters,
        opened_services(settings, measured, MemoryCache()) as services,
        opened_feed(settings) as feed,
        opened_inboxes(settings) as inbox_of,
        opened_boards(settings) as boards,
    ):
        await knowledge.kept.settle_on(knowledge.generation)
        sync = opened_knowledge_sync(
            settings, knowledge, encoder, services, measured, lambda _: None, letters, inbox_of, feed, BUILD_PASSES
        )
        measured.knowledge_version.set_function(lambda: knowledge.index.current.knowledge_version)
        pings = {"knowledge": knowledge.index.ping, "dead_letters": letters.ping, **services.pings()}
        own = WatchedKnowledge(
            process=process_name(), letters=letters, freshness=measured.freshness, index=knowledge.index
        )
        async with KnowledgeSharing(own, boards.knowledge, boards.retries, utc_now):
            yield Indexer(sync, pings, measured)


async def index_knowledge(settings: Settings, port: int, console: Console) -> None:
    """Fill the knowledge and keep it in step until a signal says stop. Raises ``StartFailed``."""
    logs.configure(settings.logs.level, settings.logs.format)
    with (
        Signals() as signals,
        contextlib.closing(listen(settings.server.host, port, "indexer", "--port")) as taken,
    ):
        async with contextlib.AsyncExitStack() as exits:
            with Bars(console) as bars:
                indexer = await exits.enter_async_context(opened_indexer(settings, bars))
            address = f"http://{settings.server.host}:{taken.getsockname()[1]}"
            serving = server.Server(server.inner(_app(indexer)), lambda: _log.info("open", address=address))
            signals.react = serving.finish
            keeping = asyncio.create_task(_kept(indexer.sync, console), name="knowledge")
            keeping.add_done_callback(lambda _: serving.finish())
            await serving.serve(sockets=[taken])
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping


async def _kept(sync: KnowledgeSync, console: Console) -> None:
    with Bars(console) as bars:
        await sync.prepare(bars)
    await sync.follow()


def _app(indexer: Indexer) -> Litestar:
    state = State({"probes": Probes(indexer.pings, time.monotonic), "metrics": indexer.measured})
    return Litestar([healthz, readyz, metrics], state=state, openapi_config=None, logging_config=None)
