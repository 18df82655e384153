"""When people of the store can be reached, in words: "Monday to Saturday, 8am to 8pm Eastern"."""

from collections.abc import Iterator
from datetime import datetime, time
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from mangaassist.domain.days import NamedDay
from mangaassist.domain.store_facts import OpeningHours, Support
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.wording import joined

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ZONES: Final = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Los_Angeles": "Pacific",
}


def hours_in_words(support: Support) -> str:
    """Days in a row that open alike are named together; empty where the store does not name its hours."""
    if not support.hours:
        return ""
    ordered = sorted(support.hours, key=lambda one: one.weekday)
    spans = [_span(list(group)) for _, group in groupby(enumerate(ordered), key=_run)]
    return f"{joined(spans)} {_ZONES.get(support.timezone, support.timezone)}"


def open_now(task: WritingTask, phrasing: Phrasing) -> str:
    """ "We're open right now", or that nobody is there; empty where nobody knows."""
    is_open = task.evidence.derived.open_now
    if is_open is None:
        return ""
    if is_open is False and (name := holiday_today(task)):
        return phrasing.say("faq.closed_today", holiday=name)
    return phrasing.say("faq.open" if is_open else "faq.closed")


def next_opening(task: WritingTask) -> str:
    """ "tomorrow (Friday), 8am Eastern"; empty where somebody is there now, or nobody knows."""
    support, now = task.evidence.facts.support, task.evidence.now
    opens = support.opens_next(now) if now and task.evidence.derived.open_now is False else None
    if now is None or opens is None:
        return ""
    ahead = (opens.date() - now.astimezone(opens.tzinfo).date()).days
    weekday = _DAYS[opens.weekday()]
    day = {0: "today", 1: f"tomorrow ({weekday})"}.get(ahead, f"on {weekday}")
    return f"{day} at {local(opens, support)}"


def holiday_today(task: WritingTask) -> str:
    support, now = task.evidence.facts.support, task.evidence.now
    return support.holiday_on(now.astimezone(ZoneInfo(support.timezone)).date()) if now else ""


def on_weekday(support: Support, named: NamedDay, now: datetime | None, phrasing: Phrasing) -> str:
    """ "No, we're closed on Sundays"; empty where the hours are not told, or nobody knows which weekday that is."""
    date = named.date_from(now.date()) if now else None
    weekday = date.weekday() if date else named.weekday
    if date is not None and not named.every and (name := support.holiday_on(date)):
        return phrasing.say("faq.closed_holiday", holiday=name, all=hours_in_words(support))
    if not support.hours or weekday is None:
        return ""
    hours = [one for one in support.hours if one.weekday == weekday]
    zone = _ZONES.get(support.timezone, support.timezone)
    spans = joined([f"{clock(one.opens)} to {clock(one.closes)} {zone}" for one in hours])
    key = "faq.open_on" if hours else "faq.closed_that_day"
    return phrasing.say(key, day=_DAYS[weekday], hours=spans, all=hours_in_words(support))


def _run(placed: tuple[int, OpeningHours]) -> tuple[int, time, time]:
    place, hours = placed
    return hours.weekday - place, hours.opens, hours.closes


def _span(group: list[tuple[int, OpeningHours]]) -> str:
    first, last = group[0][1], group[-1][1]
    days = _DAYS[first.weekday] + (f" to {_DAYS[last.weekday]}" if first is not last else "")
    return f"{days}, {clock(first.opens)} to {clock(first.closes)}"


def clock(moment: time | datetime) -> str:
    """ "8am", "12:30pm"."""
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes}{'am' if moment.hour < 12 else 'pm'}"


def local(moment: datetime, support: Support) -> str:
    """A moment by the store's clock: "2:35pm Eastern"."""
    there = moment.astimezone(ZoneInfo(support.timezone))
    return f"{clock(there)} {_ZONES.get(support.timezone, support.timezone)}"


def closed_days(support: Support) -> Iterator[str]:
    open_on = {one.weekday for one in support.hours}
    yield from (name for weekday, name in enumerate(_DAYS) if open_on and weekday not in open_on)
