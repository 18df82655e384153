"""A real Redis for the tests of one file, empty before each."""

from collections.abc import Iterator

import pytest

from tests.peers import needed
from tests.redis_server import RedisServer


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    made = RedisServer(needed("redis-server"), tmp_path_factory.mktemp("redis"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def server(started: RedisServer) -> RedisServer:
    started.flush()
    return started
