"""What analytics hears of a message and of the frames that its answer ends in: figures alone (O-5)."""

from collections.abc import Iterator, Sequence

from mangaassist.telemetry.analytics import Answered, AnyEvent, Asked, Failed, Shown
from mangaassist.turn.stages import Message
from mangaassist.wire.frames import Actions, AnswerFrame, Done, Products, Suggestions
from mangaassist.wire.frames import Failed as FailedFrame


def asked(message: Message) -> Asked:
    redactions = sum(finding.is_private for finding in message.findings)
    return Asked(
        response_id=message.response_id, chars=len(message.text), redactions=redactions, blocked=message.blocked
    )


def answered(end: Sequence[AnswerFrame], attempt: int) -> Iterator[AnyEvent]:
    """The same for an answer that is told again, so that it is counted once."""
    receipt = end[-1]
    shown = Shown(
        response_id=receipt.response_id,
        asins=tuple(card.asin for frame in end if isinstance(frame, Products) for card in frame.items),
        buttons=tuple(button.type for frame in end if isinstance(frame, Actions) for button in frame.buttons),
        suggestions=sum(len(frame.items) for frame in end if isinstance(frame, Suggestions)),
    )
    if shown.asins or shown.buttons or shown.suggestions:
        yield shown
    match receipt:
        case Done():
            yield _whole(receipt, attempt)
        case FailedFrame():
            yield Failed(response_id=receipt.response_id, attempt=attempt, code=receipt.problem.code)
        case _:
            pass


def _whole(done: Done, attempt: int) -> Answered:
    told = done.metadata
    return Answered(
        response_id=done.response_id,
        ending="blocked" if told.blocked else "stopped" if told.stopped else "whole",
        attempt=attempt,
        intent=told.intent,
        secondary_intent=told.secondary_intent,
        confidence=told.confidence,
        stage=told.stage,
        tier=told.tier,
        model=told.model,
        latency_ms=told.latency_ms,
        ttft_ms=told.ttft_ms,
        cost_usd=told.cost_usd,
        tokens_in=told.tokens_in,
        tokens_out=told.tokens_out,
        corrections=told.corrections,
        cached=told.cached,
        services=told.services,
        degraded=told.degraded,
    )
