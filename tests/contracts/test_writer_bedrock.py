"""The writers' contract, by the client of Bedrock's wire."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, get_args

import pytest
from aiohttp import web

from mangaassist.models.clients import ModelClient
from mangaassist.models.writers.bedrock import STOPS, BedrockClient
from mangaassist.testing import bedrock_server as wire
from mangaassist.testing.bedrock_server import REFUSALS, BedrockServer
from mangaassist.testing.model_script import (
    WHOLE,
    Break,
    Count,
    Cut,
    End,
    Garbage,
    ModelStep,
    Refuse,
    Script,
    Stall,
)
from mangaassist.testing.scripted_writer import Pause
from tests.contracts.writer import ModelServer, ModelWriterContract

CODES: Final = {
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
    500: "InternalServerException",
    403: "AccessDeniedException",
}
REASONS: Final = {ours: theirs for theirs, ours in reversed(STOPS.items()) if ours}


class PlayedBedrock(BedrockServer):
    """Plays the steps that a contract tells, over Bedrock's wire."""

    def __init__(self) -> None:
        super().__init__()
        self.script: Any = WHOLE
        self.hung_up = 0
        self.idle = asyncio.Event()
        self.idle.set()

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [asked.body for asked in self.asked]

    def script_for(self, model: str) -> wire.Script:
        return played(self.scripts.get(model, self.script))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.idle.clear()
        try:
            return await super()._answer(request)
        except (asyncio.CancelledError, ConnectionResetError):
            self.hung_up += 1
            raise
        finally:
            self.idle.set()


def played(steps: Script) -> wire.Script:
    if steps and isinstance(refused := steps[0], Refuse):
        return wire.Script(refusal=REFUSALS[CODES[refused.status]])
    return wire.Script(steps=(*map(step_of, steps), wire.End()))


def step_of(step: ModelStep) -> wire.Step:
    match step:
        case str():
            return wire.Text(step)
        case Stall():
            return wire.Stall()
        case Cut():
            return wire.Cut()
        case Garbage():
            return wire.Raw(step.content)
        case Break():
            return wire.Throw("internalServerException")
        case End():
            return wire.Event("messageStop", {"stopReason": REASONS[step.reason]})
        case Count():
            return wire.Event("metadata", {"usage": usage(step), "metrics": {"latencyMs": 1}})
        case Refuse() | Pause():
            raise NotImplementedError


def usage(count: Count) -> Mapping[str, int]:
    anew = count.tokens_in - count.cache_read - count.cache_write
    return {
        "inputTokens": anew,
        "outputTokens": count.tokens_out,
        "totalTokens": count.tokens_in + count.tokens_out,
        "cacheReadInputTokens": count.cache_read,
        "cacheWriteInputTokens": count.cache_write,
    }


class TestBedrockWriter(ModelWriterContract):
    @pytest.fixture
    async def server(self, aws_environment: None) -> AsyncIterator[ModelServer]:
        async with PlayedBedrock() as server:
            yield server

    @pytest.fixture
    async def client(self, server: PlayedBedrock) -> AsyncIterator[ModelClient]:
        client = await BedrockClient.open("us-east-1", server.url)
        yield client
        await client.close()


def test_every_step_of_a_script_can_be_played() -> None:
    for kind in set(get_args(ModelStep)) - {Refuse, Pause, Count}:
        assert step_of(kind())
