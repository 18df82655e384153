"""An answer as a run of AG-UI 1.0: frames in, events out (R-10).

    start ─► RUN_STARTED, handoff? ─► degraded* ─► text ─► (end, MESSAGES_SNAPSHOT)* ─► products? … ─► RUN_FINISHED │ RUN_ERROR

What an event says follows from the frames up to its own, and from nothing else: told again, an answer is the same events, of
which ``resuming.py`` leaves out those that were heard. A correction ends the message, tells the conversation as it reads
now, and what follows goes on under the same id; so does an answer that begins again.
"""

from collections.abc import Callable, Iterator

from msgspec import UNSET, Struct

from mangaassist.wire.ag_ui import (
    ACTIVITIES,
    CANCELLED,
    SUCCESS,
    ActionsShown,
    ActivitySnapshot,
    AgUiEvent,
    AnswerShown,
    DegradedShown,
    MessagesSnapshot,
    ProductsShown,
    RunError,
    RunFinished,
    RunMessage,
    RunOrigin,
    RunStarted,
    RunStartedMetadata,
    Shown,
    SuggestionsShown,
    TextMessageContent,
    TextMessageEnd,
    TextMessageStart,
)
from mangaassist.wire.frames import (
    Actions,
    AnswerFrame,
    Correction,
    Degraded,
    Done,
    Failed,
    HandoffView,
    Products,
    Start,
    Suggestions,
    Token,
)
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.problems import Problem
from mangaassist.wire.transcript import Transcript
from mangaassist.wire.ui_messages import Degradation


class Run(Struct, frozen=True, kw_only=True):
    """What a run is, apart from its answer. ``before`` gives the conversation that a correction is told within."""

    thread_id: str
    run_id: str
    session_id: str
    handoff: HandoffView | None = None
    before: Callable[[], tuple[RunMessage, ...]] = tuple

    def started(self, response_id: str | None = None) -> Iterator[AgUiEvent]:
        origin = RunOrigin(session_id=self.session_id, response_id=response_id)
        yield RunStarted(thread_id=self.thread_id, run_id=self.run_id, metadata=RunStartedMetadata(mangaassist=origin))
        if self.handoff is not None:
            yield activity(self.handoff.ticket_id, self.handoff)

    def finished(self, metadata: AnswerMetadata | None = None) -> RunFinished:
        outcome = CANCELLED if metadata is not None and metadata.stopped else SUCCESS
        return RunFinished(
            thread_id=self.thread_id,
            run_id=self.run_id,
            result=UNSET if metadata is None else metadata,
            outcome=outcome,
        )


class AgUiEncoder:
    """One answer, as far as it was told. ``is_started``: the client has heard that the run began."""

    def __init__(self, run: Run, is_started: bool = False) -> None:
        self._run = run
        self._is_started = is_started
        self._transcript = Transcript()
        self._shown: dict[str, AnswerShown] = {}
        """By the kind of activity, what this attempt shows."""
        self._has_said = False
        """Something of an earlier attempt or of this one was said, and stands with the client."""
        self.open: str | None = None
        """The message that is being told."""
        self.is_over = False

    @property
    def has_begun(self) -> bool:
        return bool(self._transcript.response_id)

    def encode(self, frame: AnswerFrame) -> tuple[AgUiEvent, ...]:
        """The events for one frame. Frames before the first ``start`` and after the receipt say nothing."""
        if self.is_over or not (self.has_begun or isinstance(frame, Start)):
            return ()
        return tuple(self._told(frame))

    def as_it_stands(self, open_there: str | None, is_noted_there: bool) -> Iterator[AgUiEvent]:
        """All that was told so far, for a client with whom ``open_there`` is open, and perhaps what a dead attempt did without."""
        if open_there is not None:
            yield TextMessageEnd(message_id=open_there)
        yield self._snapshot()
        if is_noted_there and ACTIVITIES[DegradedShown] not in self._shown:
            yield self._activity(DegradedShown())
        yield from map(self._activity, self._shown.values())
        if self.open is not None:
            yield TextMessageStart(message_id=self.open)

    def _told(self, frame: AnswerFrame) -> Iterator[AgUiEvent]:
        match frame:
            case Start():
                yield from self._began(frame)
            case Token():
                yield from self._said(frame)
            case Correction():
                yield from self._corrected(frame)
            case Done():
                yield from self._closed()
                self.is_over = True
                yield self._run.finished(frame.metadata)
            case Failed():
                yield from self._closed()
                self.is_over = True
                yield failed(frame.problem)
            case _:
                yield from self._beside(frame)

    def _began(self, start: Start) -> Iterator[AgUiEvent]:
        if self.has_begun:
            yield from self._void()
        self._transcript.apply(start)
        if not self._is_started:
            self._is_started = True
            yield from self._run.started(start.response_id)
        elif self._has_said:
            self._has_said = False
            yield self._snapshot()

    def _void(self) -> Iterator[AgUiEvent]:
        """What the attempt has said and shown counts no more."""
        yield from self._closed()
        for shown in self._shown.values():
            yield self._activity(type(shown)())
        self._shown = {}

    def _said(self, token: Token) -> Iterator[AgUiEvent]:
        self._transcript.apply(token)
        self._has_said = True
        if self.open is None:
            self.open = self._transcript.response_id
            yield TextMessageStart(message_id=self.open)
        yield TextMessageContent(message_id=self.open, delta=token.content)

    def _closed(self) -> Iterator[AgUiEvent]:
        if self.open is not None:
            yield TextMessageEnd(message_id=self.open)
            self.open = None

    def _corrected(self, correction: Correction) -> Iterator[AgUiEvent]:
        self._transcript.apply(correction)
        yield from self._closed()
        yield self._snapshot()

    def _snapshot(self) -> MessagesSnapshot:
        answer = RunMessage(id=self._transcript.response_id, role="assistant", content=self._transcript.text)
        return MessagesSnapshot(messages=(*self._run.before(), *((answer,) if answer.content else ())))

    def _beside(self, frame: AnswerFrame) -> Iterator[AgUiEvent]:
        shown = self._shown_by(frame)
        if shown is not None:
            self._shown[ACTIVITIES[type(shown)]] = shown
            yield self._activity(shown)

    def _shown_by(self, frame: AnswerFrame) -> AnswerShown | None:
        match frame:
            case Degraded():
                self._transcript.apply(frame)
                return DegradedShown(services=tuple(map(_degradation, self._transcript.degraded)))
            case Products():
                return ProductsShown(items=frame.items)
            case Actions():
                return ActionsShown(buttons=frame.buttons)
            case Suggestions():
                return SuggestionsShown(items=frame.items)
            case _:
                return None

    def _activity(self, shown: AnswerShown) -> ActivitySnapshot:
        return activity(activity_id(self._transcript.response_id, shown), shown)


def activity_id(response_id: str, shown: AnswerShown) -> str:
    return f"{response_id}-{ACTIVITIES[type(shown)]}"


def activity(message_id: str, shown: Shown) -> ActivitySnapshot:
    return ActivitySnapshot(message_id=message_id, activity_type=ACTIVITIES[type(shown)], content=shown)


def failed(problem: Problem) -> RunError:
    return RunError(message=problem.detail, code=problem.code)


def _degradation(frame: Degraded) -> Degradation:
    return Degradation(service=frame.service, fallback=frame.fallback, as_of=frame.as_of)
