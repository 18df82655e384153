"""The edge behind our own server on a real port, in a thread of this process, with scripted answers and real time."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

from msgspec import structs

from mangaassist.edge.app import build
from mangaassist.edge.limits import Limits, policies
from mangaassist.edge.listening import listen
from mangaassist.edge.server import Server, server
from mangaassist.edge.socket import SocketEdge
from mangaassist.settings import Limits as LimitSettings
from tests.conversation.virtual import AIKO, Process, World
from tests.edge.socket_client import Tokens

START_LIMIT_S = 60.0
MANY = 1_000_000
WIDE_OPEN = LimitSettings(
    customer_per_minute=MANY, guest_per_minute=MANY, new_sessions_per_minute=MANY, connects_per_minute=MANY
)


class Loopback:
    """Where the edge is. ``process`` is what answers behind it; ``requests`` counts what came in over HTTP."""

    def __init__(self) -> None:
        self.port = 0
        self.requests = 0
        self.world: World
        self.process: Process
        self._edge: SocketEdge
        self._loop: asyncio.AbstractEventLoop
        self._server: Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def drop_everybody(self) -> None:
        """Close every socket, as a server does that goes away."""
        self._does(self._edge.close())

    def lose_the_log(self) -> None:
        """As a machine that starts again: what was saved is all there is."""

        async def lose() -> None:
            self.world.journal.reboot(entries=False)
            self.world.slots.forget_all()

        self._does(lose())

    def sign_in_elsewhere(self) -> None:
        """A customer opens the session that was answered last."""
        session = self.process.answers.sessions[-1]
        self._does(self.process.conversations.open(session.session_id, AIKO))

    def _does(self, work: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(START_LIMIT_S)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._server.finish)

    async def serve(self, origins: tuple[str, ...], ready: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        listening = listen("127.0.0.1", 0)
        self.port = listening.getsockname()[1]
        self.world = World()
        self.process = Process(self.world, "one")
        limits = Limits(self.process.counters, policies(WIDE_OPEN), self.process.shared.metrics)
        doors = structs.replace(self.process.doors(Tokens(), *origins), limits=limits)
        self._edge = SocketEdge(shared=doors, heartbeat_s=30, idle_timeout_s=600)
        door = build(self._edge.shared, self._edge, {})

        async def counted(scope: Any, receive: Any, send: Any) -> None:
            self.requests += scope["type"] == "http"
            await door(scope, receive, send)

        async with self.process.dispatcher:
            self._server = server(counted, 30, ready)
            await self._server.serve(sockets=[listening])


@contextmanager
def loopback(*origins: str) -> Generator[Loopback]:
    made, ready = Loopback(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(made.serve(origins, ready.set)), name="loopback")
    thread.start()
    assert ready.wait(START_LIMIT_S)
    try:
        yield made
    finally:
        made.end()
        thread.join()
