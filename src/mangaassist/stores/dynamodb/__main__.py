"""Make the table, for a demo: ``python -m mangaassist.stores.dynamodb TABLE [--endpoint-url URL]``."""

import argparse
import asyncio
import sys

from mangaassist.conversation.sessions import SESSIONS
from mangaassist.errors import AssistantError
from mangaassist.stores.dynamodb.schema import create
from mangaassist.stores.dynamodb.table import Table


async def made(name: str, region: str | None, endpoint_url: str | None) -> bool:
    table = await Table.open(SESSIONS, name, region, endpoint_url)
    try:
        return await create(table)
    finally:
        await table.close()


def main() -> None:
    asked = argparse.ArgumentParser(
        prog="python -m mangaassist.stores.dynamodb", description="Make the assistant's table."
    )
    asked.add_argument("table")
    asked.add_argument("--region", help="default: the one that AWS's own settings name")
    asked.add_argument("--endpoint-url", help="of a server that speaks DynamoDB; default: AWS")
    given = asked.parse_args()
    try:
        is_new = asyncio.run(made(given.table, given.region, given.endpoint_url))
    except AssistantError as error:
        sys.exit(str(error))
    print(f"{given.table} {'is made' if is_new else 'exists already'}.")


if __name__ == "__main__":
    main()
