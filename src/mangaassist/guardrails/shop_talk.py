"""Whether the words around a name speak of a shop: "at Target" and "target audience", "the Viz store" and "published by Viz"."""

import re
from collections.abc import Iterable
from typing import Final

from mangaassist.guardrails.folding import straightened
from mangaassist.guardrails.shops import Spelling, Talk

LOOKED_BACK: Final = 48
"""Characters before a name that are read: as many as the inline filter keeps of what has left."""

NOUNS: Final = ("store", "stores", "shop", "shops", "website", "site", "webstore", "marketplace", "bookstore")
"""Words that go with a shop's name and are taken out with it."""
DESCRIBED: Final = ("own", "online", "official", "digital", "web")
"""Words between a name and these."""

_NOUN: Final = re.compile(
    rf"(?:['’]s?)?(?:\s(?:{'|'.join(DESCRIBED)})){{0,4}}\s{{1,8}}(?:{'|'.join(NOUNS)})\b(?!-)", re.IGNORECASE
)
_SENTENCE_END: Final = re.compile(r"[.!?;:\n](?=\s)|\n")
_ARTICLE: Final = r"(?:(?:the|my|our|your|a|their|any)\s)?[\"'(*_]{0,3}$"


class ShopTalk:
    """Compiled once; lives as long as the process."""

    def __init__(self, talk: Talk) -> None:
        self._before = _ending_in(talk.before)
        self._before_capital = _ending_in(talk.before_capital)
        self._after = _begun_by(talk.after)
        self._after_capital = _begun_by(talk.after_capital)
        self._after_brand = _begun_by(talk.after_brand)
        self._buying = re.compile(
            rf"\b(?:{_any(talk.buying)})\b[^.!?]{{0,40}}\b(?:on|at|from|via|through|than)\W{{1,3}}{_ARTICLE}"
        )
        self._showing = re.compile(rf"\b(?:{_any(talk.showing)})\b")
        self.following = frozenset((*talk.after, *talk.after_capital, *talk.after_brand, *NOUNS, *DESCRIBED))

    def means_shop(self, text: str, first: int, last: int, name: Spelling, joined: bool) -> bool:
        """Whether ``text[first:last]``, which is spelt as the name, is the shop. ``joined``: it stands beside one that is."""
        before = _before(text, first)
        following = straightened(text[last : last + 40])
        owns = name.sense != "site" and (_NOUN.match(following) or self._after_capital.match(following))
        if name.not_after and not owns and _ends_in(before, name.not_after):
            return False
        if name.sense == "sure":
            return True
        if name.sense == "site":
            return bool(self._after_brand.match(following))
        if name.sense == "brand":
            return self._is_bought_at(before, following)
        written = text[first:last]
        capital = _is_capital(written)
        if (name.sense == "cased" and capital) or (len(name.words) > 1 and written.isalnum()):
            return True
        return self._is_place(before, following, capital, joined)

    def _is_place(self, before: str, following: str, capital: bool, joined: bool) -> bool:
        if self._before.search(before) or self._after.match(following) or joined:
            return True
        if not capital:
            return False
        return bool(self._before_capital.search(before) or self._after_capital.match(following))

    def _is_bought_at(self, before: str, following: str) -> bool:
        if self._after_brand.match(following):
            return True
        return bool(self._buying.search(before)) and not self._showing.search(before)

    @staticmethod
    def end_of_noun(text: str, last: int) -> int:
        """Where "'s online store" after a name ends; ``last`` where nothing such follows."""
        found = _NOUN.match(text, last, last + 48)
        return found.end() if found else last


def _before(text: str, first: int) -> str:
    """The part of the sentence that stands before the name, in small letters."""
    window = straightened(text[max(0, first - LOOKED_BACK) : first]).lower()
    ends = [found.end() for found in _SENTENCE_END.finditer(window)]
    return window[ends[-1] :] if ends else window


def _ends_in(before: str, phrases: Iterable[str]) -> bool:
    words = " ".join(re.findall(r"[\w'-]+", before))
    return any(words == phrase or words.endswith(" " + phrase) for phrase in phrases)


def _is_capital(name: str) -> bool:
    words = re.findall(r"[^\W_]+", name)
    return "&" in name or all(word[0].isupper() or word[0].isdigit() for word in words)


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _ending_in(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[^\w-])(?:{_any(words)})\W{{1,3}}{_ARTICLE}")


def _begun_by(words: tuple[str, ...]) -> re.Pattern[str]:
    described = "|".join(DESCRIBED)
    return re.compile(rf"(?:'s?)?(?:\s(?:{described}))*\s+(?:{_any(words)})\b(?!-)", re.IGNORECASE)
