"""Numbers with a comparator and a unit, and the words that bound without one: what a wish is limited to (T-5)."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final, cast

from msgspec.structs import replace

from mangaassist.domain.wishes import ANY_RANGE, Ordering, Range
from mangaassist.understanding.limit_words import NUMBER, LimitWords, expression, phrase_table, taken
from mangaassist.understanding.plain import NAMED, PERSON, TAKEN, PlainText, alternatives
from mangaassist.understanding.recipient import RecipientReader
from mangaassist.understanding.utterance import Limits, Mention

MAX_COUNT: Final = 20
MOST_COPIES: Final = 99
_YEAR: Final = r"(?:19|20)\d\d"
_VAGUELY: Final = r"(?:a|only|just|about|like|maybe|around|of) "
_YEARS: Final = (
    ("or_after", "least"),
    ("or_before", "most"),
    ("no_before", "least"),
    ("no_after", "most"),
    ("after", "above"),
    ("before", "below"),
    ("in", "is"),
)
_CENT: Final = Decimal("0.01")
ABOUT: Final = Decimal("0.25")
"""How far "around $20" reaches to either side."""


class ConstraintReader:
    """Reads the limits of one language. Each number that it reads is taken out of the plain text."""

    def __init__(self, language: str) -> None:
        words = LimitWords(language)
        self._words = words.words
        self._ranges = (
            expression(rf"(?:(?:{words.between}) )?{words.money} (?:(?:{words.to}) )?{words.sum}"),
            expression(rf"(?:(?:{words.between}) )?{words.sum} (?:{words.to}) {words.money}"),
            # "naruto from 5 to 10" are volumes
            expression(rf"(?<!{NAMED} )(?:{words.between}) {NUMBER} (?:{words.to}) {words.bare}"),
        )
        self._prices = tuple(
            (how, expression(rf"(?:{before}) (?:{_VAGUELY})?{words.money}|{words.money} (?:{after})"))
            for how, before, after in words.comparators
        )
        self._budgets = (
            expression(rf"(?:{words.budget}) (?:(?:is|of|about|around|max|only|like|under) )*(?:\$ )?{words.bare}"),
            expression(
                rf"{words.money} (?:{words.budget_after})|(?:{words.budget}) (?:(?:only|about|around) )*{words.money}"
            ),
        )
        self._bare_prices = tuple(
            # "waiting on 3+4" names two volumes
            (how, expression(rf"(?:{before}) (?:{_VAGUELY})?{words.bare}|{words.bare} (?:{after})(?! \d)"))
            for how, before, after in words.comparators
        )
        self._money = expression(words.money)
        unit = rf"(?:(?:{words.units})(?!\w))"
        # "one book under 300 pages", "a book under 20 dollars"
        else_counted = words.units_of("money_after", "pages")
        pages = rf"{NUMBER} (?:{alternatives(words.words.get('pages', ()), language)})"
        self._pages = expression(
            "|".join(
                rf"(?:{before}) (?:{_VAGUELY})?{pages}(?: long)?|{pages} (?:long )?(?:{after})"
                for _, before, after in words.comparators
            )
        )
        self._volume_range = expression(rf"(?:(?:{words.between}) )?{NUMBER} (?:{words.to}) {NUMBER} {unit}")
        self._volumes = tuple(
            (
                how,
                expression(
                    rf"(?:{before}) (?:{_VAGUELY})?{NUMBER} (?:\w+ )?{unit}|{NUMBER} (?:\w+ )?{unit}(?: long)? (?:{after})"
                    rf"|{NUMBER} (?:{after}) {unit}"
                    rf"|{unit} (?:count )?(?:{before}) {NUMBER}(?! (?:{else_counted})(?!\w))"
                ),
            )
            for how, before, after in words.comparators
        )
        lengthwise = words.words.get("lengthwise", ())
        self._lengthwise = tuple(
            (how, expression(rf"(?:{told}) (?:{_VAGUELY})?{words.bare}"))
            for how in ("most", "below", "least", "above")
            if (
                told := alternatives(
                    [
                        phrase
                        for phrase in words.words.get(how, ())
                        if any(word in phrase.split() for word in lengthwise)
                    ],
                    language,
                )
            )
        )
        leaving, left = (alternatives(words.words.get(name, ()), language) for name in ("leaving_out", "left_out"))
        self._left_out = re.compile(
            rf"(?<![^ ])(?:{leaving}) (?:(?:[^ ;]+ ){{1,4}}?(?:and|or) (?:{left}) )?(?:(?:{left}) )*$"
        )
        told_when = alternatives(words.words.get("told_when", ()), language)
        self._told_when = re.compile(rf"(?<![^ ])(?:{told_when}) (?:[^ ;]+ )*$")
        self._of_subject = re.compile(rf" (?:{alternatives(words.words.get('of_subject', ()), language)})(?!\w)")
        years = {name: alternatives(phrases, language) for name, phrases in words.words.get("year", {}).items()}
        self._year = tuple(
            (
                how,
                expression(
                    rf"({_YEAR}) (?:{years[name]})" if name.startswith("or_") else rf"(?:{years[name]}) ({_YEAR})"
                ),
            )
            for name, how in _YEARS
            if name in years
        )
        self._eras = phrase_table(words.words.get("eras", {}), language, before="(?:(?:the|early|late|mid|in|from) )*")
        self._orderings = phrase_table(words.words.get("ordering", {}), language)
        self._comparatives = phrase_table(words.words.get("comparative", {}), language)
        self._lengths = phrase_table(
            {name: words.words.get(name, ()) for name in ("one_shot", "short", "long")}, language
        )
        refusing, long = (alternatives(words.words.get(name, ()), language) for name in ("refusing", "long"))
        self._refused_long = expression(rf"(?:{refusing}) (?:[^ ;]+ ){{0,3}}?(?:{long})")
        self._states = phrase_table({name: words.words.get(name, ()) for name in ("ongoing", "finished")}, language)
        self._timely = frozenset(
            (
                "longer",
                "shorter",
                "too long",
                "too short",
                "not as long",
                "not so long",
                "way too long",
                "far too long",
                "much too long",
            )
        )
        self._either_way = re.compile(rf" (?:{alternatives(words.words.get('either_way', ()), language)})(?!\w)")
        whole, of, apart = (
            alternatives(words.words.get(name, ()), language) for name in ("whole", "whole_of", "not_whole")
        )
        in_full = alternatives(words.words.get("in_full", ()), language)
        self._in_full = expression(rf"{in_full}|(?:{whole}) (?:{TAKEN}+|(?:(?!(?:{apart}) )[^ ;]+ ){{0,2}}?(?:{of}))")
        self._in_stock = expression(alternatives(words.words.get("in_stock", ()), language))
        self._asked = re.compile(rf"(?<![^ ])(?:{alternatives(words.words.get('asked', ()), language)}) $")
        self._relative = re.compile(rf"(?<![^ ])(?:{alternatives(words.words.get('relative', ()), language)}) $")
        self._no_length = re.compile(rf"(?<![^ ])(?:{alternatives(words.words.get('not_length', ()), language)}) $")
        self._no_length_after = re.compile(
            rf" (?:{alternatives(words.words.get('not_length_after', ()), language)})(?!\w)"
        )
        self._people_after = re.compile(rf" (?:{alternatives(words.words.get('people_after', ()), language)})(?!\w)")
        self._count = expression(
            rf"(?:(\d{{1,2}})|({words.couple})|({words.few})) (?:(?!{words.units}|{words.units_of('not_counted')})\w+ ){{0,2}}?"
            rf"(?:{words.series_count})|(?:top|best) (\d{{1,2}})"
        )
        following = alternatives(words.words.get("next_few", ()), language)
        otherwise = words.units_of("not_counted", but=("for", "or", "and"))
        self._next_few = expression(
            rf"(?:{following}) (?:(\d{{1,2}})|({words.couple}|couple)|({words.few}))(?! (?:{otherwise})(?!\w))"
        )
        copies = alternatives(words.words.get("copies", ()), language)
        ordered = alternatives(words.words.get("copies_before", ()), language)
        self._copies = expression(rf"(\d{{1,2}}) (?:{copies})|^ *(?:\w+ ){{0,2}}?(?:{ordered}) (\d{{1,2}})(?= *$)")
        self._readers = RecipientReader(words, language)

    def read(self, plain: PlainText, mentions: Sequence[Mention]) -> Limits:
        limits = Limits(reader=self._readers.read(plain, mentions))
        numbers = plain.has_numbers
        if numbers:
            limits = replace(limits, copies=self._read_copies(plain), pages=self._read_pages(plain))
            limits = replace(
                limits, year=self._read_year(plain), volumes=self._read_volumes(plain), price=self._read_price(plain)
            )
        if limits.year.is_open:
            limits = replace(limits, year=self._era(plain, mentions))
        limits = replace(limits, next_few=self._read_next_few(plain))
        count = self._read_count(plain)  # before "short" is taken out of "5 short series"
        return replace(self._by_words(plain, limits), count=count)

    def read_rest(self, plain: PlainText, limits: Limits) -> Limits:
        """What is left when the volumes are taken: a bare number with a comparator is a price, other money an amount."""
        if not plain.has_numbers:
            return limits
        if limits.price.least is None or limits.price.most is None:  # "under 10 bucks but over 5"
            limits = replace(limits, price=_both(_first(self._bare_prices, plain, _price), limits.price))
        if not limits.price.is_open and self._in_full.search(plain.text):
            limits = replace(limits, in_full=True)
        if found := self._money.search(plain.text):
            limits = replace(limits, amount=_amount(_group(found)))
            plain.take(found)
        return limits

    def _read_copies(self, plain: PlainText) -> int | None:
        found = self._copies.search(plain.text)
        number = int(_group(found)) if found else 0
        if found is None or not 1 < number <= MOST_COPIES:
            return None
        plain.take(found)
        return number

    def _read_price(self, plain: PlainText) -> Range:
        for pattern in self._ranges:
            if found := pattern.search(plain.text):
                low, high = sorted(_amount(group) for group in found.groups() if group)
                plain.take(found)
                return Range(low, high)
        for pattern in self._budgets:
            if found := pattern.search(plain.text):
                plain.take(found)
                return Range(None, _amount(_group(found)))
        price = ANY_RANGE
        for how, pattern in self._prices:
            if found := pattern.search(plain.text):
                price = _both(price, _price(self._as_left_out(how, found, plain), _amount(_group(found))))
                plain.take(found)
        return price

    def _read_volumes(self, plain: PlainText) -> Range:
        if found := self._volume_range.search(plain.text):
            low, high = sorted(_amount(group) for group in found.groups() if group)
            plain.take(found)
            return Range(low, high)
        volumes = ANY_RANGE
        for how, pattern in (*self._volumes, *self._lengthwise):
            if found := pattern.search(plain.text):
                volumes = _both(volumes, _whole(self._as_left_out(how, found, plain), _amount(_group(found))))
                plain.take(found)
        return volumes

    def _as_left_out(self, how: str, found: re.Match[str], plain: PlainText) -> str:
        """What a bound says of what is kept, where it says which are left out."""
        return _OTHER_SIDE.get(how, how) if self._left_out.search(plain.text[: found.start()]) else how

    def _read_pages(self, plain: PlainText) -> str:
        found = self._pages.search(plain.text)
        if found is None:
            return ""
        plain.take(found)
        return found[0]

    def _read_year(self, plain: PlainText) -> Range:
        return _first(self._year, plain, _whole)

    def _era(self, plain: PlainText, mentions: Sequence[Mention]) -> Range:
        """Where the store has a shelf of "classics", the word is no time."""
        shelves = {mention.said for mention in mentions if mention.kind in ("genre", "theme")}
        for told in self._eras[0].finditer(plain.text):
            if self._is_told_when(told, plain.text):
                plain.take(told)
        era = taken(self._eras, plain, lambda found, _: found[1] in shelves)
        if era is None:
            return ANY_RANGE
        first, last = era.split("-")
        return Range(Decimal(first) if first else None, Decimal(last) if last else None)

    def _is_told_when(self, found: re.Match[str], text: str) -> bool:
        """ "He read akira in the eighties" tells when that was."""
        clause = text[: found.start()].rsplit(";", 1)[-1]
        return found[0].startswith(("in ", "back ")) and self._told_when.search(clause) is not None

    def _is_no_order(self, found: re.Match[str], text: str) -> bool:
        """ "The latest volume" is a volume; who "reads everything about cats" asks for no hidden gem."""
        of_subject = found[1].endswith("everything") and self._of_subject.match(text[found.end() :])
        return bool(of_subject) or _is_of_a_volume(found, text)

    def _by_words(self, plain: PlainText, limits: Limits) -> Limits:
        """Comparatives come before lengths, since "not as long" is none; what is asked of one book limits nothing."""
        comparative = taken(self._comparatives, plain, self._is_no_length)
        ordering = taken(self._orderings, plain, self._is_no_order)
        length = self._read_length(plain) if limits.volumes.is_open else None
        state = taken(self._states, plain, self._is_asked)
        stock = next(
            (found for found in self._in_stock.finditer(plain.text) if not self._is_asked(found, plain.text)), None
        )
        if stock is not None:
            plain.take(stock)
        return replace(
            limits,
            comparative=cast(Any, comparative or ""),
            ordering=cast("Ordering | None", ordering),
            volumes=self._length(length) if length else limits.volumes,
            finished=None if state is None else state == "finished",
            in_stock=stock is not None,
        )

    def _read_length(self, plain: PlainText) -> str | None:
        """ "A short one shot" is a one shot: the one of them that says most counts, and all are taken."""
        heard: set[str] = set()
        refused = self._refused_long.search(plain.text)
        while (name := taken(self._lengths, plain, self._is_asked_length)) is not None:
            heard.add("short" if name == "long" and refused else name)
        return next((name for name in ("one_shot", "short", "long") if name in heard), None)

    def _length(self, name: str) -> Range:
        volumes = Decimal(self._words["lengths"][name])
        return Range(volumes, None) if name == "long" else Range(None, volumes)

    def _read_count(self, plain: PlainText) -> int | None:
        for found in self._count.finditer(plain.text):
            figures = found[1] or found[4]
            count = int(figures) if figures else 2 if found[2] else 3
            if 1 <= count <= MAX_COUNT:
                plain.take(found, next(place for place in range(1, 5) if found[place]))
                return count
        return None

    def _read_next_few(self, plain: PlainText) -> int | None:
        found = self._next_few.search(plain.text)
        if found is None:
            return None
        few = int(found[1]) if found[1] else 2 if found[2] else 3
        plain.take(found, next(place for place in range(1, 4) if found[place]))
        return few if 1 < few <= MAX_COUNT else None

    def _is_asked(self, found: re.Match[str], text: str) -> bool:
        """ "is it finished", "naruto complete", "i finished berserk", "the complete set": no property that is wished for."""
        before, after = text[: found.start()], text[found.end() :]
        if self._either_way.match(after):
            return True
        clause = before.rsplit(";", 1)[-1].lstrip()
        return (
            bool(self._asked.search(clause[-40:]) and not self._relative.search(clause[-20:]))
            or before.endswith((f"{NAMED} ", f"{PERSON} "))
            or (after.startswith(f" {TAKEN}") and not self._relative.search(clause[-20:]))
            or after.startswith(
                (
                    f" {NAMED}",
                    " it",
                    " all of",
                    " reading",
                    " set",
                    " box",
                    " collection",
                    " edition",
                    " with",
                )
            )
            or bool(
                re.match(
                    rf"(?:is|are|has|have|was|will|when|do) .*(?:{NAMED}|\b(?:it|they|this|that|those|these|volume)\b)",
                    clause,
                )
            )
        )

    def _is_no_length(self, found: re.Match[str], text: str) -> bool:
        """ "my older brother", "older characters"; "not too dark" is no comparison but a label that is turned down."""
        denied = found[1].startswith("too ") and text[: found.start()].endswith(("not ", "nothing "))
        after = text[found.end() :]
        if denied or after.startswith((f" {PERSON}", " than i")) or self._people_after.match(after):
            return True
        return found[1] in self._timely and self._is_asked_length(found, text)

    def _is_asked_length(self, found: re.Match[str], text: str) -> bool:
        """ "how long", "how many volumes", "it takes too long"."""
        return bool(
            self._no_length.search(text[: found.start()][-20:]) or self._no_length_after.match(text[found.end() :])
        )


_OTHER_SIDE: Final = {"above": "most", "least": "below", "below": "least", "most": "above"}


@cache
def constraints_of(language: str) -> ConstraintReader:
    return ConstraintReader(language)


def _is_of_a_volume(found: re.Match[str], text: str) -> bool:
    """ "the latest volume" is a volume, no order of the shelf."""
    return found[1] in ("latest", "newest", "most recent", "oldest") and bool(
        re.match(r" (?:volume|book|vol|one of|chapter|order)", text[found.end() :])
    )


def _first(
    table: Sequence[tuple[str, re.Pattern[str]]], plain: PlainText, bound: Callable[[str, Decimal], Range]
) -> Range:
    """The bounds that the text gives, at most one of each kind."""
    result = ANY_RANGE
    for how, pattern in table:
        if found := pattern.search(plain.text):
            result = _both(result, bound(how, _amount(_group(found))))
            plain.take(found)
    return result


def _both(one: Range, other: Range) -> Range:
    return Range(one.least if other.least is None else other.least, one.most if other.most is None else other.most)


def _price(how: str, value: Decimal) -> Range:
    """Both bounds include what they name, but "under $8" is not $8."""
    if how == "about":
        return Range(value * (1 - ABOUT), value * (1 + ABOUT))
    if how == "below":
        return Range(None, value - _CENT)
    return Range(None, value) if how == "most" else Range(value, None)


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
            reach = max(Decimal(1), (value * ABOUT).to_integral_value())
            return Range(value - reach, value + reach)
        case _:
            return Range(value, value)


def _group(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group)


def _amount(figures: str) -> Decimal:
    """A sum as written on either side of the Atlantic: ``1,000``, ``14.99`` and ``14,99``."""
    if re.fullmatch(r"\d+,\d{1,2}", figures):
        figures = figures.replace(",", ".")
    whole = figures.replace(",", "")
    return Decimal(whole) if whole.count(".") < 2 else Decimal(whole.replace(".", ""))
