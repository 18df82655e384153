"""What an answer says of itself: its metadata, its sources, what it did without, and the metrics it leaves (T-9, K-6, S-5)."""

import re
from collections.abc import Iterator
from typing import Final

from mangaassist.domain.evidence import Degradation, Evidence
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.writing import Usage
from mangaassist.guardrails.review import ReviewOutcome
from mangaassist.models.routing import Route
from mangaassist.telemetry.metrics import Metrics
from mangaassist.turn.turn import Turn
from mangaassist.wire.metadata import AnswerMetadata, Source

TELLING: Final = 30
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|\n+")


def metadata(
    turn: Turn, meaning: Meaning, route: Route, usage: Usage, evidence: Evidence, outcome: ReviewOutcome
) -> AnswerMetadata:
    first_token = turn.budget.first_token_ms
    return AnswerMetadata(
        intent=meaning.intent,
        confidence=round(meaning.guess.confidence, 4),
        secondary_intent=meaning.guess.secondary,
        stage=meaning.guess.stage,
        tier=route.tier,
        model=usage.model,
        reason=route.reason,
        latency_ms=round(turn.budget.elapsed_ms(), 3),
        ttft_ms=None if first_token is None else round(first_token, 3),
        timings=turn.budget.report(),
        sources=sources(evidence, outcome.text),
        degraded=tuple(degradation.service for degradation in evidence.degraded),
        corrections=len(turn.corrections),
        tokens_in=usage.tokens_in,
        tokens_out=usage.tokens_out,
        cost_usd=usage.cost_usd,
        stopped=turn.stop.is_set(),
        blocked=outcome.blocked,
        traceparent=turn.traceparent,
    )


def sources(evidence: Evidence, answer: str) -> tuple[Source, ...]:
    """The chunks that the answer used: those whose title it names or whose words it repeats (K-6)."""
    return tuple(
        Source(
            chunk_id=scored.chunk.chunk_id,
            title=scored.chunk.title,
            source_type=scored.chunk.source_type,
            score=round(scored.score, 4),
            asin=scored.chunk.asin,
        )
        for scored in evidence.chunks
        if scored.chunk.title in answer or any(sentence in answer for sentence in _sentences(scored.chunk.content))
    )


def _sentences(text: str) -> Iterator[str]:
    """Sentences that are long enough to be nobody else's."""
    return (sentence for sentence in _SENTENCE_END.split(text) if len(sentence) >= TELLING)


def degraded(degradation: Degradation) -> dict[str, str | None]:
    """The fields of a ``degraded`` frame."""
    as_of = degradation.as_of.isoformat() if degradation.as_of else None
    return {"service": degradation.service, "fallback": degradation.fallback, "as_of": as_of}


def observe(
    metrics: Metrics, turn: Turn, meaning: Meaning, route: Route, evidence: Evidence, outcome: ReviewOutcome
) -> None:
    ended = "blocked" if outcome.blocked else "stopped" if turn.stop.is_set() else "answered"
    metrics.turns.labels(meaning.intent, route.tier, ended).inc()
    if turn.budget.first_token_ms is not None:
        metrics.first_token.observe(turn.budget.first_token_ms / 1000)
    for stage, took in turn.budget.timings.items():
        metrics.stage.labels(stage).observe(took / 1000)
    for degradation in evidence.degraded:
        metrics.degraded.labels(degradation.service).inc()
    for stage in turn.corrections:
        metrics.corrections.labels(stage).inc()
    if outcome.blocked:
        metrics.blocked.labels(outcome.blocked).inc()
