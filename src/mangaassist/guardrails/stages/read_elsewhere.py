"""Stages 1 and 3 as services do them (G-9): what the two find is ours to judge by this turn's evidence."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from msgspec import Struct

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.edits import Edit, without_overlap
from mangaassist.guardrails.findings import Stage, Verdict
from mangaassist.guardrails.own_words import without_own_words
from mangaassist.guardrails.pii import REDACTED, contact_key
from mangaassist.guardrails.review_context import ALLOWED, ReviewContext, ReviewStage, StageResult
from mangaassist.guardrails.stages.pii import public_contacts
from mangaassist.guardrails.stages.toxicity import SAFE_ANSWER

_ASIN: Final = re.compile(r"B0[A-Z0-9]{8}")


class Found(Struct, frozen=True):
    """``text[start:end]`` is personal data, of one of our kinds."""

    start: int
    end: int
    kind: str


class PiiDetector(Protocol):
    """Raises ``ServiceFailure`` when it cannot be had."""

    async def detect(self, text: str) -> Sequence[Found]: ...


class ToxicityJudge(Protocol):
    """Raises ``ServiceFailure`` when it cannot be had."""

    async def judge(self, text: str) -> str | None:
        """What speaks against a text, in a word or two; None: nothing."""
        ...


class DetectedPiiStage:
    """What a detector finds, beside what the local stage is sure of: of the two none may leave."""

    name: Stage = "pii"

    def __init__(self, detector: PiiDetector, local: ReviewStage) -> None:
        self._detector = detector
        self._local = local

    async def examine(self, context: ReviewContext) -> StageResult:
        text = context.text
        found = await self._detector.detect(text)
        known = [*_known(context.evidence)] if found else []
        edits = (
            Edit(one.start, one.end, REDACTED, self.name, one.kind)
            for one in found
            if not _is_ours(text[one.start : one.end], known)
        )
        local = await self._local.examine(context)
        return StageResult.of(without_overlap((*local.edits, *edits)))


def _is_ours(said: str, known: Sequence[str]) -> bool:
    """A detector may have seen a part of a number only."""
    return bool(_ASIN.fullmatch(said)) or any(contact_key(said) in one for one in known)


def _known(evidence: Evidence) -> Iterator[str]:
    """What the store publishes, and the numbers of this turn's orders."""
    yield from public_contacts(evidence)
    yield from (contact_key(owned.order.order_id) for owned in evidence.orders)


class JudgedToxicityStage:
    name: Stage = "toxicity"

    def __init__(self, judge: ToxicityJudge) -> None:
        self._judge = judge

    async def examine(self, context: ReviewContext) -> StageResult:
        """What the store itself writes of a book is nobody's to judge."""
        against = await self._judge.judge(without_own_words(context.text, context.evidence))
        if against is None:
            return ALLOWED
        return StageResult(verdict=Verdict.BLOCK, fallback=SAFE_ANSWER, kind="elsewhere", detail=against)
