"""Faults of a store as the console injects them: the double, and the client of the demo store's administration."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mangaassist.console.faults import FaultStore
from mangaassist.errors import Forbidden, NotFound, ServiceFailure
from mangaassist.services.operators_calls import OperatorsCalls
from mangaassist.services.store_faults import STORE, StoreFaults
from mangaassist.testing.clock import FakeClock
from mangaassist.testing.memory_faults import MemoryFaults
from mangastore.data.series import load_series
from mangastore.faults.board import FaultBoard
from mangastore.server import running_store
from mangastore.settings import StoreSettings
from mangastore.store import Store, open_store
from tests.contracts.fault_store import Elapse, FaultStoreContract


class _Timed(FaultStoreContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def elapse(self, clock: FakeClock) -> Elapse:
        return clock.advance


class TestMemoryFaults(_Timed):
    @pytest.fixture
    async def store(self, clock: FakeClock) -> AsyncIterator[FaultStore]:
        yield MemoryFaults(clock)


class TestStoreFaults(_Timed):
    @pytest.fixture
    async def store(self, clock: FakeClock, tmp_path: Path) -> AsyncIterator[FaultStore]:
        def make(final: StoreSettings) -> Store:
            return replace(open_store(final, all_series=load_series()[:3]), faults=FaultBoard(clock))

        async with (
            running_store(StoreSettings(port=0, grpc_port=0, state_dir=tmp_path), make) as running,
            OperatorsCalls(STORE, running.http_url, limit_s=60) as calls,
        ):
            yield StoreFaults(calls)


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (404, {"detail": "No such page."}, NotFound),
        (403, {"detail": "From this machine only."}, Forbidden),
        (200, {"services": 7}, ServiceFailure),
        (500, {}, ServiceFailure),
    ],
)
async def test_a_store_without_faults_or_that_lets_nobody_set_one_says_so(
    status: int, body: dict[str, object], means: type[Exception]
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_get("/admin/faults", answer)
    async with TestServer(app) as other, OperatorsCalls(STORE, str(other.make_url("")), limit_s=60) as calls:
        with pytest.raises(means):
            await StoreFaults(calls).faults()
