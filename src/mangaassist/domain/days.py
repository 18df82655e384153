"""Days as people name them: "friday", "tomorrow", "december 24", "in 3 days". Which date that is, only today tells."""

from datetime import date, timedelta

from msgspec import Struct

WEEK = 7


class NamedDay(Struct, frozen=True, kw_only=True):
    """One of: ``ahead`` days from today, the next ``weekday`` (0 is Monday), ``day`` of ``month`` (the next there is of it)."""

    ahead: int | None = None
    weekday: int | None = None
    month: int | None = None
    day: int | None = None

    def date_from(self, today: date) -> date | None:
        """The date that is meant today; None where there is none (February 30)."""
        if self.ahead is not None:
            return today + timedelta(days=self.ahead)
        if self.weekday is not None:
            return today + timedelta(days=(self.weekday - today.weekday()) % WEEK)
        if self.month is None or self.day is None:
            return None
        try:
            named = date(today.year, self.month, self.day)
            return named if named >= today else date(today.year + 1, self.month, self.day)
        except ValueError:
            return None
