"""Days as shoppers name them, and which date that is by today's calendar."""

from datetime import date

import pytest

from mangaassist.domain.days import NamedDay
from mangaassist.understanding.analysis import analyse
from mangaassist.understanding.days import day_of

THURSDAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("need it by friday", date(2026, 11, 27)),
        ("i need this tomorrow", date(2026, 11, 27)),
        ("will it be here before christmas", date(2026, 12, 25)),
        ("can i have it by the 5th of december", date(2026, 12, 5)),
        ("until jan 3", date(2027, 1, 3)),
        ("within 2 weeks?", date(2026, 12, 10)),
        ("thursdays?", THURSDAY),
        ("i need it by next friday its a present", date(2026, 12, 4)),
        ("next thursday", date(2026, 12, 3)),
    ],
)
def test_a_day_is_read_in_the_words_of_shoppers(text: str, due: date) -> None:
    named = day_of(analyse(text))
    assert named is not None
    assert named.date_from(THURSDAY) == due


def test_a_message_without_a_day_names_none() -> None:
    assert day_of(analyse("may i return it in 3 pieces")) is None


def test_a_day_that_no_calendar_has_is_no_date() -> None:
    assert NamedDay(month=2, day=30).date_from(THURSDAY) is None
