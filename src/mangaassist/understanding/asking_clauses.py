"""A message that asks for two things: its clauses, each as it asks by itself ("how much is it | and can you wrap it") (T-10).

An analysis cuts fewer: what follows a mere "and" belongs to one sentence for whatever is named in it.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from mangaassist.domain.acts import ACTS, MOVES
from mangaassist.domain.meaning import AskingClause, HeardAct
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.vocabulary import language_named, tables

MOST_PARTS: Final = 4
SURE: Final = 0.9
"""From this confidence on a rule has heard what a clause asks."""
_ENDS: Final = re.compile(r"(?<=[?!])\s++|(?<=[^\W\d_]{3}\.)\s++|\n++")
_WORDS: Final = re.compile(r"[^\W_]+")


def asking_clauses(utterance: Utterance, read: Callable[[str], Utterance]) -> tuple[AskingClause, ...]:
    """The clauses that ask, in their order; empty where fewer than two do. ``read`` reads a text by its own words alone."""
    parts = tuple(_parts(utterance.text, utterance.language)) if utterance.joins or "?" in utterance.text[:-1] else ()
    if not 1 < len(parts) <= MOST_PARTS:
        return ()
    asking = tuple(one for one in parts if _asks(one, utterance.language))
    heard = tuple(AskingClause(one, _surely(read(one))) for one in asking) if len(asking) > 1 else ()
    whole = tuple(one for one in heard if one.act is not None or _is_whole(one.text, utterance.language))
    return whole if len(whole) > 1 else ()


def _surely(utterance: Utterance) -> HeardAct | None:
    asked = [one for one in utterance.acts if one.act not in MOVES and ACTS[one.act].topic != "talk"]
    return next((one for one in asked if one.confidence >= SURE), None)


def _parts(text: str, language: str) -> Iterator[str]:
    """Sentences, and what "and" adds to one as a question of its own."""
    joint = _joint(language)
    if joint is None:
        return
    for sentence in _ENDS.split(text):
        yield from (part.strip(" ,;") for part in joint.split(sentence) if part.strip(" ,;"))


def _asks(part: str, language: str) -> bool:
    """Whether it begins or ends as a question does; "about how much" does so behind a word."""
    words = _spoken(part, language)
    begins = words[:1] and words[0] in _listed(language, "reading", "question")
    measures = not _listed(language, "reading", "measuring").isdisjoint(words[:2])
    return bool(begins or measures or part.endswith("?"))


def _is_whole(part: str, language: str) -> bool:
    """ "How much a month" is no question by itself: it belongs to what was asked before it."""
    words = _spoken(part, language)
    measures = words[:1] and words[0] in _listed(language, "reading", "measuring")
    return bool(words) and not (measures and _listed(language, "whether", "whether").isdisjoint(words))


def _spoken(part: str, language: str) -> list[str]:
    spoken = language_named(language)
    written = (spoken.normal.get(word, (word,)) for word in _WORDS.findall(part.lower()))
    return [word for several in written for word in several if word not in spoken.fillers]


def _listed(language: str, table: str, name: str) -> frozenset[str]:
    return frozenset(tables(language).get(table, {}).get(name, "").split())


@cache
def _joint(language: str) -> re.Pattern[str] | None:
    """ "…, and | can you": what follows a word that adds begins a question."""
    reading = tables(language).get("reading", {})
    adding, opening = reading.get("adding", "").split(), reading.get("question", "").split()
    if not adding or not opening:
        return None
    begins = "|".join(map(re.escape, sorted(opening, key=len, reverse=True)))
    return re.compile(
        rf"(?:,\s*+|\s++)(?:{'|'.join(map(re.escape, adding))})\s++(?=(?:{begins})(?:'?s|'?re)?\b)", re.IGNORECASE
    )
