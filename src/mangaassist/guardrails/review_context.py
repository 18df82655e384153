"""What a stage of the review reads, and what it answers (G-3, G-6)."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Strictness
from mangaassist.domain.meaning import Meaning
from mangaassist.guardrails.edits import Edit
from mangaassist.guardrails.findings import Stage, Verdict

Existing = Callable[[Collection[str]], Awaitable[Mapping[str, bool]]]
"""Whether each of some ASINs is sold; those that are absent could not be checked."""
SentenceHead = Callable[[Sequence[str]], Awaitable[Sequence[float] | None]]
"""How likely each of some sentences of a model's is what a head looks for, 0 to 1; None where what tells that is away."""

Opinion = Callable[[str], Awaitable[bool | None]]
"""Whether a text is about something else than the store's matters; None where nobody could say so in time."""


class ReviewContext(Struct, frozen=True, kw_only=True):
    """The answer as the stages before have left it. ``cards`` are the ASINs of its product cards, in order."""

    text: str
    cards: tuple[str, ...] = ()
    evidence: Evidence
    meaning: Meaning | None = None
    strictness: Strictness = "normal"
    by_model: bool = False
    """Whether a model wrote it: what the store's own writer says is made of the evidence, and is not held against all of it."""
    existing: Existing | None = None
    toxicity: SentenceHead | None = None
    """None: no model wrote the text."""
    elsewhere: SentenceHead | None = None
    """How likely sentences are about something else than the store's matters; None: no model wrote the text."""
    opinion: Opinion | None = None
    """A small model's second opinion on the scope of an answer, where the settings wish for it."""


class StageResult(Struct, frozen=True, kw_only=True):
    """A stage's answer. ``edits`` are in the context's coordinates; ``cards`` is None when the stage leaves them alone.

    ``fallback`` is what the shopper reads in place of a blocked answer; ``detail`` tells the audit what was found; ``degraded``
    names who should have been asked and could not be (G-9).
    """

    verdict: Verdict = Verdict.ALLOW
    edits: tuple[Edit, ...] = ()
    cards: tuple[str, ...] | None = None
    fallback: str = ""
    kind: str = ""
    detail: str = ""
    degraded: str = ""

    @classmethod
    def of(cls, edits: tuple[Edit, ...]) -> "StageResult":
        return cls(verdict=Verdict.CHANGE if edits else Verdict.ALLOW, edits=edits)


class ReviewStage(Protocol):
    """One check. It may raise: the review decides what an error means (G-6)."""

    @property
    def name(self) -> Stage: ...

    async def examine(self, context: ReviewContext) -> StageResult: ...


ALLOWED = StageResult()
