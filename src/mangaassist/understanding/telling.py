"""Whether a message is answered as something that is only told: where a head is sure of it and nothing is asked (T-10)."""

from typing import Final

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.meaning import Meaning, Telling
from mangaassist.understanding.telling_head import KINDS
from mangaassist.understanding.utterance import Utterance

LIKELY: Final = 0.8
"""How likely it must be that nothing is asked, where a model guessed what is; what that catches and costs stands in
training/telling/DATACARD.md."""
SURELY: Final = 0.95
"""The same where a rule heard something asked, a guess is sure, or the message has the form of a question ("why is it so dear")."""
BELIEVED: Final = 0.9
"""A guess that is surer gives way less easily; what the dialogue carries on is no surer than this."""
GUESSED: Final = 0.6
"""Up to this confidence other talk is only guessed at: "i just needed to tell someone" asks for nobody."""
_SERVED: Final = frozenset({"order", "cart", "page", "offer"})
"""Topics that rules know the words of: nobody with an order or a rule to ask after is told how we feel for them."""
_OF_TALK: Final = frozenset({Act.HUMAN, Act.CALLBACK, *(act for act, row in ACTS.items() if row.topic == "talk")}) - {
    *(Act.COMPLAINT, Act.OFF_TOPIC, Act.UNSURE, Act.HOW_ARE_YOU, Act.BORED, Act.WORDLESS)
}


def told(own: Meaning, utterance: Utterance, state: DialogueState, chances: tuple[float, ...]) -> Telling:
    """What it only tells; empty where it may ask, or comes while an order is talked of.

    ``chances`` are those of the head's kinds, in their order.
    """
    first = own.acts[0]
    likely = 1 - chances[0]
    names = own.orders or own.codes or own.care not in ("", "sorrow") or own.countries or utterance.limits.ordering
    is_served = state.orders or state.order_topic or state.problem
    is_wish = bool(utterance.experienced)  # what is told of a title that somebody gave up changes what is looked for
    by_rules, is_talk = first.stage == "rules", first.act in _OF_TALK
    if (
        names
        or is_served
        or is_wish
        or (is_talk and (by_rules or first.confidence > GUESSED))
        or (by_rules and ACTS[first.act].topic in _SERVED)
    ):
        return ""
    is_doubtful = not by_rules and not is_talk and first.confidence <= BELIEVED and not utterance.is_question
    if likely < (LIKELY if is_doubtful else SURELY):
        return ""
    return max(KINDS[1:], key=lambda kind: chances[KINDS.index(kind)])
