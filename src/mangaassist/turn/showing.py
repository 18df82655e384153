"""What an answer says of itself when it is done (T-9, K-6)."""

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.writing import Usage
from mangaassist.models.routing import Route
from mangaassist.turn.budget import Budget
from mangaassist.wire.frames import Degraded
from mangaassist.wire.metadata import AnswerMetadata, Source


def metadata(
    meaning: Meaning,
    route: Route,
    usage: Usage,
    evidence: Evidence,
    budget: Budget,
    *,
    corrections: int,
    stopped: bool,
    blocked: str | None,
    traceparent: str,
) -> AnswerMetadata:
    first_token = budget.first_token_ms
    return AnswerMetadata(
        intent=meaning.intent,
        confidence=round(meaning.guess.confidence, 4),
        secondary_intent=meaning.guess.secondary,
        stage=meaning.guess.stage,
        tier=route.tier,
        model=usage.model,
        reason=route.reason,
        latency_ms=round(budget.elapsed_ms(), 3),
        ttft_ms=None if first_token is None else round(first_token, 3),
        timings=budget.report(),
        sources=sources(evidence),
        degraded=tuple(degradation.service for degradation in evidence.degraded),
        corrections=corrections,
        tokens_in=usage.tokens_in,
        tokens_out=usage.tokens_out,
        cost_usd=usage.cost_usd,
        stopped=stopped,
        blocked=blocked,
        traceparent=traceparent,
    )


def sources(evidence: Evidence) -> tuple[Source, ...]:
    return tuple(
        Source(
            chunk_id=scored.chunk.chunk_id,
            title=scored.chunk.title,
            source_type=scored.chunk.source_type,
            score=round(scored.score, 4),
            asin=scored.chunk.asin,
        )
        for scored in evidence.chunks
    )


def degraded_frames(evidence: Evidence, response_id: str) -> list[Degraded]:
    return [
        Degraded(
            response_id=response_id,
            service=degradation.service,
            fallback=degradation.fallback,
            as_of=degradation.as_of.isoformat() if degradation.as_of else None,
        )
        for degradation in evidence.degraded
    ]
