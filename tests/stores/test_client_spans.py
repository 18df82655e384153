"""O-3: calls of Redis, DynamoDB, Kinesis, OpenSearch and the identity provider are client spans without keys, ids or words."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from benchmarks.system import free_port
from mangaassist.conversation.sessions import SESSIONS
from mangaassist.edge.openid_provider import OpenIdProvider
from mangaassist.errors import ServiceFailure
from mangaassist.stores.aws.client import Limits
from mangaassist.stores.dynamodb.items import text
from mangaassist.stores.dynamodb.table import Table
from mangaassist.stores.opensearch.engine import Engine
from mangaassist.stores.redis.connection import Server
from mangaassist.stores.redis.script import Script
from mangaassist.telemetry.analytics import Asked, Recorder
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing
from mangaassist.testing.clock import START
from mangaassist.testing.opensearch_server import OpenSearchServer
from tests.patience import PATIENCE
from tests.redis_server import RedisServer
from tests.spans import Kept, collected_by
from tests.streams import fresh_stream
from tests.tables import REGION, fresh_table

SECRET = "zanzibar"
"""Stands in keys, values, ids and addresses; no span holds it."""


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def tracing(kept: Kept) -> Iterator[Tracing]:
    made = collected_by(kept)
    yield made
    made.close()


@pytest.fixture
async def redis(server: RedisServer) -> AsyncIterator[Server]:
    opened = Server(server.url)
    yield opened
    await opened.close()


def told(span: ReadableSpan) -> dict[str, object]:
    """What is told of a call, without where the server is."""
    return {name: value for name, value in (span.attributes or {}).items() if not name.startswith("server.")}


async def test_a_command_of_redis_is_one_client_span_below_what_asked_for_it(
    kept: Kept, tracing: Tracing, redis: Server
) -> None:
    with tracing.attempt(None):
        await redis.call("SET", f"key:{SECRET}", SECRET)
        await redis.call_all([("GET", f"key:{SECRET}"), ("GET", "other")])
    one, both = kept.calls
    assert kept.below("answer") == {"SET", "PIPELINE GET"}
    assert told(one) == {"db.system.name": "redis", "db.operation.name": "SET"}
    assert told(both) == {
        "db.system.name": "redis",
        "db.operation.name": "PIPELINE GET",
        "db.operation.batch.size": 2,
    }
    assert one.attributes is not None
    assert one.attributes["server.address"] == "127.0.0.1"
    assert SECRET not in kept.told


async def test_a_script_of_redis_is_named_and_one_that_the_server_learns_is_no_failure(
    kept: Kept, tracing: Tracing, redis: Server
) -> None:
    script = Script(f"return '{SECRET}'", name="remember")
    with tracing.attempt(None):
        await script(redis, (f"key:{SECRET}",), SECRET)
        with pytest.raises(Exception, match="Unknown Redis command"):
            await Script("return redis.call('NOSUCH')", name="broken")(redis, ("key",))
    assert [span.name for span in kept.calls] == ["EVALSHA remember", "EVAL remember", "EVALSHA broken", "EVAL broken"]
    assert [span.status.status_code is StatusCode.ERROR for span in kept.calls] == [False, False, False, True]
    assert told(kept.calls[1]) == {
        "db.system.name": "redis",
        "db.operation.name": "EVAL",
        "db.stored_procedure.name": "remember",
    }
    assert SECRET not in kept.told


async def test_a_redis_that_is_away_is_a_span_that_says_so(kept: Kept, tracing: Tracing) -> None:
    away = Server(f"redis://127.0.0.1:{free_port()}")
    with tracing.attempt(None), pytest.raises(Exception, match=r"."):
        await away.call("PING")
    [span] = kept.calls
    assert span.status.status_code is StatusCode.ERROR
    assert told(span)["error.type"]


async def test_a_request_to_an_opensearch_is_named_after_what_it_does_and_tells_no_word_of_it(
    kept: Kept, tracing: Tracing
) -> None:
    async with OpenSearchServer(login=f"writer:{SECRET}") as search:
        engine = Engine.open(search.url, f"writer:{SECRET}", PATIENCE)
        with tracing.attempt(None):
            await engine.ask("GET", "/shop-*", dict[str, Any], params={"filter_path": "*.aliases"})
            with pytest.raises(ServiceFailure):
                await engine.ask("PUT", "/shop/_doc/7", dict[str, Any], body={"text": SECRET})
        await engine.close()
    listed, missing = kept.calls
    assert (listed.name, missing.name) == ("GET shop-*", "_doc shop")
    assert told(missing) == {
        "db.system.name": "opensearch",
        "db.operation.name": "_doc",
        "db.collection.name": "shop",
        "error.type": "contract",
    }
    assert SECRET not in kept.told


async def test_no_span_is_made_outside_of_a_trace_nor_after_its_end(
    kept: Kept, tracing: Tracing, redis: Server
) -> None:
    """What goes on for nobody in particular, as a renewal does, begins no traces of its own."""
    await redis.call("PING")
    over = asyncio.Event()

    async def goes_on() -> None:
        await over.wait()
        await redis.call("PING")

    with tracing.attempt(None):
        renewing = asyncio.create_task(goes_on())
    over.set()
    await renewing
    await redis.call("PING")
    assert kept.calls == []


async def test_nobody_hears_of_calls_where_nobody_collects(redis: Server) -> None:
    tracing = Tracing()
    with tracing.attempt(None), tracing.turn():
        assert Tracing.collecting() is None
        await redis.call("PING")


@pytest.mark.usefixtures("aws_environment")
async def test_a_call_of_dynamodb_is_a_span_that_names_operation_and_table(
    kept: Kept, tracing: Tracing, moto_url: str
) -> None:
    async with fresh_table(moto_url) as table:
        item = {"session_id": text(SECRET), "item": text(SECRET)}
        with tracing.attempt(None):
            assert await table.put(item)
            assert not await table.put(item, ConditionExpression="attribute_not_exists(session_id)")
    first, refused = kept.calls
    assert first.name == refused.name == "DynamoDB.PutItem"
    assert told(first) == {
        "rpc.system": "aws-api",
        "rpc.service": "DynamoDB",
        "rpc.method": "PutItem",
        "db.system.name": "aws.dynamodb",
        "db.operation.name": "PutItem",
        "aws.dynamodb.table_names": (table.name,),
    }
    assert refused.status.status_code is not StatusCode.ERROR, "a condition that does not hold is an answer"
    assert SECRET not in kept.told


@pytest.mark.usefixtures("aws_environment")
async def test_a_dynamodb_that_is_away_is_a_span_with_our_word_for_it(kept: Kept, tracing: Tracing) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    table = await Table.open(SESSIONS, "mangaassist", REGION, away, Limits(tries=1))
    with tracing.attempt(None), pytest.raises(ServiceFailure):
        await table.get({"session_id": text(SECRET), "item": text("a")})
    await table.close()
    [span] = kept.calls
    assert told(span)["error.type"] == "unreachable"
    assert span.status.status_code is StatusCode.ERROR
    assert SECRET not in kept.told


@pytest.mark.usefixtures("aws_environment")
async def test_a_call_of_kinesis_is_a_span_that_names_operation_and_stream(
    kept: Kept, tracing: Tracing, moto_url: str
) -> None:
    async with fresh_stream(moto_url) as made:
        stream = await made.opened()
        async with Recorder(stream, lambda _, name: name, Metrics(), lambda: START, tracing) as recorder:
            recorder.note(Asked(response_id=SECRET, chars=1), SECRET, None)
        await stream.close()
        [span] = kept.calls
        assert kept.below("events leave") == {span.name}
        assert span.name == "Kinesis.PutRecords"
        assert told(span) == {
            "rpc.system": "aws-api",
            "rpc.service": "Kinesis",
            "rpc.method": "PutRecords",
            "aws.kinesis.stream_name": made.name,
        }
    assert SECRET not in kept.told


async def test_asking_the_identity_provider_is_a_span_without_the_address_of_its_keys(
    kept: Kept, tracing: Tracing
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=200 if request.path == f"/{SECRET}" else 503, text="{}")

    runner = web.AppRunner(app := web.Application())
    app.router.add_get("/{path}", answer)
    await runner.setup()
    await (site := web.TCPSite(runner, "127.0.0.1", port := free_port())).start()
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as http:
        with tracing.attempt(None):
            await OpenIdProvider(http, url, f"{url}/{SECRET}").keys()
            with pytest.raises(ServiceFailure):
                await OpenIdProvider(http, url, f"{url}/other").keys()
    await site.stop()
    await runner.cleanup()
    fine, broken = kept.calls
    assert dict(fine.attributes or {}) == {
        "service.peer.name": "identity",
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": port,
        "http.response.status_code": 200,
    }
    assert told(broken)["http.response.status_code"] == 503
    assert broken.status.status_code is StatusCode.ERROR
    assert SECRET not in kept.told
