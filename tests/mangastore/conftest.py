"""What the store's tests share: a small real store on loopback, with clients for both protocols."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import grpc.aio
import pytest

from mangaproto.catalog_pb2_grpc import CatalogStub
from mangastore.data.series import Series, load_series
from mangastore.server import RunningStore, running_store
from mangastore.settings import StoreSettings
from mangastore.store import Store, open_store

SOME_IDS = ("berserk", "eyeshield-21", "frieren-beyond-journeys-end", "one-piece", "uzumaki", "vinland-saga", "haikyu")

Get = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture(scope="session")
def some_series() -> list[Series]:
    """A handful of well-known series: enough for every kind of product, quick to start with."""
    return [series for series in load_series() if series.id in SOME_IDS]


@pytest.fixture
def settings(tmp_path: Path) -> StoreSettings:
    """Free ports and a state folder of its own."""
    return StoreSettings(port=0, grpc_port=0, state_dir=tmp_path / "state")


@pytest.fixture
async def running(settings: StoreSettings, some_series: list[Series]) -> AsyncIterator[RunningStore]:
    """A store that serves a handful of series."""

    def make(final: StoreSettings) -> Store:
        return open_store(final, all_series=some_series)

    async with running_store(settings, make) as store:
        yield store


@pytest.fixture
async def http(running: RunningStore) -> AsyncIterator[aiohttp.ClientSession]:
    """A client whose paths are the store's."""
    async with aiohttp.ClientSession(running.http_url) as session:
        yield session


@pytest.fixture
async def catalog(running: RunningStore) -> AsyncIterator[Any]:
    """A client of the gRPC catalogue."""
    async with grpc.aio.insecure_channel(running.grpc_address) as channel:
        yield CatalogStub(channel)


@pytest.fixture
def get(http: aiohttp.ClientSession) -> Get:
    """GET a path as JSON: (status, body); `user` signs in first."""

    async def ask(path: str, *, user: str | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {await token_of(http, user)}"} if user else {}
        async with http.get(path, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    return ask


async def token_of(http: aiohttp.ClientSession, user: str) -> str:
    """A token of a demo customer."""
    async with http.post("/auth/token", json={"username": user, "password": f"{user}-demo"}) as response:
        return (await response.json())["access_token"]


@pytest.fixture
def token(http: aiohttp.ClientSession) -> Callable[[str], Awaitable[str]]:
    """Signs a demo customer in."""
    return lambda user: token_of(http, user)


@pytest.fixture
def asin(running: RunningStore) -> str:
    """The first volume of Vinland Saga."""
    return running.store.catalogue.shelf("vinland-saga")[0].asin
