"""Starts the assistant, and beside it the demo store when asked, with progress shown; stops both cleanly (O-1)."""

import asyncio
import contextlib
import gc
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from types import TracebackType
from typing import Final, Self

import aiohttp
from msgspec import structs
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from mangaassist.assembly.assistant import Assistant, assembled
from mangaassist.demo_store import begun
from mangaassist.edge import server
from mangaassist.edge.agents.doors import AgentsEdge
from mangaassist.edge.listening import listen
from mangaassist.errors import NotFound, StartFailed
from mangaassist.models import local
from mangaassist.settings import Settings
from mangaassist.telemetry import analytics, logs
from mangaassist.understanding.phrases import compiled_ahead

_log = logs.logger("serving")

SWITCH_S: Final = 0.0005
"""How long a thread may keep the interpreter while another waits for it. A turn changes threads half a dozen times (encoder,
database); at the default of 5 ms each change waits that long behind whichever turn is being written."""
STORE_START_S: Final = 300.0
"""A store that ends is noticed at once; a slow machine may take its time."""


class Bars:
    """Progress bars for the long work of a start, one a stage."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", justify="left"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total)
        self._progress.update(self._tasks[stage], completed=done, total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


async def run_with_store(settings: Settings, console: Console, store: subprocess.Popen[bytes]) -> None:
    """The assistant beside the demo store that was begun."""
    with Signals() as signals:
        await _store_ready(settings.store.url, store)
        await _serve(_for_a_demo(settings), console, signals)


def _for_a_demo(settings: Settings) -> Settings:
    """Beside the demo store operators may see an outage: its services can be made faulty from the console."""
    return structs.replace(settings, console=structs.replace(settings.console, faults=True))


async def run_with_model(settings: Settings, console: Console, store: subprocess.Popen[bytes]) -> None:
    """The same, and a small model on this machine behind every tier that has none. The page is open before the model is."""
    with Signals() as signals:
        with Bars(console) as bars:
            weights = await asyncio.to_thread(local.weights, bars)
        with local.served(weights) as model:
            await _store_ready(settings.store.url, store)
            ready = asyncio.create_task(_told_when_ready(model, console), name="model_ready")
            models = local.behind_every_tier(settings.models, model.url)
            try:
                await _serve(structs.replace(_for_a_demo(settings), models=models), console, signals)
            finally:
                await _ended(ready)


async def _told_when_ready(model: local.LocalServer, console: Console) -> None:
    """Until then the offline writer answers, and says so."""
    await asyncio.to_thread(model.wait)
    if console.is_terminal:
        console.print(f"[bold]Model[/]      {local.NAME} writes from now on", highlight=False)
    else:
        _log.info("model_ready", model=local.NAME, address=model.url)


async def serve_assistant(settings: Settings, console: Console) -> None:
    """The assistant alone."""
    with Signals() as signals:
        await _serve(settings, console, signals)


async def _serve(settings: Settings, console: Console, signals: "Signals") -> None:
    """Serve until a signal says stop. The first start fills the knowledge before it opens; later ones open at once, with another
    encoder too: what the one before made of the knowledge answers until it is made anew."""
    logs.configure(settings.logs.level, settings.logs.format)
    sys.setswitchinterval(SWITCH_S)
    listening = listen(settings.server.host, settings.server.port)
    async with contextlib.AsyncExitStack() as exits:
        exits.callback(listening.close)
        with Bars(console) as bars:
            assistant = await exits.enter_async_context(assembled(settings, bars))
            gc.freeze()  # what was made for the process is not looked through again for every few answers
            gc.enable()  # the command began without it: nearly all that a start makes stays
            await assistant.knowledge.prepare(bars)
        gc.collect()
        gc.freeze()
        following = asyncio.create_task(assistant.knowledge.follow(), name="knowledge")
        exits.push_async_callback(_ended, following)
        later = asyncio.create_task(_left_for_later(assistant.agents), name="left for later")
        exits.push_async_callback(_ended, later)
        serving = server.server(
            assistant.app, settings.socket.heartbeat_s, lambda: _welcome(settings, console), settings.server.proxies
        )
        leaving = asyncio.Event()
        signals.react = leaving.set
        async with asyncio.TaskGroup() as group:
            served = group.create_task(serving.serve(sockets=[listening]), name="serving")
            served.add_done_callback(lambda _: leaving.set())
            await leaving.wait()
            await _leave(serving, assistant, settings.server.drain_s)


async def _left_for_later(agents: AgentsEdge) -> None:
    """What a start does not wait for. A pattern between two rounds of the loop: a message compiles only what is not yet done. Then
    what other agents are answered with, on a thread: an agent that calls before waits for it."""
    for _ in compiled_ahead():
        await asyncio.sleep(0)
    with contextlib.suppress(NotFound):
        await agents.agents()


async def _leave(serving: server.Server, assistant: Assistant, grace_s: float) -> None:
    """Take nobody in, let answers in flight finish, then send everybody away (W-7)."""
    assistant.app.drain()
    serving.stop_listening()
    await assistant.socket.drain()
    await assistant.dispatcher.drain(grace_s)
    await assistant.analytics.flush(analytics.LEAVE_S)
    await assistant.socket.close()
    serving.finish()


class Signals:
    """What SIGTERM and SIGINT do: they end a start that is under way, undoing what was begun; later they do ``react``."""

    def __init__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.react: Callable[[], object] = task.cancel

    def __enter__(self) -> Self:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, lambda: self.react())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _welcome(settings: Settings, console: Console) -> None:
    """Tell a person where everything is; a file of logs gets an event (O-3)."""
    address = f"http://{settings.server.host}:{settings.server.port}"
    if not console.is_terminal:
        _log.info("open", address=address)
        return
    words = (
        f"[bold]Store[/]      {settings.store.url}   the shop, with the assistant in its corner\n"
        f"[bold]Assistant[/]  {address}   docs at /docs, metrics at /metrics, state at /readyz\n"
        f"[bold]Terminal[/]   mangaassist chat   in another window\n\n"
        "Sign in as [bold]aiko[/] / aiko-demo (orders in every state) or [bold]ben[/] / ben-demo (none). Ctrl-C stops."
    )
    console.print(Panel(words, title="MangaAssist is open", title_align="left", expand=False), highlight=False)


@contextlib.asynccontextmanager
async def demo_store(settings: Settings) -> AsyncGenerator[None]:
    """The demo store at the settings' addresses, once it answers."""
    with begun(settings) as process:
        await _store_ready(settings.store.url, process)
        yield


async def _store_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    limit = aiohttp.ClientTimeout(total=1)
    async with aiohttp.ClientSession(timeout=limit) as http:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STORE_START_S):
                while process.poll() is None:
                    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                        async with http.get(f"{url}/healthz") as answer:
                            if answer.status == 200:
                                return
                    await asyncio.sleep(0.05)
                raise StartFailed("The demo store did not start; its own message above says why.")
    raise StartFailed(f"The demo store did not answer at {url} within {STORE_START_S:.0f} s.")
