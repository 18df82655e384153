"""What a message says: its intent, the things it names, and what "the second one" refers to."""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from mangaassist.domain.evidence import Degradation
from mangaassist.domain.intents import Intent
from mangaassist.domain.products import Format


class SeriesMention(Struct, frozen=True):
    """A series that the message names. ``score`` is 1.0 for an exact name or alias, lower for a misspelt one."""

    series_id: str
    title: str
    score: float


class Entities(Struct, frozen=True, kw_only=True):
    """Everything the message names by itself, without looking at page, cart or history (T-5)."""

    asins: tuple[str, ...] = ()
    order_ids: tuple[str, ...] = ()
    series: tuple[SeriesMention, ...] = ()
    authors: tuple[str, ...] = ()
    volumes: tuple[int, ...] = ()
    genres: tuple[str, ...] = ()
    demographics: tuple[str, ...] = ()
    formats: tuple[Format, ...] = ()
    price_ceiling: Decimal | None = None
    price_floor: Decimal | None = None
    count: int | None = None


Wish = Literal["", "title", "description"]
"""What a message goes by that names nothing of the catalog: no word that tells anything, a title, or a description."""


class IntentGuess(Struct, frozen=True):
    """``stage`` says who decided: the rules (stage 1) or the model (stage 2)."""

    intent: Intent
    confidence: float
    stage: Literal["rules", "model"]
    secondary: Intent | None = None


class Meaning(Struct, frozen=True, kw_only=True):
    """A message understood. ``subjects`` are the products it is about, however it referred to them (T-4, T-6)."""

    text: str
    guess: IntentGuess
    entities: Entities
    subjects: tuple[str, ...] = ()
    between: tuple[Intent, Intent] | None = None
    """Two intents too close to call: the shopper is asked which one is meant (M-2)."""
    cheaper: bool = False
    needs_history: bool = False
    wish: Wish = ""
    unwanted: tuple[str, ...] = ()
    """What it shall be without, in the shopper's words: "not basketball"."""
    degraded: tuple[Degradation, ...] = ()
    """What could not be used to understand it (S-5)."""

    @property
    def intent(self) -> Intent:
        return self.guess.intent
