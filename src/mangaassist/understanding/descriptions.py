"""A book that is described instead of named: "the robot one", "the one with the monsters they eat" (T-4).

Which book that is, only descriptions of books tell; whoever has found it reads the message as if it had been named.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from msgspec import Struct

from mangaassist.understanding.analysis import stem
from mangaassist.understanding.utterance import PointerKind, Utterance
from mangaassist.understanding.vocabulary import tables

MOST_BEFORE: Final = 5
MOST_BEHIND: Final = 8
"""Words before "one", and behind it, that may describe it."""
_VAGUE: Final[frozenset[PointerKind]] = frozenset({"it", "they"})
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class Description(Struct, frozen=True):
    """It begins at ``start`` of the message's text, and may reach to any of ``ends``; the words of each say what it is."""

    start: int
    ends: tuple[int, ...]
    words: tuple[str, ...]
    """What describes it, as far as each end: "robot"; "monsters", "monsters they", "monsters they eat"."""


def descriptions(utterance: Utterance) -> tuple[Description, ...]:
    """In the order of the text. A place ("the last one"), a name, a format or a mere "that one" is none."""
    pattern = _pattern(utterance.language)
    if pattern is None:
        return ()
    telling, language = _telling(utterance), utterance.language
    stems = frozenset(utterance.stems)

    def tells(said: str, *, behind: bool) -> bool:
        words = list(_words(said))
        return bool(telling.intersection(words)) or (behind and any(stem(one, language) in stems for one in words))

    found = (_read(hit, tells) for hit in pattern.finditer(utterance.text))
    return tuple(one for one in found if one is not None and not _is_pointed(utterance, one))


def with_names(text: str, named: tuple[tuple[int, int, str], ...]) -> str:
    """The text with titles, in quotes, in the places of descriptions: ``named`` are starts, ends and titles, in their order."""
    for start, end, title in reversed(named):
        text = f'{text[:start]}"{title}"{text[end:]}'
    return text


def _read(hit: re.Match[str], tells: Callable[..., bool]) -> Description | None:
    """``tells``: whether some of it may tell what a book is about."""
    before, behind = " ".join(hit["before"].split()), hit["behind"] or ""
    reaches = [(hit.end("head"), before)] if tells(before, behind=False) else []
    for word in list(_WORD.finditer(behind))[1 : MOST_BEHIND + 1]:
        said = f"{before} {behind[: word.end()].strip()}".strip()
        if tells(behind[: word.end()], behind=True):
            reaches.append((hit.start("behind") + word.end(), said))
    if not reaches:
        return None
    ends, words = zip(*reaches, strict=True)
    return Description(hit.start(), ends, words)


def _telling(utterance: Utterance) -> frozenset[str]:
    """Words that tell what a book is about: tastes, and what nothing else covers."""
    tastes = (mention.said for mention in utterance.mentions if mention.kind in ("genre", "theme", "mood", "medium"))
    return frozenset(word for said in (*tastes, *utterance.words) for word in _words(said))


def _words(text: str) -> Iterator[str]:
    return (word[0].lower() for word in _WORD.finditer(text))


def _is_pointed(utterance: Utterance, description: Description) -> bool:
    """Whether a place, a measure or a name is said in it: these are found in other ways."""
    said = utterance.text[description.start : description.ends[0]].lower()
    pointers = (one for one in utterance.pointers if one.kind not in _VAGUE)
    names = (one.said for one in utterance.mentions if one.kind in ("series", "author", "order", "code", "goods"))
    return any(one.lower() in said for one in (*(utterance.folded[p.start : p.end] for p in pointers), *names))


@cache
def _pattern(language: str) -> re.Pattern[str] | None:
    words = {name: "|".join(map(re.escape, listed.split())) for name, listed in _lists(language).items()}
    if not words:
        return None
    between = rf"(?:(?!(?:{words['ends']}|{words['articles']}|{words['pointing']})\b)[^\W_][\w'’-]*+\s++)"
    return re.compile(
        rf"\b(?:(?:{words['articles']})|(?P<that>{words['pointing']}))\s++"
        rf"(?P<before>{between}{{0,{MOST_BEFORE}}}?)"
        rf"(?P<head>(?(that)(?:{words['ones']})|(?:{words['heads']})))\b(?!\s++(?:{words['heads']})\b)"
        rf"(?P<behind>\s++(?:{words['opens']})\s++[^,.;:!?()\n]*+)?",
        re.IGNORECASE,
    )


def _lists(language: str) -> dict[str, str]:
    return tables(language).get("descriptions", {})
