"""Feasts that are named fall on their dates, and the store's people are off on its holidays."""

from datetime import UTC, date, datetime, time

import pytest

from mangaassist.domain.days import NamedDay
from mangaassist.domain.store_facts import Holiday, OpeningHours, Support
from mangaassist.turn.derived.facts import open_now
from mangaassist.understanding.analysis import analyse
from mangaassist.understanding.days import day_of

TODAY = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("said", "falls"),
    [
        ("are you open on thanksgiving", date(2026, 11, 26)),
        ("open on labor day?", date(2027, 9, 6)),
        ("memorial day hours", date(2027, 5, 31)),
        ("open 4th of july", date(2027, 7, 4)),
    ],
)
def test_a_feast_that_is_named_falls_on_its_next_date(said: str, falls: date) -> None:
    named = day_of(analyse(said))
    assert named is not None
    assert named.date_from(TODAY) == falls


def test_nobody_answers_on_a_holiday_whatever_the_weekday_s_hours() -> None:
    thursdays = OpeningHours(weekday=3, opens=time(8), closes=time(20))
    feast = Holiday(name="Thanksgiving", on=NamedDay(month=11, weekday=3, nth=4))
    support = Support(hours=(thursdays,), closed_on=(feast,))
    assert open_now(support, datetime(2026, 11, 26, 12, tzinfo=UTC)) is False
    assert open_now(support, datetime(2026, 11, 19, 12, tzinfo=UTC)) is True
