from collections.abc import AsyncIterator

import pytest

from mangaassist.stores.dynamodb.table import Table
from tests.tables import fresh_table


@pytest.fixture
async def table(dynalite_url: str, aws_environment: None) -> AsyncIterator[Table]:
    async with fresh_table(dynalite_url) as opened:
        yield opened
