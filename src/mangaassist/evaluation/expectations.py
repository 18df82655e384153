"""What a turn of a dialogue is expected to bring, and what an answer misses of it (E-1): one check a key, in a table."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from msgspec import Struct

Entry = str | tuple[str, ...]
"""A piece that must be there, or several of which one must be."""

SHORT: Final = 3
"""Letters of a word that counts as a whole word only: "no" is not in "know"."""
ANY: Final = "*"
"""In ``cards``: some card, whichever; in ``no_cards``: not a single one."""


class Expectation(Struct, frozen=True, kw_only=True):
    """Everything is optional. Texts are compared without regard to case, typography and markup; digits never match in part
    (``$9.9`` is not in ``$9.99``, nor ``12`` in ``112``), nor do words of up to three letters.

    ``act`` is one of those that were understood; ``order`` is a number that the text must name; ``button`` a type of W-4.
    ``cards`` and ``no_cards`` are titles of series or products, or a part of a product's title. ``admits_unknown`` says
    whether the answer must say that it does not know, or must not.
    """

    intent: str | None = None
    act: Entry | None = None
    says: tuple[Entry, ...] = ()
    never_says: tuple[Entry, ...] = ()
    cards: tuple[Entry, ...] = ()
    no_cards: tuple[Entry, ...] = ()
    order: Entry | None = None
    admits_unknown: bool | None = None
    button: Entry | None = None


class Card(Struct, frozen=True):
    title: str
    series: str = ""


class Heard(Struct, frozen=True, kw_only=True):
    """An answer as the shopper got it, and what it says of itself."""

    text: str
    intent: str
    acts: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    buttons: tuple[str, ...] = ()
    model: str = ""
    """Who wrote it."""


def missed(expected: Expectation, heard: Heard, titles: frozenset[str] = frozenset()) -> list[str]:
    """What the answer lacks or should not have, a line each; nothing when it is right.

    ``titles`` are the folded names of everything that is sold: such a name is no part of another one ("Nana" in "Banana Fish").
    """
    lines: list[str] = []
    for name, check in _CHECKS.items():
        lines += [f"{name}: {what}" for what in check(expected, heard, titles)]
    return lines


def folded(text: str) -> str:
    """Lower case, plain quotes and dashes, no markup, single spaces."""
    return " ".join(text.casefold().translate(_PLAIN).split())


_PLAIN: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "*": "", "\u00a0": " "})

_UNKNOWN: Final = re.compile(
    r"\b(?:i|we) (?:really |just |simply |honestly )?(?:don't|do not|can't|cannot|couldn't) "
    r"(?:really |quite )?(?:know|say|tell|see from here|find out)\b(?! which)"
    r"|\b(?:i|we) can't see\b"
    r"|\bi don't have (?:your|that|this|the|any|a) (?:\w+ )?"
    r"(?:address|details?|information|dates?|numbers?|records?|e-?mails?|reasons?|facts?)\b"
    r"|\b(?:don't|doesn't|do not|does not) (?:say|tell us|tell me|record)\b"
    r"|\bnot (?:something|anything) (?:that )?i (?:know|can (?:see|tell))\b"
    r"|\b(?:i have|there is|we have|i've|we've) no (?:information|detail|word|date|way to (?:know|tell)|record|idea)\b"
    r"|\b(?:isn't|aren't|is not|are not) known to (?:me|us)\b|\bnobody here knows\b"
    r"|\b(?:isn't|is not|aren't|not) (?:on record|in (?:our|my) (?:records|data))\b"
)
"""How an assistant says that it does not know."""


def _intent(expected: Expectation, heard: Heard, _: frozenset[str]) -> Iterator[str]:
    if expected.intent is not None and expected.intent != heard.intent:
        yield f"{heard.intent} instead of {expected.intent}"


def _act(expected: Expectation, heard: Heard, _: frozenset[str]) -> Iterator[str]:
    if expected.act is not None and not set(_alternatives(expected.act)) & set(heard.acts):
        yield f"{', '.join(heard.acts) or 'none'} instead of {_worded(expected.act)}"


def _says(expected: Expectation, heard: Heard, _: frozenset[str]) -> Iterator[str]:
    text = folded(heard.text)
    for entry in expected.says:
        if not any(_holds(text, one) for one in _alternatives(entry)):
            yield f"not said: {_worded(entry)}"


def _never_says(expected: Expectation, heard: Heard, _: frozenset[str]) -> Iterator[str]:
    text = folded(heard.text)
    for entry in expected.never_says:
        for one in _alternatives(entry):
            if _holds(text, one):
                yield f"said: {one}"


def _cards(expected: Expectation, heard: Heard, titles: frozenset[str]) -> Iterator[str]:
    for entry in expected.cards:
        wanted = frozenset(map(folded, _alternatives(entry)))
        if not (heard.cards if ANY in wanted else any(_is_one(card, wanted, titles) for card in heard.cards)):
            yield f"not shown: {_worded(entry)}"


def _no_cards(expected: Expectation, heard: Heard, titles: frozenset[str]) -> Iterator[str]:
    unwanted = frozenset(folded(one) for entry in expected.no_cards for one in _alternatives(entry))
    for card in heard.cards:
        if ANY in unwanted or _is_one(card, unwanted, titles):
            yield f"shown: {card.title}"


def _order(expected: Expectation, heard: Heard, _: frozenset[str]) -> Iterator[str]:
    if expected.order is not None and not any(_holds(heard.text, one) for one in _alternatives(expected.order)):
        yield f"not named: {_worded(expected.order)}"


def _admits_unknown(expected: Expectation, heard: Heard, _: frozenset[str]) -> Iterator[str]:
    if expected.admits_unknown is not None and expected.admits_unknown != admits_unknown(heard.text):
        yield "not said that it does not know" if expected.admits_unknown else "said that it does not know"


def _button(expected: Expectation, heard: Heard, _: frozenset[str]) -> Iterator[str]:
    if expected.button is not None and not set(_alternatives(expected.button)) & set(heard.buttons):
        yield f"{', '.join(heard.buttons) or 'none'} instead of {_worded(expected.button)}"


_Check = Callable[[Expectation, Heard, frozenset[str]], Iterator[str]]
_CHECKS: Final[Mapping[str, _Check]] = {
    "intent": _intent,
    "act": _act,
    "says": _says,
    "never_says": _never_says,
    "cards": _cards,
    "no_cards": _no_cards,
    "order": _order,
    "admits_unknown": _admits_unknown,
    "button": _button,
}


def admits_unknown(text: str) -> bool:
    return _UNKNOWN.search(folded(text)) is not None


def _is_one(card: Card, wanted: frozenset[str], titles: frozenset[str]) -> bool:
    title = folded(card.title)
    if title in wanted or folded(card.series) in wanted:
        return True
    return any(_holds(title, part) for part in wanted - titles)


def _holds(text: str, part: str) -> bool:
    """Whether the part is in the text: short words whole, digits not as the beginning or the end of longer numbers."""
    part = folded(part)
    before = r"(?<!\d)(?<!\d[.,])" if part[:1].isdigit() else ""
    after = r"(?!\d|[.,]\d)" if part[-1:].isdigit() else ""
    if len(part) <= SHORT and part.isalpha() and part.isascii():
        before, after = "(?<![a-z])", "(?![a-z])"
    return re.search(f"{before}{re.escape(part)}{after}", text) is not None


def _alternatives(entry: Entry) -> tuple[str, ...]:
    return (entry,) if isinstance(entry, str) else entry


def _worded(entry: Entry) -> str:
    alternatives = _alternatives(entry)
    return " | ".join(alternatives[:4]) + (f" | {len(alternatives) - 4} more" if len(alternatives) > 4 else "")
