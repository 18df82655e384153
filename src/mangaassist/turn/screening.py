"""Whether a message gives the assistant orders: its signs, and what the pass tells that it has anyway (G-1)."""

from typing import Final

from msgspec.structs import replace

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.encoding import INJECTION
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.meaning import Meaning
from mangaassist.guardrails.english import is_english
from mangaassist.guardrails.findings import Finding
from mangaassist.guardrails.injections import ENOUGH, SUSPECT, is_injection
from mangaassist.guardrails.intake import injection
from mangaassist.turn.speculation import Speculation

OF_TALK: Final = frozenset(act for act, row in ACTS.items() if row.topic == "talk") - {Act.HUMAN}
"""Small talk is what an attack sounds like."""
UNSURE: Final = 0.5
"""Below this confidence of its first act a message asks nothing that we know of."""
NO_SCREEN: Final = Degradation("classifier", "screened by patterns alone")


def is_suspect(suspicion: float) -> bool:
    """The signs ask for a pass, even where rules settle what the message means."""
    return suspicion >= SUSPECT


async def risk_of(speculation: Speculation) -> float | None:
    """How likely the message is an injection, 0 to 1; None where the model is away or does not know."""
    encoded = await speculation.reading()
    return None if encoded is None or encoded.risks is None else float(encoded.risks[0, INJECTION])


async def screened(text: str, suspicion: float, meaning: Meaning, speculation: Speculation) -> Meaning | Finding:
    """The meaning, or why nobody may answer. Where rules cover all of a message that has no signs, it is not asked for its risk."""
    if speculation.is_settled:
        return meaning
    risk = await risk_of(speculation)
    found = order_in(text, suspicion, risk, asks_nothing=_asks_nothing(text, meaning))
    if found is not None and not (suspicion < _least_sign(meaning) and is_of_the_store(meaning)):
        return found
    is_blind = risk is None and not meaning.degraded
    return replace(meaning, degraded=(NO_SCREEN,)) if is_blind else meaning


def _least_sign(meaning: Meaning) -> float:
    """From which signs on the model is believed of a question to a store; nobody who asks for a person is refused one."""
    return ENOUGH if meaning.act is Act.HUMAN else SUSPECT


def is_of_the_store(meaning: Meaning) -> bool:
    """It names what the store has, goes on with the talk, or asks for a person.

    What a model makes of its tone alone refuses nobody.
    """
    first = meaning.acts[0] if meaning.acts else None
    named = any(label.kind in ("author", "series") for label in meaning.seeks.wanted)
    names = named or bool(meaning.targets or meaning.titles or meaning.orders)
    if first is None or first.act in OF_TALK:
        return False
    goes_on = first.stage == "dialogue" and meaning.is_follow_up
    return names or goes_on or (first.act is Act.HUMAN and first.stage == "rules")


def _asks_nothing(text: str, meaning: Meaning) -> bool:
    """The reading is unsure of what is asked, or a head says that it is nothing of a store's, in a language that the layer knows.

    Nobody who asks for a person is meant.
    """
    first = meaning.acts[0] if meaning.acts else None
    if first is None or first.act is Act.HUMAN:
        return False
    strays = first.act is Act.OFF_TOPIC and first.stage == "model"
    return (strays or first.confidence < UNSURE) and is_english(text)


def order_in(text: str, suspicion: float, risk: float | None, *, asks_nothing: bool = False) -> Finding | None:
    """What is to be told of a message that nobody may answer; None: it may be answered."""
    if not is_injection(suspicion, risk, asks_nothing):
        return None
    return injection(text, (f"signs:{suspicion:.1f}", "risk:away" if risk is None else f"risk:{risk:.2f}"))
