"""The session store that several processes share, on two servers that speak DynamoDB."""

from collections.abc import AsyncIterator

import pytest

from mangaassist.conversation.sessions import SessionStore
from mangaassist.stores.dynamodb.sessions import DynamoSessionStore
from mangaassist.testing.clock import FakeClock
from tests.contracts.session_store import SessionStoreContract
from tests.tables import fresh_table


@pytest.mark.usefixtures("aws_environment")
class TestDynamoSessionStore(SessionStoreContract):
    @pytest.fixture
    async def store(self, dynamodb_url: str) -> AsyncIterator[SessionStore]:
        self.clock = FakeClock()
        async with fresh_table(dynamodb_url) as table:
            yield DynamoSessionStore(table, self.clock.now)
