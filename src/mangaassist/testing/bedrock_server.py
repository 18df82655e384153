"""A server on the loopback that speaks Bedrock Runtime's wire and misbehaves as told.

``POST /model/{id}/converse-stream`` is answered with a ``Script``: steps of one stream, or a refusal before it; ``POST
/guardrail/{id}/version/{version}/apply`` with a ``Judgement``. It keeps what it was asked, and knows who left.
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from aiohttp import web
from msgspec import Struct

from mangaassist.testing import event_stream_wire as wire
from mangaassist.testing.loopback_server import Handler, LoopbackServer


class Text(Struct, frozen=True):
    """A piece of the answer."""

    text: str


class Throw(Struct, frozen=True):
    """The stream ends in an exception that the service's model declares (``throttlingException``)."""

    exception: str
    message: str = "as they said"


class Wait(Struct, frozen=True):
    """Nothing is sent until the test sets the event."""

    until: asyncio.Event


class Raw(Struct, frozen=True):
    """Bytes as they are."""

    data: bytes


class Event(Struct, frozen=True):
    """An event of any name, with any payload."""

    name: str
    payload: Mapping[str, Any]


class Stall(Struct, frozen=True):
    """Nothing more is sent until the client leaves."""


class Cut(Struct, frozen=True):
    """The connection breaks."""


class End(Struct, frozen=True):
    """The reply ends as if all had been said."""


Step = Text | Throw | Wait | Raw | Event | Stall | Cut | End

USAGE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "inputTokens": 12,
        "outputTokens": 5,
        "totalTokens": 1017,
        "cacheReadInputTokens": 900,
        "cacheWriteInputTokens": 100,
    }
)


class Refusal(Struct, frozen=True):
    """An answer that is no stream: ``code`` as ``x-amzn-ErrorType`` names it."""

    status: int
    code: str
    message: str = "as they said"


REFUSALS: Final[Mapping[str, Refusal]] = {
    refusal.code: refusal
    for refusal in (
        Refusal(403, "AccessDeniedException"),
        Refusal(429, "ThrottlingException"),
        Refusal(404, "ResourceNotFoundException"),
        Refusal(408, "ModelTimeoutException"),
        Refusal(500, "InternalServerException"),
        Refusal(503, "ServiceUnavailableException"),
        Refusal(400, "ValidationException"),
        Refusal(429, "ModelNotReadyException"),
        Refusal(424, "ModelErrorException"),
    )
}


class Script(Struct, frozen=True, kw_only=True):
    """One answer. ``usage`` None: the metadata that should end the stream never come."""

    steps: Sequence[Step] = (Text("Hello"), Text(" there."))
    stop_reason: str = "end_turn"
    usage: Mapping[str, Any] | None = USAGE
    trace: Mapping[str, Any] | None = None
    refusal: Refusal | None = None


class Judgement(Struct, frozen=True, kw_only=True):
    """What a guardrail says: the rules that each of some words calls up, by policy. ``reply`` is said in its place, as it is."""

    blocks: Mapping[str, str] = MappingProxyType({"idiot": "INSULTS", "kill you": "VIOLENCE"})
    masks: Mapping[str, str] = MappingProxyType({"@": "EMAIL"})
    reply: Any = None
    refusal: Refusal | None = None
    until: asyncio.Event | None = None
    """Nothing is said before it is set."""


def refusing(code: str) -> Script:
    return Script(refusal=REFUSALS[code])


class Asked(Struct, frozen=True):
    """A request: the model that its address names, its body, its headers by lower-case name, the address that it came from."""

    model: str
    body: Any
    headers: Mapping[str, str]
    peer: tuple[str, int]


class BedrockServer(LoopbackServer):
    """Use it as a context manager, on the loop of its client. ``scripts`` by model id; ``script`` is for all others."""

    def __init__(self, script: Script | None = None, scripts: Mapping[str, Script] | None = None) -> None:
        super().__init__()
        self.script = script or Script()
        self.scripts = dict(scripts or {})
        self.judgement = Judgement()
        self.asked: list[Asked] = []
        self.left = asyncio.Event()
        """Set when a client goes before its answer is whole."""

    @property
    def models(self) -> list[str]:
        """The models that were asked, the first first."""
        return [asked.model for asked in self.asked]

    def script_for(self, model: str) -> Script:
        """What is answered for a model."""
        return self.scripts.get(model, self.script)

    def posts(self) -> Mapping[str, Handler]:
        return {
            "/model/{model}/converse-stream": self._answer,
            "/guardrail/{model}/version/{version}/apply": self._judge,
        }

    async def _take(self, request: web.Request) -> Asked:
        model = unquote(request.match_info["model"])
        headers = {name.lower(): value for name, value in request.headers.items()}
        assert request.transport is not None
        peer = request.transport.get_extra_info("peername")[:2]
        self.asked.append(Asked(model, msgspec.json.decode(await request.read()), headers, peer))
        return self.asked[-1]

    async def _judge(self, request: web.Request) -> web.Response:
        asked, judgement = await self._take(request), self.judgement
        if judgement.until is not None:
            await judgement.until.wait()
        if judgement.refusal is not None:
            return _refused(judgement.refusal)
        text = "".join(part["text"]["text"] for part in asked.body["content"])
        return web.json_response(_assessed(text, judgement) if judgement.reply is None else judgement.reply)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        script = self.script_for((await self._take(request)).model)
        if script.refusal is not None:
            return _refused(script.refusal)
        response = web.StreamResponse(headers={"Content-Type": wire.CONTENT_TYPE})
        try:
            await response.prepare(request)
            await self._tell(script, response, request)
        except (asyncio.CancelledError, ConnectionResetError):
            self.left.set()
            raise
        return response

    async def _tell(self, script: Script, response: web.StreamResponse, request: web.Request) -> None:
        await response.write(wire.event("messageStart", {"role": "assistant"}))
        for step in script.steps:
            match step:
                case Text():
                    await response.write(piece(step.text))
                case Raw():
                    await response.write(step.data)
                case Event():
                    await response.write(wire.event(step.name, step.payload))
                case Wait():
                    await step.until.wait()
                case Stall():
                    await asyncio.Event().wait()
                case Throw():
                    await response.write(wire.exception(step.exception, step.message))
                    return
                case Cut():
                    assert request.transport is not None
                    request.transport.abort()
                    return
                case End():
                    return
        await response.write(_ending(script))


def piece(text: str) -> bytes:
    """The message of a piece of the answer. The service pads its payloads with letters in ``p``, and so does this one."""
    return wire.event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}, "p": "abcdefghijklm"})


def _assessed(text: str, judgement: Judgement) -> dict[str, Any]:
    """As the service words it; what it masks it says anew, and what it blocks it replaces."""
    filters = [
        {"type": kind, "confidence": "HIGH", "filterStrength": "HIGH", "action": "BLOCKED", "detected": True}
        for word, kind in judgement.blocks.items()
        if word in text
    ]
    masked = [
        {"type": kind, "match": word, "action": "ANONYMIZED", "detected": True}
        for word, kind in judgement.masks.items()
        if word in text
    ]
    assessment: dict[str, Any] = {"invocationMetrics": {"guardrailProcessingLatency": 93}}
    assessment |= {"contentPolicy": {"filters": filters}} if filters else {}
    assessment |= {"sensitiveInformationPolicy": {"piiEntities": masked, "regexes": []}} if masked else {}
    intervenes = bool(filters or masked)
    return {
        "usage": {"contentPolicyUnits": 1, "sensitiveInformationPolicyUnits": 1},
        "action": "GUARDRAIL_INTERVENED" if intervenes else "NONE",
        "outputs": [{"text": "Sorry, not like this."}] if intervenes else [],
        "assessments": [assessment],
    }


def _ending(script: Script) -> bytes:
    stop = wire.event("contentBlockStop", {"contentBlockIndex": 0})
    stop += wire.event("messageStop", {"stopReason": script.stop_reason})
    if script.usage is None:
        return stop
    metadata: dict[str, Any] = {"usage": dict(script.usage), "metrics": {"latencyMs": 321}}
    if script.trace is not None:
        metadata["trace"] = script.trace
    return stop + wire.event("metadata", metadata)


def _refused(refusal: Refusal) -> web.Response:
    return web.json_response(
        {"message": refusal.message}, status=refusal.status, headers={"x-amzn-ErrorType": refusal.code}
    )
