"""The audit log that several processes share, on two servers that speak DynamoDB, and what only a table can be asked (G-7, O-5)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mangaassist.errors import ServiceFailure
from mangaassist.guardrails.audit import AuditLog, AuditQuery
from mangaassist.stores.dynamodb import audit_items as items
from mangaassist.stores.dynamodb.audit import DynamoAuditLog
from mangaassist.stores.dynamodb.table import Table
from mangaassist.testing.clock import FakeClock
from tests.contracts.audit_log import CONTEXT, PRICE, SEAL, AuditLogContract, context
from tests.tables import Died, Mortal, fresh_table


class TestDynamoAuditLog(AuditLogContract):
    @pytest.fixture
    async def log(self, clock: FakeClock, dynamodb_url: str, aws_environment: None) -> AsyncIterator[AuditLog]:
        async with fresh_table(dynamodb_url) as table:
            yield DynamoAuditLog(table, SEAL, clock.now)


@pytest.fixture
async def table(dynalite_url: str, aws_environment: None) -> AsyncIterator[Table]:
    async with fresh_table(dynalite_url) as opened:
        yield opened


async def test_processes_that_write_the_same_shard_at_once_make_one_chain(table: Table) -> None:
    logs = [DynamoAuditLog(table, SEAL) for _ in range(3)]
    await asyncio.gather(*(log.append([PRICE], context(0, customer_id=f"c{n}")) for n in range(6) for log in logs))
    check = await DynamoAuditLog(table, SEAL).verify()
    assert (check.entries, check.problems) == (18, ())


async def test_what_was_written_and_not_heard_of_is_not_written_again(table: Table) -> None:
    log = DynamoAuditLog(table, SEAL)
    put = log._table.put
    deaf = [True]

    async def unheard(item: Any, **condition: Any) -> bool:
        return await put(item, **condition) and not (deaf and deaf.pop())

    log._table.put = unheard
    await log.append([PRICE], CONTEXT)
    assert (await log.verify()).entries == 1


@pytest.mark.parametrize("calls", range(1, 6))
async def test_who_dies_while_appending_leaves_a_whole_trail_and_whoever_comes_next_lists_what_was_not(
    table: Table, calls: int
) -> None:
    log = DynamoAuditLog(table, SEAL)
    mortal: Any = Mortal(log._table, calls, last_comes_through=True)
    log._table = mortal
    with pytest.raises(Died):
        await log.append([PRICE], CONTEXT)
    there = DynamoAuditLog(table, SEAL)
    is_written = calls > 2  # two looks come before the put
    check = await there.verify()
    assert (check.entries, check.problems) == (is_written, ())
    await there.append([PRICE], CONTEXT)
    for query in (AuditQuery(customer_id="c1"), AuditQuery(asin=CONTEXT.asins[0]), AuditQuery(session_id="s1")):
        assert len((await there.search(query)).entries) == 1 + is_written


async def changed(table: Table, place: int, **attributes: Any) -> None:
    item = await table.get(items.record_key(items.chain_of("s1"), place))
    assert item is not None
    await table.put({**item, **attributes})


TAMPERING = {
    "a record that was changed": "record 2 does not follow",
    "a record that is missing": "record 2 is missing",
    "an end that is missing": "records 3 to 3 are missing at its end",
    "a head that was put back": "its head is told without its mark",
}


@pytest.mark.parametrize("what", TAMPERING)
async def test_a_trail_that_was_tampered_with_is_not_whole(table: Table, what: str) -> None:
    log, chain = DynamoAuditLog(table, SEAL), items.chain_of("s1")
    for _ in range(3):
        await log.append([PRICE], CONTEXT)
    match what:
        case "a record that was changed":
            kept = (await table.get(items.record_key(chain, 2)))["record"]["S"]
            await changed(table, 2, record=items.text(kept.replace("$8.00", "$7.00")))
        case "a head that was put back":
            head = (await log.heads())[0]
            await table.put(
                items.point_item(items.AuditPoint(chain=chain, number=2, digest="x", mark=head.mark), "head")
            )
            await table.write("delete_item", Key=items.record_key(chain, 3))
        case _:
            await table.write("delete_item", Key=items.record_key(chain, 2 if "a record" in what else 3))
    assert TAMPERING[what] in " ".join((await DynamoAuditLog(table, SEAL).verify()).problems)


async def test_a_record_that_cannot_be_read_is_a_failure_of_the_audit(table: Table) -> None:
    log = DynamoAuditLog(table, SEAL)
    await log.append([PRICE], CONTEXT)
    await changed(table, 1, record=items.text('{"x": 1}'))
    with pytest.raises(ServiceFailure) as failed:
        await log.search(AuditQuery(customer_id="c1"))
    assert (failed.value.service, failed.value.kind) == ("audit", "contract")
