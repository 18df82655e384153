"""The double of Bedrock speaks the wire that the vendor's client reads, and breaks it as told."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import ClientError, EventStreamError

from mangaassist.testing import event_stream_wire as wire
from mangaassist.testing.bedrock_server import (
    REFUSALS,
    USAGE,
    BedrockServer,
    Cut,
    Raw,
    Script,
    Stall,
    Text,
    Throw,
    piece,
    refusing,
)

ASKED: dict[str, Any] = {"messages": [{"role": "user", "content": [{"text": "Hello?"}]}]}


@pytest.fixture
async def server(aws_environment: None) -> AsyncIterator[BedrockServer]:
    async with BedrockServer() as server:
        yield server


@pytest.fixture
async def client(server: BedrockServer) -> AsyncIterator[Any]:
    config = AioConfig(retries={"total_max_attempts": 1})
    made: Any = AioSession().create_client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=server.url, config=config
    )
    async with made as client:
        yield client


async def told(client: Any, model: str = "a-model") -> list[dict[str, Any]]:
    reply = await client.converse_stream(modelId=model, **ASKED)
    return [event async for event in reply["stream"]]


async def test_the_vendors_client_reads_every_event_of_an_answer(server: BedrockServer, client: Any) -> None:
    server.script = Script(trace={"guardrail": {"actionReason": "none"}})
    events = await told(client)
    kinds = [kind for event in events for kind in event]
    assert kinds == ["messageStart", *["contentBlockDelta"] * 2, "contentBlockStop", "messageStop", "metadata"]
    assert "".join(event["contentBlockDelta"]["delta"]["text"] for event in events[1:3]) == "Hello there."
    assert events[-1]["metadata"]["usage"] == USAGE
    assert events[-1]["metadata"]["trace"] == {"guardrail": {"actionReason": "none"}}


async def test_it_keeps_what_it_was_asked(server: BedrockServer, client: Any) -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc"
    await told(client, arn)
    [asked] = server.asked
    assert (asked.model, asked.body) == (arn, ASKED)
    assert "bedrock/aws4_request" in asked.headers["authorization"]


@pytest.mark.parametrize("code", sorted(REFUSALS))
async def test_it_refuses_as_the_service_does(code: str, server: BedrockServer, client: Any) -> None:
    server.script = refusing(code)
    with pytest.raises(ClientError) as caught:
        await told(client)
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == REFUSALS[code].status


async def test_an_exception_ends_the_stream_where_it_stands(server: BedrockServer, client: Any) -> None:
    server.script = Script(steps=(Text("a"), Throw("throttlingException"), Text("b")))
    heard: list[str] = []
    with pytest.raises(EventStreamError, match="throttlingException"):
        async for event in (await client.converse_stream(modelId="m", **ASKED))["stream"]:
            heard.extend(event)
    assert heard == ["messageStart", "contentBlockDelta"]


async def test_a_damaged_message_is_found_by_its_checksum(server: BedrockServer, client: Any) -> None:
    server.script = Script(steps=(Raw(wire.damaged(piece("a"))),))
    with pytest.raises(ChecksumMismatch):
        await told(client)


async def test_a_broken_connection_is_one_to_the_client(server: BedrockServer, client: Any) -> None:
    server.script = Script(steps=(Text("a"), Cut()))
    with pytest.raises(Exception, match=r"not completed|Response payload|disconnected|reset"):
        await told(client)


async def test_it_hears_a_client_leave(server: BedrockServer, client: Any) -> None:
    server.script = Script(steps=(Text("a"), Stall()))
    reply = await client.converse_stream(modelId="m", **ASKED)
    async for event in reply["stream"]:
        if "contentBlockDelta" in event:
            break
    assert not server.left.is_set()
    reply["stream"].close()
    await server.left.wait()
