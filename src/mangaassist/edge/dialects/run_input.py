"""What a posted run of AG-UI asks for, and a conversation as AG-UI's messages (R-10)."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, cast
from uuid import UUID

from msgspec import Struct

from mangaassist.conversation.conversations import Conversations, session_id_of
from mangaassist.edge.dialects.ag_ui import activity_id
from mangaassist.edge.dialects.resuming import run_mark
from mangaassist.errors import BadInput, FieldProblem
from mangaassist.turn.memory import TurnRecord
from mangaassist.wire.ag_ui import (
    ACTIVITIES,
    ActionsShown,
    AnswerShown,
    ForwardedProps,
    ProductsShown,
    RunInput,
    RunMessage,
    SuggestionsShown,
)
from mangaassist.wire.frames import MAX_MESSAGE_CHARS
from mangaassist.wire.page import NOWHERE, PageContext

_RANDOM_VERSIONS: Final = frozenset({4, 7})
_OF_A_RUN: Final = "~"


class RunAsked(Struct, frozen=True, kw_only=True):
    """A run's message, under the id by which the conversation takes it: of this run alone, so that another asks anew."""

    message_id: str
    text: str
    page: PageContext


def session_of(thread_id: str) -> str:
    """The session of a thread. Raises ``BadInput`` for a thread whose id others could guess."""
    if not (Conversations.is_free(thread_id) or _is_random(thread_id)):
        raise _wrong("threadId", "must be a random UUID or a session_id: who knows it may read the conversation")
    return session_id_of(thread_id)


def _is_random(thread_id: str) -> bool:
    try:
        return UUID(thread_id).version in _RANDOM_VERSIONS
    except ValueError:
        return False


def asked_in(run: RunInput) -> RunAsked | None:
    """What the user says in a run; None when their message is not the last. Raises ``BadInput`` for one that cannot be taken."""
    if not run.messages or run.messages[-1].role != "user":
        return None
    place, message = f"messages[{len(run.messages) - 1}].content", run.messages[-1]
    text = _text(message.content)
    if not text:
        raise _wrong(place, "holds no text")
    if len(text) > MAX_MESSAGE_CHARS:
        raise _wrong(place, f"must not be longer than {MAX_MESSAGE_CHARS}")
    props = run.forwarded_props
    page = props.page_context if isinstance(props, ForwardedProps) else NOWHERE
    return RunAsked(message_id=message_id_of(message.id, run.run_id), text=text, page=page)


def message_id_of(own_id: str, run_id: str) -> str:
    return f"{own_id}{_OF_A_RUN}{run_mark(run_id)}"


def _text(content: Any) -> str:
    match content:
        case str():
            return content
        case list():
            return "".join(map(_part_text, cast(list[Any], content)))
        case _:
            return ""


def _part_text(part: Any) -> str:
    match part:
        case {"type": "text", "text": str(text)}:
            return text
        case _:
            return ""


def _wrong(field: str, detail: str) -> BadInput:
    return BadInput("invalid_field", f"{field}: {detail}", [FieldProblem(field, detail)])


# ---- the conversation as messages


def conversation_before(turns: Iterable[TurnRecord], posted: tuple[RunMessage, ...]) -> tuple[RunMessage, ...]:
    """What the client has posted, behind the turns that it did not post: whatever it leaves out, it is told."""
    known = frozenset(message.id for message in posted)
    return (*(message for turn in turns for message in _words_of(turn, known)), *posted)


def begins_within(turns: Iterable[TurnRecord], posted: tuple[RunMessage, ...]) -> bool:
    """Whether a client has posted nothing that is older than these turns."""
    known = {id_ for turn in turns for id_ in (turn.response_id, _own_id(turn))}
    return len(posted) < 2 or posted[0].id in known


def conversation_so_far(turns: Iterable[TurnRecord]) -> tuple[RunMessage, ...]:
    """Every turn, with what was shown beside it."""
    return tuple(message for turn in turns for message in (*_words_of(turn, ()), *_shown_with(turn)))


def _words_of(turn: TurnRecord, known: Collection[str]) -> Iterator[RunMessage]:
    own_id = _own_id(turn)
    if turn.response_id in known or own_id in known:
        return
    if turn.message:
        yield RunMessage(id=own_id, role="user", content=turn.message)
    if turn.answer:
        yield RunMessage(id=turn.response_id, role="assistant", content=turn.answer, name=turn.name)


def _own_id(turn: TurnRecord) -> str:
    """That of the user's message, as their client named it."""
    before, _, behind = turn.message_id.rpartition(_OF_A_RUN)
    return before or behind


def _shown_with(turn: TurnRecord) -> Iterator[RunMessage]:
    if turn.products:
        yield _as_message(turn, ProductsShown(items=turn.products))
    if turn.actions:
        yield _as_message(turn, ActionsShown(buttons=turn.actions))
    if turn.suggestions:
        yield _as_message(turn, SuggestionsShown(items=turn.suggestions))


def _as_message(turn: TurnRecord, shown: AnswerShown) -> RunMessage:
    kind = ACTIVITIES[type(shown)]
    return RunMessage(id=activity_id(turn.response_id, shown), role="activity", activity_type=kind, content=shown)
