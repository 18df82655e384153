"""What a trained reading of a message sees of it and of its dialogue, beside the words: named signs with their weights (T-4, T-10).

Nothing is chosen here: whatever rules read of the message, and whatever the dialogue holds, is a sign under its own name.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final

from msgspec import Struct

from mangaassist.domain.acts import ACTS
from mangaassist.domain.dialogue import NEW_DIALOGUE, DialogueState
from mangaassist.domain.meaning import HeardAct
from mangaassist.understanding.scene import Scene
from mangaassist.understanding.utterance import Limits, Utterance

Sign = tuple[str, float]
"""A name and its weight, mostly 1."""
BEHIND: Final = 0.5
"""What an act counts that is not the first one of its message."""
FEW: Final = 6
"""Up to so many words, or telling ones, are counted."""
_SAYS_NOTHING: Final = Utterance(text="", folded="")
_NO_LIMITS: Final = Limits()
_READ_APART: Final = frozenset(
    {"text", "folded", "mentions", "acts", "apart", "pointers", "limits", "stems", "targets", "intents"}
)
_COUNTED: Final = ("targets", "shown", "orders", "codes", "places", "talked_of", "lists")
"""Of these a dialogue holds none, one or several."""
_OF_NO_MATTER: Final = frozenset(
    {*_COUNTED, "acts", "question", "phrases", "summary", "shown_series", "proposal", "here"}
)
_ONE_OF_FEW: Final = frozenset(
    {"after", "care", "premise", "asker", "tally", "case", "asked_for", "topic", "order_topic", "problem"}
)
"""Fields whose value says more than that they hold one."""
_SEVERAL_OF_FEW: Final = frozenset({"aspects", "sums"})
_MANY: Final = 2


def signs_of(utterance: Utterance, state: DialogueState, scene: Scene, heard: tuple[HeardAct, ...]) -> Iterator[Sign]:
    """``heard`` is what rules and heads make of the message by themselves, the most important first."""
    yield from _acts("heard", heard)
    for first in heard[:1]:
        yield f"heard by {first.stage}", 1.0
        yield "how surely", first.confidence
    yield from _message(utterance)
    yield from _dialogue(state)
    yield from _place(scene, state)


def _acts(name: str, acts: tuple[HeardAct, ...]) -> Iterator[Sign]:
    for place, one in enumerate(acts):
        yield f"{name} {one.act}", BEHIND if place else 1.0


def _message(utterance: Utterance) -> Iterator[Sign]:
    yield from _fields("says", utterance, _SAYS_NOTHING, _READ_APART)
    yield from _fields("bounds", utterance.limits, _NO_LIMITS)
    yield from (
        (f"bounds {value}", 1.0) for value in (utterance.limits.ordering, utterance.limits.comparative) if value
    )
    yield from ((f"names {one.kind} {one.role}", 1.0) for one in utterance.mentions)
    yield from ((f"points {one.kind}", 1.0) for one in utterance.pointers)
    yield from ((f"ruled {one.act}", one.confidence) for one in utterance.acts)
    yield f"telling words {min(FEW, len(utterance.stems))}", 1.0
    yield f"words {min(FEW, len(utterance.folded.split()))}", 1.0
    yield f"targets {min(_MANY, len(utterance.targets))}", 1.0


def _dialogue(state: DialogueState) -> Iterator[Sign]:
    if not state.acts:
        yield "begins", 1.0
    for place, act in enumerate(state.acts):
        yield f"after {act}", BEHIND if place else 1.0
    for act in state.acts[:1]:
        yield f"after {ACTS[act].topic}", 1.0
    if state.proposal is not None:
        yield f"offered {ACTS[state.proposal.act].topic}", 1.0
    for name in _COUNTED:
        yield f"{name} talked of {min(_MANY, len(getattr(state, name)))}", 1.0
    for kind in ("volume", "format"):
        if any(getattr(one, kind) for one in state.targets):
            yield f"{kind} talked of", 1.0
    yield from _fields("holds", state, NEW_DIALOGUE, _OF_NO_MATTER)


def _place(scene: Scene, state: DialogueState) -> Iterator[Sign]:
    if scene.page is not None:
        yield "on a page", 1.0
    if scene.is_new_to(state):
        yield "on another page", 1.0
    if scene.is_guest:
        yield "guest", 1.0
    yield f"cart {min(_MANY, len(scene.cart))}", 1.0


def _fields(of: str, value: Struct, default: Struct, without: Collection[str] = ()) -> Iterator[Sign]:
    """The fields that hold anything, by their names; and what they hold, where that is one of a few words of ours."""
    for name in value.__struct_fields__:
        held: Any = getattr(value, name)
        if name in without or held == getattr(default, name):
            continue
        yield f"{of} {name}", 1.0
        if name in _ONE_OF_FEW:
            yield f"{of} {name} {held}", 1.0
        elif name in _SEVERAL_OF_FEW:
            yield from ((f"{of} {name} {one}", 1.0) for one in held)
