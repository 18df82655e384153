"""Stages 1 and 3 here and elsewhere: over the real wire of Comprehend and of Bedrock, on the loopback (G-9)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mangaassist.domain.evidence import Evidence
from mangaassist.errors import ServiceFailure
from mangaassist.guardrails.elsewhere import RESTS_S, Elsewhere
from mangaassist.guardrails.findings import Verdict
from mangaassist.guardrails.review import Review, Reviewed
from mangaassist.guardrails.review_context import ReviewContext, ReviewStage, StageResult
from mangaassist.guardrails.stages.pii import PiiStage
from mangaassist.guardrails.stages.read_elsewhere import DetectedPiiStage, JudgedToxicityStage
from mangaassist.stores.bedrock.guardrail import BEDROCK, BedrockGuardrail
from mangaassist.stores.comprehend.pii import COMPREHEND, ComprehendPii
from mangaassist.testing.bedrock_server import REFUSALS, BedrockServer, Judgement
from mangaassist.testing.clock import FakeClock
from mangaassist.testing.comprehend_server import ComprehendServer
from tests.contracts.review_stages import PiiStageContract, ToxicityStageContract
from tests.guardrails.conftest import evidence, review

__all__ = ["evidence", "review"]
REGION = "eu-central-1"
PATIENT = 20.0
"""A test's machine may be busy."""


@pytest.fixture
async def comprehend(aws_environment: None) -> AsyncIterator[ComprehendServer]:
    async with ComprehendServer() as server:
        yield server


@pytest.fixture
async def bedrock(aws_environment: None) -> AsyncIterator[BedrockServer]:
    async with BedrockServer() as server:
        yield server


@pytest.fixture
async def detector(comprehend: ComprehendServer) -> AsyncIterator[ComprehendPii]:
    opened = await ComprehendPii.open("en", REGION, comprehend.url, PATIENT)
    yield opened
    await opened.close()


@pytest.fixture
async def judge(bedrock: BedrockServer) -> AsyncIterator[BedrockGuardrail]:
    opened = await BedrockGuardrail.open("gr-1", "3", REGION, bedrock.url, PATIENT)
    yield opened
    await opened.close()


class TestPiiHere(PiiStageContract):
    @pytest.fixture
    async def stage(self) -> AsyncIterator[ReviewStage]:
        yield PiiStage()


class TestPiiByComprehend(PiiStageContract):
    @pytest.fixture
    async def stage(self, detector: ComprehendPii) -> AsyncIterator[ReviewStage]:
        yield Elsewhere(DetectedPiiStage(detector, PiiStage()), PiiStage())


class TestToxicityHere(ToxicityStageContract):
    @pytest.fixture
    async def stage(self, review: Review) -> AsyncIterator[ReviewStage]:
        yield review.stage("toxicity")


class TestToxicityByBedrock(ToxicityStageContract):
    @pytest.fixture
    async def stage(self, judge: BedrockGuardrail, review: Review) -> AsyncIterator[ReviewStage]:
        yield Elsewhere(JudgedToxicityStage(judge), review.stage("toxicity"))


# ---- Comprehend


async def test_comprehend_is_asked_as_its_service_wants_it_and_finds_what_no_pattern_of_ours_does(
    comprehend: ComprehendServer, detector: ComprehendPii, evidence: Evidence
) -> None:
    stage = DetectedPiiStage(detector, PiiStage())
    text = "Your passport is X12345678, Bob Smith."
    result = await stage.examine(ReviewContext(text=text, evidence=evidence, by_model=True))
    assert [(text[edit.start : edit.end], edit.kind) for edit in result.edits] == [("X12345678", "PASSPORT_NUMBER")]
    assert comprehend.asked == [{"Text": text, "LanguageCode": "en"}]


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"Entities": "none"},
        {"Entities": [{"Type": "EMAIL", "Score": 1.0}]},
        {"Entities": [{"Type": "EMAIL", "Score": 1.0, "BeginOffset": 5, "EndOffset": 99}]},
        {"Entities": [{"Type": "EMAIL", "Score": 1.0, "BeginOffset": 5, "EndOffset": 5}]},
        [],
    ],
)
async def test_an_answer_of_comprehends_that_nobody_can_read_is_a_failure(
    comprehend: ComprehendServer, detector: ComprehendPii, reply: Any
) -> None:
    comprehend.reply = reply
    with pytest.raises(ServiceFailure) as failed:
        await detector.detect("a text of ten words")
    assert (failed.value.service, failed.value.kind) == (COMPREHEND, "contract")


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        ((400, "TextSizeLimitExceededException"), "rejected"),
        ((400, "UnsupportedLanguageException"), "rejected"),
        ((400, "InvalidRequestException"), "rejected"),
        ((400, "ThrottlingException"), "error"),
        ((500, "InternalServerException"), "error"),
    ],
)
async def test_what_comprehend_refuses_has_a_kind_of_ours(
    comprehend: ComprehendServer, detector: ComprehendPii, refusal: tuple[int, str], kind: str
) -> None:
    comprehend.refusal = refusal
    with pytest.raises(ServiceFailure) as failed:
        await detector.detect("a text")
    assert (failed.value.kind, failed.value.detail) == (kind, refusal[1])
    with pytest.raises(ServiceFailure, match="too long"):
        await detector.detect("漫" * 40_000)


# ---- Bedrock


async def test_the_guardrail_is_asked_for_the_answer_and_tells_what_speaks_against_it(
    bedrock: BedrockServer, judge: BedrockGuardrail
) -> None:
    assert await judge.judge("I will kill you, idiot") == "contentPolicy INSULTS, contentPolicy VIOLENCE"
    assert await judge.judge("A nice book.") is None
    asked = bedrock.asked[0]
    assert (asked.model, asked.body["source"]) == ("gr-1", "OUTPUT")
    assert asked.body["content"] == [{"text": {"text": "I will kill you, idiot"}}]


async def test_what_the_guardrail_only_masks_blocks_nothing_and_an_unexplained_intervention_does(
    bedrock: BedrockServer, judge: BedrockGuardrail
) -> None:
    assert await judge.judge("write to bob@example.com") is None
    bedrock.judgement = Judgement(reply={"action": "GUARDRAIL_INTERVENED"})
    assert await judge.judge("x") == "intervened"


@pytest.mark.parametrize("reply", [{}, [], {"action": "MAYBE"}, {"action": "NONE", "assessments": {"a": 1}}])
async def test_a_judgement_that_nobody_can_read_is_a_failure(
    bedrock: BedrockServer, judge: BedrockGuardrail, reply: Any
) -> None:
    bedrock.judgement = Judgement(reply=reply)
    with pytest.raises(ServiceFailure) as failed:
        await judge.judge("x")
    assert (failed.value.service, failed.value.kind) == (BEDROCK, "contract")


async def test_what_the_store_wrote_of_a_book_is_not_sent_to_be_judged(
    bedrock: BedrockServer, judge: BedrockGuardrail, evidence: Evidence
) -> None:
    page = evidence.chunks[0].chunk.content
    text = f"{page} Anything else?"
    await JudgedToxicityStage(judge).examine(ReviewContext(text=text, evidence=evidence, by_model=True))
    sent = bedrock.asked[0].body["content"][0]["text"]["text"]
    assert "Standard shipping" not in sent
    assert sent.endswith("Anything else?")


# ---- down or late


async def failing(bedrock: BedrockServer, how: str) -> None:
    match how:
        case "throttles":
            bedrock.judgement = Judgement(refusal=REFUSALS["ThrottlingException"])
        case "refuses":
            bedrock.judgement = Judgement(refusal=REFUSALS["AccessDeniedException"])
        case "is late":
            bedrock.judgement = Judgement(until=asyncio.Event())
        case _:
            bedrock.judgement = Judgement(reply="nonsense")


@pytest.mark.parametrize("how", ["throttles", "refuses", "is late", "says nonsense"])
async def test_a_service_that_is_away_or_late_is_stood_in_for_and_that_is_seen(
    bedrock: BedrockServer, evidence: Evidence, review: Review, how: str
) -> None:
    """G-6, G-9: the local stage decides; the outcome, the audit and the metadata say that it had to."""
    judge = await BedrockGuardrail.open("gr-1", "3", REGION, bedrock.url, 1.0)
    await failing(bedrock, how)
    reviewing = review.having(Elsewhere(JudgedToxicityStage(judge), review.stage("toxicity")))
    for text, blocked in (("You are an idiot.", "toxicity"), ("A nice book.", None)):
        outcome = await reviewing.run(Reviewed(text=text, evidence=evidence, by_model=True))
        assert (outcome.blocked, outcome.degraded) == (blocked, (BEDROCK,))
        said = [finding.kind for finding in outcome.findings if finding.verdict is Verdict.ERROR]
        assert said == [f"without {BEDROCK}"]
    await judge.close()


class Counted:
    name: Any = "toxicity"

    def __init__(self) -> None:
        self.calls, self.is_away = 0, True

    async def examine(self, context: ReviewContext) -> StageResult:
        self.calls += 1
        if self.is_away:
            raise ServiceFailure(BEDROCK, "timeout")
        return StageResult()


async def test_a_service_that_failed_keeps_nobody_waiting_until_it_has_rested(
    evidence: Evidence, review: Review
) -> None:
    clock, there = FakeClock(), Counted()
    stage = Elsewhere(there, review.stage("toxicity"), clock)
    context = ReviewContext(text="A nice book.", evidence=evidence, by_model=True)
    assert [(await stage.examine(context)).degraded for _ in range(3)] == [BEDROCK] * 3
    assert there.calls == 1
    clock.advance(RESTS_S)
    there.is_away = False
    assert [(await stage.examine(context)).degraded for _ in range(3)] == [""] * 3
    assert there.calls == 4


async def test_nobody_else_is_asked_of_what_the_stores_own_writer_wrote(evidence: Evidence, review: Review) -> None:
    there = Counted()
    stage = Elsewhere(there, review.stage("toxicity"))
    assert (await stage.examine(ReviewContext(text="You idiot.", evidence=evidence))).verdict is Verdict.BLOCK
    assert there.calls == 0
