"""The `mangastore` command: serve the store, and make its services faulty while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from mangastore.faults.board import LONGEST_DELAY_MS, LONGEST_S, Fault, FaultMode, ServiceName, Spoil
from mangastore.settings import StoreSettings, default_state_dir

app = typer.Typer(help="The demo store that MangaAssist talks to.", no_args_is_help=True, add_completion=False)
faults_app = typer.Typer(help="The faults that are set.", no_args_is_help=True)
app.add_typer(faults_app, name="faults")

StoreUrl = Annotated[str, typer.Option(help="The store to talk to.")]
USUAL_STORE = "http://127.0.0.1:8080"


class FaultList(msgspec.Struct):
    """The store's answer about its faults."""

    faults: dict[str, Fault]
    left_s: dict[str, float] = {}


@app.command()
def serve(
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8080,
    grpc_port: Annotated[int, typer.Option(min=0, max=65535)] = 50051,
    assistant_url: Annotated[str, typer.Option(help="The assistant whose widget the pages show.")] = (
        "http://127.0.0.1:8000"
    ),
    state_dir: Annotated[
        Path | None,
        typer.Option(
            help="Where the signing key is kept, and what customers and editors did; a new folder begins anew."
        ),
    ] = None,
    public_url: Annotated[str, typer.Option(help="Where others reach the store, if not at host and port.")] = "",
    until_stdin_closes: Annotated[
        bool, typer.Option(help="Stop when standard input ends, as a child process.")
    ] = False,
) -> None:
    """Serve the store until the process is told to stop."""
    settings = StoreSettings(
        host=host,
        port=port,
        grpc_port=grpc_port,
        assistant_url=assistant_url,
        state_dir=state_dir or default_state_dir(),
        public_url=public_url,
    )
    raise typer.Exit(run_until_stopped(settings, until_stdin_closes))


def run_until_stopped(settings: StoreSettings, until_stdin_closes: bool = False) -> int:
    """Serve until SIGTERM or SIGINT; the process's exit code."""
    from mangastore.server import PortTakenError  # the fault commands need no server

    try:
        with asyncio.Runner(loop_factory=_fastest_loop()) as runner:
            runner.run(_serve(settings, until_stdin_closes))
    except PortTakenError as error:
        typer.echo(str(error), err=True)
        return 1
    return 0


def _fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop  # not there on Windows

    return uvloop.new_event_loop


async def _serve(settings: StoreSettings, until_stdin_closes: bool) -> None:
    from mangastore.server import RunningStore, serve

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(name, stop.set)

    if until_stdin_closes:
        threading.Thread(target=_set_at_end_of_input, args=(loop, stop), daemon=True).start()

    def announce(running: RunningStore) -> None:
        typer.echo(f"Store: {running.http_url}   catalog (gRPC): {running.grpc_address}", err=True)

    await serve(settings, stop=stop, on_ready=announce)


def _set_at_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Whoever started us holds the other end: it closes when they end, however they end."""
    while os.read(0, 4096):
        pass
    with contextlib.suppress(RuntimeError):  # the loop is closed: we are ending anyway
        loop.call_soon_threadsafe(stop.set)


@app.command()
def fault(
    service: ServiceName,
    mode: FaultMode,
    delay_ms: Annotated[
        int, typer.Option(min=0, max=LONGEST_DELAY_MS, help="How slow, or how long it is down and up, in milliseconds.")
    ] = 3000,
    rate: Annotated[float, typer.Option(min=0, max=1, help="The share of calls that are hit.")] = 1.0,
    spoil: Annotated[Spoil | None, typer.Option(help="In which way it is wrong; in all of them, one by one.")] = None,
    for_s: Annotated[
        float | None, typer.Option("--for", min=0.1, max=LONGEST_S, help="Seconds after which it ends by itself.")
    ] = None,
    store_url: StoreUrl = USUAL_STORE,
) -> None:
    """Make a service slow, failing, flapping, wrong, or cut off in the middle of its answers."""
    body: dict[str, object] = {"mode": mode, "delay_ms": delay_ms, "rate": rate, "spoil": spoil, "for_s": for_s}
    _show(_ask("PUT", f"{store_url}/admin/faults/{service}", body))


@faults_app.command("list")
def list_faults(store_url: StoreUrl = USUAL_STORE) -> None:
    """Show the faults that are set."""
    _show(_ask("GET", f"{store_url}/admin/faults"))


@faults_app.command("clear")
def clear_faults(
    service: Annotated[ServiceName | None, typer.Argument()] = None, store_url: StoreUrl = USUAL_STORE
) -> None:
    """Make one service healthy again, or all."""
    _show(_ask("DELETE", f"{store_url}/admin/faults" + (f"/{service}" if service else "")))


def _ask(method: str, url: str, body: dict[str, object] | None = None) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310  # the operator names the address
        url, data, {"Content-Type": "application/json"}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310  the same
            return response.read()
    except urllib.error.HTTPError as error:
        typer.echo(f"The store refused: {error.read().decode(errors='replace')}", err=True)
    except (OSError, ValueError) as error:
        typer.echo(f"No store answers at {url}: {error}", err=True)
    raise typer.Exit(1)


def _show(answer: bytes) -> None:
    told = msgspec.json.decode(answer, type=FaultList)
    for name, one in told.faults.items():
        timed = f", {one.delay_ms} ms" if one.mode in ("slow", "flap") else ""
        spoilt = f" ({one.spoil})" if one.spoil else ""
        left = f", for {told.left_s[name]:.0f} s more" if name in told.left_s else ""
        typer.echo(f"{name}: {one.mode}{spoilt}{timed}, {one.rate:.0%} of calls{left}")
    if not told.faults:
        typer.echo("Every service is healthy.")


def main() -> None:
    """The entry point of the command."""
    app()


if __name__ == "__main__":
    main()
