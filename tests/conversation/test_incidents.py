"""O-9: three blocks or corrections of one session within ten minutes raise an alarm, in figures and without a word of theirs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from mangaassist.conversation.incidents import TOO_MANY, WITHIN_S, Incidents
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.telemetry.metrics import Metrics

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Watched:
    """Incidents on a clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.metrics = Metrics()
        self.incidents = Incidents(
            MemoryCounters(lambda: self.seconds), self.metrics, lambda: BEGIN + timedelta(seconds=self.seconds)
        )

    async def note(self, at: float, count: int = 1, session: str = "s" * 22) -> None:
        self.seconds = at
        await self.incidents.note(session, count)

    @property
    def alarms(self) -> float:
        return self.metrics.registry.get_sample_value("mangaassist_session_alarms_total") or 0.0


async def test_the_third_within_ten_minutes_raises_it_once() -> None:
    watched = Watched()
    alarms = list[float]()
    for minute in (0, 4, 9, 9.5):
        await watched.note(60 * minute)
        alarms.append(watched.alarms)
    assert alarms == [0, 0, 1, 1]


async def test_an_answer_with_three_corrections_raises_it_alone() -> None:
    watched = Watched()
    await watched.note(0, count=TOO_MANY)
    assert watched.alarms == 1


async def test_sessions_are_counted_apart() -> None:
    watched = Watched()
    for session in ("a", "b", "c"):
        await watched.note(0, session=session)
    assert watched.alarms == 0


@given(
    pauses=st.lists(st.floats(0, 900), min_size=1, max_size=12),
    counts=st.lists(st.integers(1, 3), min_size=12, max_size=12),
)
async def test_no_three_within_ten_minutes_pass_unheard_and_none_are_made_of_more_than_eleven(
    pauses: Sequence[float], counts: Sequence[int]
) -> None:
    watched, past = Watched(), list[tuple[float, int]]()
    for pause, count in zip(pauses, counts, strict=False):
        before, at = watched.alarms, watched.seconds + pause
        past.append((at, count))
        await watched.note(at, count)
        within = [sum(many for then, many in past if then >= at - span) for span in (WITHIN_S, WITHIN_S + 60)]
        if watched.alarms > before:
            assert within[1] >= TOO_MANY
        if within[0] >= TOO_MANY > within[1] - count:
            assert watched.alarms > before


async def test_the_log_names_the_figures_and_no_more_of_the_session_than_its_beginning() -> None:
    watched = Watched()
    with capture_logs() as logs:
        await watched.note(0, count=4, session="abcdefghij")
    assert logs == [
        {
            "room": "conversation",
            "event": "session_alarm",
            "log_level": "warning",
            "session": "abcdef",
            "blocks_and_corrections": 4,
            "within_s": 600,
        }
    ]


async def test_counters_that_cannot_be_asked_are_counted_and_nobody_is_told() -> None:
    class Away(MemoryCounters):
        async def add(self, name: str, amount: float, window_s: float) -> float:
            raise ConnectionError

    metrics = Metrics()
    await Incidents(Away(), metrics, lambda: BEGIN).note("s", 3)
    assert metrics.registry.get_sample_value("mangaassist_counters_failed_total") == 1
