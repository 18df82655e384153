"""O-6: each process tells the others its figures and turns; one that is away, dead or unreadable is left out, and that is said."""

import pytest

from mangaassist.console.noticeboard import LIVES_S, Notice
from mangaassist.console.process_figures import Watched, figures_of
from mangaassist.console.sharing import TURNS_TOLD, Sharing
from mangaassist.errors import ServiceFailure
from mangaassist.services.policies import POLICIES
from mangaassist.stores.memory.noticeboard import MemoryNoticeboard
from mangaassist.telemetry.metrics import Metrics
from mangaassist.testing.clock import START, FakeClock
from mangaassist.wire.metadata import AnswerMetadata

ANSWER = AnswerMetadata(
    intent="faq", confidence=1.0, stage="rules", tier="template", model="offline", latency_ms=20.0, ttft_ms=10.0,
    timings={"intent": 3.0},
)  # fmt: skip


class Away(MemoryNoticeboard):
    async def post(self, process: str, told: bytes) -> None:
        raise ServiceFailure("noticeboard", "unreachable")

    async def notices(self) -> tuple[Notice, ...]:
        raise ServiceFailure("noticeboard", "unreachable")

    async def take_down(self, process: str) -> None:
        raise ServiceFailure("noticeboard", "unreachable")


class Deployment:
    """Processes that share their boards."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.boards = MemoryNoticeboard(self.clock), MemoryNoticeboard(self.clock)

    def process(self, name: str, answers: int = 0) -> Sharing:
        metrics = Metrics()
        for _ in range(answers):
            metrics.observe_answer(ANSWER, (), START)
        return Sharing(_watched(name, metrics), *self.boards, lambda: START)


def _watched(name: str, metrics: Metrics) -> Watched:
    return Watched(
        process=name,
        since=START,
        metrics=metrics,
        clock=lambda: 0.0,
        breakers=lambda: dict.fromkeys(POLICIES, "closed"),
    )


@pytest.fixture
def deployment() -> Deployment:
    return Deployment()


async def covered(sharing: Sharing) -> tuple[list[tuple[str, int, float]], bool]:
    told, is_all = await sharing.figures()
    return [(one.figures.process, one.figures.spent.answers, one.age_s) for one in told], is_all


async def test_a_process_hears_the_others_as_they_last_told_and_itself_as_it_is(deployment: Deployment) -> None:
    one, two = deployment.process("one", 3), deployment.process("two", 5)
    await two.tell()
    deployment.clock.advance(4)
    assert await covered(one) == ([("one", 3, 0.0), ("two", 5, 4.0)], True)
    told, _ = await one.turns()
    assert [(turns.process, turns.of) for turns in told] == [("one", 3), ("two", 5)]


async def test_a_process_does_not_hear_itself_twice(deployment: Deployment) -> None:
    one = deployment.process("one", 1)
    await one.tell()
    assert await covered(one) == ([("one", 1, 0.0)], True)


async def test_a_process_that_died_is_none_of_those_that_are_shown(deployment: Deployment) -> None:
    one, two = deployment.process("one"), deployment.process("two")
    await two.tell()
    deployment.clock.advance(LIVES_S)
    assert await covered(one) == ([("one", 0, 0.0)], True)


async def test_a_process_that_leaves_says_so(deployment: Deployment) -> None:
    one = deployment.process("one")
    async with deployment.process("two") as two:
        await two.tell()
        assert len((await covered(one))[0]) == 2
    assert await covered(one) == ([("one", 0, 0.0)], True)
    assert len((await one.turns())[0]) == 1


@pytest.mark.parametrize("told", [b"", b"\xc1", b"\x80"])
async def test_what_this_version_cannot_read_is_left_out_and_that_is_said(deployment: Deployment, told: bytes) -> None:
    for board in deployment.boards:
        await board.post("of another version", told)
    one = deployment.process("one", 2)
    assert await covered(one) == ([("one", 2, 0.0)], False)
    assert (await one.turns())[1] is False


async def test_while_the_board_is_away_a_process_shows_itself_and_says_that_it_is_not_all(
    deployment: Deployment,
) -> None:
    deployment.boards = Away(), Away()
    async with deployment.process("one", 2) as one:
        assert await covered(one) == ([("one", 2, 0.0)], False)


async def test_others_are_told_no_more_turns_than_they_show(deployment: Deployment) -> None:
    one, two = deployment.process("one"), deployment.process("two", TURNS_TOLD + 5)
    await two.tell()
    told, _ = await one.turns()
    assert (told[1].of, len(told[1].newest), len(told[1].slowest)) == (TURNS_TOLD + 5, TURNS_TOLD, TURNS_TOLD)


async def test_what_is_told_again_is_what_was_counted_since(deployment: Deployment) -> None:
    metrics = Metrics()
    two = Sharing(_watched("two", metrics), *deployment.boards, lambda: START)
    await two.tell()
    metrics.observe_answer(ANSWER, (), START)
    await two.tell()
    told, _ = await deployment.process("one").figures()
    assert told[1].figures == figures_of(_watched("two", metrics), START)
