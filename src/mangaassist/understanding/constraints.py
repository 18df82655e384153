"""Numbers with a comparator and a unit, and the words that bound without one: what a wish is limited to (T-5)."""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final, cast

from msgspec.structs import replace

from mangaassist.domain.wishes import ANY_RANGE, Ordering, Range, Reader
from mangaassist.understanding.plain import NAMED, PERSON, TAKEN, PlainText, alternatives
from mangaassist.understanding.utterance import Limits, Mention
from mangaassist.understanding.vocabulary import tables

MAX_COUNT: Final = 20
_ABOUT: Final = Decimal("0.25")
"""How far "around $20" reaches to either side."""
_N: Final = r"(\d+(?:[.,]\d+)*)"

Bound = Callable[[Decimal], Range]


class LimitWords:
    """A language's ``[limits]`` as expressions over a plain text."""

    def __init__(self, language: str) -> None:
        words: dict[str, Any] = tables(language).get("limits", {})

        def either(*names: str) -> str:
            return alternatives([phrase for name in names for phrase in words.get(name, ())], language)

        self.words = words
        # Written before the sum or after it; the other sums are bounded by nothing.
        sign, unit = either("money_before"), either("money_after")
        self.money = rf"(?:(?:{sign}) {_N}(?: (?:{unit})(?!\w))?|{_N} (?:{unit})(?!\w))"
        self.sum = rf"(?:(?:{sign}) )?{_N}(?: (?:{unit})(?!\w))?"
        self.bare = rf"{_N}(?! (?:{either('not_money')})(?!\w))(?!\w)(?! \d)"
        # Only whole words: "i have" is no end of another one.
        self.comparators: tuple[tuple[str, str, str], ...] = (
            ("most", either("most"), either("most_after")),
            ("below", either("below"), "(?!)"),
            ("least", either("least"), either("least_after")),
            ("above", either("above"), "(?!)"),
            ("about", either("about"), "(?!)"),
        )
        self.between, self.to = either("between"), either("to")
        self.budget, self.budget_after = either("budget"), either("budget_after")
        self.units = either("volumes")
        self.series_count = either("series_count")
        self.couple, self.few = either("couple"), either("few")
        self.years = either("years")


def _expression(body: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^ ])(?:{body})(?![^ ])")


class ConstraintReader:
    """Reads the limits of one language. Each number that it reads is taken out of the plain text."""

    def __init__(self, language: str) -> None:
        words = LimitWords(language)
        self._words = words.words
        self._ranges = (
            _expression(rf"(?:(?:{words.between}) )?{words.money} (?:(?:{words.to}) )?{words.sum}"),
            _expression(rf"(?:(?:{words.between}) )?{words.sum} (?:{words.to}) {words.money}"),
            _expression(rf"(?:{words.between}) {_N} (?:{words.to}) {words.bare}"),
        )
        self._prices = tuple(
            (how, _expression(rf"(?:{before}) (?:a |only |just |about )?{words.money}|{words.money} (?:{after})"))
            for how, before, after in words.comparators
        )
        self._budgets = (
            _expression(rf"(?:{words.budget}) (?:(?:is|of|about|around|max|only|like|under) )*(?:\$ )?{words.bare}"),
            _expression(rf"{words.money} (?:{words.budget_after})|(?:{words.budget}) (?:(?:only|about|around) )*{words.money}"),
        )
        self._bare_prices = tuple(
            (how, _expression(rf"(?:{before}) {words.bare}|{words.bare} (?:{after})"))
            for how, before, after in words.comparators
        )
        self._money = _expression(words.money)
        unit = rf"(?:(?:{words.units})(?!\w))"
        self._volume_range = _expression(rf"(?:(?:{words.between}) )?{_N} (?:{words.to}) {_N} {unit}")
        self._volumes = tuple(
            (
                how,
                _expression(
                    rf"(?:{before}) {_N} (?:\w+ )?{unit}|{_N} (?:\w+ )?{unit}(?: long)? (?:{after})|{_N} (?:{after}) {unit}"
                    rf"|{unit} (?:count )?(?:{before}) {_N}(?! \$)"
                ),
            )
            for how, before, after in words.comparators
        )
        self._year = tuple(
            (how, _expression(rf"(?:{alternatives(words.words.get('year', {}).get(name, ()), language)}) ((?:19|20)\d\d)"
                              if not name.startswith("or_") else
                              rf"((?:19|20)\d\d) (?:{alternatives(words.words.get('year', {}).get(name, ()), language)})"))
            for name, how in (("or_after", "least"), ("or_before", "most"), ("after", "above"), ("before", "below"), ("in", "is"))
        )
        self._eras = _phrase_table(words.words.get("eras", {}), language, before="(?:(?:the|early|late|mid|in|from) )*")
        self._orderings = _phrase_table(words.words.get("ordering", {}), language)
        self._comparatives = _phrase_table(words.words.get("comparative", {}), language)
        self._lengths = _phrase_table({name: words.words.get(name, ()) for name in ("one_shot", "short", "long")}, language)
        self._states = _phrase_table({name: words.words.get(name, ()) for name in ("ongoing", "finished")}, language)
        self._in_stock = _expression(alternatives(words.words.get("in_stock", ()), language))
        self._asked = re.compile(rf"(?<![^ ])(?:{alternatives(words.words.get('asked', ()), language)}) $")
        self._no_length = re.compile(rf"(?<![^ ])(?:{alternatives(words.words.get('not_length', ()), language)}) $")
        self._no_length_after = re.compile(rf" (?:{alternatives(words.words.get('not_length_after', ()), language)})(?!\w)")
        self._count = _expression(
            rf"(?:(\d{{1,2}})|({words.couple})|({words.few})) (?:(?!{words.units}|box|day|week|year|of|star|page|or|and|percent|%)\w+ ){{0,2}}?"
            rf"(?:{words.series_count})|(?:top|best) (\d{{1,2}})"
        )
        self._readers = _ReaderWords(words, language)

    def read(self, plain: PlainText, mentions: Sequence[Mention]) -> Limits:
        limits = Limits(reader=self._readers.read(plain, mentions))
        numbers = plain.has_numbers
        if numbers:
            limits = replace(limits, year=self._read_year(plain), volumes=self._read_volumes(plain), price=self._read_price(plain))
        if limits.year.is_open:
            limits = replace(limits, year=self._era(plain))
        limits = self._by_words(plain, limits)
        return replace(limits, count=self._read_count(plain))

    def read_rest(self, plain: PlainText, limits: Limits) -> Limits:
        """What is left when the volumes' own numbers are taken: a bare number with a comparator is a price, other money an amount."""
        if not plain.has_numbers:
            return limits
        if limits.price.is_open:
            limits = replace(limits, price=_first(self._bare_prices, plain, _price))
        if found := self._money.search(plain.text):
            limits = replace(limits, amount=_amount(_group(found)))
            plain.take(found)
        return limits

    def _read_price(self, plain: PlainText) -> Range:
        for expression in self._ranges:
            if found := expression.search(plain.text):
                low, high = sorted(_amount(group) for group in found.groups() if group)
                plain.take(found)
                return Range(low, high)
        for expression in self._budgets:
            if found := expression.search(plain.text):
                plain.take(found)
                return Range(None, _amount(_group(found)))
        price = ANY_RANGE
        for how, expression in self._prices:
            if found := expression.search(plain.text):
                price = _both(price, _price(how, _amount(_group(found))))
                plain.take(found)
        return price

    def _read_volumes(self, plain: PlainText) -> Range:
        if found := self._volume_range.search(plain.text):
            low, high = sorted(_amount(group) for group in found.groups() if group)
            plain.take(found)
            return Range(low, high)
        return _first(self._volumes, plain, _whole)

    def _read_year(self, plain: PlainText) -> Range:
        return _first(self._year, plain, _whole)

    def _era(self, plain: PlainText) -> Range:
        era = _taken(self._eras, plain)
        if era is None:
            return ANY_RANGE
        first, last = era.split("-")
        return Range(Decimal(first), Decimal(last) if last else None)

    def _by_words(self, plain: PlainText, limits: Limits) -> Limits:
        """Comparatives come before lengths, since "not as long" is none; what is asked of one book limits nothing."""
        comparative = _taken(self._comparatives, plain, self._is_no_length)
        ordering = _taken(self._orderings, plain, _is_of_a_volume)
        length = _taken(self._lengths, plain, self._is_no_length) if limits.volumes.is_open else None
        state = _taken(self._states, plain, self._is_asked)
        stock = next((found for found in self._in_stock.finditer(plain.text) if not self._is_asked(found, plain.text)), None)
        return replace(
            limits,
            comparative=cast(Any, comparative or ""),
            ordering=cast("Ordering | None", ordering),
            volumes=self._length(length) if length else limits.volumes,
            finished=None if state is None else state == "finished",
            in_stock=stock is not None,
        )

    def _length(self, name: str) -> Range:
        volumes = Decimal(self._words["lengths"][name])
        return Range(volumes, None) if name == "long" else Range(None, volumes)

    def _read_count(self, plain: PlainText) -> int | None:
        for found in self._count.finditer(plain.text):
            figures = found[1] or found[4]
            count = int(figures) if figures else 2 if found[2] else 3
            if 1 <= count <= MAX_COUNT:
                plain.take(found)
                return count
        return None

    def _is_asked(self, found: re.Match[str], text: str) -> bool:
        """ "is it finished", "naruto complete", "i finished berserk", "the complete set": no property that is wished for."""
        before, after = text[: found.start()], text[found.end() :]
        clause = before.rsplit(";", 1)[-1].lstrip()
        return (
            bool(self._asked.search(clause[-40:]))
            or before.endswith(f"{NAMED} ")
            or after.startswith((f" {NAMED}", f" {TAKEN}", " it", " reading", " set", " box", " collection", " edition", " with"))
            or bool(re.match(rf"(?:is|are|has|have|was|will|when|do) .*(?:{NAMED}|\b(?:it|they|this|that|those|these|volume)\b)", clause))
        )

    def _is_no_length(self, found: re.Match[str], text: str) -> bool:
        if text[found.end() :].startswith((f" {PERSON}", " than i")):
            return True
        if "long" not in found[0] and "short" not in found[0] and "quick" not in found[0]:
            return False
        return bool(self._no_length.search(text[: found.start()][-20:]) or self._no_length_after.match(text[found.end() :]))


class _ReaderWords:
    """For whom: an age, a person, or both."""

    def __init__(self, words: LimitWords, language: str) -> None:
        listed: dict[str, Any] = words.words.get("reader", {})
        is_ = alternatives(listed.get("is", ()), language)
        pronouns = alternatives(listed.get("pronouns", ()), language)
        below = dict((how, before) for how, before, _ in words.comparators)["below"]
        self._listed = listed
        self._children = frozenset(tables(language).get("children", {}).get("words", "").split())
        self._teens = frozenset(tables(language).get("children", {}).get("teens", "").split())
        age = rf"(\d{{1,2}})(?! ?(?:{words.years}) \d)(?! (?:{alternatives([w for w in words.words.get('not_money', ()) if w not in ('years', 'year', 'yo')], language)}))"
        self._self = _expression(rf"(?:{alternatives(listed.get('self', ()), language)}) (\d{{1,2}})(?: (?:{words.years}))?(?= ;| and| so| but|$)")
        self._ages = (
            _expression(rf"(\d{{1,2}}) (?:- \d\d? |to \d\d? )?(?:{words.years})"),
            _expression(rf"(?:(?:{pronouns})|{PERSON}(?: (?!likes|loves)[^ ;]+){{0,2}}) (?:{is_}) {age}"),
            _expression(rf"(?:aged|age|ages) {age}"),
            _expression(rf"{PERSON} {age}(?= ;|$| who| likes| loves| and| that)"),
        )
        self._under = _expression(rf"{PERSON} (?:{below}) (\d{{1,2}})")
        gift = alternatives(listed.get("gift", ()), language)
        tastes = alternatives(listed.get("tastes", ()), language)
        before = alternatives(listed.get("for", ()), language)
        self._person = _expression(rf"(?:{before})(?: [^ ;]+)?(?: [^ ;]+)? {PERSON}|{PERSON} (?:{tastes})|(?:{gift}) .*{PERSON}|^(?:[^ ]+ )?{PERSON}$")

    def read(self, plain: PlainText, mentions: Sequence[Mention]) -> Reader | None:
        age = self._age(plain) if plain.has_numbers else None
        person = next((mention for mention in mentions if mention.kind == "person"), None)
        if age is None and person is None:
            return self._oneself(plain)
        if age is None and not self._person.search(plain.text):
            return None
        if person is None:
            return Reader("", age, age is not None and age < self._listed["adult"], False)
        if age is None and person.value in self._teens:
            age = self._listed["teen"]
        child = age < self._listed["adult"] if age is not None else person.value in self._children
        return Reader(person.value, age, child, False)

    def _oneself(self, plain: PlainText) -> Reader | None:
        if plain.has_numbers and (found := self._self.search(plain.text)):
            plain.take(found)
            return Reader("", int(found[1]), int(found[1]) < self._listed["adult"], True)
        return None

    def _age(self, plain: PlainText) -> int | None:
        if self._self.search(plain.text):
            return None
        if found := self._under.search(plain.text):
            plain.take(found, 1)
            return max(1, int(found[1]) - 1)
        for expression in self._ages:
            if found := expression.search(plain.text):
                plain.take(found, 1)
                return int(found[1])
        return None


@cache
def constraints_of(language: str) -> ConstraintReader:
    return ConstraintReader(language)


_Table = tuple[re.Pattern[str], dict[str, str]]
_Excluded = Callable[[re.Match[str], str], bool]


def _phrase_table(table: dict[str, Sequence[str]], language: str, before: str = "") -> _Table:
    """One expression for all phrases of a table, and which row each belongs to."""
    rows = {phrase: name for name, phrases in table.items() for phrase in alternatives(phrases, language).split("|")}
    rows = {phrase.replace("\\", ""): name for phrase, name in rows.items() if phrase != "(?!)"}
    longest = "|".join(re.escape(phrase) for phrase in sorted(rows, key=len, reverse=True)) or "(?!)"
    return _expression(f"{before}({longest})"), rows


def _taken(table: _Table, plain: PlainText, excluded: _Excluded | None = None) -> str | None:
    """The row of the first phrase that is not excluded; it is taken out of the text."""
    expression, rows = table
    for found in expression.finditer(plain.text):
        if excluded is None or not excluded(found, plain.text):
            plain.take(found)
            return rows[found[1]]
    return None


def _is_of_a_volume(found: re.Match[str], text: str) -> bool:
    """ "the latest volume" is a volume, no order of the shelf."""
    return found[1] in ("latest", "newest", "most recent", "oldest") and bool(re.match(r" (?:volume|book|vol|one of|chapter|order)", text[found.end() :]))


def _first(table: Sequence[tuple[str, re.Pattern[str]]], plain: PlainText, bound: Callable[[str, Decimal], Range]) -> Range:
    """The bounds that the text gives, at most one of each kind."""
    result = ANY_RANGE
    for how, expression in table:
        if found := expression.search(plain.text):
            result = _both(result, bound(how, _amount(_group(found))))
            plain.take(found)
    return result


def _both(one: Range, other: Range) -> Range:
    return Range(one.least if other.least is None else other.least, one.most if other.most is None else other.most)


def _price(how: str, value: Decimal) -> Range:
    """A sum is never met to the cent, so "under" and "over" include it."""
    if how == "about":
        return Range(value * (1 - _ABOUT), value * (1 + _ABOUT))
    return Range(None, value) if how in ("most", "below") else Range(value, None)


def _whole(how: str, value: Decimal) -> Range:
    """Bounds of something that is counted: fewer than 12 are 11 at most."""
    match how:
        case "below":
            return Range(None, value - 1)
        case "above":
            return Range(value + 1, None)
        case "most":
            return Range(None, value)
        case "least":
            return Range(value, None)
        case "about":
            reach = max(Decimal(1), (value * _ABOUT).to_integral_value())
            return Range(value - reach, value + reach)
        case _:
            return Range(value, value)


def _group(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group)


def _groups(found: re.Match[str]) -> Iterator[str]:
    return (group for group in found.groups() if group)


def _amount(figures: str) -> Decimal:
    """A sum as written on either side of the Atlantic: ``1,000``, ``14.99`` and ``14,99``."""
    if re.fullmatch(r"\d+,\d{1,2}", figures):
        figures = figures.replace(",", ".")
    whole = figures.replace(",", "")
    return Decimal(whole) if whole.count(".") < 2 else Decimal(whole.replace(".", ""))
