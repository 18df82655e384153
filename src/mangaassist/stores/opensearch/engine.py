"""An OpenSearch, asked over HTTP: within limits, with our errors, and never twice by itself."""

import asyncio
import base64
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import aiohttp
import msgspec

from mangaassist.errors import ServiceFailure
from mangaassist.services.failures import failure_of
from mangaassist.services.rest import asked_once
from mangaassist.stores.opensearch.failures import Refusal, refused
from mangaassist.telemetry.client_spans import opensearch_call

T = TypeVar("T")

CONNECTIONS: Final = 24
"""Of one process: sixteen searches, and what writes and looks beside them."""
IDLE_S: Final = 4.0
ANSWER_S: Final = 5.0
"""What a request may take that no shopper waits for, unless it is told otherwise."""
MOST_BYTES: Final = 96 << 20
"""Of a reply. One with chunks and their vectors has some hundred kilobytes; a page of events set aside may have more."""
HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity"}
JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"

Params = Mapping[str, str]


class Engine:
    """Use it as ``open`` and ``close`` frame it. Raises ``ServiceFailure`` of the ``service`` that it is called for."""

    def __init__(
        self, url: str, http: aiohttp.ClientSession, timeout_factor: float, service: str = "knowledge"
    ) -> None:
        self.service = service
        self.url = url.rstrip("/")
        self.timeout_factor = timeout_factor
        self._http = http
        self._decoders: dict[Any, msgspec.json.Decoder[Any]] = {}

    @classmethod
    def open(cls, url: str, login: str, timeout_factor: float) -> "Engine":
        """``login`` is ``user:password``, or empty where the engine asks for none. Nothing is sent yet."""
        headers = dict(HEADERS)
        if login:
            headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
        http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None),  # ``ask`` keeps the time
            auto_decompress=False,
            middlewares=(asked_once,),
        )
        return cls(url, http, timeout_factor)

    def known_as(self, service: str) -> "Engine":
        """The same connections for another service of ours; closed is only the one that was opened."""
        return Engine(self.url, self._http, self.timeout_factor, service)

    async def ask(
        self,
        method: str,
        path: str,
        reply: type[T],
        *,
        lines: bytes | None = None,
        body: Any = None,
        params: Params | None = None,
        within_s: float = ANSWER_S,
        also: Mapping[int, T] | None = None,
    ) -> T:
        """The reply. ``lines`` is a body of several JSON texts, ``body`` one that msgspec encodes; ``also`` says what a status
        means that is an answer here and no failure."""
        operation, index = _named(method, path)
        with opensearch_call(operation, index, self.url) as span:
            try:
                async with asyncio.timeout(within_s * self.timeout_factor):
                    status, said = await self._sent(method, path, lines, body, params)
                return self._read(status, said, reply, also or {})
            except Exception as error:
                cause, failure = error, failure_of(self.service, error)
                if failure is None:
                    raise
                span.failed(failure.kind)
        raise failure from cause

    async def close(self) -> None:
        await self._http.close()

    async def _sent(
        self, method: str, path: str, lines: bytes | None, body: Any, params: Params | None
    ) -> tuple[int, bytes]:
        sent = lines if lines is not None or body is None else msgspec.json.encode(body)
        headers = {} if sent is None else {"Content-Type": JSON if lines is None else LINES}
        asking = self._http.request(
            method, self.url + path, data=sent, headers=headers, params=params, allow_redirects=False
        )
        async with asking as response:
            said = bytearray()
            async for piece in response.content.iter_any():
                said += piece
                if len(said) > MOST_BYTES:
                    raise ServiceFailure(self.service, "contract", f"an answer of more than {MOST_BYTES} bytes")
            return response.status, bytes(said)

    def _read(self, status: int, said: bytes, reply: type[T], also: Mapping[int, T]) -> T:
        if status in also:
            return also[status]
        if not 200 <= status < 300:
            raise refused(self.service, status, _error(said))
        if reply not in self._decoders:
            self._decoders[reply] = msgspec.json.Decoder(reply)
        return self._decoders[reply].decode(said)


def _error(said: bytes) -> Any:
    try:
        return msgspec.json.decode(said, type=Refusal).error
    except msgspec.MsgspecError:
        return None


def _named(method: str, path: str) -> tuple[str, str]:
    """What is done to which index, for traces: ``/chunks/_search`` is a ``_search`` of ``chunks``. Ids are not told."""
    parts = [part for part in path.split("/") if part]
    done = next((part for part in parts if part.startswith("_")), method)
    return done, parts[0] if parts and parts[0] != done else ""
