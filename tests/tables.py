"""Tables of sessions in DynamoDB, one for each test."""

import contextlib
from collections.abc import AsyncIterator
from typing import Final
from uuid import uuid4

from mangaassist.conversation.sessions import SESSIONS
from mangaassist.stores.aws.client import Limits
from mangaassist.stores.dynamodb.schema import create
from mangaassist.stores.dynamodb.table import Table

REGION: Final = "eu-central-1"
PATIENT: Final = Limits().stretched(20)
"""A test's machine may be busy."""


@contextlib.asynccontextmanager
async def fresh_table(url: str) -> AsyncIterator[Table]:
    async with opened(url, f"sessions-{uuid4().hex}") as table:
        await create(table)
        yield table


@contextlib.asynccontextmanager
async def opened(url: str, name: str, limits: Limits = PATIENT) -> AsyncIterator[Table]:
    table = await Table.open(SESSIONS, name, REGION, url, limits)
    try:
        yield table
    finally:
        await table.close()
