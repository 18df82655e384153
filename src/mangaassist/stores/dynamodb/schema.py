"""The one table of all that several processes share for longer than an answer: its keys, how it is made and recognised."""

import asyncio
from typing import Any, Final

from mangaassist.conversation.sessions import SESSIONS
from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.stores.aws.client import Limits
from mangaassist.stores.dynamodb.items import (
    BY_MESSAGE,
    BY_RESPONSE,
    EXPIRES_AT,
    ITEM,
    MESSAGE_ID,
    RESPONSE_ID,
    SESSION_ID,
)
from mangaassist.stores.dynamodb.table import Table

UNKNOWN_OPERATION: Final = "UnknownOperationException"
EXISTS: Final = "ResourceInUseException"
LOOKS: Final = 120
LOOK_AGAIN_S: Final = 0.5
KEYS: Final = ((SESSION_ID, "HASH"), (ITEM, "RANGE"))
MESSAGE_KEYS: Final = ((SESSION_ID, "HASH"), (MESSAGE_ID, "RANGE"))
RESPONSE_KEYS: Final = ((RESPONSE_ID, "HASH"),)
NAMES: Final = (SESSION_ID, ITEM, MESSAGE_ID, RESPONSE_ID)


def _schema(keys: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys]


DEFINITION: Final[dict[str, Any]] = {
    "KeySchema": _schema(KEYS),
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in NAMES],
    "LocalSecondaryIndexes": [
        {"IndexName": BY_MESSAGE, "KeySchema": _schema(MESSAGE_KEYS), "Projection": {"ProjectionType": "KEYS_ONLY"}}
    ],
    "GlobalSecondaryIndexes": [
        {"IndexName": BY_RESPONSE, "KeySchema": _schema(RESPONSE_KEYS), "Projection": {"ProjectionType": "KEYS_ONLY"}}
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
"""What ``CreateTable`` takes beside a name."""


async def opened(name: str, region: str | None, endpoint_url: str | None, timeout_factor: float) -> Table:
    """Raises ``StartFailed`` when the table cannot be used as it is. A DynamoDB that is away may come back."""
    table = await Table.open(SESSIONS, name, region, endpoint_url, Limits().stretched(timeout_factor))
    try:
        await check(table)
    except BaseException:
        await table.close()
        raise
    return table


async def create(table: Table) -> bool:
    """Make the table, and have DynamoDB delete in it what has expired. False when there is one already.

    For a demo and for tests; in production an operator makes it (docs/engines.md). A server that is not AWS's may not know
    of expiry: then nothing is ever deleted.
    """
    try:
        await table.ask("create_table", "TableDescription", **DEFINITION)
    except ServiceFailure as failure:
        if failure.detail != EXISTS:
            raise
        return False
    await _ready(table)
    try:
        expiry = {"Enabled": True, "AttributeName": EXPIRES_AT}
        await table.ask("update_time_to_live", "TimeToLiveSpecification", TimeToLiveSpecification=expiry)
    except ServiceFailure as failure:
        if failure.detail != UNKNOWN_OPERATION:
            raise
    return True


async def _ready(table: Table) -> None:
    for _ in range(LOOKS):
        if (await table.ask("describe_table", "Table"))["TableStatus"] == "ACTIVE":
            return
        await asyncio.sleep(LOOK_AGAIN_S)
    raise ServiceFailure(SESSIONS, "timeout", f"{table.name} is still being made")


async def check(table: Table) -> None:
    """Raises ``StartFailed`` when there is no such table or it has other keys. One that cannot be asked just now may be right."""
    try:
        described = await table.ask("describe_table", "Table")
    except ServiceFailure as failure:
        if failure.transient:
            return
        raise StartFailed(
            f"The DynamoDB table {table.name} cannot be used ({failure.detail}). docs/engines.md says how it is made."
        ) from failure
    indexes = {
        index["IndexName"]: index["KeySchema"]
        for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes")
        for index in described.get(kind, ())
    }
    found = (described["KeySchema"], indexes.get(BY_MESSAGE), indexes.get(BY_RESPONSE))
    if found != (_schema(KEYS), _schema(MESSAGE_KEYS), _schema(RESPONSE_KEYS)):
        raise StartFailed(
            f"The DynamoDB table {table.name} has other keys than the table that is wanted. docs/engines.md says how it is made."
        )
