"""What a store's facts come to: the days on which something is due."""

from datetime import date

import pytest

from mangaassist.domain.days import NamedDay
from mangaassist.domain.store_facts import Delivery, Holiday, StoreFacts, Support

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
