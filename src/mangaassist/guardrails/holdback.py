"""What may not leave yet (G-2): text that the next word could still turn into a price, a secret or a competitor's name.

Two questions decide it, both answered from the text alone and never from where the pieces of it were cut:
``awaits``: may what ends here go on? ``goes_on``, asked of the rules that await more: is the next word its continuation? An
answer of None means that the part of the next word that has arrived cannot tell; it never turns a later True into an earlier
False, so that text leaves as soon as the answer is sure and the answer is the same however the text arrives.
"""

import re
from typing import Final, Protocol

from mangaassist.guardrails.competitors import CompetitorNames
from mangaassist.guardrails.folding import straightened
from mangaassist.guardrails.money import COINS_OF_ONE, COUNTED_WORDS, CURRENCY_WORDS, LARGE_WORDS, NUMBER_WORDS

BRACE_BOUND: Final = 64
"""Characters after which an opened placeholder that was never closed is taken for torn."""


class HoldRule(Protocol):
    """One reason to hold text back. ``goes_on`` is asked for held text that the rule awaits more of."""

    def awaits(self, held: str) -> bool: ...

    def goes_on(self, held: str, following: str, complete: bool) -> bool | None: ...


class WordRule:
    """Held text that ends in ``tail`` goes on when the next word begins with ``starts`` or is one of ``words``."""

    def __init__(self, tail: str, starts: str, words: frozenset[str] = frozenset()) -> None:
        self._tail = re.compile(tail, re.IGNORECASE)
        self._starts = re.compile(starts)
        self._words = words

    def awaits(self, held: str) -> bool:
        return self._tail.search(held) is not None

    def goes_on(self, held: str, following: str, complete: bool) -> bool | None:
        if self._starts.match(following):
            return True if complete else None
        word = _WORD.match(following)
        spelt = word[0].lower() if word else ""
        if complete:
            return spelt in self._words
        # A part of a word may still become any word that it begins.
        ended = word is not None and word.end() < len(following)
        possible = spelt in self._words if ended else any(known.startswith(spelt) for known in self._words)
        return None if possible and (spelt or not following) else False


class BraceRule:
    """An opened placeholder swallows what comes, up to its end or its bound."""

    def awaits(self, held: str) -> bool:
        opened = held.find("{")
        if opened < 0 or len(held) - opened >= BRACE_BOUND:
            return False
        return held.count("{") > held.count("}")

    def goes_on(self, held: str, following: str, complete: bool) -> bool | None:
        return True if complete else None


class NameRule:
    def __init__(self, names: CompetitorNames) -> None:
        self._names = names

    def awaits(self, held: str) -> bool:
        return self._names.awaits(held)

    def goes_on(self, held: str, following: str, complete: bool) -> bool | None:
        return self._names.goes_on(held, following, complete)


class Holdback:
    """All rules together: text waits while any of them would have it wait. Lives as long as the process."""

    def __init__(self, names: CompetitorNames) -> None:
        self._rules: tuple[HoldRule, ...] = (BraceRule(), *WORD_RULES, NameRule(names))

    def awaiting(self, held: str) -> tuple[HoldRule, ...]:
        """The rules that would have the text wait for its next word."""
        straight = straightened(held)
        return tuple(rule for rule in self._rules if rule.awaits(straight))

    def is_open(self, waiting: tuple[HoldRule, ...]) -> bool:
        """A placeholder was begun and not ended: not even a new line ends it."""
        return self._rules[0] in waiting

    @staticmethod
    def goes_on(waiting: tuple[HoldRule, ...], held: str, following: str, complete: bool) -> bool | None:
        verdict: bool | None = False
        next_word = straightened(following)
        for rule in waiting:
            answer = rule.goes_on(held, next_word, complete)
            if answer:
                return True
            verdict = verdict if answer is False else None
        return verdict


_WORD: Final = re.compile(r"[*_(\"']{0,2}([A-Za-z]+|円)")
_UNITS: Final = CURRENCY_WORDS | {word for word in COUNTED_WORDS if word.isalpha()} | {"ext", "x", "円"}
_CAPITALISED: Final = r"[^\W\d_a-z]"

_FIGURE_RULE: Final = WordRule(r"\d[)\]*_~`-]{0,4}$|(?:^|\s)[(+-]+$", r"[\d(+./$£€¥%-]", _UNITS)
_SIGN_RULE: Final = WordRule(r"(?:[$£€¥₩₹₽₱฿₫₺]|\b(?:USD|CAD|GBP|EUR|AUD|JPY))[*_~`:]{0,4}$", r"[\d.,*_~`{]")
_NAKED_RULE: Final = WordRule(r"\bprice\s*[:=]$", r"[bB]")
_NUMBERS: Final = frozenset({*NUMBER_WORDS, *LARGE_WORDS})
_AFTER_NUMBERS: Final = frozenset(
    {"and", "point", "to", *(word for word in CURRENCY_WORDS if not word.startswith("pound"))}
)
_NUMBER_RULE: Final = WordRule(
    rf"(?:^|[\s(*_-])(?:{'|'.join((*NUMBER_WORDS, *LARGE_WORDS))})-?$", r"(?!)", _NUMBERS | _AFTER_NUMBERS
)
_NUMBER_AND_RULE: Final = WordRule(
    r"\b(?:hundred|thousand|dollars?|bucks?|euros?)\s+and$", r"\d", frozenset({*NUMBER_WORDS, *LARGE_WORDS})
)
# "A tenner" and "a dollar fifty" begin with a word that is in every sentence.
_ONE_RULE: Final = WordRule(r"(?:^|[\s(*_-])a$", r"(?!)", COINS_OF_ONE)
# "Seven dollars" may go on with its cents, and "for seven" with "seventy-seven".
_CENTS_RULE: Final = WordRule(
    rf"(?:\d|\b(?:a|{'|'.join((*NUMBER_WORDS, *LARGE_WORDS))}))[\s-]+(?:dollars?|bucks?|euros?|quid)$",
    r"(?!)",
    frozenset({"and", *(word for word, value in NUMBER_WORDS.items() if value >= 10)}),
)
# A house number and up to four words with capitals may end in "Street".
_STREET_RULE: Final = WordRule(
    rf"(?:^|\s|\()\d{{1,6}}[a-z]?(?:\s+(?-i:{_CAPITALISED}[\w'.-]*|\d{{1,3}}(?:st|nd|rd|th)|of|the)){{0,4}}$",
    rf"{_CAPITALISED}|\d{{1,3}}(?:st|nd|rd|th|$)",
)
_UNIT_RULE: Final = WordRule(r"\b(?:apt|apartment|suite|ste|unit|flat|p\.?o\.?|box|po box)\.?$", r"[#\d]|Box|B$|Bo$")

WORD_RULES: Final = (
    _FIGURE_RULE,
    _SIGN_RULE,
    _NAKED_RULE,
    _NUMBER_RULE,
    _NUMBER_AND_RULE,
    _ONE_RULE,
    _CENTS_RULE,
    _STREET_RULE,
    _UNIT_RULE,
)
