"""``make run-cluster``: two assistants over one Redis and one DynamoDB, beside the demo store, all on this machine."""

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from rich.console import Console
from rich.panel import Panel

from deploy.cluster.children import Child, Children, Ended
from deploy.peers import DYNALITE, NOBODY, NPM, REDIS, Peer, from_npm
from mangaassist.edge.listening import listen
from mangaassist.errors import AssistantError, StartFailed
from mangaassist.settings import Settings, load

SHARED: Final = Path(__file__).parent / "cluster.toml"
PYTHON: Final = (sys.executable, "-m")
ASSISTANTS: Final = (8000, 8001)

console = Console(stderr=True)


class Ports(Struct, frozen=True):
    """Where everything is, on the loopback."""

    store: int
    catalog: int
    redis: int
    dynamodb: int

    @classmethod
    def of(cls, settings: Settings) -> "Ports":
        store, dynamodb = settings.store, settings.dynamodb
        addresses = (store.url, f"grpc://{store.grpc}", settings.redis.url, dynamodb.endpoint_url or "")
        return cls(*(urlsplit(address).port or 0 for address in addresses))

    def check(self) -> None:
        """Raises ``StartFailed`` when one is taken: what listens there would be taken for ours."""
        for port, who, remedy in (
            (self.store, "demo store", "store.url in cluster.toml"),
            (self.catalog, "demo store", "store.grpc in cluster.toml"),
            (self.redis, "Redis", "redis.url in cluster.toml"),
            (self.dynamodb, "DynamoDB", "dynamodb.endpoint_url in cluster.toml"),
            *((port, "assistant", "ASSISTANTS in deploy/cluster/__main__.py") for port in ASSISTANTS),
        ):
            listen("127.0.0.1", port, who, remedy).close()


def main() -> None:
    os.umask(0o077)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(load(SHARED))
    except KeyboardInterrupt:
        console.print("Everything has ended.")
    except (AssistantError, Ended) as error:
        console.print(f"[bold red]mangaassist:[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(1)


def run(settings: Settings) -> None:
    """Start all of it, one after the other, and stay until one ends. Raises ``Ended``, ``StartFailed``."""
    ports, home = Ports.of(settings), settings.sealing_key.parent
    redis, dynalite = programs()
    ports.check()
    home.mkdir(parents=True, exist_ok=True)
    with Children(home) as children:
        begun = [
            children.start("Redis", redis_command(redis, ports.redis), {}),
            children.start("DynamoDB", [dynalite, "--host", "127.0.0.1", "--port", str(ports.dynamodb)], {}),
            children.start("demo store", store_command(ports, home / "store"), {}),
        ]
        with console.status("Redis, DynamoDB and the demo store start ..."):
            for child, port in zip(begun, (ports.redis, ports.dynamodb, ports.store), strict=True):
                child.listening(port)
            make_table(children, settings)
        read_the_store(children, home)
        assistants = [
            children.start(f"assistant {port}", mangaassist("serve", "--port", str(port)), own_settings(home, port))
            for port in ASSISTANTS
        ]
        with console.status("Two assistants start ..."):
            for child, port in zip(assistants, ASSISTANTS, strict=True):
                child.listening(port)
        welcome(settings, home, assistants)
        try:
            children.watch()
        finally:  # both at once, while what they need is still there
            for child in assistants:
                child.tell_to_end()


def programs() -> tuple[str, str]:
    """Where Redis and dynalite are; the second is installed when it is missing. Raises ``StartFailed``."""
    if DYNALITE.path() is None:
        _found(NPM, "npm")
        from_npm([DYNALITE])
    return _found(REDIS, "redis-server"), _found(DYNALITE, "dynalite")


def _found(peer: Peer, name: str) -> str:
    if (path := peer.path()) is None:
        raise StartFailed(f"There is no {name}: {peer.how()}.")
    return path


def redis_command(program: str, port: int) -> list[str]:
    return [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]


def store_command(ports: Ports, state: Path) -> list[str]:
    places = ["--port", str(ports.store), "--grpc-port", str(ports.catalog), "--state-dir", str(state)]
    return [*PYTHON, "mangastore", "serve", *places, "--assistant-url", f"http://127.0.0.1:{ASSISTANTS[0]}"]


def mangaassist(*arguments: str) -> list[str]:
    return [*PYTHON, "mangaassist", *arguments, "--settings", str(SHARED)]


def own_settings(home: Path, port: int) -> dict[str, str]:
    return {**NOBODY, "MANGAASSIST_DATA_DIR": str(home / f"assistant-{port}")}


def make_table(children: Children, settings: Settings) -> None:
    chosen = settings.dynamodb
    places = ["--region", str(chosen.region), "--endpoint-url", str(chosen.endpoint_url)]
    command = [*PYTHON, "mangaassist.stores.dynamodb", chosen.table, *places]
    children.run("making of the table", command, NOBODY)


def read_the_store(children: Children, home: Path) -> None:
    """The knowledge, read by the first assistant and copied to the others, unless they have it."""
    first, *others = (Path(own_settings(home, port)["MANGAASSIST_DATA_DIR"]) / "cache" for port in ASSISTANTS)
    if not (first / "knowledge" / "built").exists():
        console.print("The first start reads the store (about a minute) ...")
        command = mangaassist("knowledge", "build")
        children.run("reading of the store", command, own_settings(home, ASSISTANTS[0]))
    for other in others:
        if not (other / "knowledge" / "built").exists():
            begun = other.with_name("cache-begun")
            for left in (begun, other):
                shutil.rmtree(left, ignore_errors=True)
            shutil.copytree(first, begun)
            begun.rename(other)


def welcome(settings: Settings, home: Path, assistants: list[Child]) -> None:
    told = [f"[bold]Store[/]       {settings.store.url}   the shop, with the assistant in its corner"]
    told += [
        f"[bold]Assistant[/]   http://127.0.0.1:{port}   process {child.pid}"
        for child, port in zip(assistants, ASSISTANTS, strict=True)
    ]
    told += [
        f"[bold]Redis[/]       {settings.redis.url}",
        f"[bold]DynamoDB[/]    {settings.dynamodb.endpoint_url}   table {settings.dynamodb.table}",
        f"[bold]Logs[/]        {home}/*.log",
        f"[bold]Terminal[/]    mangaassist chat --url http://127.0.0.1:{ASSISTANTS[1]}   in another window",
        "",
        "Sign in as [bold]aiko[/] / aiko-demo or [bold]ben[/] / ben-demo. Ctrl-C stops everything.",
    ]
    console.print(
        Panel("\n".join(told), title="MangaAssist is open, twice", title_align="left", expand=False), highlight=False
    )


if __name__ == "__main__":
    main()
