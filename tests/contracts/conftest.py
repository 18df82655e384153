"""A real Redis for the suites of one file: on its own, and as the node of a cluster, which refuses what crosses slots."""

from collections.abc import Iterator

import pytest

from tests.peers import needed
from tests.redis_server import RedisServer


@pytest.fixture(scope="module", params=["alone", "cluster"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    made = RedisServer(needed("redis-server"), tmp_path_factory.mktemp("redis"), cluster=request.param == "cluster")
    made.start()
    yield made
    made.stop()
