"""One attempt at answering one message, from its claim to its receipt (W-12, T-13).

| what is claimed | what follows |
|---|---|
| a message whose answer is saved | the saved answer is told again, never written anew |
| a message that two attempts have failed at | ``failed``, saved |
| a message that was stopped before it began | an empty answer, saved |
| one while a person is in | nothing is said but the receipt: it is theirs to answer (R-3) |
| any other | written, reviewed, audited, corrected, saved, and only then shown as done |

Whoever loses the session on the way falls silent: somebody else has it, and the store lets only one of them save.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from typing import Final, Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mangaassist.conversation import happenings, records
from mangaassist.conversation.answer_stream import AnswerStream
from mangaassist.conversation.entries import Sealer, message_of
from mangaassist.conversation.hold import Hold
from mangaassist.conversation.incidents import Incidents
from mangaassist.conversation.keeping import Keeping
from mangaassist.conversation.log import LOG, Claim, ConversationLog
from mangaassist.conversation.sessions import SessionStore
from mangaassist.errors import Overloaded, ServiceFailure, Superseded
from mangaassist.guardrails.audit import AuditContext, AuditLog, shown
from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.telemetry.analytics import Recorder
from mangaassist.telemetry.logs import logger
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing
from mangaassist.turn.memory import Session, TurnRecord
from mangaassist.turn.output import Output, Stop
from mangaassist.turn.stages import Answered, Message
from mangaassist.wire.frames import AnswerFrame, Failed, ServerFrame, Token
from mangaassist.wire.problems import NOT_TAKEN, Problem, problem

ATTEMPTS: Final = 2
GIVEN_UP: Final = problem(500, "given_up", "I couldn't answer this. Please ask me in other words.")
INTERNAL: Final = problem(500, "internal", "Something went wrong on our side. Please ask again.")
UNSAVED: Final = problem(503, "unsaved", "I couldn't save this answer. Please ask again in a moment.")

_FRAMES: Final = msgspec.json.Decoder(ServerFrame)
_log = logger("conversation")


class Answering(Protocol):
    """Writes and reviews the answer to a message (``turn/orchestrator``). What it raises ends the answer visibly."""

    async def answer(self, message: Message, session: Session, output: Output, stop: Stop) -> Answered: ...


class WorkerDependencies(Struct, frozen=True, kw_only=True):
    """What the workers of a process share. ``clock`` gives monotonic seconds, ``now`` UTC."""

    log: ConversationLog
    sessions: SessionStore
    audit: AuditLog
    orchestrator: Answering
    sealer: Sealer
    metrics: Metrics
    incidents: Incidents
    analytics: Recorder
    clock: Callable[[], float]
    now: Callable[[], datetime]
    tracing: Tracing = msgspec.field(default_factory=Tracing)


class Attempt:
    """``session`` is the session as it was saved last, before the attempt and after it; ``stop`` ends the writing."""

    def __init__(self, shared: WorkerDependencies, claim: Claim, session: Session, hold: Hold, stop: Stop) -> None:
        self._shared = shared
        self._claim = claim
        self._hold = hold
        self._stop = stop
        self._message = message_of(claim.entry, shared.sealer)
        self._stream = AnswerStream(hold)
        self._incidents = 0
        self._keeping = Keeping(shared.log, shared.sessions, session, hold, shared.clock)

    @property
    def session(self) -> Session:
        return self._keeping.session

    async def run(self) -> None:
        """Append the whole answer and its receipt.

        Raises ``Superseded`` when the session is lost on the way, ``ServiceFailure`` when nothing can be appended.
        """
        with self._shared.tracing.attempt(self._message.traceparent):
            await self._keeping.make_room()
            with closing(self._stream):
                end = await self._end()
                await self._stream.flush(end, ack=self._message.message_id)
        for what in happenings.answered(end, self._claim.entry.attempt):
            self._shared.analytics.note(what, self.session.session_id, self._message.identity.customer_id)
        await self._shared.incidents.note(self.session.session_id, self._incidents)

    async def _end(self) -> Sequence[AnswerFrame]:
        """The frames that the answer ends in, whatever goes wrong on the way to them."""
        try:
            return await self._answer()
        except Superseded:
            raise
        except Overloaded as overloaded:
            return self._failed(problem(503, "overloaded", str(overloaded)))
        except ServiceFailure as failure:
            if failure.service == LOG:
                raise
            _log.error("answer_unsaved", session=self.session.session_id[:6], failure=str(failure))
            return self._failed(UNSAVED)
        except Exception:
            _log.exception("turn_failed", session=self.session.session_id[:6], response=self._message.response_id)
            return self._failed(INTERNAL)

    async def _answer(self) -> Sequence[AnswerFrame]:
        """Everything up to the save; gives the frames that come after it. What cannot be saved is not called done (T-13)."""
        entry = self._claim.entry
        known = await self._keeping.known(self._message.message_id)
        if known is not None and known.digest == entry.digest:
            self._begin(known.response_id)
            return tuple(records.retold_frames(known))
        self._begin(entry.response_id)
        if known is not None:
            return self._failed(NOT_TAKEN["id_reused"])
        await self._audit_what_was_shown()
        if entry.attempt > ATTEMPTS:
            return await self._saved(self._unanswered(GIVEN_UP))
        if entry.stopped:
            return await self._saved(self._unanswered())
        if self.session.is_with_a_person:
            await self._audit(self._message.findings)
            return await self._saved(records.passed_on_record(self._message, entry.attempt, self._shared.now()))
        return await self._concluded(
            await self._shared.orchestrator.answer(self._message, self.session, self._stream, self._stop)
        )

    async def _concluded(self, answered: Answered) -> Sequence[AnswerFrame]:
        """Audit, corrections, save: in this order."""
        await self._stream.flush()
        corrections = self._stream.corrections(answered.edits)
        try:
            asins = dict.fromkeys((*(card.asin for card in answered.products), *answered.prices))
            await self._audit((*answered.findings, *shown(answered.prices)), tuple(asins))
        finally:
            await self._stream.correct(corrections)  # a wrong word is taken back, whatever else fails
        for stage, seconds, characters in self._stream.exposures(answered.edits):
            self._shared.metrics.observe_exposure(stage, seconds, characters)
        record = records.answered_record(answered, len(corrections), self._claim.entry.attempt, self._shared.now())
        begins = self.session.has_all_turns and all(turn.is_note for turn in self.session.turns)
        end = await self._saved(record)
        self._incidents = len(corrections) + (answered.metadata.blocked is not None)
        stages = tuple(draft.stage for draft in corrections)
        self._shared.metrics.observe_answer(
            answered.metadata, stages, self._shared.now(), answered.spans, answered.calls, begins=begins
        )
        return end

    def _unanswered(self, problem: Problem | None = None) -> TurnRecord:
        return records.unanswered_record(self._message, self._claim.entry.attempt, self._shared.now(), problem)

    def _begin(self, response_id: str) -> None:
        self._stream.begin(response_id, self._claim.entry.message_id, self._claim.entry.attempt)

    def _failed(self, problem: Problem) -> Sequence[AnswerFrame]:
        if not self._stream.has_begun:
            self._begin(self._message.response_id)
        return (Failed(response_id=self._message.response_id, problem=problem),)

    async def _saved(self, record: TurnRecord) -> Sequence[AnswerFrame]:
        """Save the record; gives the frames that it ends in."""
        end = tuple(records.closing_frames(record))
        await self._keeping.save(replace(record, last_seq=self._stream.last + len(end)))
        return end

    # ---- the audit

    async def _audit(self, findings: Sequence[Finding], asins: tuple[str, ...] = ()) -> None:
        if not findings:
            return
        context = AuditContext(
            session_id=self.session.session_id,
            response_id=self._message.response_id,
            customer_id=self._message.identity.customer_id,
            seq=self._stream.last or None,
            asins=asins,
        )
        await self._keeping.patiently(lambda: self._shared.audit.append(findings, context))

    async def _audit_what_was_shown(self) -> None:
        """An attempt that was cut off has shown words that nobody reviewed (W-12)."""
        frames = map(_FRAMES.decode, self._claim.shown)
        said = "".join(frame.content for frame in frames if isinstance(frame, Token))
        if said:
            await self._audit([Finding(stage="takeover", verdict=Verdict.ERROR, kind="cut_off", original=said)])
