"""The audit trail in DynamoDB (G-7): the chains that all processes append to. ``audit_items`` says how it lies in the table."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from mangaassist.errors import ServiceFailure
from mangaassist.guardrails.audit import (
    AUDIT,
    MOST_FOUND,
    AuditCheck,
    AuditContext,
    AuditEntry,
    AuditFound,
    AuditPoint,
    AuditQuery,
    entry,
    fits,
    moment,
)
from mangaassist.guardrails.audit_chain import GENESIS, ChainCheck, Kind, chained, is_marked, marked
from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.guardrails.findings import Finding
from mangaassist.stores.dynamodb import audit_items as items
from mangaassist.stores.dynamodb.audit_items import Record
from mangaassist.stores.dynamodb.items import ITEM, NEW, SESSION_ID, Item, number, text
from mangaassist.stores.dynamodb.table import Table

TRIES: Final = 8
"""Each meets a process that put a record into the same shard since the last look."""
PAGE: Final = 100
LOOKED_AT: Final = 5000
"""Records that a search reads at most; with more than those, it says so."""
DAYS_LOOKED_AT: Final = 400
EARLIEST: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""No trail is older."""


class DynamoAuditLog:
    """``now`` gives UTC. Whoever opened the table closes it."""

    def __init__(self, table: Table, seal: AuditSeal, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._table = table.known_as(AUDIT)
        self._seal = seal
        self._now = now
        self._newest: dict[str, AuditPoint] = {}
        """Of each shard, as this process knows it. Whoever has put one since is met when the next is put."""
        self._one_at_a_time = defaultdict[str, asyncio.Lock](asyncio.Lock)

    async def append(self, findings: Sequence[Finding], context: AuditContext) -> None:
        """The put decides, head and lists follow it. Whoever dies before them leaves a record that the shard's next writer meets
        as the newest, and lists."""
        if not findings:
            return
        now = self._now()
        entries = [entry(finding, context, now, self._seal) for finding in findings]
        chain = items.chain_of(context.session_id)
        async with self._one_at_a_time[chain]:
            record = await self._put(chain, items.kept_of(entries))
            self._newest[chain] = record.point
        await asyncio.gather(self._put_point(marked(record.point, "head", self._seal), "head"), self._list(record))

    async def _put(self, chain: str, kept: bytes) -> Record:
        for _ in range(TRIES):
            newest = self._newest.get(chain) or await self._look(chain)
            place, before = (newest.number, newest.digest) if newest else (0, GENESIS)
            record = Record(chain, place + 1, kept, chained(before, kept))
            if await self._table.put(items.item_of(record), **NEW):
                return record
            self._newest.pop(chain, None)
            there = await self._table.get(items.record_key(chain, record.number))
            if there is None:
                continue
            if (other := items.record_of(there)) == record:  # our own: only the reply was lost
                return record
            await self._list(other)
        raise ServiceFailure(AUDIT, "error", "somebody else was always faster")

    async def _look(self, chain: str) -> AuditPoint | None:
        """The newest record; where all were dropped, the newest of those."""
        found = await self._records(chain, 1, ScanIndexForward=False)
        if not found:
            return await self._point(chain, "dropped")
        newest = items.record_of(found[0])
        await self._list(newest)
        return newest.point

    async def _list(self, record: Record) -> None:
        await self._table.put_many([*items.listings(record)])

    # ---- searching

    async def search(self, query: AuditQuery) -> AuditFound:
        """A text is looked for in the records that the rest of the query finds: there is no list of words."""
        limit = min(query.limit, MOST_FOUND)
        found: list[AuditEntry] = []
        looked_at = 0
        async for records in self._candidates(query):
            looked_at += len(records)
            found += (kept for record in records for kept in reversed(record.entries) if fits(kept, query))
            if len(found) > limit or looked_at >= LOOKED_AT:
                break
        found.sort(key=lambda kept: kept.at, reverse=True)
        return AuditFound(tuple(found[:limit]), len(found) <= limit and looked_at < LOOKED_AT)

    async def _candidates(self, query: AuditQuery) -> AsyncGenerator[list[Record]]:
        """Records, page by page, the newest first."""
        name = items.narrowest(query)
        if name is not None:
            async for page in self._listed(name, query):
                yield await self._fetched(page)
            return
        for month in items.months(*_window(query, self._now())):
            async for page in self._listed(items.month_list(month), query):
                yield await self._fetched(page)

    async def _listed(self, name: str, query: AuditQuery) -> AsyncGenerator[list[Item]]:
        since = moment(query.since) if query.since else "0"
        until = moment(query.until) if query.until else "~"
        while True:
            page = await self._table.query(
                PAGE,
                ScanIndexForward=False,
                KeyConditionExpression="session_id = :name AND #item BETWEEN :since AND :until",
                ExpressionAttributeNames={"#item": ITEM},
                ExpressionAttributeValues={":name": text(name), ":since": text(since), ":until": text(until)},
            )
            yield page
            if len(page) < PAGE:
                return
            until = _before(_place(page[-1]))

    async def _fetched(self, listings: Sequence[Item]) -> list[Record]:
        """A listing may be of a record that was dropped since."""
        keys = [*map(items.listed, listings)]
        records = [items.record_of(item) for item in await self._table.get_many(keys)]
        order = {key[ITEM]["S"] + key[SESSION_ID]["S"]: place for place, key in enumerate(keys)}
        return sorted(
            records, key=lambda record: order[items.record_key(record.chain, record.number)[ITEM]["S"] + record.chain]
        )

    async def entries(self) -> AsyncIterator[AuditEntry]:
        for chain in items.chains():
            async for record in self._all(chain):
                for kept in record.entries:
                    yield kept

    # ---- checking

    async def verify(self, noted: Sequence[AuditPoint] = ()) -> AuditCheck:
        done = [await self._verified(chain, noted) for chain in items.chains()]
        return AuditCheck(
            entries=sum(entries for _, entries, _ in done),
            dropped=sum(check.dropped for check, _, _ in done),
            heads=tuple(head for _, _, head in done if head is not None),
            problems=tuple(problem for check, _, _ in done for problem in check.problems),
        )

    async def _verified(self, chain: str, noted: Sequence[AuditPoint]) -> tuple[ChainCheck, int, AuditPoint | None]:
        """The head first: records that come meanwhile are beyond it."""
        head, dropped = await self._point(chain, "head"), await self._point(chain, "dropped")
        check, entries = ChainCheck(chain, dropped, self._seal, noted), 0
        async for record in self._all(chain, dropped.number if dropped else 0):
            check.take(record.number, record.kept, record.digest)
            entries += len(record.entries)
        check.end(head, may_lag=True)
        return check, entries, head if head and is_marked(head, "head", self._seal) else None

    async def heads(self) -> tuple[AuditPoint, ...]:
        found = await asyncio.gather(*(self._point(chain, "head") for chain in items.chains()))
        return tuple(head for head in found if head is not None)

    # ---- keeping

    async def drop_before(self, before: datetime) -> int:
        return sum([await self._drop(chain, moment(before)) for chain in items.chains()])

    async def _drop(self, chain: str, before: str) -> int:
        """The checkpoint first: whoever dies after it leaves records below it, which the next round deletes."""
        old: list[Record] = []
        async for record in self._all(chain):
            if record.entries[-1].at >= before:
                break
            old.append(record)
        if not old:
            return 0
        dropped = await self._point(chain, "dropped")
        if dropped is None or dropped.number < old[-1].number:
            await self._put_point(marked(old[-1].point, "dropped", self._seal), "dropped")
        for start in range(0, len(old), PAGE):
            part = old[start : start + PAGE]
            lists = (listing for record in part for listing in items.listings(record))
            records = (items.record_key(record.chain, record.number) for record in part)
            await self._table.delete_many([*lists, *records])
        return len(old)

    async def ping(self) -> None:
        await self._table.ping()

    async def close(self) -> None: ...

    async def _all(self, chain: str, after: int = 0) -> AsyncGenerator[Record]:
        """The records of a shard, the oldest first."""
        while True:
            page = [items.record_of(item) for item in await self._records(chain, PAGE, after)]
            for record in page:
                yield record
                after = record.number
            if len(page) < PAGE:
                return

    async def _records(self, chain: str, limit: int, after: int = 0, **order: Any) -> list[Item]:
        first, last = (items.record_key(chain, place)[ITEM] for place in (after + 1, 10**12 - 1))
        return await self._table.query(
            limit,
            KeyConditionExpression="session_id = :chain AND #item BETWEEN :first AND :last",
            ExpressionAttributeNames={"#item": ITEM},
            ExpressionAttributeValues={":chain": text(chain), ":first": first, ":last": last},
            **order,
        )

    async def _point(self, chain: str, kind: Kind) -> AuditPoint | None:
        return items.point_of(await self._table.get(items.key(chain, items.POINTS[kind])))

    async def _put_point(self, point: AuditPoint, kind: Kind) -> None:
        """It only goes forward: of two processes the one behind says nothing."""
        await self._table.put(
            items.point_item(point, kind),
            ConditionExpression="attribute_not_exists(reached) OR reached < :reached",
            ExpressionAttributeValues={":reached": number(point.number)},
        )


def _window(query: AuditQuery, now: datetime) -> tuple[date, date]:
    """The first and the last day whose months a search by time alone looks at."""
    last = max(min(query.until or now, now), EARLIEST)
    first = last - timedelta(days=DAYS_LOOKED_AT)
    return max(query.since or first, first).astimezone(UTC).date(), last.astimezone(UTC).date()


def _place(listing: Item) -> str:
    return listing[ITEM]["S"]


def _before(place: str) -> str:
    """The greatest key below a place, as far as our keys go."""
    return place[:-1] + chr(ord(place[-1]) - 1) + "~"
