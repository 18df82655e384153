"""Days as people name them: "friday", "tomorrow", "december 24", "in 3 days". Which date that is, only today tells."""

from datetime import date, timedelta

from msgspec import Struct

WEEK = 7


class DaySpan(Struct, frozen=True, kw_only=True):
    """Days that are past: from ``most`` to ``least`` days ago, those of the last ``month`` of that number, or those of the year so
    many ``years`` ago, 0 for this one."""

    least: int = 0
    most: int = 0
    month: int | None = None
    years: int | None = None

    def holds(self, day: date, today: date) -> bool:
        if self.month is not None:
            return day.month == self.month and 0 <= (today - day).days < 366
        if self.years is not None:
            return today.year - day.year == self.years
        return self.least <= (today - day).days <= self.most


class NamedDay(Struct, frozen=True, kw_only=True):
    """One of: ``ahead`` days from today, the next ``weekday`` (0 is Monday), ``day`` of ``month`` (the next there is of it), the
    ``nth`` ``weekday`` of ``month`` (-1 is the last)."""

    ahead: int | None = None
    weekday: int | None = None
    following: bool = False
    """Whether the ``weekday`` of the week after this one is meant: "next friday"."""
    every: bool = False
    """Whether all such weekdays are meant: "sundays"."""
    month: int | None = None
    day: int | None = None
    nth: int | None = None

    def date_from(self, today: date) -> date | None:
        """The date that is meant today; None where there is none (February 30)."""
        if self.ahead is not None:
            return today + timedelta(days=self.ahead)
        if self.nth is not None:
            this_year = self.in_year(today.year)
            return this_year if this_year is None or this_year >= today else self.in_year(today.year + 1)
        if self.weekday is not None and self.following:
            return today + timedelta(days=WEEK - today.weekday() + self.weekday)
        if self.weekday is not None:
            return today + timedelta(days=(self.weekday - today.weekday()) % WEEK)
        if self.month is None or self.day is None:
            return None
        try:
            named = date(today.year, self.month, self.day)
            return named if named >= today else date(today.year + 1, self.month, self.day)
        except ValueError:
            return None

    def in_year(self, year: int) -> date | None:
        """The date of a feast in a year; None for a day that is no feast, or that the year does not have."""
        try:
            if self.month is None or self.weekday is None or not self.nth:
                return date(year, self.month, self.day) if self.month and self.day else None
            first = date(year, self.month, 1)
            if self.nth > 0:
                return first + timedelta(days=(self.weekday - first.weekday()) % WEEK + WEEK * (self.nth - 1))
            last = date(year + self.month // 12, self.month % 12 + 1, 1) - timedelta(days=1)
            return last - timedelta(days=(last.weekday() - self.weekday) % WEEK)
        except ValueError:
            return None
