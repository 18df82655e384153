"""How indexes are made in an OpenSearch, of ``index_template.json``, and how a start without one is worded."""

import contextlib
from collections.abc import Generator
from importlib.resources import files
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.stores.opensearch.engine import Engine

MAKING_S: Final = 30.0

Template = Literal["chunks", "dead_letters", "pushed_events"]


class _Done(Struct, frozen=True):
    acknowledged: bool = True


def template(name: Template) -> dict[str, Any]:
    """Settings and mappings, to be filled in."""
    text = files("mangaassist.stores.opensearch").joinpath("index_template.json").read_bytes()
    return msgspec.json.decode(text)[name]


async def made(engine: Engine, index: str, body: dict[str, Any]) -> None:
    """Make an index. What another process has just made is as good."""
    try:
        await engine.ask("PUT", f"/{index}", _Done, body=body, within_s=MAKING_S)
    except ServiceFailure as failure:
        if "resource_already_exists_exception" not in failure.detail:
            raise


@contextlib.contextmanager
def starting(url: str) -> Generator[None]:
    """Raises ``StartFailed``, saying what to do, for an engine that cannot be used."""
    try:
        yield
    except ServiceFailure as failure:
        raise StartFailed(
            f"The OpenSearch at {url} cannot hold the knowledge ({failure}). Check opensearch.url and opensearch.login_env,"
            " and that it is a version from 2.4 on with its k-NN plugin; or set knowledge.index to embedded."
        ) from failure
