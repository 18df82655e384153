"""The time as the store tells it: one injectable clock, RFC 3339 texts, days counted from today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """The moment as RFC 3339 text in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def days_from(today: date, days: int, minute_of_day: int = 0) -> datetime:
    """A moment so many days after today (negative: before), at a minute of that day."""
    return datetime.combine(today, time(tzinfo=UTC)) + timedelta(days=days, minutes=minute_of_day)


def in_words(day: date) -> str:
    """A day as people write it: November 3, 2026."""
    return f"{day:%B} {day.day}, {day.year}"
