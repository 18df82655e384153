"""A shopper at each of our doors: says something, loses the line, stops, and holds what the door's protocol told them."""

import asyncio
import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Final, cast

import msgspec

from mangaassist.edge.app import build
from mangaassist.edge.socket import SocketEdge
from mangaassist.wire.frames import ServerFrame
from mangaassist.wire.transcript import Transcript
from tests.conversation.virtual import Process
from tests.edge import test_ag_ui, test_ui_messages
from tests.edge.conversations import Heard, Say
from tests.edge.gateway import FunctionCaller, GatewayClient, GatewayProcess, LoopbackGateway
from tests.edge.rest_client import Got, Sockets, Tokens
from tests.edge.socket_client import Client
from tests.edge.socket_client import Tokens as SocketTokens
from tests.edge.test_ag_ui_runs import Agent, events
from tests.edge.test_stream import Page, Stream

IN_MID_ANSWER_S: Final = 0.5
STILL_ANSWERING: Final = 409


class Shopper(ABC):
    """``door`` is the route that answers are asked for at."""

    door: ClassVar[str]

    def __init__(self, process: Process) -> None:
        self.process = process
        self.page = Page(build(process.doors(Tokens()), cast(SocketEdge, Sockets()), {}))
        self.session_id = ""
        self.said = 0

    async def ask(self, say: Say) -> Heard:
        self.said += 1
        return await self.told(say, f"m{self.said}")

    @abstractmethod
    async def told(self, say: Say, name: str) -> Heard:
        """Say something under a name of its own, and hear it answered."""

    async def persons_words(self) -> list[tuple[str, str]]:
        """What a person at the desk has written so far, by name."""
        turns = json.loads((await self.page.request("GET", f"/chat/sessions/{self.session_id}").end()).got.body)[
            "turns"
        ]
        return [(turn["name"], turn["answer"]) for turn in turns if turn.get("name")]

    async def stop(self) -> None:
        await self.process.log.stop(self.session_id)

    async def leave(self) -> None:
        for stream in self.page.streams:
            if not stream.running.done():
                await stream.hang_up()

    def post(self, path: str, body: dict[str, Any], **headers: str) -> Stream:
        return self.page.request("POST", path, json.dumps(body).encode(), content_type="application/json", **headers)


class OverFrames(Shopper):
    door = "/ws"

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self._edge = SocketEdge(shared=process.doors(SocketTokens()), heartbeat_s=30, idle_timeout_s=600)
        self._lines = list[Client]()

    async def told(self, say: Say, name: str) -> Heard:
        if not self._lines:
            self._lines.append(self._line())
        line = self._lines[-1]
        self.session_id = (await line.hears("session"))["session_id"]
        line.ask(say.text, name)
        if say.cut or say.stop:
            await asyncio.sleep(IN_MID_ANSWER_S)
        if say.stop:
            line.say(type="stop", id=name)
        if say.cut:
            line = await self._again()
        transcript = Transcript()
        while not transcript.has_ended:
            await asyncio.sleep(0.1)
            transcript = self._transcript(name)
        return _held(transcript)

    async def _again(self) -> Client:
        left = self._lines[-1]
        await left.goes()
        epoch, last = left.of("session")[0]["epoch"], left.seqs[-1]
        self._lines.append(self._line(f"session_id={self.session_id}&last_seq={last}&epoch={epoch}"))
        return self._lines[-1]

    def _line(self, query: str = "") -> Client:
        return Client(self._edge, query)

    def _transcript(self, name: str) -> Transcript:
        transcript, own = Transcript(), ""
        for frame in (frame for line in self._lines for frame in line.frames):
            if frame["type"] == "start":
                own = frame["response_id"] if frame["in_reply_to"] == name else ""
            if own and frame.get("response_id") == own:
                transcript.apply(msgspec.convert(frame, ServerFrame))
        return transcript

    async def persons_words(self) -> list[tuple[str, str]]:
        return [(frame["name"], frame["content"]) for line in self._lines for frame in line.of("message")]

    async def leave(self) -> None:
        await self._lines[-1].goes()


def _held(transcript: Transcript) -> Heard:
    if transcript.problem is not None:
        return Heard(problem=transcript.problem.detail)
    assert transcript.metadata is not None
    return Heard(
        text=transcript.text,
        products=tuple(card.asin for card in transcript.products),
        buttons=tuple(button.label for button in transcript.buttons),
        suggestions=transcript.suggestions,
        degraded=tuple(each.service for each in transcript.degraded),
        stopped=transcript.metadata.stopped,
    )


class OverTheGateway(OverFrames):
    """The same frames, behind an API Gateway: every line is lost and made anew at the gateway alone."""

    door = "/gateway/default"

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self._gateway = LoopbackGateway()
        self._served = GatewayProcess(process, self._gateway)
        self._served.start()

    def _line(self, query: str = "") -> Client:
        return GatewayClient(self._gateway, self._served.caller, query)

    async def leave(self) -> None:
        await super().leave()
        await self._served.__aexit__()


class OverTheGatewaysFunction(OverTheGateway):
    """A function takes what the gateway says, and a serving process answers and posts."""

    def _line(self, query: str = "") -> Client:
        return GatewayClient(self._gateway, FunctionCaller(self.process, self._gateway), query)


class ByRest(Shopper):
    door = "/chat/message"

    async def told(self, say: Say, name: str) -> Heard:
        body = {"message": say.text} | ({"session_id": self.session_id} if self.session_id else {})
        asking = self.post(self.door, body, idempotency_key=f"a-key-of-{name}-alone")
        if say.cut or say.stop:
            await asyncio.sleep(IN_MID_ANSWER_S)
        if say.stop:
            await self.stop()
        if say.cut:
            asking.running.cancel()
            await asyncio.gather(asking.running, return_exceptions=True)
            return _whole(await self._until_there(body, name))
        got = (await asking.end()).got
        self.session_id = json.loads(got.body).get("session_id", self.session_id)
        return _whole(got)

    async def _until_there(self, body: dict[str, Any], name: str) -> Got:
        while True:
            got = (await self.post(self.door, body, idempotency_key=f"a-key-of-{name}-alone").end()).got
            if got.status != STILL_ANSWERING:
                return got
            await asyncio.sleep(1)


def _whole(got: Got) -> Heard:
    if got.status != 200:
        return Heard(problem=got.json["detail"])
    told = got.json
    return Heard(
        text=told["response_text"],
        products=tuple(card["asin"] for card in told["products"]),
        buttons=tuple(button["label"] for button in told["actions"]),
        suggestions=tuple(told["follow_up_suggestions"]),
        degraded=tuple(told["metadata"]["degraded"]),
        stopped=told["metadata"]["stopped"],
    )


class OnUseChat(Shopper):
    door = "/chat/stream"
    query: ClassVar[str] = ""

    async def told(self, say: Say, name: str) -> Heard:
        fields = {"session_id": self.session_id} if self.session_id else {}
        stream = self.page.ask(say.text, name, self.query, **fields)
        if say.cut or say.stop:
            await asyncio.sleep(IN_MID_ANSWER_S)
        if say.stop:
            await self.stop()
        if say.cut:
            await stream.hang_up()
            stream = self.page.resume(self.session_id, self.query)
        reader = (await stream.end()).read(knows_reset=bool(self.query))
        self.session_id = stream.session_id
        return _read(reader, stream)


class OnUseChatWithResets(OnUseChat):
    query = "reset=1"


def _read(reader: test_ui_messages.Reader, stream: Stream) -> Heard:
    errors = [part["errorText"] for part in stream.parts if part["type"] == "error"]
    if errors:
        return Heard(problem=errors[0])

    def newest(kind: str) -> list[Any]:
        return (reader.data(kind) or [[]])[-1]

    return Heard(
        text=reader.text,
        products=tuple(card["asin"] for card in newest("data-products")),
        buttons=tuple(button["label"] for button in newest("data-actions")),
        suggestions=tuple(newest("data-suggestions")),
        degraded=tuple(each["service"] for each in reader.data("data-degraded")),
        stopped=reader.metadata["stopped"],
    )


class OnAgUi(Shopper):
    door = "/ag-ui"

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self._agent = Agent(self.page)

    async def told(self, say: Say, name: str) -> Heard:
        stream = self._agent.say(say.text, name)
        if say.cut or say.stop:
            await asyncio.sleep(IN_MID_ANSWER_S)
        if say.stop:
            stop = {"runId": name, "messageId": self._agent.messages[-1]["id"]}
            await self._agent.post("/ag-ui/stop", stop).end()
        streams = [stream]
        if say.cut:
            await stream.hang_up()
            heard = events(stream)
            streams.append(self._agent.run(name, **({"last_event_id": heard[-1][0]} if heard else {})))
        await streams[-1].end()
        self.session_id = streams[-1].session_id
        return self._held([part for stream in streams for part in stream.parts])

    def _held(self, told: list[dict[str, Any]]) -> Heard:
        reader = test_ag_ui.Reader()
        for event in told:
            reader.take(event)
        if reader.last["type"] == "RUN_ERROR":
            return Heard(problem=reader.last["message"])
        answer = told[0]["metadata"]["mangaassist"]["response_id"]
        return Heard(
            text=reader.text_of(answer),
            products=tuple(card["asin"] for card in reader.shown(answer, "products")),
            buttons=tuple(button["label"] for button in reader.shown(answer, "actions")),
            suggestions=tuple(reader.shown(answer, "suggestions")),
            degraded=tuple(each["service"] for each in reader.shown(answer, "degraded")),
            stopped=reader.last["outcome"]["type"] == "cancelled",
        )

    async def persons_words(self) -> list[tuple[str, str]]:
        seen = await self._agent.post("/ag-ui", {"runId": f"seen{len(self.page.streams)}"}).end()
        snapshot = next(part["messages"] for part in seen.parts if part["type"] == "MESSAGES_SNAPSHOT")
        return [(each["name"], each["content"]) for each in snapshot if each.get("name")]


SHOPPERS: Final = (OverFrames, OverTheGateway, OverTheGatewaysFunction, ByRest, OnUseChat, OnUseChatWithResets, OnAgUi)
