"""The writers' contract, by the offline writer and by the client of OpenAI's wire."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import openai
import pytest

from mangaassist.domain.writing import Writer
from mangaassist.models.clients import ModelClient
from mangaassist.models.writers.model_writer import ModelWriter
from mangaassist.models.writers.offline.composing import OfflineWriter
from mangaassist.models.writers.openai_compatible import FAILURES, STATUSES, OpenAiClient, failure_kind
from mangaassist.testing.model_script import Refuse
from mangaassist.testing.openai_server import OpenAiServer
from mangaassist.turn.plans import COMPOSERS
from tests.contracts.writer import PROFILE, TASK, ModelServer, ModelWriterContract, WriterContract, failure, said


class TestOfflineWriter(WriterContract):
    @pytest.fixture
    def writer(self) -> Writer:
        return OfflineWriter(COMPOSERS)


class TestOpenAiWriter(ModelWriterContract):
    @pytest.fixture
    async def server(self) -> AsyncIterator[ModelServer]:
        async with OpenAiServer() as server:
            yield server

    @pytest.fixture
    async def client(self, server: OpenAiServer) -> AsyncIterator[ModelClient]:
        client = OpenAiClient("model", server.url, "sk-secret")
        yield client
        await client.close()

    async def test_the_key_goes_to_the_server_and_into_no_failure(
        self, client: ModelClient, server: OpenAiServer
    ) -> None:
        server.script = (Refuse(401),)
        draft = ModelWriter(PROFILE, client).write(TASK)
        with pytest.raises(Exception, match="AuthenticationError") as failed:
            await said(draft)
        assert server.headers[0]["authorization"] == "Bearer sk-secret"
        assert "secret" not in str(failed.value)

    async def test_it_streams_and_asks_for_usage(self, client: ModelClient, server: OpenAiServer) -> None:
        await said(ModelWriter(PROFILE, client).write(TASK))
        asked = server.requests[0]
        assert (asked["model"], asked["stream"], asked["max_tokens"]) == ("provisioned", True, 120)
        assert asked["stream_options"] == {"include_usage": True}
        assert [message["role"] for message in asked["messages"]] == ["system", "user"]

    async def test_the_model_that_answered_is_told(self, client: ModelClient, server: OpenAiServer) -> None:
        draft = ModelWriter(PROFILE, client).write(TASK)
        await said(draft)
        assert draft.usage.served == "scripted"

    async def test_nobody_there_is_unreachable(self) -> None:
        async with OpenAiServer() as server:
            url = server.url
        client = OpenAiClient("model", url, "")
        assert await failure(ModelWriter(PROFILE, client).write(TASK)) == ("", "unreachable")
        await client.close()

    @pytest.mark.parametrize(
        "bytes_back", [b"", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"]
    )
    async def test_a_peer_that_speaks_no_http_is_a_failure_like_any_other(self, bytes_back: bytes) -> None:
        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(bytes_back)
            writer.close()

        peer = await asyncio.start_server(greet, "127.0.0.1", 0)
        client = OpenAiClient("model", f"http://127.0.0.1:{peer.sockets[0].getsockname()[1]}/v1", "")
        said_first, kind = await failure(ModelWriter(PROFILE, client).write(TASK))
        assert (said_first, kind in ("unreachable", "contract")) == ("", True)
        await client.close()
        peer.close()


def test_every_error_of_the_client_is_mapped() -> None:
    of_calls = {
        error
        for name in openai.__all__
        if isinstance(error := getattr(openai, name), type) and issubclass(error, openai.OpenAIError)
    }
    elsewhere = {
        openai.WebSocketConnectionClosedError,
        openai.WebSocketQueueFullError,
        openai.InvalidWebhookSignatureError,
    }
    assert of_calls - elsewhere <= set(FAILURES)


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_a_status_says_more_than_its_exception(status: int, kind: str) -> None:
    assert failure_kind(openai.APIStatusError("x", response=_response(status), body=None)) == kind


def test_an_empty_account_is_no_throttling() -> None:
    error = openai.RateLimitError("x", response=_response(429), body={"code": "insufficient_quota"})
    assert failure_kind(error) == "rejected"


def _response(status: int) -> httpx2.Response:
    return httpx2.Response(status, request=httpx2.Request("POST", "http://127.0.0.1/"))
