"""The stores of an API Gateway's connections: the double, SQLite, and DynamoDB on two servers that speak it (W-13)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from mangaassist.edge.api_gateway.connections import NOBODY, Connections
from mangaassist.stores.dynamodb.connections import YOUNG, DynamoConnections
from mangaassist.stores.sqlite.control import SqliteControl
from mangaassist.testing.clock import FakeClock
from mangaassist.testing.memory_connections import MemoryConnections
from tests.contracts.gateway_connections import GatewayConnectionsContract, connection
from tests.tables import fresh_table


class TestMemoryConnections(GatewayConnectionsContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[Connections]:
        yield MemoryConnections()


class TestSqliteConnections(GatewayConnectionsContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Connections]:
        control = SqliteControl(tmp_path / "control.db")
        yield control.connections
        await control.close()


class TestDynamoConnections(GatewayConnectionsContract):
    @pytest.fixture
    async def store(self, dynamodb_url: str, aws_environment: None) -> AsyncIterator[Connections]:
        async with fresh_table(dynamodb_url) as table:
            yield DynamoConnections(table, FakeClock().now)

    async def test_a_signpost_that_leads_nowhere_is_taken_away_once_it_cannot_be_young(
        self, dynamodb_url: str, aws_environment: None
    ) -> None:
        async with fresh_table(dynamodb_url) as table:
            clock = FakeClock()
            store = DynamoConnections(table, clock.now)
            await store.keep(connection())
            await table.write(
                "delete_item", Key={"session_id": {"S": "gateway#connection#c1="}, "item": {"S": "connection"}}
            )
            held = {":held": {"S": f"gateway#held#{NOBODY}"}}
            for later, left in ((timedelta(0), 1), (YOUNG + timedelta(seconds=1), 1), (timedelta(0), 0)):
                clock.advance(later.total_seconds())
                found = await table.query(
                    None, KeyConditionExpression="session_id = :held", ExpressionAttributeValues=held
                )
                assert len(found) == left
                assert await store.held_by(NOBODY, 10) == ()
