"""The readers' contract, by the double and by the clients of OpenAI's and Bedrock's wires (M-2, M-6)."""

from collections.abc import AsyncIterator

import pytest

from mangaassist.domain.reading import ModelReader
from mangaassist.models.clients import ModelClient
from mangaassist.models.writers.bedrock import BedrockClient
from mangaassist.models.writers.openai_compatible import OpenAiClient
from mangaassist.testing import bedrock_server as wire
from mangaassist.testing.model_script import End, ModelStep, Script
from mangaassist.testing.openai_server import OpenAiServer
from mangaassist.testing.scripted_reader import ScriptedReader
from tests.contracts.model_reader import READ, TASK, ModelReaderContract, SmallModelReaderContract, schema_of
from tests.contracts.test_writer_bedrock import PlayedBedrock, played, step_of
from tests.contracts.writer import ModelServer


class TestScriptedReader(ModelReaderContract):
    @pytest.fixture
    def reader(self) -> ModelReader:
        return ScriptedReader(READ)


class TestOpenAiReader(SmallModelReaderContract):
    @pytest.fixture
    async def server(self) -> AsyncIterator[ModelServer]:
        async with OpenAiServer() as server:
            yield server

    @pytest.fixture
    async def client(self, server: OpenAiServer) -> AsyncIterator[ModelClient]:
        client = OpenAiClient("model", server.url, "sk-secret")
        yield client
        await client.close()

    async def test_the_form_is_a_strict_schema_of_the_response(self, reader: ModelReader, server: OpenAiServer) -> None:
        await reader.asked(TASK).read()
        form = server.requests[0]["response_format"]
        assert (form["type"], form["json_schema"]["strict"]) == ("json_schema", True)
        schema_of(form["json_schema"]["schema"])


class PlayedTool(PlayedBedrock):
    """Plays a script as the use of a tool: its pieces are what the tool is given."""

    def script_for(self, model: str) -> wire.Script:
        steps: Script = self.scripts.get(model, self.script)
        told = played(steps)
        return told if told.refusal else wire.Script(steps=(START, *map(tool_step, steps), wire.End()))


START = wire.Event(
    "contentBlockStart", {"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "t1", "name": "reading"}}}
)


def tool_step(step: ModelStep) -> wire.Step:
    match step:
        case str():
            return wire.Event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": step}}})
        case End("end"):
            return wire.Event("messageStop", {"stopReason": "tool_use"})
        case _:
            return step_of(step)


class TestBedrockReader(SmallModelReaderContract):
    @pytest.fixture
    async def server(self, aws_environment: None) -> AsyncIterator[ModelServer]:
        async with PlayedTool() as server:
            yield server

    @pytest.fixture
    async def client(self, server: PlayedTool) -> AsyncIterator[ModelClient]:
        client = await BedrockClient.open("us-east-1", server.url)
        yield client
        await client.close()

    async def test_the_form_is_a_tool_that_has_to_be_used(self, reader: ModelReader, server: PlayedTool) -> None:
        await reader.asked(TASK).read()
        config = server.requests[0]["toolConfig"]
        assert config["toolChoice"] == {"tool": {"name": "reading"}}
        [tool] = config["tools"]
        assert tool["toolSpec"]["name"] == "reading"
        schema_of(tool["toolSpec"]["inputSchema"]["json"])

    async def test_what_it_says_beside_the_tool_is_no_part_of_it(
        self, client: ModelClient, reader: ModelReader, server: PlayedTool
    ) -> None:
        script = server.script_for("model")
        server.script_for = lambda _: wire.Script(steps=(wire.Text("Let me see."), *script.steps))
        assert await reader.asked(TASK).read() == READ
