"""What a store's facts come to: the days on which something is due."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from mangaassist.domain.customers import Order
from mangaassist.domain.days import NamedDay
from mangaassist.domain.store_facts import (
    BusySeason,
    Delivery,
    Holiday,
    OpeningHours,
    ReturnSeason,
    StoreFacts,
    Support,
)

WEDNESDAY = date(2026, 11, 25)
THANKSGIVING = Holiday(name="Thanksgiving", on=NamedDay(month=11, weekday=3, nth=4))
STORE = StoreFacts(
    delivery=Delivery(least_days=3, most_days=5, express_days=2), support=Support(closed_on=(THANKSGIVING,))
)


@pytest.mark.parametrize(
    ("days", "due"),
    [
        (0, WEDNESDAY),
        (1, date(2026, 11, 27)),
        (2, date(2026, 11, 30)),
        (5, date(2026, 12, 3)),
        (7, date(2026, 12, 7)),
    ],
)
def test_business_days_skip_weekends_and_holidays(days: int, due: date) -> None:
    assert STORE.business_day(WEDNESDAY, days) == due


@pytest.mark.parametrize("ordered", [WEDNESDAY, date(2026, 11, 26)])
def test_what_is_ordered_before_or_on_a_holiday_leaves_on_the_next_business_day(ordered: date) -> None:
    assert STORE.due(ordered) == (date(2026, 12, 2), date(2026, 12, 4))
    assert STORE.express_due(ordered) == date(2026, 12, 1)


def test_what_is_ordered_on_a_weekend_leaves_on_monday() -> None:
    assert STORE.express_due(date(2026, 11, 28)) == STORE.express_due(date(2026, 11, 29)) == date(2026, 12, 2)


def test_a_store_that_names_no_days_promises_none() -> None:
    assert StoreFacts().due(WEDNESDAY) is None
    assert StoreFacts().express_due(WEDNESDAY) is None


EASTERN = ZoneInfo("America/New_York")
PUNCTUAL = msgspec.structs.replace(
    STORE,
    delivery=msgspec.structs.replace(STORE.delivery, dispatched_until=time(13)),
    support=msgspec.structs.replace(STORE.support, timezone="America/New_York"),
)


@pytest.mark.parametrize(
    ("ordered", "due"),
    [
        pytest.param(
            datetime(2026, 11, 25, 12, 59, tzinfo=EASTERN), date(2026, 11, 30), id="before the hour of dispatch"
        ),
        pytest.param(datetime(2026, 11, 25, 13, 0, tzinfo=EASTERN), date(2026, 12, 1), id="after it"),
        pytest.param(datetime(2026, 11, 25, 17, 30, tzinfo=ZoneInfo("UTC")), date(2026, 11, 30), id="by another clock"),
        pytest.param(datetime(2026, 11, 26, 9, 0, tzinfo=EASTERN), date(2026, 12, 1), id="on a holiday"),
        pytest.param(datetime(2026, 11, 28, 9, 0, tzinfo=EASTERN), date(2026, 12, 2), id="on a weekend"),
    ],
)
def test_what_is_ordered_before_the_hour_of_dispatch_leaves_on_the_same_business_day(
    ordered: datetime, due: date
) -> None:
    assert PUNCTUAL.express_due(ordered) == due


def test_a_holiday_of_the_carriers_is_no_business_day() -> None:
    veterans = Holiday(name="Veterans Day", on=NamedDay(month=11, day=11))
    store = msgspec.structs.replace(
        PUNCTUAL, delivery=msgspec.structs.replace(PUNCTUAL.delivery, closed_on=(veterans,))
    )
    assert store.business_day(date(2026, 11, 10), 1) == date(2026, 11, 12)


@pytest.mark.parametrize(("day", "last"), [(20, date(2026, 11, 30)), (23, date(2026, 12, 2))])
def test_in_a_busy_season_the_latest_day_is_later_and_the_first_as_it_was(day: int, last: date) -> None:
    season = BusySeason(
        first=NamedDay(month=11, weekday=3, nth=4), days_before=3, last=NamedDay(month=12, day=15), extra_days=1
    )
    store = msgspec.structs.replace(PUNCTUAL, delivery=msgspec.structs.replace(PUNCTUAL.delivery, busy=(season,)))
    ordered = datetime(2026, 11, day, 9, 0, tzinfo=EASTERN)
    plain = PUNCTUAL.due(ordered)
    assert plain is not None
    assert store.due(ordered) == (plain[0], last)


def test_the_next_opening_passes_over_a_holiday() -> None:
    hours = tuple(OpeningHours(weekday=day, opens=time(8), closes=time(20)) for day in range(6))
    support = Support(timezone="America/New_York", hours=hours, closed_on=(THANKSGIVING,))
    opens = support.opens_next(datetime(2026, 11, 26, 12, tzinfo=ZoneInfo("UTC")))
    assert opens is not None
    assert (opens.date(), opens.time()) == (date(2026, 11, 27), time(8))


def test_what_is_delivered_in_the_season_can_go_back_until_its_last_day() -> None:
    season = ReturnSeason(
        first=NamedDay(month=11, day=1), last=NamedDay(month=12, day=24), until=NamedDay(month=1, day=31)
    )
    facts = StoreFacts(return_days=30, return_season=season)
    assert facts.return_until(date(2026, 11, 28)) == date(2027, 1, 31)
    assert facts.return_until(date(2026, 10, 1)) == date(2026, 10, 31)


def test_the_store_s_own_clock_says_what_day_it_is() -> None:
    evening = datetime(2026, 11, 27, 2, 30, tzinfo=UTC)
    eastern = StoreFacts(support=Support(timezone="America/New_York"))
    assert eastern.here(evening).date() == date(2026, 11, 26)
    assert StoreFacts(support=Support(timezone="Nowhere/Else")).here(evening) is evening


def test_an_order_s_moments_are_told_by_that_clock() -> None:
    eastern = StoreFacts(support=Support(timezone="America/New_York"))
    night = datetime(2026, 11, 27, 2, 30, tzinfo=UTC)
    placed = Order(
        order_id="112-0000001-0000001", state="delivered", placed_at=night, delivered_at=night, total=Decimal(9),
        currency="USD", items=(),
    ).by(eastern.here)  # fmt: skip
    assert placed.delivered_at is not None
    assert {placed.placed_at.day, placed.delivered_at.day} == {26}
