"""Sessions and turns as the items of a DynamoDB table, and back. Pure.

A session is a partition: one item for each turn, which is never changed again, and above them in order a head, which holds what
no turn tells: whose the session is, when it began, and how far numbers are reserved. What follows from the turns (the version,
when the session was last used) is read from the newest of them and kept nowhere else, so that saving a turn is one conditional
write, and nobody who dies after it leaves anything behind that is half done.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from mangaassist.conversation.sessions import SESSION_KEPT, SESSIONS
from mangaassist.errors import ServiceFailure
from mangaassist.turn.memory import HEADROOM, REMEMBERED_TURNS, Session, TurnRecord, remembered

Item = Mapping[str, Mapping[str, Any]]
"""Attributes by name, each a value by its type: ``{"ceiling": {"N": "1024"}}``."""

SESSION_ID: Final = "session_id"
ITEM: Final = "item"
MESSAGE_ID: Final = "message_id"
EXPIRES_AT: Final = "expires_at"
KEY: Final = (SESSION_ID, ITEM)
RESPONSE_ID: Final = "response_id"
RECORD: Final = "record"
BY_MESSAGE: Final = "by_message"
"""The index that finds a turn by its message, within its session."""
BY_RESPONSE: Final = "by_response"
"""The index that finds the session of a turn by its answer. It lags behind the table, by less than a second as a rule."""

TURNS: Final = "turn#"
HEAD: Final = "~head"
"""Sorts above the turns: one query downwards gives the head and the newest of them."""

ITEM_BYTES: Final = 400_000
"""DynamoDB takes 400 KiB, names and numbers included."""
PARTITION_BYTES: Final = 2048
"""The longest partition key that DynamoDB takes; an empty one it refuses too."""
ITEM_KEPT: Final = SESSION_KEPT * (REMEMBERED_TURNS + 1)
"""Then DynamoDB may delete an item. A session that lives has a turn a day at least, so that none of the remembered is missing."""

NEW: Final = {"ConditionExpression": "attribute_not_exists(session_id)"}
"""The condition of a write that takes nothing's place."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(TurnRecord)


class Kept(Struct, frozen=True):
    """A session as it lies in the table. Times are milliseconds since 1970."""

    session: Session
    begun_at: int
    used_at: int

    def has_expired(self, now: datetime) -> bool:
        return self.used_at < oldest(now)


def text(value: str) -> dict[str, str]:
    return {"S": value}


def number(value: int) -> dict[str, str]:
    return {"N": str(value)}


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def oldest(now: datetime) -> int:
    """A session that was last used before has expired."""
    return milliseconds(now - SESSION_KEPT)


def expiry(now: datetime) -> dict[str, str]:
    """When DynamoDB may delete what is written now: seconds since 1970."""
    return number(math.ceil((now + ITEM_KEPT).timestamp()))


def key(session_id: str, item: str) -> dict[str, dict[str, str]]:
    return {SESSION_ID: text(session_id), ITEM: text(item)}


def may_be_partition(session_id: str) -> bool:
    return 0 < len(session_id.encode()) <= PARTITION_BYTES


def head_key(session_id: str) -> dict[str, dict[str, str]]:
    return key(session_id, HEAD)


def head_of(session: Session, now: datetime) -> Item:
    owner = {} if session.customer_id is None else {"customer_id": text(session.customer_id)}
    return head_key(session.session_id) | owner | {
        "ceiling": number(session.ceiling),
        "begun_at": number(milliseconds(now)),
        EXPIRES_AT: expiry(now),
    }  # fmt: skip


def turn_of(session: Session, now: datetime) -> Item:
    """The newest turn of a session, as its version."""
    turn = session.turns[-1]
    return key(session.session_id, f"{TURNS}{session.version:010d}") | {
        MESSAGE_ID: text(turn.message_id),
        RESPONSE_ID: text(turn.response_id),
        RECORD: text(_encoder.encode(turn).decode()),
        "written_at": number(milliseconds(now)),
        EXPIRES_AT: expiry(now),
    }


def size_of(item: Item) -> int:
    """In bytes, as DynamoDB counts an item of ours: names and values, a number as one byte for two digits at most."""
    return sum(len(name.encode()) + len(value.encode()) for name, typed in item.items() for value in typed.values())


def fitting(service: str, item: Item) -> Item:
    """Raises ``ServiceFailure`` of the service when DynamoDB would not take the item."""
    if (size := size_of(item)) > ITEM_BYTES:
        raise ServiceFailure(service, "contract", f"an item of {size} bytes")
    return item


def record_of(turn: Item) -> TurnRecord:
    """Raises ``ServiceFailure`` when it is none."""
    try:
        return _decoder.decode(turn[RECORD]["S"])
    except msgspec.MsgspecError as error:
        raise ServiceFailure(SESSIONS, "contract", "a turn that cannot be read") from error


def written_at(turn: Item) -> int:
    return int(turn["written_at"]["N"])


def ceiling_of(head: Item) -> int:
    return int(head["ceiling"]["N"])


def owner_of(head: Item) -> str | None:
    return head.get("customer_id", {}).get("S")


def kept(newest: Sequence[Item]) -> Kept | None:
    """The session whose newest items, downwards, these are; None when there is no head among them."""
    if not newest or newest[0][ITEM]["S"] != HEAD:
        return None
    head, *turns = newest
    begun_at = int(head["begun_at"]["N"])
    records = tuple(map(record_of, reversed(turns)))
    session = Session(
        session_id=head[SESSION_ID]["S"],
        customer_id=owner_of(head),
        version=int(turns[0][ITEM]["S"].removeprefix(TURNS)) if turns else 0,
        ceiling=max(ceiling_of(head), records[-1].last_seq + HEADROOM if records else 0),
        turns=remembered(records),
    )
    return Kept(session, begun_at, max(begun_at, written_at(turns[0]) if turns else 0))
