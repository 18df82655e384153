"""What the desk puts into a conversation: a person's words, or how it stands with them; numbered by the log's holder as all else.

A note waits in the inbox as a message does and is saved as a turn of its own, so that neither a crash nor a second try loses or
doubles it. Once it is saved its number is known: whoever claims it again says it under that number or, where that is passed
already, not at all. It was told then, or it is among the turns of a gap.
"""

import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mangaassist.conversation.entries import digest_of
from mangaassist.conversation.log import Entry
from mangaassist.conversation.records import NOBODY
from mangaassist.turn.memory import TurnRecord
from mangaassist.wire.frames import ConversationFrame, Handoff, HandoffView, HumanMessage

NOTE_IDS: Final = "n_"
"""How the ids of notes begin: no client's message takes one away (they are looked for together)."""

_ENCODER: Final = msgspec.msgpack.Encoder()
_FRAMES: Final = msgspec.json.Encoder()


class Note(Struct, frozen=True, kw_only=True):
    """``content`` is what the person of this ``name`` wrote; ``handoff`` what changed. One of the two is there."""

    name: str = ""
    content: str = ""
    handoff: HandoffView | None = None
    at: datetime


_DECODER: Final = msgspec.msgpack.Decoder(Note)


def note_entry(note_id: str, note: Note) -> Entry:
    """``note_id`` is the desk's own: the same note is taken once."""
    said = note.content or _FRAMES.encode(note.handoff).decode()
    return Entry(
        message_id=f"{NOTE_IDS}{note_id}",
        digest=digest_of(said),
        response_id="r_" + secrets.token_urlsafe(12),
        body=_ENCODER.encode(note),
        kind="note",
    )


def note_of(entry: Entry) -> Note:
    return _DECODER.decode(entry.body)


def note_record(entry: Entry, note: Note, seq: int) -> TurnRecord:
    """The note as it is saved, with the number under which it is told."""
    return TurnRecord(
        response_id=entry.response_id,
        message_id=entry.message_id,
        digest=entry.digest,
        message="",
        answer=note.content,
        intent=NOBODY,
        name=note.name,
        handoff=note.handoff,
        attempt=entry.attempt,
        last_seq=seq,
        at=note.at,
    )


def note_frames(record: TurnRecord) -> tuple[bytes, ...]:
    return tuple(_FRAMES.encode(replace(frame, seq=record.last_seq)) for frame in _frames(record))


def _frames(record: TurnRecord) -> Iterator[ConversationFrame]:
    if record.answer:
        yield HumanMessage(name=record.name or "", content=record.answer)
    elif (told := record.handoff) is not None:
        yield Handoff(**msgspec.structs.asdict(told))
