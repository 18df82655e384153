"""Whether a message gives the assistant orders: its signs, and what the pass tells that it has anyway (G-1)."""

from typing import Final

from msgspec.structs import replace

from mangaassist.domain.encoding import INJECTION
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.meaning import Meaning
from mangaassist.guardrails.findings import Finding
from mangaassist.guardrails.injections import SUSPECT, is_injection
from mangaassist.guardrails.intake import injection
from mangaassist.turn.speculation import Speculation

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
    if (found := order_in(text, suspicion, risk)) is not None:
        return found
    is_blind = risk is None and not meaning.degraded
    return replace(meaning, degraded=(NO_SCREEN,)) if is_blind else meaning


def order_in(text: str, suspicion: float, risk: float | None) -> Finding | None:
    """What is to be told of a message that nobody may answer; None: it may be answered."""
    if not is_injection(suspicion, risk):
        return None
    return injection(text, (f"signs:{suspicion:.1f}", "risk:away" if risk is None else f"risk:{risk:.2f}"))
