"""How well readers are said to like a book, and how many of them said so (G-4)."""

import re
from typing import Final

from mangaassist.guardrails.claims.said import Said, Wrong, instead, number, only, whole

_NEARLY: Final = 0.8
"""The share of the true count from which "over 1,000 reviews" may be said of it."""
_ABOUT: Final = re.compile(r"\b(?:over|more than|about|around|nearly|almost|some|roughly|at least)\s+$", re.IGNORECASE)
_ROUNDED: Final = 0.051


def stars(said: Said, found: re.Match[str]) -> Wrong | None:
    """The mean of the ratings, as exact as it is told."""
    told = _value(found["it"])
    books = said.about(found.start("it"))
    means = [known.rating.mean for known in books if known.rating]
    if told is None or any(_is(told, found["it"], mean) for mean in means) or said.known.say(found[0]):
        return None
    return instead(found, only(f"{mean:.1f}" for mean in means))


def readers(said: Said, found: re.Match[str]) -> Wrong | None:
    told = number(found["it"].rstrip("+"))
    counts = [known.rating.count for known in said.about(found.start("it")) if known.rating]
    about = found["it"].endswith("+") or _ABOUT.search(said.text[: found.start("it")]) is not None
    if told is None or any(told == count or (about and _NEARLY * count <= told <= count) for count in counts):
        return None
    return None if said.known.say(found[0]) else instead(found, only(f"{count:,}" for count in counts))


def another_scale(said: Said, found: re.Match[str]) -> Wrong | None:
    """The store counts stars out of five: marks out of ten and shares of readers are nobody's."""
    return None if said.known.say(found[0]) else whole()


def _value(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        counted = number(text)
        return None if counted is None else float(counted)


def _is(told: float, spelt: str, mean: float) -> bool:
    decimals = len(re.sub(r"^\d+[.,]?", "", spelt)) if spelt[:1].isdigit() else 0
    return abs(told - mean) < _ROUNDED if decimals else told == mean
