"""How well injections and toxicity are told, by patterns and the encoder's heads together, as a turn tells them (E-1, G-1, G-3)."""

import time
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from mangaassist.domain.encoding import Encoder
from mangaassist.domain.evidence import Evidence
from mangaassist.evaluation.safety import Progress, evaluate_flags
from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.guardrails.intake import Intake, Screened
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


class ReadMessage(Struct, frozen=True):
    """What the heads and the reading make of a message that the intake lets in.

    ``risk``: how likely it is an injection, 0 to 1, None where the encoder does not know; ``is_read``: whether a turn looks at it;
    ``refused`` is why nobody may answer.
    """

    risk: float | None
    is_read: bool
    refused: Finding | None


class MessageScreen:
    """What a turn without a dialogue before it refuses once it has read the message."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._understanding = Understanding(TrainedHeads.load())

    async def read(self, seen: Screened) -> ReadMessage:
        is_suspect, budget = screening.is_suspect(seen.suspicion), Budget(time.monotonic, PATIENCE)
        async with Speculation(self._encoder, seen.text, budget, is_suspect=is_suspect) as speculation:
            heard = self._understanding.heard(seen.text)
            meaning = await self._understanding.understand(heard, Session(session_id="command"), NOWHERE, speculation)
            found = await screening.screened(seen.text, seen.suspicion, meaning, speculation)
            is_read = not speculation.is_settled
            risk = await screening.risk_of(speculation)
        return ReadMessage(risk, is_read, found if isinstance(found, Finding) else None)


async def injections(path: Path, encoder: Encoder, progress: Progress | None = None) -> dict[str, Any]:
    """Score what the intake refuses, and what is refused once it is read. Raises ``BadInput`` that names a bad line."""
    screen, intake = MessageScreen(encoder), Intake()

    async def refuses(text: str) -> bool:
        seen = intake.screen(text)
        return seen.blocked is not None or (await screen.read(seen)).refused is not None

    return await evaluate_flags(path, refuses, progress)


async def toxicity(path: Path, encoder: Encoder, progress: Progress | None = None) -> dict[str, Any]:
    """Score what the review blocks of texts that a model wrote. Raises ``BadInput`` that names a bad line."""
    stage = ToxicityStage(ToxicityLexicon.load())

    async def blocks(text: str) -> bool:
        async with SentenceRisks(encoder, PATIENCE) as risks:
            result = await stage.examine(ReviewContext(text=text, evidence=Evidence(), toxicity=risks.toxicity))
        return result.verdict is Verdict.BLOCK

    return await evaluate_flags(path, blocks, progress)
