"""What a message and its dialogue show of whether a page is asked for at all: named signs with their weights (T-4).

Nothing is chosen here: what was understood, and what was talked of, is a sign under its own name.
"""

from collections.abc import Iterator
from typing import Final

from mangaassist.domain.acts import ACTS
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.meaning import Meaning
from mangaassist.knowledge.words import function_share

Sign = tuple[str, float]
_HAS: Final = (
    *("is_follow_up", "asker", "store_question", "topic", "case", "problem", "care", "left_over", "between", "day"),
    *("premise", "tally", "after"),
)
_COUNTED: Final = (
    *("targets", "titles", "orders", "codes", "countries", "aspects", "unknown", "sought", "goods", "order_items"),
    *("acts", "page_questions"),
)
_MANY: Final = 2
_TELLING, _WORDS = 8, 20


def signs_of(meaning: Meaning, state: DialogueState, *, is_guest: bool, has_cart: bool) -> Iterator[Sign]:
    first = meaning.acts[0]
    yield f"heard {first.act}", 1.0
    yield f"heard of {ACTS[first.act].topic}", 1.0
    yield f"heard by {first.stage}", 1.0
    yield "how surely", first.confidence
    yield "in its dialogue", meaning.in_dialogue
    yield from ((f"likely of {topic}", chance) for topic, chance in meaning.likely)
    if not meaning.likely:
        yield "nobody says how likely", 1.0
    yield from ((f"has {name}", 1.0) for name in _HAS if getattr(meaning, name))
    yield from ((f"number of {name}", min(_MANY, len(getattr(meaning, name))) / _MANY) for name in _COUNTED)
    yield "which orders", float(not meaning.selection.is_open)
    yield "telling words", min(_TELLING, len(meaning.fresh)) / _TELLING
    words = len(meaning.own_question.split())
    yield "words", min(_WORDS, words) / _WORDS
    yield "grammar", function_share(meaning.own_question)
    yield from _before(state)
    yield "guest", float(is_guest)
    yield "cart", float(has_cart)


def _before(state: DialogueState) -> Iterator[Sign]:
    if not state.acts:
        yield "begins", 1.0
    for act in state.acts[:1]:
        yield f"after {act}", 1.0
        yield f"after one of {ACTS[act].topic}", 1.0
    yield "page told", float(bool(state.page))
    yield "topic talked of", float(bool(state.topic))
    yield "orders talked of", float(bool(state.orders))
