"""The review of the whole answer after the stream (G-3): every stage in its order, and what an error in one of them means (G-6)."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final, Self

from msgspec import Struct, field
from msgspec.structs import replace

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Strictness
from mangaassist.domain.meaning import Meaning
from mangaassist.guardrails.competitors import CompetitorNames
from mangaassist.guardrails.edits import Edit, EditedText, apply_edits
from mangaassist.guardrails.findings import Finding, Stage, Verdict
from mangaassist.guardrails.review_context import (
    Existing,
    Opinion,
    ReviewContext,
    ReviewStage,
    SentenceHead,
    StageResult,
)
from mangaassist.guardrails.stages.asins import AsinStage
from mangaassist.guardrails.stages.claims import ClaimsStage
from mangaassist.guardrails.stages.competitors import CompetitorStage
from mangaassist.guardrails.stages.markup import MarkupStage
from mangaassist.guardrails.stages.pii import PiiStage
from mangaassist.guardrails.stages.prices import PricesStage, without_prices
from mangaassist.guardrails.stages.scope import ScopeStage
from mangaassist.guardrails.stages.toxicity import SAFE_ANSWER, ToxicityStage
from mangaassist.guardrails.tidying import tidied
from mangaassist.guardrails.toxicity import ToxicityLexicon

STAGE_LIMIT_S: Final = 2.0
"""The longest that one stage may take; past it the stage has failed."""


class Reviewed(Struct, frozen=True, kw_only=True):
    """An answer to review: the text as it was sent, the ASINs of the cards that wait, and what is known."""

    text: str
    cards: tuple[str, ...] = ()
    evidence: Evidence
    meaning: Meaning | None = None
    strictness: Strictness = "normal"
    toxicity: SentenceHead | None = None
    elsewhere: SentenceHead | None = None
    opinion: Opinion | None = None
    by_model: bool = False
    """Whether a model wrote it, now or before."""


class ReviewOutcome(Struct, frozen=True, kw_only=True):
    """``edits`` turn the reviewed text into ``text``; ``cards`` may be shown. ``blocked`` is None, or the stage that blocked.

    ``timings``: milliseconds by stage; ``degraded``: services that stages did without (G-9). A blocked answer shows no cards.
    """

    text: str
    edits: tuple[Edit, ...] = ()
    blocked: str | None = None
    cards: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    timings: dict[str, float] = field(default_factory=dict[str, float])
    degraded: tuple[str, ...] = ()

    @classmethod
    def untouched(cls, text: str, cards: tuple[str, ...] = (), blocked: str | None = None) -> Self:
        """An answer that needed no review, because the store wrote it."""
        return cls(text=text, cards=cards, blocked=blocked)


def _blocks(_: ReviewContext) -> StageResult:
    return StageResult(verdict=Verdict.BLOCK, fallback=SAFE_ANSWER)


def _strips_prices(context: ReviewContext) -> StageResult:
    return StageResult(verdict=Verdict.ERROR, edits=without_prices(context.text))


def _drops_cards(_: ReviewContext) -> StageResult:
    return StageResult(verdict=Verdict.ERROR, cards=())


def _lets_pass(_: ReviewContext) -> StageResult:
    return StageResult(verdict=Verdict.ERROR)


ON_ERROR: Final[dict[Stage, Callable[[ReviewContext], StageResult]]] = {
    "markup": _blocks,
    "pii": _blocks,
    "claims": _blocks,
    "prices": _strips_prices,
    "toxicity": _blocks,
    "competitors": _blocks,
    "asins": _drops_cards,
    "scope": _lets_pass,
}
"""What a stage that failed stands for (G-6): closed for everything but scope."""


class Review:
    """All stages. Lives as long as the process; ``run`` keeps nothing between answers."""

    def __init__(self, stages: Sequence[ReviewStage], clock: Callable[[], float] = time.perf_counter) -> None:
        self._stages = tuple(stages)
        self._clock = clock

    @classmethod
    def load(cls, names: CompetitorNames | None = None, lexicon: ToxicityLexicon | None = None) -> Self:
        """The local stages, in the order of G-3. Their word lists come from the package."""
        names = names or CompetitorNames.load()
        return cls(
            (
                MarkupStage(names),
                PiiStage(),
                ClaimsStage(),
                PricesStage(),
                ToxicityStage(lexicon or ToxicityLexicon.load()),
                CompetitorStage(names),
                AsinStage(),
                ScopeStage(),
            )
        )

    def having(self, *others: ReviewStage) -> "Review":
        """The same review with these stages in the places of those of their names (G-9)."""
        by_name = {stage.name: stage for stage in others}
        return Review([by_name.get(stage.name, stage) for stage in self._stages], self._clock)

    @property
    def stages(self) -> tuple[ReviewStage, ...]:
        """In their order."""
        return self._stages

    def stage(self, name: Stage) -> ReviewStage:
        return next(stage for stage in self._stages if stage.name == name)

    async def run(self, reviewed: Reviewed, existing: Existing | None = None) -> ReviewOutcome:
        """Review one answer. Never raises: a stage that fails is a finding, and stands for what ``ON_ERROR`` says."""
        edited = EditedText(reviewed.text)
        cards = reviewed.cards
        findings: list[Finding] = []
        timings: dict[str, float] = {}
        degraded: tuple[str, ...] = ()
        for stage in self._stages:
            context = ReviewContext(
                text=edited.text,
                cards=cards,
                evidence=reviewed.evidence,
                meaning=reviewed.meaning,
                strictness=reviewed.strictness,
                by_model=reviewed.by_model,
                existing=existing,
                toxicity=reviewed.toxicity,
                elsewhere=reviewed.elsewhere,
                opinion=reviewed.opinion,
            )
            began = self._clock()
            result = await _examined(stage, context, findings)
            findings.extend(_found(stage.name, context, result))
            degraded += (result.degraded,) if result.degraded else ()
            timings[stage.name] = (self._clock() - began) * 1000
            if result.verdict is Verdict.BLOCK:
                return replace(_blocked(reviewed, stage.name, result, findings, timings), degraded=degraded)
            edited.apply(result.edits)
            cards = cards if result.cards is None else result.cards
        edits = tidied(reviewed.text, edited.edits())
        return ReviewOutcome(
            text=apply_edits(reviewed.text, edits),
            edits=edits,
            cards=cards,
            findings=tuple(findings),
            timings=timings,
            degraded=degraded,
        )


async def _examined(stage: ReviewStage, context: ReviewContext, findings: list[Finding]) -> StageResult:
    try:
        async with asyncio.timeout(STAGE_LIMIT_S):
            return await stage.examine(context)
    except Exception as error:  # whatever it is, the answer must not leave unchecked
        findings.append(Finding(stage=stage.name, verdict=Verdict.ERROR, kind=type(error).__name__))
        return _stood_in_for(stage.name, context)


def _stood_in_for(name: Stage, context: ReviewContext) -> StageResult:
    try:
        return replace(ON_ERROR[name](context), kind="failed")
    except Exception:  # what strips the prices may fail for the reason for which the stage did
        return replace(_blocks(context), kind="failed")


def _found(name: Stage, context: ReviewContext, result: StageResult) -> list[Finding]:
    """One finding per edit, and one for what a stage did beyond its edits."""
    found = [
        Finding(
            stage=name,
            verdict=Verdict.CHANGE,
            kind=edit.kind,
            original=context.text[edit.start : edit.end],
            replacement=edit.replacement,
        )
        for edit in result.edits
    ]
    if result.degraded:
        found.append(Finding(stage=name, verdict=Verdict.ERROR, kind=f"without {result.degraded}"))
    lost = result.cards is not None and result.cards != context.cards
    if result.verdict in (Verdict.BLOCK, Verdict.ERROR) or lost:
        found.append(Finding(stage=name, verdict=result.verdict, kind=result.kind or name, original=result.detail))
    return found


def _blocked(
    reviewed: Reviewed, name: Stage, result: StageResult, findings: list[Finding], timings: dict[str, float]
) -> ReviewOutcome:
    """The whole answer gives way to the fallback: nothing of it stays on the shopper's screen."""
    edit = Edit(0, len(reviewed.text), result.fallback or SAFE_ANSWER, name, result.kind or "blocked")
    return ReviewOutcome(
        text=edit.replacement,
        edits=(edit,),
        blocked=name,
        cards=(),
        findings=tuple(findings),
        timings=timings,
    )
