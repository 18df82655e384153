"""The stores of feedback, tickets and idempotency records that several processes share, on two servers that speak DynamoDB."""

from collections.abc import AsyncIterator

import pytest

from mangaassist.desk.tickets import TicketStore
from mangaassist.edge.dependencies import ControlStores
from mangaassist.edge.feedback import FeedbackStore
from mangaassist.edge.idempotency import IdempotencyStore
from mangaassist.stores.dynamodb.control import DynamoControl
from mangaassist.testing.clock import FakeClock
from tests.contracts.feedback_store import FeedbackStoreContract
from tests.contracts.idempotency_store import IdempotencyStoreContract
from tests.contracts.ticket_store import TicketStoreContract
from tests.tables import fresh_table


@pytest.fixture
async def control(dynamodb_url: str, aws_environment: None) -> AsyncIterator[ControlStores]:
    async with fresh_table(dynamodb_url) as table:
        yield DynamoControl(table, FakeClock().now).stores


class TestDynamoFeedback(FeedbackStoreContract):
    @pytest.fixture
    async def store(self, control: ControlStores) -> AsyncIterator[FeedbackStore]:
        yield control.feedback


class TestDynamoTickets(TicketStoreContract):
    @pytest.fixture
    async def store(self, control: ControlStores) -> AsyncIterator[TicketStore]:
        yield control.tickets


class TestDynamoIdempotency(IdempotencyStoreContract):
    @pytest.fixture
    async def store(self, control: ControlStores) -> AsyncIterator[IdempotencyStore]:
        yield control.idempotency
