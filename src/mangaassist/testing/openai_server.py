"""A server on loopback that speaks OpenAI's chat completions as it is told: a model as a test of the real wire wants it.

>>> async with OpenAiServer() as server:
...     server.script = ("Read ", Cut())        # from now on
...     server.scripts["provisioned"] = (Refuse(429, retry_after_s=3),)   # of one model alone
...     server.url                              # for ``[models.large]``
...     server.requests                         # the bodies that came, decoded
"""

import asyncio
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from mangaassist.testing.model_script import (
    WHOLE,
    Break,
    Count,
    Cut,
    End,
    Garbage,
    ModelStep,
    Pause,
    Refuse,
    Script,
    Stall,
)

HOST: Final = "127.0.0.1"
FINISH: Final = {"end": "stop", "length": "length", "filtered": "content_filter", "": None}
_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class OpenAiServer:
    """``hung_up`` counts the answers that the caller left before their script was over; ``idle`` is set while none is under way."""

    def __init__(self, script: Script = WHOLE, port: int = 0) -> None:
        """``port`` 0 is any free one."""
        self.script = script
        self._port = port
        self.scripts: dict[str, Script] = {}
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.hung_up = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self._under_way = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: asyncio.StreamReaderProtocol(_Reader(), self._serve), HOST, self._port
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()

    @property
    def url(self) -> str:
        """What a client calls the base address."""
        return f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert isinstance(reader, _Reader)
        self._writers.add(writer)
        try:
            while request := await _request(reader):
                headers, body = request
                self.headers.append(headers)
                self.requests.append(body)
                if not await self._answer(self.scripts.get(body["model"], self.script), reader.gone, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, script: Script, gone: asyncio.Event, writer: asyncio.StreamWriter) -> bool:
        """Play the script while watching for the caller to leave; whether the connection can be used again."""
        self._under_way += 1
        self.idle.clear()
        playing = asyncio.create_task(_play(script, writer))
        leaving = asyncio.create_task(gone.wait())
        try:
            await asyncio.wait((playing, leaving), return_when=asyncio.FIRST_COMPLETED)
            self.hung_up += not playing.done()
            return playing.done() and playing.exception() is None and playing.result()
        finally:
            for task in (playing, leaving):
                task.cancel()
            await asyncio.gather(playing, leaving, return_exceptions=True)
            self._under_way -= 1
            if not self._under_way:
                self.idle.set()


class _Reader(asyncio.StreamReader):
    """Tells when the caller has gone, whoever reads."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = asyncio.Event()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.gone.set()

    def set_exception(self, exc: Exception) -> None:
        super().set_exception(exc)
        self.gone.set()


async def _request(reader: asyncio.StreamReader) -> tuple[dict[str, str], dict[str, Any]] | None:
    """Headers and decoded body of the next request; None when the caller has gone."""
    if not await reader.readline():
        return None
    headers: dict[str, str] = {}
    while (line := await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return headers, msgspec.json.decode(body)


async def _play(script: Script, writer: asyncio.StreamWriter) -> bool:
    if script and isinstance(script[0], Refuse):
        writer.write(_refusal(script[0]))
        await writer.drain()
        return True
    writer.write(_HEAD)
    for step in script:
        match step:
            case Pause():
                await writer.drain()
                await asyncio.sleep(step.seconds)
            case Stall():
                await asyncio.Event().wait()
            case Cut():
                await writer.drain()
                return False
            case Garbage():
                _chunk(writer, step.content)
            case _:
                _chunk(writer, b"data: " + msgspec.json.encode(_event(step)) + b"\n\n")
        await writer.drain()
    _chunk(writer, b"data: [DONE]\n\n")
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


def _chunk(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(b"%x\r\n%b\r\n" % (len(content), content))


def _event(step: ModelStep) -> dict[str, Any]:
    event: dict[str, Any] = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
    match step:
        case str():
            event["choices"] = [{"index": 0, "delta": {"content": step}, "finish_reason": None}]
        case End():
            event["choices"] = [{"index": 0, "delta": {}, "finish_reason": FINISH[step.reason]}]
        case Count():
            event["choices"] = []
            event["usage"] = {
                "prompt_tokens": step.tokens_in,
                "completion_tokens": step.tokens_out,
                "total_tokens": step.tokens_in + step.tokens_out,
                "prompt_tokens_details": {"cached_tokens": step.cache_read},
            }
        case _:
            assert isinstance(step, Break)
            return {"error": {"message": "The server had an error", "type": "server_error", "code": None}}
    return event


def _refusal(refused: Refuse) -> bytes:
    body = msgspec.json.encode({"error": {"message": "refused as told", "type": "refused", "code": None}})
    after = f"retry-after: {refused.retry_after_s}\r\n" if refused.retry_after_s is not None else ""
    head = f"HTTP/1.1 {refused.status} Refused\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n{after}\r\n"
    return head.encode() + body
