"""W-10, O-5: what happened leaves in batches, in order, and nobody ever waits for it."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from mangaassist.telemetry.analytics import (
    BATCH,
    EVERY_S,
    LEAVE_S,
    LONGEST_PAUSE_S,
    PUT_S,
    WAITING_LIMIT,
    AnyEvent,
    Asked,
    Event,
    Recorder,
    What,
)
from mangaassist.telemetry.metrics import Metrics
from mangaassist.testing.memory_analytics import MemoryEventStream, memory_recorder
from mangaassist.testing.virtual_time import in_virtual_time
from tests.conversation.virtual import seconds


def note(recorder: Recorder, number: int, session: str = "s") -> None:
    recorder.note(Asked(response_id=f"r{number}", chars=number), session, None)


def numbers(events: Sequence[Event]) -> list[int]:
    return [event.what.chars for event in events if isinstance(event.what, Asked)]


def figures(metrics: Metrics) -> dict[str, float]:
    told = text_string_to_metric_families(metrics.exposition().decode())
    samples = [sample for family in told for sample in family.samples if "analytics" in sample.name]
    return {
        sample.name.removeprefix("mangaassist_analytics_") + "".join(sample.labels.values()): sample.value
        for sample in samples
        if not sample.name.endswith("_created")
    }


@pytest.fixture
def stream() -> MemoryEventStream:
    return MemoryEventStream()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def recorder(stream: MemoryEventStream, metrics: Metrics) -> Any:
    async with memory_recorder(stream, metrics) as made:
        yield made


async def test_what_happened_has_left_a_second_later_as_one_batch(
    recorder: Recorder, stream: MemoryEventStream
) -> None:
    for number in range(5):
        note(recorder, number)
    await asyncio.sleep(EVERY_S - 0.01)
    assert stream.puts == 0
    await asyncio.sleep(0.02)
    assert (numbers(stream.events), stream.puts) == ([0, 1, 2, 3, 4], 1)


async def test_a_full_batch_leaves_at_once(recorder: Recorder, stream: MemoryEventStream) -> None:
    for number in range(2 * BATCH + 1):
        note(recorder, number)
    await asyncio.sleep(0.01)
    assert numbers(stream.events) == list(range(2 * BATCH))
    await asyncio.sleep(EVERY_S)
    assert numbers(stream.events) == list(range(2 * BATCH + 1))


async def test_where_nothing_happens_nothing_is_put(recorder: Recorder, stream: MemoryEventStream) -> None:
    recorder.hurry()
    await asyncio.sleep(3600)
    note(recorder, 1)
    await asyncio.sleep(EVERY_S + 0.01)
    assert (numbers(stream.events), stream.puts) == ([1], 1)


async def test_when_somebody_leaves_it_goes_at_once(recorder: Recorder, stream: MemoryEventStream) -> None:
    note(recorder, 1)
    recorder.hurry()
    await asyncio.sleep(0.001)
    assert numbers(stream.events) == [1]


async def test_nobody_can_be_known_from_an_event_but_who_has_the_key(
    recorder: Recorder, stream: MemoryEventStream
) -> None:
    recorder.note(Asked(response_id="r", chars=1), "s_secret", "aiko")
    await recorder.flush(1)
    (event,) = stream.events
    assert (event.session, event.customer) == ("session of s_secret", "customer of aiko")
    assert event.id == "session of s_secret.asked.r"


async def test_what_is_told_twice_is_recognised(recorder: Recorder, stream: MemoryEventStream) -> None:
    for _ in range(2):
        note(recorder, 1)
        await recorder.flush(1)
    assert (numbers(stream.events), stream.puts) == ([1], 2)


async def test_while_the_stream_is_away_it_is_asked_ever_more_rarely_and_nothing_is_lost(
    recorder: Recorder, stream: MemoryEventStream, metrics: Metrics
) -> None:
    stream.is_away = True
    note(recorder, 1)
    await asyncio.sleep(600)
    assert 600 / (LONGEST_PAUSE_S + EVERY_S) <= stream.puts <= 30
    note(recorder, 2)
    assert figures(metrics)["failures_total"] == stream.puts
    assert figures(metrics)["waiting"] == 2
    stream.is_away = False
    await asyncio.sleep(LONGEST_PAUSE_S + 2 * EVERY_S)
    assert numbers(stream.events) == [1, 2]
    assert (figures(metrics)["events_totalwritten"], figures(metrics)["waiting"]) == (2, 0)


async def test_once_it_is_back_it_is_asked_as_often_as_before(recorder: Recorder, stream: MemoryEventStream) -> None:
    stream.is_away = True
    note(recorder, 1)
    await asyncio.sleep(120)
    stream.is_away = False
    await asyncio.sleep(LONGEST_PAUSE_S + 2 * EVERY_S)
    stream.is_away = True
    note(recorder, 2)
    await asyncio.sleep(EVERY_S + 0.01)
    stream.is_away = False
    await asyncio.sleep(2 * EVERY_S)
    assert numbers(stream.events) == [1, 2]


async def test_of_more_than_may_wait_the_oldest_are_let_go_and_counted(
    recorder: Recorder, stream: MemoryEventStream, metrics: Metrics
) -> None:
    stream.is_away = True
    for number in range(WAITING_LIMIT + 7):
        note(recorder, number)
        if number % 1000 == 0:
            await asyncio.sleep(5)
    assert figures(metrics)["waiting"] == WAITING_LIMIT
    stream.is_away = False
    assert await recorder.flush(60)
    assert numbers(stream.events) == list(range(7, WAITING_LIMIT + 7))
    assert figures(metrics)["events_totaldropped"] == 7
    assert figures(metrics)["events_totalwritten"] == WAITING_LIMIT


async def test_what_a_full_stream_does_not_take_goes_first_the_next_time(
    recorder: Recorder, stream: MemoryEventStream, metrics: Metrics
) -> None:
    stream.takes = 2
    for number in range(5):
        note(recorder, number)
    await asyncio.sleep(EVERY_S + 0.01)
    note(recorder, 5)
    assert numbers(stream.events) == [0, 1]
    await asyncio.sleep(60)
    assert numbers(stream.events) == [0, 1, 2, 3, 4, 5]
    assert figures(metrics)["failures_total"] == 2


async def test_a_stream_that_never_answers_is_given_up_and_asked_again(
    recorder: Recorder, stream: MemoryEventStream
) -> None:
    stream.slow_s = 1e6
    note(recorder, 1)
    await asyncio.sleep(EVERY_S + PUT_S + 0.5)
    stream.slow_s = 0
    await asyncio.sleep(3 * EVERY_S)
    assert numbers(stream.events) == [1]


async def test_a_stream_that_breaks_in_a_way_that_nobody_foresaw_is_asked_again(stream: MemoryEventStream) -> None:
    class Broken(MemoryEventStream):
        async def put(self, events: Sequence[Event]) -> Sequence[Event]:
            if self.puts == 0:
                self.puts += 1
                raise ZeroDivisionError
            return await super().put(events)

    broken = Broken()
    async with memory_recorder(broken) as recorder:
        note(recorder, 1)
        await asyncio.sleep(4 * EVERY_S)
        assert numbers(broken.events) == [1]


async def test_a_flush_writes_all_of_it_now(recorder: Recorder, stream: MemoryEventStream) -> None:
    for number in range(3 * BATCH):
        note(recorder, number)
    before = seconds()
    assert await recorder.flush(10)
    assert (numbers(stream.events), seconds()) == (list(range(3 * BATCH)), before)


async def test_a_flush_waits_for_the_batch_that_is_on_its_way(recorder: Recorder, stream: MemoryEventStream) -> None:
    stream.slow_s = 2
    note(recorder, 1)
    await asyncio.sleep(EVERY_S + 0.5)
    assert await recorder.flush(10)
    assert numbers(stream.events) == [1]


async def test_a_flush_tries_again_and_gives_up_in_time(recorder: Recorder, stream: MemoryEventStream) -> None:
    stream.is_away = True
    note(recorder, 1)
    before = seconds()
    assert not await recorder.flush(5)
    assert seconds() - before == pytest.approx(5)
    assert stream.puts > 3
    stream.is_away = False
    assert await recorder.flush(5)
    assert numbers(stream.events) == [1]


async def test_a_flush_that_was_given_up_in_the_middle_of_a_batch_loses_nothing(
    recorder: Recorder, stream: MemoryEventStream
) -> None:
    stream.slow_s = 10
    note(recorder, 1)
    note(recorder, 2)
    assert not await recorder.flush(5)
    stream.slow_s = 0
    assert await recorder.flush(5)
    assert numbers(stream.events) == [1, 2]


async def test_leaving_writes_what_waits(stream: MemoryEventStream) -> None:
    async with memory_recorder(stream) as recorder:
        note(recorder, 1)
    assert numbers(stream.events) == [1]


async def test_leaving_does_not_wait_for_a_stream_that_is_away(stream: MemoryEventStream) -> None:
    stream.is_away = True
    async with memory_recorder(stream) as recorder:
        note(recorder, 1)
        before = seconds()
    assert seconds() - before == pytest.approx(LEAVE_S)


@asynccontextmanager
async def unsteady(stream: MemoryEventStream, weather: Sequence[tuple[bool, float, int | None]]) -> Any:
    """A recorder over a stream that changes every second: away or not, slow, full."""

    async def change() -> None:
        for stream.is_away, stream.slow_s, stream.takes in weather:
            await asyncio.sleep(1)
        stream.is_away, stream.slow_s, stream.takes = False, 0, None

    async with memory_recorder(stream) as recorder:
        changing = asyncio.create_task(change())
        yield recorder
        await changing
        await asyncio.sleep(LONGEST_PAUSE_S + PUT_S + 5)


@given(
    weather=st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.0, 0.5, 3.0, 40.0]), st.sampled_from([None, 0, 1, 3])), max_size=8
    ),
    pauses=st.lists(st.sampled_from([0.0, 0.1, 0.9, 2.0]), min_size=1, max_size=30),
    flushes=st.sets(st.integers(0, 29)),
)
@in_virtual_time
async def test_however_the_stream_behaves_a_session_stays_in_order_and_whole(
    weather: list[tuple[bool, float, int | None]], pauses: list[float], flushes: set[int]
) -> None:
    stream = MemoryEventStream()
    async with unsteady(stream, weather) as recorder:
        for number, pause in enumerate(pauses):
            note(recorder, number, f"s{number % 2}")
            await asyncio.sleep(pause)
            if number in flushes:
                await recorder.flush(0.7)
    for session in (0, 1):
        found = [event for event in stream.events if event.session == f"session of s{session}"]
        assert numbers(found) == list(range(session, len(pauses), 2))


PAGE = Path(__file__).parents[2] / "docs" / "analytics.md"


@pytest.mark.parametrize("kind", get_args(AnyEvent), ids=lambda kind: kind.__name__)
def test_the_page_for_operators_names_every_event_and_all_of_its_figures(kind: type[What]) -> None:
    (row,) = re.findall(rf"^\| `{kind.__struct_config__.tag}` \|.*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(kind.__struct_fields__) <= set(re.findall(r"\w+", row))
