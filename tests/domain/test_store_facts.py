"""What a store's facts come to: the days on which something is due."""

from datetime import date

import pytest

from mangaassist.domain.store_facts import Delivery, business_day

THURSDAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("days", "due"),
    [
        (0, THURSDAY),
        (1, date(2026, 11, 27)),
        (2, date(2026, 11, 30)),
        (5, date(2026, 12, 3)),
        (7, date(2026, 12, 7)),
    ],
)
def test_business_days_skip_the_weekend(days: int, due: date) -> None:
    assert business_day(THURSDAY, days) == due


def test_what_is_ordered_on_a_sunday_is_due_one_business_day_later_on_monday() -> None:
    assert business_day(date(2026, 11, 29), 1) == date(2026, 11, 30)


def test_a_delivery_has_a_first_and_a_last_day() -> None:
    delivery = Delivery(least_days=3, most_days=5, express_days=2)
    assert delivery.window(THURSDAY) == (date(2026, 12, 1), date(2026, 12, 3))
    assert delivery.express(THURSDAY) == date(2026, 11, 30)


def test_a_store_that_names_no_days_has_no_window() -> None:
    assert Delivery().window(THURSDAY) is None
