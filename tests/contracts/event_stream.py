"""What every stream of events does (O-5); each adapter inherits the suite."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from mangaassist.telemetry.analytics import (
    BATCH,
    Added,
    Answered,
    AnyEvent,
    Asked,
    Clicked,
    Closed,
    Escalated,
    Event,
    EventStream,
    Failed,
    Rated,
    Shown,
)
from mangaassist.testing.clock import START

ASIN, OTHER = "B0ABCDEFGH", "B0IJKLMNOP"
ONE_OF_EACH: tuple[AnyEvent, ...] = (
    Asked(response_id="r1", chars=17, redactions=1, blocked="injection"),
    Answered(
        response_id="r1",
        ending="stopped",
        attempt=2,
        intent="recommend",
        secondary_intent="price",
        confidence=0.8125,
        stage="model",
        tier="small",
        model="offline",
        latency_ms=12.5,
        ttft_ms=3.25,
        cost_usd=0.000125,
        tokens_in=100,
        tokens_out=20,
        corrections=1,
        cached=True,
        services=("catalog",),
        degraded=("reviews", "promotions"),
    ),
    Failed(response_id="r2", attempt=3, code="given_up"),
    Shown(response_id="r1", asins=(ASIN, OTHER), buttons=("add_to_cart", "open_url"), suggestions=3),
    Clicked(response_id="r1", asin=ASIN),
    Clicked(response_id="r1", button="talk_to_human"),
    Added(response_id="r1", asin=ASIN),
    Rated(response_id="r1", by="guest", thumb="thumbs_down", has_comment=True),
    Escalated(ticket_id="t1"),
    Closed(connection_id="c1", open_s=61.5, resumed=True),
)


def event(number: int, session: str = "one", what: AnyEvent | None = None, customer: str | None = None) -> Event:
    what = what or Asked(response_id=f"r{number}", chars=number)
    return Event(
        id=f"{session}.{what.kind}.{what.key}",
        at=START + timedelta(milliseconds=number),
        session=session,
        customer=customer,
        what=what,
    )


class EventStreamContract:
    @pytest.fixture
    async def stream(self) -> AsyncIterator[EventStream]:
        raise NotImplementedError
        yield

    async def kept(self, stream: Any) -> Sequence[Event]:
        """What a reader finds, those of a session in their order."""
        raise NotImplementedError

    async def test_every_kind_is_kept_with_all_of_its_figures(self, stream: EventStream) -> None:
        told = [event(number, what=what, customer="aiko") for number, what in enumerate(ONE_OF_EACH)]
        assert list(await stream.put(told)) == []
        assert list(await self.kept(stream)) == told

    async def test_no_customer_is_a_guest(self, stream: EventStream) -> None:
        await stream.put([event(1), event(2, customer="aiko")])
        assert [found.customer for found in await self.kept(stream)] == [None, "aiko"]

    async def test_the_events_of_a_session_stay_in_their_order_however_they_come(self, stream: EventStream) -> None:
        told = [event(number, session=f"s{number % 7}") for number in range(100)]
        for begin in range(0, 100, 9):
            assert list(await stream.put(told[begin : begin + 9])) == []
        found = await self.kept(stream)
        for number in range(7):
            session = f"s{number}"
            assert [each for each in found if each.session == session] == told[number::7]

    async def test_an_event_that_is_put_again_is_there_once(self, stream: EventStream) -> None:
        await stream.put([event(1), event(2)])
        await stream.put([event(2), event(3), event(3)])
        assert list(await self.kept(stream)) == [event(1), event(2), event(3)]

    async def test_the_same_thing_in_two_sessions_is_two_events(self, stream: EventStream) -> None:
        await stream.put([event(1, "one"), event(1, "two")])
        assert {found.session for found in await self.kept(stream)} == {"one", "two"}

    async def test_nothing_is_put(self, stream: EventStream) -> None:
        assert list(await stream.put([])) == []
        assert list(await self.kept(stream)) == []

    @pytest.mark.parametrize("sessions", [1, BATCH + 1])
    async def test_more_than_a_batch_is_kept_whole(self, stream: EventStream, sessions: int) -> None:
        told = [event(number, session=f"s{number % sessions:04}") for number in range(BATCH + 1)]
        assert list(await stream.put(told)) == []
        assert sorted(await self.kept(stream), key=lambda each: each.at) == told

    async def test_a_stream_that_is_there_says_so(self, stream: EventStream) -> None:
        await stream.ping()
