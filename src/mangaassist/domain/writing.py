"""What a writer is asked for, and what it says of its work: the language of the model port (M-6)."""

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Literal, Protocol

from msgspec import Struct

from mangaassist.domain.dialogue import NEW_DIALOGUE, AskedFor, DialogueState, Proposal
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.meaning import Meaning


class Tier(StrEnum):
    """How much model an answer may cost (M-5), cheapest first."""

    TEMPLATE = "template"
    SMALL = "small"
    LARGE = "large"


class PastTurn(Struct, frozen=True):
    """One earlier exchange, as the shopper saw it. ``shown`` are the ASINs of its cards in order."""

    message: str
    answer: str
    intent: str
    shown: tuple[str, ...] = ()


class WritingTask(Struct, frozen=True, kw_only=True):
    meaning: Meaning
    evidence: Evidence
    history: tuple[PastTurn, ...] = ()
    state: DialogueState = NEW_DIALOGUE
    """The dialogue before this message."""
    is_guest: bool = True


class WritingNotes(Struct, frozen=True, kw_only=True):
    """What an answer did to the dialogue beside its text: wordings it used up, what it offered or asked the shopper; and where it
    says that it has something from."""

    phrases: tuple[str, ...] = ()
    proposal: Proposal | None = None
    asked_for: AskedFor = ""
    cited: tuple[str, ...] = ()
    """Ids of the pieces of knowledge that it cites (K-6)."""
    miscited: int = 0
    """How many citations were of nothing that its writer was given."""
    chosen: str = ""
    """The id of the series that a verdict among several named: "that one" is it from then on."""


NO_NOTES = WritingNotes()


StopReason = Literal["", "end", "length", "filtered"]
"""Why a model stopped: by itself, at its limit, or because its provider would not have it say more. Empty: it did not."""


class Usage(Struct, frozen=True):
    """What an answer took: tokens as the model counts them, and US dollars.

    ``tokens_in`` are all tokens that were read; of them ``cache_read`` came from the provider's prompt cache and
    ``cache_write`` went into it.
    """

    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    cache_read: int = 0
    cache_write: int = 0
    stop: StopReason = ""
    estimated: bool = False
    """The provider told no figures, or none that can be: these are ours."""
    guarded: tuple[str, ...] = ()
    """What guardrails of the provider's did, a line each and without the words that they did it to."""
    served: str = ""
    """The model that answered, in its provider's words, where it told."""


NO_USAGE = Usage("none")


class Draft(Protocol):
    """An answer being written. Iterate once; ``usage`` is complete after the last piece."""

    def __aiter__(self) -> AsyncIterator[str]: ...

    @property
    def usage(self) -> Usage: ...

    @property
    def notes(self) -> WritingNotes:
        """Complete after the last piece; of a model's answer, what it cited."""
        ...


class Writer(Protocol):
    """Composes an answer from evidence. Never writes a price, only its placeholder (M-7)."""

    def write(self, task: WritingTask) -> Draft: ...
