"""Reads the day that a message names: a weekday, a date, a feast, "tomorrow", "in 3 days" (S-8)."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from mangaassist.domain.days import DaySpan, NamedDay
from mangaassist.understanding.analysis import Analysis, Token
from mangaassist.understanding.vocabulary import tables

MOST_AHEAD: Final = 120
_NEAR: Final = 2
"""Words between "order" and its day at most: "order it on monday"."""
_BEFORE: Final = 6
_BEHIND: Final = 4
"""Words around a past day among which one of ordering or delivery makes it an order's."""
_DIGITS: Final = "0123456789"


def day_of(analysis: Analysis) -> NamedDay | None:
    """The first day that is named, but for that on which something would be ordered ("if i order today"); None where none is."""
    listed: Mapping[str, Any] = tables(analysis.language).get("days", {})
    if not listed:
        return None
    for place in range(len(analysis.tokens)):
        tokens = analysis.tokens[place : place + 4]
        if _is_of_ordering(analysis.tokens[max(0, place - _NEAR) : place], listed):
            continue
        if (found := _date(tokens, listed) or _ahead(tokens, listed) or _phrase(tokens, analysis.language)) is not None:
            return found
    return None


def past_days(analysis: Analysis) -> DaySpan | None:
    """The first stretch of past days that is named: "yesterday", "2 days ago", "from last week", "in october"."""
    listed: Mapping[str, Any] = tables(analysis.language).get("days", {})
    said = [token.text for token in analysis.tokens]
    beside = frozenset(listed.get("beside_past", ()))
    for place in range(len(said)):
        if not beside.intersection(said[max(0, place - _BEFORE) : place + _BEHIND]):
            continue  # "i moved last week" is no order's day
        if found := _ago(said[place : place + 4], listed) or _past(said[place : place + 3], listed):
            return found
    return None


def minutes_ago(analysis: Analysis) -> int | None:
    """Of "10 min ago", "an hour ago": how many minutes; None where no such moment is named."""
    listed: Mapping[str, Any] = tables(analysis.language).get("days", {})
    said, units = [token.text for token in analysis.tokens], listed.get("short_units", {})
    for number, unit, ago in zip(said, said[1:], said[2:], strict=False):
        if ago in listed.get("ago", ()) and unit in units:
            count = listed.get("few", {}).get(number) or _number(number)
            return None if count is None else count * int(units[unit])
    return None


def _ago(words: Sequence[str], listed: Mapping[str, Any]) -> DaySpan | None:
    """ "2 weeks ago", "a couple of days ago", give or take a fifth."""
    near = [word for word in words if word not in ("of", "about", "like")]
    if len(near) < 3 or near[2] not in listed.get("ago", ()) or near[1] not in listed.get("past_units", {}):
        return None
    number = listed.get("few", {}).get(near[0]) or _number(near[0])
    days = (number or 0) * listed["past_units"][near[1]]
    around = 1 + days // 5
    return DaySpan(least=max(0, days - around), most=days + around) if days else None


def _past(words: Sequence[str], listed: Mapping[str, Any]) -> DaySpan | None:
    for said, (least, most) in listed.get("past", {}).items():
        if tuple(words[: len(said.split())]) == tuple(said.split()):
            return DaySpan(least=least, most=most)
    for said, years in listed.get("past_years", {}).items():
        if tuple(words[: len(said.split())]) == tuple(said.split()):
            return DaySpan(years=years)
    months: Mapping[str, int] = listed.get("months", {})
    if len(words) > 1 and words[0] in listed.get("of_month", ()) and words[1] in months:
        return DaySpan(month=months[words[1]])
    if len(words) > 1 and words[0] in months and words[1] in listed.get("of_that_month", ()):
        return DaySpan(month=months[words[0]])
    return None


def _is_of_ordering(before: Sequence[Token], listed: Mapping[str, Any]) -> bool:
    return any(token.text in listed.get("ordering", ()) for token in before)


def _date(tokens: Sequence[Token], listed: Mapping[str, Any]) -> NamedDay | None:
    """ "december 24", "24 dec", "the 24th of december"."""
    months: Mapping[str, int] = listed.get("months", {})
    words = [token.text for token in tokens if token.text not in ("of", "the")]
    for one, other in ((0, 1), (1, 0)):
        if len(words) > 1 and words[one] in months and (day := _number(words[other])) and day <= 31:
            return NamedDay(month=months[words[one]], day=day)
    return None


def _ahead(tokens: Sequence[Token], listed: Mapping[str, Any]) -> NamedDay | None:
    """ "in 3 days", "within a week"."""
    words = [token.text for token in tokens]
    if len(words) < 3 or words[0] not in listed.get("within", ()):
        return None
    units: Mapping[str, int] = listed.get("units", {})
    number = 1 if words[1] in ("a", "one") else _number(words[1])
    days = (number or 0) * units.get(words[2], 0)
    return NamedDay(ahead=days) if 0 < days <= MOST_AHEAD else None


def _phrase(tokens: Sequence[Token], language: str) -> NamedDay | None:
    words = tuple(token.text for token in tokens)
    return next((named for said, named in _phrases(language) if words[: len(said)] == said), None)


@cache
def _phrases(language: str) -> tuple[tuple[tuple[str, ...], NamedDay], ...]:
    """Weekdays, feasts and "tomorrow", the longest first."""
    listed: Mapping[str, Any] = tables(language).get("days", {})
    next_words = listed.get("following", ())
    named = [
        *(
            (f"{word} {said}", NamedDay(weekday=weekday, following=True))
            for word in next_words
            for said, weekday in listed.get("weekdays", {}).items()
        ),
        *((said, NamedDay(ahead=ahead)) for said, ahead in listed.get("ahead", {}).items()),
        *((said, NamedDay(weekday=day, every=True)) for said, day in listed.get("every", {}).items()),
        *((said, NamedDay(weekday=weekday)) for said, weekday in listed.get("weekdays", {}).items()),
        *((said, NamedDay(month=month, day=day)) for said, (month, day) in listed.get("feasts", {}).items()),
        *(
            (said, NamedDay(month=month, weekday=weekday, nth=nth))
            for said, (month, weekday, nth) in listed.get("moving_feasts", {}).items()
        ),
    ]
    return tuple(sorted(((tuple(said.split()), day) for said, day in named), key=lambda one: -len(one[0])))


def _number(word: str) -> int | None:
    digits = word.rstrip("stndrh")
    return int(digits) if digits and len(digits) <= 2 and all(letter in _DIGITS for letter in digits) else None
