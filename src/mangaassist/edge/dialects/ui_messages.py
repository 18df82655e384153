"""An answer in the Vercel UI message stream protocol: frames in, parts out, and what a posted body asks for (R-7).

    start ─► data-session ─► start-step ─► data-degraded* ─► text ─► data-products? … ─► source-document* ─► finish-step ─► finish

A correction changes text that has left already. Clients that know ``reset-step`` (AI SDK 7 and later) hear it, and then all
that the step says and shows again; others are told the whole text in a ``data-correction`` part, which always has the same id.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from mangaassist.errors import BadInput, FieldProblem
from mangaassist.turn.memory import Session, TurnRecord
from mangaassist.wire.frames import (
    MAX_MESSAGE_CHARS,
    Actions,
    AnswerFrame,
    Correction,
    Degraded,
    Done,
    Failed,
    Products,
    Start,
    Suggestions,
    Token,
)
from mangaassist.wire.metadata import Source
from mangaassist.wire.problems import Problem
from mangaassist.wire.rest import SessionId
from mangaassist.wire.transcript import Transcript
from mangaassist.wire.ui_messages import (
    ActionsPart,
    AnswerOrigin,
    CorrectedText,
    CorrectionPart,
    Degradation,
    DegradedPart,
    DocumentMetadata,
    DocumentOrigin,
    MessageError,
    MessageFinish,
    MessageStart,
    OriginChanged,
    ProductsPart,
    Restarted,
    RestartPart,
    SessionPart,
    SourceDocument,
    StepFinish,
    StepReset,
    StepStart,
    StreamRequest,
    SuggestionsPart,
    TextDelta,
    TextEnd,
    TextStart,
    UIMessage,
    UIMessagePart,
)

MEDIA_TYPE_OF_KNOWLEDGE: Final = "text/plain"
SESSION_PREFIX: Final = "s_"


class UIMessageEncoder:
    """One answer, as far as it was told. ``resets``: the client knows ``reset-step``."""

    def __init__(self, session_id: str, resets: bool) -> None:
        self._session_id = session_id
        self._resets = resets
        self._shown = Transcript()
        self._begun = 0
        """How often the answer began."""
        self._texts = 0
        self._text_id: str | None = None
        self._correction: Correction | None = None
        """The last one of this attempt."""
        self._beside: list[UIMessagePart] = []
        self._is_stale = False
        """The step holds words that were put right since."""
        self.is_over = False

    def encode(self, frames: Iterable[AnswerFrame]) -> tuple[UIMessagePart, ...]:
        """The parts for frames that came together. Frames before the first ``start`` and after the receipt say nothing."""
        parts = [part for frame in frames for part in self._told(frame)]
        return (*parts, *self._settled())

    def broken_off(self, problem: Problem) -> tuple[UIMessagePart, ...]:
        """The end of an answer whose receipt cannot be waited for."""
        return () if self.is_over else (*self._settled(), *self._ended(problem))

    def _told(self, frame: AnswerFrame) -> Iterator[UIMessagePart]:
        if self.is_over or not (self._begun or isinstance(frame, Start)):
            return
        if self._is_stale and not isinstance(frame, Correction | Start):
            yield from self._settled()
        before = self._shown.response_id
        self._shown.apply(frame)
        match frame:
            case Start():
                yield from self._started(frame, before)
            case Token():
                yield from self._said(frame.content)
            case Correction():
                yield from self._corrected(frame)
            case Degraded() | Products() | Actions() | Suggestions():
                yield self._beside_it(frame)
            case Done():
                yield from self._ended(None)
            case Failed():
                yield from self._ended(frame.problem)
            case _:
                pass

    # ---- beginning and end

    def _started(self, start: Start, before: str) -> Iterator[UIMessagePart]:
        self._begun += 1
        self._is_stale, self._correction, self._beside = False, None, []
        origin = AnswerOrigin(session_id=self._session_id, response_id=start.response_id)
        if self._begun == 1:
            yield MessageStart(message_id=start.response_id, message_metadata=origin)
            yield SessionPart(id="session", data=origin)
            yield StepStart()
            return
        if self._resets:
            self._text_id = None  # a reset closes what is open
            yield StepReset()
        else:
            yield from self._closed()
            yield RestartPart(id=f"restart-{self._begun}", data=Restarted(attempt=start.attempt))
        if start.response_id != before:
            yield OriginChanged(message_metadata=origin)
            yield SessionPart(id="session", data=origin)

    def _ended(self, problem: Problem | None) -> Iterator[UIMessagePart]:
        self.is_over = True
        yield from self._closed()
        metadata = self._shown.metadata if problem is None else None
        if metadata is not None:
            yield from map(_document, metadata.sources)
        if problem is not None:
            yield MessageError(error_text=problem.detail)
        if self._begun:
            yield StepFinish()
        yield MessageFinish(message_metadata=metadata)

    # ---- the text

    def _said(self, content: str) -> Iterator[UIMessagePart]:
        if self._text_id is None:
            self._texts += 1
            self._text_id = f"text-{self._texts}"
            yield TextStart(id=self._text_id)
        yield TextDelta(id=self._text_id, delta=content)
        if self._correction is not None and not self._resets:
            yield self._corrected_text(self._correction)

    def _closed(self) -> Iterator[UIMessagePart]:
        if self._text_id is not None:
            yield TextEnd(id=self._text_id)
            self._text_id = None

    def _corrected(self, correction: Correction) -> Iterator[UIMessagePart]:
        self._correction = correction
        if self._resets:
            self._is_stale = True
        else:
            yield self._corrected_text(correction)

    def _corrected_text(self, correction: Correction) -> CorrectionPart:
        return CorrectionPart(
            id=self._id("correction"),
            data=CorrectedText(
                text=self._shown.text,
                replace_seq=correction.replace_seq,
                through_seq=correction.through_seq,
                content=correction.content,
                stage=correction.stage,
            ),
        )

    def _settled(self) -> Iterator[UIMessagePart]:
        """All that the step says and shows, told again when corrections have changed it; several at once change it once."""
        if not self._is_stale:
            return
        self._is_stale, self._text_id = False, None
        yield StepReset()
        if self._shown.text:
            yield from self._said(self._shown.text)
        yield from self._beside

    # ---- what is shown beside it

    def _beside_it(self, frame: Degraded | Products | Actions | Suggestions) -> UIMessagePart:
        match frame:
            case Degraded():
                data = Degradation(service=frame.service, fallback=frame.fallback, as_of=frame.as_of)
                part = DegradedPart(id=self._id(f"degraded-{len(self._beside)}"), data=data)
            case Products():
                part = ProductsPart(id=self._id("products"), data=frame.items)
            case Actions():
                part = ActionsPart(id=self._id("actions"), data=frame.buttons)
            case Suggestions():
                part = SuggestionsPart(id=self._id("suggestions"), data=frame.items)
        self._beside.append(part)
        return part

    def _id(self, name: str) -> str:
        """The same however often the answer is told, and another for each time it begins."""
        return f"{name}-{self._begun}"


def _document(source: Source) -> SourceDocument:
    origin = DocumentOrigin(source_type=source.source_type, score=source.score, asin=source.asin, url=source.url)
    return SourceDocument(
        source_id=source.chunk_id,
        title=source.title,
        media_type=MEDIA_TYPE_OF_KNOWLEDGE,
        provider_metadata=DocumentMetadata(mangaassist=origin),
    )


# ---- what a body asks for


class Asked(Struct, frozen=True, kw_only=True):
    """``message_id`` is that of the message in the page, None when it has none; ``again``: it was answered before."""

    text: str
    session_id: str | None
    message_id: str | None = None
    again: bool = False

    async def message_id_in(self, session: Session, is_saved: Callable[[str], Awaitable[bool]]) -> str | None:
        """The id under which the conversation takes the message; ``is_saved`` tells of an id whether a turn has it.

        A resend has the id of what is sent again. What is edited or wanted again has the next one that no saved turn has, so
        that a resend of it is not answered twice while it is being answered.
        """
        if self.message_id is None or not self.again:
            return self.message_id
        prefix = self.message_id + _AGAIN
        times = max((_times(turn, prefix) for turn in session.turns), default=0)
        if times == 0 and not session.has_all_turns:
            times = await _last_of(lambda number: is_saved(f"{prefix}{number}"))
        return f"{prefix}{times + 1}"


_AGAIN: Final = "~"


def _times(turn: TurnRecord, prefix: str) -> int:
    times = turn.message_id.removeprefix(prefix)
    return int(times) if times != turn.message_id and times.isdecimal() else 0


async def _last_of(is_there: Callable[[int], Awaitable[bool]]) -> int:
    """A number that is there, or 0, before one that is not. It is found by few questions, however large it is."""
    last, free = 0, 1
    while await is_there(free):
        last, free = free, 2 * free
    while free - last > 1:
        middle = (last + free) // 2
        if await is_there(middle):
            last = middle
        else:
            free = middle
    return last


def asked(request: StreamRequest) -> Asked:
    """Raises ``BadInput`` when there is no message in it, or none that can be taken."""
    if request.message is not None:
        return Asked(text=request.message, session_id=request.session_id)
    place, message = next(
        ((place, each) for place, each in reversed(tuple(enumerate(request.messages))) if each.role == "user"),
        (None, None),
    )
    if message is None:
        raise _wrong("messages", "holds no message of the user")
    text = "".join(part.text for part in message.parts if part.type == "text")
    if not text:
        raise _wrong(f"messages[{place}].parts", "holds no text")
    if len(text) > MAX_MESSAGE_CHARS:
        raise _wrong(f"messages[{place}].parts", f"must not be longer than {MAX_MESSAGE_CHARS}")
    return Asked(
        text=text,
        session_id=_session_id(request),
        message_id=message.id or None,
        again=request.trigger == "regenerate-message" or request.message_id == message.id,
    )


def _wrong(field: str, detail: str) -> BadInput:
    return BadInput("invalid_field", f"{field}: {detail}", [FieldProblem(field, detail)])


class _Told(Struct, frozen=True):
    session_id: SessionId | None = None


def _session_id(request: StreamRequest) -> str | None:
    """As the body says it, else as the newest answer was told it, else the chat's own id when it is one of our making."""
    if request.session_id is not None:
        return request.session_id
    for message in reversed(request.messages):
        if message.role == "assistant" and (told := _told(message)) is not None:
            return told
    return request.id if request.id is not None and request.id.startswith(SESSION_PREFIX) else None


def _told(answer: UIMessage) -> str | None:
    try:
        return msgspec.convert(answer.metadata, _Told).session_id
    except msgspec.ValidationError:  # the page's own business
        return None
