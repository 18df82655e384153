"""The boards of one process and of several: in its memory, and in Redis."""

from collections.abc import AsyncIterator

import pytest

from mangaassist.console.noticeboard import LIVES_S, Noticeboard
from mangaassist.errors import ServiceFailure
from mangaassist.stores.memory.noticeboard import MemoryNoticeboard
from mangaassist.stores.redis.connection import Server
from mangaassist.stores.redis.noticeboard import NAMES_S, RedisNoticeboard
from mangaassist.testing.clock import FakeClock
from tests.contracts.noticeboard import Elapse, NoticeboardContract
from tests.patience import PATIENCE
from tests.redis_server import RedisServer


class TestMemoryNoticeboard(NoticeboardContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def board(self, clock: FakeClock) -> Noticeboard:
        return MemoryNoticeboard(clock)

    @pytest.fixture
    def elapse(self, clock: FakeClock) -> Elapse:
        async def pass_(seconds: float) -> None:
            clock.advance(seconds)

        return pass_


class TestRedisNoticeboard(NoticeboardContract):
    @pytest.fixture
    async def lines(self, server: RedisServer) -> AsyncIterator[Server]:
        server.flush()
        made = Server(server.url)
        yield made
        await made.close()

    @pytest.fixture
    def board(self, lines: Server) -> Noticeboard:
        return RedisNoticeboard(lines, "figures", PATIENCE)

    @pytest.fixture
    def elapse(self, server: RedisServer) -> Elapse:
        async def pass_(seconds: float) -> None:
            server.age(seconds)

        return pass_

    async def test_boards_of_other_names_share_nothing(self, board: Noticeboard, lines: Server) -> None:
        await board.post("a", b"")
        assert await RedisNoticeboard(lines, "turns", PATIENCE).notices() == ()

    async def test_everything_ends_by_itself(self, board: Noticeboard, server: RedisServer) -> None:
        await board.post("a", b"")
        with server.client() as client:
            ends = {key.decode(): client.pttl(key) for key in client.scan_iter()}
        assert set(ends) == {"{mangaassist:board:figures}", "{mangaassist:board:figures}:a"}
        assert 0 < ends["{mangaassist:board:figures}"] <= 1000 * NAMES_S
        assert 0 < ends["{mangaassist:board:figures}:a"] <= 1000 * LIVES_S

    async def test_the_names_of_the_dead_are_forgotten_by_who_looks(
        self, board: Noticeboard, server: RedisServer, elapse: Elapse
    ) -> None:
        await board.post("dead", b"")
        await elapse(LIVES_S + 0.1)
        await board.post("alive", b"")
        await board.notices()
        with server.client() as client:
            assert client.smembers("{mangaassist:board:figures}") == {b"alive"}

    async def test_a_server_that_does_not_answer_is_given_up(self, lines: Server, server: RedisServer) -> None:
        board = RedisNoticeboard(lines, "figures", 0.05)
        server.pause()
        try:
            for call in (board.post("a", b""), board.notices(), board.take_down("a")):
                with pytest.raises(ServiceFailure, match="noticeboard: timeout"):
                    await call
        finally:
            server.resume()
