"""What stages 1 and 3 do, whoever does them (G-3, G-9); each way to do them inherits its suite."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.edits import apply_edits
from mangaassist.guardrails.findings import Verdict
from mangaassist.guardrails.review_context import ReviewContext, ReviewStage, StageResult
from mangaassist.guardrails.stages.toxicity import SAFE_ANSWER


class StageContract:
    @pytest.fixture
    async def stage(self) -> AsyncIterator[ReviewStage]:
        raise NotImplementedError
        yield

    async def result(self, stage: ReviewStage, text: str, evidence: Evidence, **other: Any) -> StageResult:
        return await stage.examine(ReviewContext(text=text, evidence=evidence, **({"by_model": True} | other)))


class PiiStageContract(StageContract):
    async def said(self, stage: ReviewStage, text: str, evidence: Evidence) -> str:
        return apply_edits(text, (await self.result(stage, text, evidence)).edits)

    @pytest.mark.parametrize(
        "personal", ["bob@example.com", "415-555-2671", "536-22-1234", "4111 1111 1111 1111", "人 bob@example.com"]
    )
    async def test_what_is_personal_is_taken_out_and_nothing_beside_it(
        self, stage: ReviewStage, evidence: Evidence, personal: str
    ) -> None:
        text = f"漫画: the shopper gave us {personal}, I think."
        expected = text.replace(personal.removeprefix("人 "), "[REDACTED]")
        assert await self.said(stage, text, evidence) == expected

    @pytest.mark.parametrize(
        "shops",
        [
            "Order 112-3456789-0123456 is on its way with 4155 5526 7199.",
            "Write to help@inkwellmanga.example or call 1-800-555-0142.",
            "Berserk, Vol. 1 (B0BERSERK1) by Kentaro Miura costs $9.99.",
            "",
        ],
    )
    async def test_what_is_the_shops_own_stays(self, stage: ReviewStage, evidence: Evidence, shops: str) -> None:
        assert await self.result(stage, shops, evidence) == StageResult()


class ToxicityStageContract(StageContract):
    async def test_a_toxic_answer_is_blocked_whole(self, stage: ReviewStage, evidence: Evidence) -> None:
        result = await self.result(stage, "You are an idiot for asking that.", evidence)
        assert (result.verdict, result.fallback) == (Verdict.BLOCK, SAFE_ANSWER)
        assert result.kind
        assert result.detail

    @pytest.mark.parametrize("text", ["Berserk is a dark fantasy about revenge.", ""])
    async def test_a_harmless_one_passes(self, stage: ReviewStage, evidence: Evidence, text: str) -> None:
        assert (await self.result(stage, text, evidence)).verdict is Verdict.ALLOW
