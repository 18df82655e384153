"""The audit's records as items of the table, and back (G-7). Pure.

What an answer leaves is one record: one item, put behind the newest of its **shard** under the condition that nobody has put one
there. A shard is a chain, and every session has its own among eight, so that processes seldom meet. Beside its records a shard has
a head and, once something was dropped, a checkpoint. A record is listed once more under each thing that it is found by, in a
partition of that thing, in the order of time; those lists are copies to search by.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from mangaassist.errors import ServiceFailure
from mangaassist.guardrails.audit import AUDIT, AuditEntry, AuditPoint, AuditQuery
from mangaassist.guardrails.audit_chain import Kind
from mangaassist.stores.dynamodb.items import ITEM, RECORD, SESSION_ID, Item, key, number, text

SHARDS: Final = 8
RECORDS: Final = "record#"
POINTS: Final[dict[Kind, str]] = {"head": "~head", "dropped": "~dropped"}
"""Above the records in order, as a session's head is."""

_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODER: Final = msgspec.json.Decoder(tuple[AuditEntry, ...])


class Record(Struct, frozen=True):
    """What an answer left, and where it stands."""

    chain: str
    number: int
    kept: bytes
    digest: str

    @property
    def entries(self) -> tuple[AuditEntry, ...]:
        """Raises ``ServiceFailure`` when they are none."""
        try:
            return _DECODER.decode(self.kept)
        except msgspec.MsgspecError as error:
            raise ServiceFailure(AUDIT, "contract", "a record that cannot be read") from error

    @property
    def point(self) -> AuditPoint:
        return AuditPoint(chain=self.chain, number=self.number, digest=self.digest, at=self.entries[-1].at)


def chains() -> tuple[str, ...]:
    return tuple(f"audit#{shard:02d}" for shard in range(SHARDS))


def chain_of(session_id: str) -> str:
    """A session's own chain, the same in every process."""
    return chains()[hashlib.blake2b(session_id.encode(), digest_size=2).digest()[0] % SHARDS]


def kept_of(entries: Sequence[AuditEntry]) -> bytes:
    return _ENCODER.encode(entries)


def record_key(chain: str, place: int) -> dict[str, dict[str, str]]:
    return key(chain, f"{RECORDS}{place:012d}")


def item_of(record: Record) -> Item:
    return record_key(record.chain, record.number) | {
        RECORD: text(record.kept.decode()),
        "digest": text(record.digest),
    }


def record_of(item: Item) -> Record:
    return Record(
        chain=item[SESSION_ID]["S"],
        number=int(item[ITEM]["S"].removeprefix(RECORDS)),
        kept=item[RECORD]["S"].encode(),
        digest=item["digest"]["S"],
    )


def point_item(point: AuditPoint, kind: Kind) -> Item:
    """``reached`` is its number, by which a point only goes forward."""
    return key(point.chain, POINTS[kind]) | {
        "reached": number(point.number),
        RECORD: text(msgspec.json.encode(point).decode()),
    }


def point_of(item: Item | None) -> AuditPoint | None:
    try:
        return None if item is None else msgspec.json.decode(item[RECORD]["S"], type=AuditPoint)
    except msgspec.MsgspecError as error:
        raise ServiceFailure(AUDIT, "contract", "a place that cannot be read") from error


# ---- lists: what a record is found by

_BY: Final = "audit-by#"
LISTED_UNDER: Final = ("customer_id", "session_id", "response_id")


def list_of(kind: str, name: str) -> str:
    """The partition of a list. Names come from outside and may be long: a digest stands for one."""
    return f"{_BY}{kind}#{hashlib.blake2b(name.encode(errors='replace'), digest_size=16).hexdigest()}"


def month_list(month: str) -> str:
    """The partition of all records of a month (``2026-11``)."""
    return f"{_BY}month#{month}"


def listings(record: Record) -> Iterator[Item]:
    """The items that list a record, each once."""
    entries = record.entries
    first = entries[0]
    lists = {list_of(kind, name) for kind in LISTED_UNDER if (name := getattr(first, kind))}
    lists |= {list_of("asin", asin) for entry in entries for asin in entry.asins}
    lists.add(month_list(first.at[:7]))
    for name in sorted(lists):
        yield key(name, f"{first.at}#{record.chain}#{record.number:012d}")


def listed(item: Item) -> dict[str, dict[str, str]]:
    """The key of the record that a listing names."""
    _, shard, place = item[ITEM]["S"].rsplit("#", 2)
    return record_key(f"audit#{shard}", int(place))


def narrowest(query: AuditQuery) -> str | None:
    """The list that holds all that a query can find; None when it names nothing that is listed but days."""
    kinds = ("response_id", "session_id", "customer_id", "asin")
    return next((list_of(kind, name) for kind in kinds if (name := getattr(query, kind)) is not None), None)


def months(first: date, last: date) -> Iterator[str]:
    """Downwards."""
    day = last
    while day.replace(day=1) >= first.replace(day=1):
        yield day.isoformat()[:7]
        day = day.replace(day=1) - timedelta(days=1)
