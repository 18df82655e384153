"""Feedback, tickets and idempotency records as items of the table, and back. Pure.

Each is one item: its record, and the moment from which it is none any more, however late DynamoDB deletes
it. Feedback and tickets lie in their session's partition, below its turns, where none of the session's own queries looks. An
idempotency record has a partition of its own, named by a digest: however many there are, none shares one with another.

A ticket is found by its id through a signpost in a partition of its own, and as long as something is to be done about it, through
one in the desk's. Signposts are written before the ticket that they lead to, so that none is lost; one that leads nowhere is
passed over.
"""

import hashlib
import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

from mangaassist.desk.ticket import Ticket
from mangaassist.edge.dependencies import CONTROL
from mangaassist.edge.feedback import Feedback
from mangaassist.edge.idempotency import IdempotencyRecord
from mangaassist.errors import ServiceFailure
from mangaassist.stores.dynamodb.items import EXPIRES_AT, ITEM, KEY, RECORD, SESSION_ID, Item, key, number, text

Record = TypeVar("Record", Feedback, Ticket, IdempotencyRecord)

FEEDBACK: Final = "feedback#"
TICKETS: Final = "ticket#"
IDEMPOTENCY: Final = "idempotency#"
DESK: Final = "desk#"
UNSETTLED: Final = "desk"
"""The partition of the tickets about which something is to be done: those of an hour, and not those of all days."""
GUEST: Final = "guest"
"""No customer's digest."""

_BEGINNING: Final = datetime.fromtimestamp(0, UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def feedback_item(feedback: Feedback) -> Item:
    """Its key tells a customer by a digest: a name may be longer than a key."""
    customer_id = feedback.customer_id
    who = GUEST if customer_id is None else hashlib.blake2b(customer_id.encode(), digest_size=16).hexdigest()
    return _item(key(feedback.session_id, f"{FEEDBACK}{feedback.response_id}#{who}"), feedback)


def ticket_item(ticket: Ticket, count: int) -> Item:
    """``count`` says which one it is of its session and digest."""
    return {
        **_item(key(ticket.session_id, f"{tickets_of(ticket.digest)}{count:010d}"), ticket),
        "revision": number(ticket.revision),
    }


def signposts(ticket: Ticket, leads_to: Item) -> tuple[Item, Item]:
    """By its id, and among those of which something is to be done."""
    way = {
        "leads_to": text(leads_to[SESSION_ID]["S"]),
        "leads_to_item": text(leads_to[ITEM]["S"]),
        "ends_at": _moment(ticket.expires_at),
        EXPIRES_AT: number(math.ceil(ticket.expires_at.timestamp())),
    }
    return {**by_id(ticket.ticket_id), **way}, {**unsettled(ticket.ticket_id), **way}


def by_id(ticket_id: str) -> Item:
    return key(f"{DESK}{ticket_id}", "ticket")


def unsettled(ticket_id: str) -> Item:
    return key(UNSETTLED, ticket_id)


def led_to(signpost: Item) -> Item:
    """The key of the ticket that a signpost leads to."""
    return key(signpost["leads_to"]["S"], signpost["leads_to_item"]["S"])


def idempotency_item(record: IdempotencyRecord) -> Item:
    return {
        **_item(key(f"{IDEMPOTENCY}{record.key}", "record"), record),
        "stands_for": text(record.message_id),
    }


def tickets_of(digest: str) -> str:
    """How the sort keys of the tickets of a reason begin."""
    return f"{TICKETS}{digest}#"


def count_of(ticket: Item) -> int:
    return int(ticket[ITEM]["S"].rpartition("#")[2])


def key_of(item: Item) -> Item:
    return {name: item[name] for name in KEY}


def record_of(item: Item, kind: type[Record]) -> Record:
    """Raises ``ServiceFailure`` when the item holds none of that kind."""
    try:
        return msgspec.json.decode(item[RECORD]["S"], type=kind)
    except msgspec.MsgspecError as error:
        raise ServiceFailure(CONTROL, "contract", "a record that cannot be read") from error


def unless_kept(now: datetime) -> dict[str, Any]:
    """The condition of a write in the place of nothing, or of what has expired by now."""
    return {
        "ConditionExpression": "attribute_not_exists(session_id) OR ends_at <= :now",
        "ExpressionAttributeValues": {":now": _moment(now)},
    }


def unless_changed(before: Ticket) -> dict[str, Any]:
    """The condition of a write in the place of a ticket as it was, and of no other that has its key by now."""
    return {
        "ConditionExpression": "revision = :before AND ends_at = :ends",
        "ExpressionAttributeValues": {":before": number(before.revision), ":ends": _moment(before.expires_at)},
    }


def _item(key: Item, record: Feedback | Ticket | IdempotencyRecord) -> Item:
    ends_at = record.expires_at
    return {
        **key,
        RECORD: text(msgspec.json.encode(record).decode()),
        "ends_at": _moment(ends_at),
        EXPIRES_AT: number(math.ceil(ends_at.timestamp())),
    }


def _moment(moment: datetime) -> dict[str, str]:
    """Microseconds since 1970: exact, unlike the seconds that DynamoDB deletes by."""
    return number((moment - _BEGINNING) // _MICROSECOND)
