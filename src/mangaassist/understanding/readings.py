"""What a reading of a message in its dialogue is, and whether the message leaves to the dialogue what it asks (T-4)."""

from collections.abc import Callable
from typing import Final

from mangaassist.domain.acts import Act, intent_of
from mangaassist.domain.intents import Intent
from mangaassist.domain.products import Format
from mangaassist.understanding.hearing import OF_ORDERS, Hearing

UNSURE: Final = 0.45
"""Under this confidence of the model the dialogue is the better witness."""
DOUBTFUL: Final = 0.6
TELLS_APART: Final = frozenset({"genre", "theme", "mood"})
"""Kinds of words that say which one is meant: "the monster one"."""
OF_OFFERS: Final = frozenset({Act.OFFERS, Act.OFFER_ON, Act.CODE})
BOUND: Final = frozenset({Format.OMNIBUS, Format.BOX_SET})
"""Editions of which each book holds several volumes."""
Reading = tuple[Act, ...]
Row = Callable[[Hearing], Reading]
SENT_BACK: Final = frozenset(act for act in OF_ORDERS if intent_of(act) is Intent.RETURN_REQUEST)
OF_KINDS: Final = frozenset({Act.OFFERS, Act.CODE})


def asks_anew(h: Hearing, idle: frozenset[Act]) -> bool:
    """Whether a model is sure enough of something that is asked apart from what was talked of."""
    return bool(h.own) and h.own[0].act not in idle and h.own[0].confidence >= UNSURE


SURELY: Final = 0.8
FEW: Final = 2
"""Up to so many telling words, of which the model makes nothing, go on about the page that was told."""


def is_open(h: Hearing) -> bool:
    """Whether the message leaves to the dialogue what it asks: nothing was heard, or a model guessed at a fragment."""
    unsure = not h.own or (bool(h.state.acts) and h.own[0].confidence < UNSURE)
    leans = h.utterance.is_fragment and (bool(h.state.acts) or not h.own)
    return not h.ruled and (leans or unsure)
