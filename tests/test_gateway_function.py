"""W-13: the function as Lambda keeps it, over a real Redis and a server that speaks DynamoDB."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mangaassist.assembly.gateway_function import Container
from mangaassist.conversation.entries import Sealer
from mangaassist.errors import StartFailed
from mangaassist.settings import Settings, load
from mangaassist.stores.dynamodb.connections import DynamoConnections
from mangaassist.stores.redis.connection import Server
from mangaassist.stores.redis.conversation_log import RedisLog
from tests.peers import needed
from tests.redis_server import RedisServer
from tests.tables import REGION, fresh_table

ARN = "arn:aws:execute-api:us-east-1:123456789012:abcdef/prod/$connect"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(needed("redis-server"), tmp_path)
    server.start()
    yield server
    server.stop()


def event(route: str, body: str = "") -> dict[str, Any]:
    context = {
        "routeKey": route,
        "connectionId": "c1=",
        "connectedAt": 1_764_000_000_000,
        "identity": {"sourceIp": "203.0.113.5", "userAgent": "a browser"},
        "stage": "prod",
    }
    return {"requestContext": context, "headers": {"Host": "x"}, "body": body, "isBase64Encoded": False}


async def test_whom_the_authorizer_lets_in_has_a_message_taken_into_the_log_that_the_processes_share(
    redis: RedisServer, dynalite_url: str, aws_environment: None, tmp_path: Path
) -> None:
    async with fresh_table(dynalite_url) as table:
        settings = load(
            None,
            {
                "MANGAASSIST_DATA_DIR": str(tmp_path / "data"),
                "MANGAASSIST_REDIS__URL": redis.url,
                "MANGAASSIST_DYNAMODB__TABLE": table.name,
                "MANGAASSIST_DYNAMODB__REGION": REGION,
                "MANGAASSIST_DYNAMODB__ENDPOINT_URL": dynalite_url,
                "MANGAASSIST_API_GATEWAY__ENDPOINT_URL": "http://127.0.0.1:1",
                "MANGAASSIST_API_GATEWAY__REGION": REGION,
                "MANGAASSIST_TIMEOUT_FACTOR": "20",
            },
        )
        said = json.dumps({"type": "message", "id": "m1", "message": "hello"})
        asked = {"methodArn": ARN, "headers": {"Host": "x"}}
        policy, *answers = await asyncio.to_thread(
            _played, settings, [asked, event("$connect"), event("$default", said)]
        )
        (statement,) = policy["policyDocument"]["Statement"]
        assert (policy["principalId"], statement["Effect"], statement["Resource"]) == ("guest", "Allow", ARN)
        assert [answer["statusCode"] for answer in answers] == [200, 200]
        known = await DynamoConnections(table).find("c1=")
        assert known is not None
        server = Server(redis.url)
        log = await RedisLog.open(server, Sealer.kept_in(settings.sealing_key).key_id)
        assert await log.due(10) == (known.session_id,)
        await log.close()


def _played(settings: Settings, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    container = Container(lambda: settings)
    try:
        return [container.handle(each) if "methodArn" not in each else container.authorize(each) for each in events]
    finally:
        container.close()


async def test_a_function_does_not_begin_where_nobody_would_answer(tmp_path: Path) -> None:
    settings = load(None, {"MANGAASSIST_DATA_DIR": str(tmp_path)})
    with pytest.raises(StartFailed, match=r"redis\.url"):
        await asyncio.to_thread(_played, settings, [event("$connect")])
