"""Whether a message that rules leave open is about something else than a store's matters, and who is led back (G-3, G-5)."""

from typing import Final

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.meaning import HeardAct, Meaning

SURELY: Final = 0.85
"""From this chance on a message is about something else; what that catches and costs stands in training/safety/DATACARD.md."""
WHATEVER_RULES_SAY: Final = 0.95
"""The same where a rule heard something asked of a book, and no book is named or talked of."""
BELIEVED: Final = 0.85
"""A guess that is so sure stands ("what does older teen mean")."""
_STAYS: Final = frozenset({"talk", "order", "cart"})
"""Topics of acts that stay whatever the head makes of their words: nobody in an order or a return, with a complaint or a wish for a
person is sent away."""
_OF_A_BOOK: Final = frozenset({"product", "series"})


def led_back(own: Meaning, state: DialogueState, chance: float) -> HeardAct | None:
    """What is heard instead of our own reading, where ``chance`` says surely something else; None: it stands.

    As does whatever names something of the store's, or comes while an order is talked of.
    """
    needed = _needed(own.acts[0], state)
    if needed is None or chance < needed or _names(own) or _is_served(state):
        return None
    return HeardAct(Act.OFF_TOPIC, chance, "model")


def _needed(first: HeardAct, state: DialogueState) -> float | None:
    """The chance from which on an act gives way; None: whatever the head says."""
    topic = ACTS[first.act].topic
    if topic in _STAYS:
        return None
    if first.stage == "model" or (first.stage == "dialogue" and not state.acts):
        return SURELY if first.confidence < BELIEVED else None
    return WHATEVER_RULES_SAY if topic in _OF_A_BOOK and not (state.targets or state.acts) else None


def _names(own: Meaning) -> bool:
    named = any(label.kind in ("author", "series") for label in own.seeks.wanted)
    return named or bool(own.targets or own.titles or own.orders or own.codes or own.care)


def _is_served(state: DialogueState) -> bool:
    return bool(state.orders or state.order_topic or state.problem)
