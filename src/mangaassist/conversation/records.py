"""What is saved of a turn, and the frames that it ends in: the same ones when it is told for the first time and again (T-13)."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from mangaassist.turn.memory import TurnRecord
from mangaassist.turn.stages import Answered, Message
from mangaassist.wire.frames import Actions, AnswerFrame, Done, Failed, Products, Suggestions, Token
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.problems import Problem

NOBODY = "none"
PASSED_ON = "a person answers"
"""The ``reason`` in the metadata of an answer that says nothing because the message went to a person."""


def answered_record(answered: Answered, corrections: int, attempt: int, at: datetime) -> TurnRecord:
    message = answered.message
    return TurnRecord(
        response_id=message.response_id,
        message_id=message.message_id,
        digest=message.digest,
        message=message.text,
        answer=answered.text,
        intent=answered.metadata.intent,
        products=answered.products,
        actions=answered.actions,
        suggestions=answered.suggestions,
        metadata=replace(answered.metadata, corrections=corrections),
        stopped=answered.ending == "stopped",
        attempt=attempt,
        at=at,
        dialogue=answered.dialogue,
    )


def unanswered_record(message: Message, attempt: int, at: datetime, problem: Problem | None = None) -> TurnRecord:
    """A message that was stopped before anything was said, or that nobody could answer."""
    return TurnRecord(
        response_id=message.response_id,
        message_id=message.message_id,
        digest=message.digest,
        message=message.text,
        answer="",
        intent=NOBODY,
        metadata=_NOTHING_SAID,
        problem=problem,
        stopped=problem is None,
        attempt=attempt,
        at=at,
    )


def passed_on_record(message: Message, attempt: int, at: datetime) -> TurnRecord:
    """A message that a person answers (R-3): it is settled, and the assistant has nothing to say."""
    return replace(unanswered_record(message, attempt, at), metadata=_PASSED_ON, stopped=False)


def closing_frames(record: TurnRecord) -> Iterator[AnswerFrame]:
    """Cards, buttons, suggestions and the receipt."""
    response_id = record.response_id
    if record.products:
        yield Products(response_id=response_id, items=record.products)
    if record.actions:
        yield Actions(response_id=response_id, buttons=record.actions)
    if record.suggestions:
        yield Suggestions(response_id=response_id, items=record.suggestions)
    if record.problem is not None:
        yield Failed(response_id=response_id, problem=record.problem)
    else:
        yield Done(response_id=response_id, metadata=record.metadata or _NOTHING_SAID)


def retold_frames(record: TurnRecord) -> Iterator[AnswerFrame]:
    """The whole answer after its ``start``, as it was saved."""
    if record.answer:
        yield Token(response_id=record.response_id, content=record.answer)
    yield from closing_frames(record)


_NOTHING_SAID = AnswerMetadata(
    intent=NOBODY,
    confidence=0.0,
    stage="rules",
    tier="template",
    model=NOBODY,
    reason="nothing was said",
    latency_ms=0.0,
    ttft_ms=None,
    timings={},
    stopped=True,
)
_PASSED_ON = replace(_NOTHING_SAID, reason=PASSED_ON, stopped=False)
