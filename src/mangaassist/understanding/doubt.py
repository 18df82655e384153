"""Where our own reading is unsure, so that a model may be asked for a second one (M-2): a pure function over what it knows."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.meaning import Meaning
from mangaassist.understanding.act_decision import FLOOR
from mangaassist.understanding.wish_merging import says_something


class Doubt(StrEnum):
    """Why a reading is not sure of itself."""

    BETWEEN = "two readings are too close to call"
    UNHEARD = "no head could be asked, and no rule heard anything"
    GUESSED = "a head guessed below its floor"
    LEFT_OVER = "words are left over that no act explains"
    UNRESOLVED = "nothing is known that it could be asked of"


UNSURE_ALONE: Final = frozenset({Act.UNSURE, Act.WORDLESS})
"""Heard where nothing else was: the assistant would ask what is meant."""
_OF_A_BOOK: Final = frozenset(act for act, row in ACTS.items() if row.topic in ("product", "series")) - {
    Act.ADD_TO_CART,
    Act.DETAIL,
    Act.SIMILAR,
    Act.BY_SAME_AUTHOR,
}
"""What can be asked of nothing but a book: without one the assistant would ask which is meant."""


def doubt_of(meaning: Meaning) -> Doubt | None:
    """What is doubtful about a reading, after the pages and books were asked as witnesses; None where it stands.

    A message that needs care is nobody else's to read (G-11).
    """
    if meaning.care or not meaning.acts:
        return None
    return next((doubt for doubt, holds in _DOUBTS if holds(meaning)), None)


def _is_unheard(meaning: Meaning) -> bool:
    return bool(meaning.degraded) and meaning.acts[0].confidence == 0.0


def _is_guessed(meaning: Meaning) -> bool:
    first = meaning.acts[0]
    return first.stage == "model" and first.confidence < FLOOR


def _leaves_words(meaning: Meaning) -> bool:
    first = meaning.acts[0]  # where a rule heard what no catalog tells, nothing is open
    return first.act is Act.DETAIL and first.stage != "rules" and bool(meaning.left_over)


def _is_unresolved(meaning: Meaning) -> bool:
    if meaning.act in UNSURE_ALONE:
        return bool(meaning.describes)
    if meaning.act not in _OF_A_BOOK:
        return False
    known = meaning.targets or meaning.titles or meaning.unknown or meaning.here or meaning.wants_page
    return not known and not any(map(says_something, meaning.sought))


_DOUBTS: Final[tuple[tuple[Doubt, Callable[[Meaning], bool]], ...]] = (
    (Doubt.BETWEEN, lambda meaning: meaning.between is not None),
    (Doubt.UNHEARD, _is_unheard),
    (Doubt.GUESSED, _is_guessed),
    (Doubt.LEFT_OVER, _leaves_words),
    (Doubt.UNRESOLVED, _is_unresolved),
)
