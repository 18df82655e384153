"""How well injections and toxicity are told, by patterns and the encoder's heads together, as a turn tells them (E-1, G-1, G-3)."""

import time
from pathlib import Path
from typing import Any, Final

from mangaassist.domain.encoding import Encoder
from mangaassist.domain.evidence import Evidence
from mangaassist.evaluation.safety import Progress, evaluate_flags
from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.guardrails.intake import Intake
from mangaassist.guardrails.review_context import ReviewContext
from mangaassist.guardrails.stages.toxicity import ToxicityStage
from mangaassist.guardrails.toxicity import ToxicityLexicon
from mangaassist.turn import screening
from mangaassist.turn.budget import Budget
from mangaassist.turn.memory import Session
from mangaassist.turn.reader import Understanding
from mangaassist.turn.sentence_risks import SentenceRisks
from mangaassist.turn.speculation import Speculation
from mangaassist.understanding.heads import TrainedHeads
from mangaassist.wire.page import NOWHERE

PATIENCE: Final = 1000.0
"""No shopper waits: each stage may take this many times its allowance."""


async def injections(path: Path, encoder: Encoder, progress: Progress | None = None) -> dict[str, Any]:
    """Score what the intake refuses, and what is refused once it is read. Raises ``BadInput`` that names a bad line."""
    understanding, intake = Understanding(TrainedHeads.load()), Intake()

    async def refuses(text: str) -> bool:
        seen = intake.screen(text)
        if seen.blocked is not None:
            return True
        is_suspect, budget = screening.is_suspect(seen.suspicion), Budget(time.monotonic, PATIENCE)
        async with Speculation(encoder, seen.text, budget, is_suspect=is_suspect) as speculation:
            meaning = await understanding.understand(seen.text, Session(session_id="command"), NOWHERE, speculation)
            return isinstance(await screening.screened(seen.text, seen.suspicion, meaning, speculation), Finding)

    return await evaluate_flags(path, refuses, progress)


async def toxicity(path: Path, encoder: Encoder, progress: Progress | None = None) -> dict[str, Any]:
    """Score what the review blocks of texts that a model wrote. Raises ``BadInput`` that names a bad line."""
    stage = ToxicityStage(ToxicityLexicon.load())

    async def blocks(text: str) -> bool:
        async with SentenceRisks(encoder, PATIENCE) as risks:
            result = await stage.examine(ReviewContext(text=text, evidence=Evidence(), toxicity=risks.of))
        return result.verdict is Verdict.BLOCK

    return await evaluate_flags(path, blocks, progress)
