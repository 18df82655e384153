"""Tables in DynamoDB, one for each test; and what may happen to whoever calls one."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final
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
    async with opened(url, f"mangaassist-{uuid4().hex}") as table:
        await create(table)
        yield table


@contextlib.asynccontextmanager
async def opened(url: str, name: str, limits: Limits = PATIENT) -> AsyncIterator[Table]:
    table = await Table.open(SESSIONS, name, REGION, url, limits)
    try:
        yield table
    finally:
        await table.close()


class Died(BaseException):
    pass


class Mortal:
    """A table that its process calls so often before it dies: of the last call it is not known whether it came through."""

    def __init__(self, table: Table, calls: int, last_comes_through: bool) -> None:
        self._table = table
        self._left = calls
        self._last_comes_through = last_comes_through

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **request: Any) -> Any:
            self._left -= 1
            if self._left > 0 or self._last_comes_through:
                reply = await getattr(self._table, name)(*args, **request)
            if self._left <= 0:
                raise Died
            return reply

        return call


class Overtaken:
    """A table in which somebody else does something right before a call."""

    def __init__(self, table: Table, operation: str, other: Callable[[], Awaitable[object]]) -> None:
        self._table = table
        self._operation = operation
        self._other = other

    def __getattr__(self, name: str) -> Any:
        if name != self._operation:
            return getattr(self._table, name)

        async def call(*args: Any, **request: Any) -> Any:
            await self._other()
            return await getattr(self._table, name)(*args, **request)

        return call
