"""What a turn is at each stage: screened, understood, gathered, written, answered. All but the last hold the one before (T-1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from mangaassist.domain.customers import Identity
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.encoding import Vector
from mangaassist.domain.evidence import Degradation, Evidence
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.reading import Outcome
from mangaassist.domain.writing import NO_NOTES, NO_USAGE, Usage, WritingNotes, WritingTask
from mangaassist.guardrails.edits import Edit
from mangaassist.guardrails.findings import SECRET_KINDS, Finding
from mangaassist.models.routing import Route
from mangaassist.models.writers.chain import Author
from mangaassist.services.turn_services import TurnServices
from mangaassist.telemetry.recent_turns import CallSpan, StageSpan
from mangaassist.turn.memory import Session
from mangaassist.turn.plans import Plan
from mangaassist.understanding.told_aside import without_told_aside
from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.metadata import AnswerMetadata, Failover
from mangaassist.wire.page import PageContext

Ending = Literal["whole", "stopped", "broken"]
"""How the writing ended: by itself, by the shopper or a shutdown (T-8), or because the writer failed after its first piece."""


class Message(Struct, frozen=True, kw_only=True):
    """What the shopper said, screened (G-1), where, and as whom. ``message_id`` is the client's own.

    ``findings`` tell what was taken out of it, without the originals that are personal; ``blocked`` is why nobody may
    read it, or None; ``suspicion`` is what signs of an injection weigh that a shopper may write by chance.
    """

    message_id: str
    response_id: str
    text: str
    identity: Identity
    page: PageContext
    at: datetime
    digest: str = ""
    findings: tuple[Finding, ...] = ()
    blocked: str | None = None
    suspicion: float = 0.0
    traceparent: str | None = None

    @property
    def asked(self) -> str:
        """The text without what is told beside its question: "my email is [REDACTED]"."""
        return without_told_aside(self.text)

    @property
    def holds_secret(self) -> bool:
        """A card's number, a password or the like was taken out of it."""
        return any(finding.kind in SECRET_KINDS for finding in self.findings)


class Understood(Struct, frozen=True, kw_only=True):
    message: Message
    session: Session
    meaning: Meaning
    plan: Plan
    reading: Outcome = ""
    """What became of a model's reading, where our own was unsure."""
    reading_usage: Usage = NO_USAGE


class CommonQuestion(Struct, frozen=True, eq=False):
    """A question that anybody may ask (M-8): all that is meant but its wording as ``key``, its wording as ``vector``, a unit
    vector, float32 [dimensions]."""

    key: str
    vector: Vector


class Gathered(Struct, frozen=True, kw_only=True):
    """``common`` is the question where its answer may be anybody's and a model would be asked for it."""

    understood: Understood
    evidence: Evidence
    services: TurnServices
    common: CommonQuestion | None = None


class Written(Struct, frozen=True, kw_only=True):
    """``text`` is what was sent, of what ``by`` wrote as ``drafted``; ``degraded`` and ``failovers`` tell of the writers that could
    not write; ``findings`` are those of the inline checks and of the model's provider."""

    gathered: Gathered
    task: WritingTask
    route: Route
    text: str
    drafted: str = ""
    by: Author = "offline"
    usage: Usage
    notes: WritingNotes = NO_NOTES
    ending: Ending
    degraded: tuple[Degradation, ...]
    failovers: tuple[Failover, ...] = ()
    findings: tuple[Finding, ...]


class Answered(Struct, frozen=True, kw_only=True):
    """A reviewed answer: ``edits`` make ``text`` of what was sent, ``findings`` are everything for the audit (G-7). ``prices`` are
    those that it shows on cards or names in its text, by ASIN."""

    message: Message
    text: str
    metadata: AnswerMetadata
    edits: tuple[Edit, ...] = ()
    findings: tuple[Finding, ...] = ()
    products: tuple[ProductCard, ...] = ()
    prices: Mapping[str, str] = field(default_factory=dict[str, str])
    actions: tuple[Button, ...] = ()
    suggestions: tuple[str, ...] = ()
    ending: Ending = "whole"
    dialogue: DialogueState | None = None
    """What the conversation is about now (T-4); None leaves it as it was."""
    spans: tuple[StageSpan, ...] = ()
    """How its stages followed each other (O-6)."""
    calls: tuple[CallSpan, ...] = ()
    """What it asked services, and what came of it (O-6)."""
