"""Which tier of writer an answer gets, by its plan, need of history and money left (M-5)."""

from collections.abc import Mapping
from enum import StrEnum
from math import inf
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from mangaassist.domain.writing import Tier, WritingTask
from mangaassist.models.profiles import OFFLINE_ALONE, ModelProfile
from mangaassist.models.writers.kept import KEPT

_STEPS_DOWN: Final[Mapping[Tier, Tier]] = MappingProxyType(
    {Tier.LARGE: Tier.SMALL, Tier.SMALL: Tier.TEMPLATE, Tier.TEMPLATE: Tier.TEMPLATE}
)


class Budgets(Struct, frozen=True):
    """The most that models may cost, in US dollars."""

    session_usd: float = 0.50
    day_usd: float = 50.0


class Spend(Struct, frozen=True):
    """What models have cost so far, in US dollars."""

    session_usd: float = 0.0
    day_usd: float = 0.0


USUAL_BUDGETS: Final = Budgets()
NOTHING_SPENT: Final = Spend()
UNKNOWN: Final = Spend(inf, inf)
"""What cannot be known counts as spent: the answer steps down to what costs nothing, and does not fail."""


class Shortage(StrEnum):
    """Why a cheaper tier writes than the answer deserves, in words for its metadata."""

    SESSION = "session budget spent"
    DAY = "day budget spent"
    UNKNOWN = "nobody can say what models have cost"
    CALLS = "too many calls of models this minute"


class Route(Struct, frozen=True, kw_only=True):
    """Which tier writes, and why, in words for the answer's metadata (T-9)."""

    tier: Tier
    reason: str
    model: str = ""
    most_usd: float = 0.0
    """What the answer may cost, in US dollars."""
    short: Shortage | None = None


def said_before(cosine: float) -> Route:
    """A model answered the same question before, in words so much like these (M-8): nothing is called and nothing paid."""
    return Route(
        tier=Tier.TEMPLATE, reason=f"the answer to the same question, asked in words {cosine:.3f} alike", model=KEPT
    )


class Router:
    """Chooses the cheapest tier that can do the work, and steps down instead of failing when money runs out."""

    def __init__(self, profiles: Mapping[Tier, ModelProfile] = OFFLINE_ALONE, budgets: Budgets = USUAL_BUDGETS) -> None:
        self._profiles = profiles
        self._budgets = budgets

    def route(
        self, task: WritingTask, wanted: Tier, spent: Spend = NOTHING_SPENT, barred: Shortage | None = None
    ) -> Route:
        """``wanted`` is the tier of the plan; ``barred``: why no model may be called, whatever it costs."""
        tier, reason = _deserved(task, wanted)
        short = None
        while tier is not Tier.TEMPLATE and (why := barred or self.shortage(self._profiles[tier].most_usd, spent)):
            tier, short = _STEPS_DOWN[tier], why
        if short is not None:
            reason = f"{reason}; stepped down, {short}"
        profile = self._profiles[tier]
        return Route(tier=tier, reason=reason, model=profile.name, most_usd=profile.most_usd, short=short)

    def shortage(self, needed: float, spent: Spend) -> Shortage | None:
        """Why the budgets do not hold so many US dollars more; None where they do."""
        if needed == 0:
            return None
        if spent == UNKNOWN:
            return Shortage.UNKNOWN
        if spent.session_usd + needed > self._budgets.session_usd:
            return Shortage.SESSION
        return Shortage.DAY if spent.day_usd + needed > self._budgets.day_usd else None


def _deserved(task: WritingTask, wanted: Tier) -> tuple[Tier, str]:
    meaning = task.meaning
    if meaning.between is not None:
        return Tier.TEMPLATE, "asks which of two things is meant"
    leans = meaning.is_follow_up
    if wanted is Tier.SMALL and leans and task.history:
        return Tier.LARGE, f"{meaning.intent} that needs the history"
    return wanted, f"{meaning.intent}"
