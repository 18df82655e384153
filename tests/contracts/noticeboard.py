"""What every board does on which processes tell each other what the console shows (O-6); each adapter inherits the suite."""

from collections.abc import Awaitable, Callable

import pytest

from mangaassist.console.noticeboard import LIVES_S, Noticeboard

Elapse = Callable[[float], Awaitable[None]]


class NoticeboardContract:
    """An adapter gives ``board``, and ``elapse``, which lets seconds of its time pass."""

    @pytest.fixture
    def board(self) -> Noticeboard:
        raise NotImplementedError

    @pytest.fixture
    def elapse(self) -> Elapse:
        raise NotImplementedError

    async def test_what_each_process_told_last_is_heard_by_its_name(self, board: Noticeboard) -> None:
        await board.post("b:2", b"old")
        await board.post("a:1", b"\x00\xff")
        await board.post("b:2", b"new")
        assert [(one.process, one.told) for one in await board.notices()] == [("a:1", b"\x00\xff"), ("b:2", b"new")]

    async def test_a_board_without_notices_is_empty(self, board: Noticeboard) -> None:
        assert await board.notices() == ()

    async def test_a_notice_says_how_old_it_is(self, board: Noticeboard, elapse: Elapse) -> None:
        await board.post("a", b"")
        await elapse(5)
        await board.post("b", b"")
        older, newer = await board.notices()
        assert 5 <= older.age_s < 6
        assert 0 <= newer.age_s < 1

    async def test_a_process_that_tells_nothing_any_more_drops_out(self, board: Noticeboard, elapse: Elapse) -> None:
        await board.post("dead", b"")
        await elapse(LIVES_S / 2)
        await board.post("alive", b"")
        await elapse(LIVES_S / 2 + 0.1)
        assert [one.process for one in await board.notices()] == ["alive"]

    async def test_who_drops_out_and_comes_back_is_heard_again(self, board: Noticeboard, elapse: Elapse) -> None:
        await board.post("a", b"")
        await elapse(LIVES_S + 0.1)
        assert await board.notices() == ()
        await board.post("a", b"again")
        assert [one.told for one in await board.notices()] == [b"again"]

    async def test_who_leaves_is_gone_at_once_and_the_others_stay(self, board: Noticeboard) -> None:
        await board.post("a", b"")
        await board.post("b", b"")
        await board.take_down("a")
        await board.take_down("never there")
        assert [one.process for one in await board.notices()] == ["b"]
