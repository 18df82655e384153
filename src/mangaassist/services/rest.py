"""A REST service's client: typed GET, and POST for long questions, over a bounded pool; what is too large is no answer."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import aiohttp
import msgspec

from mangaassist.errors import NotFound, ServiceFailure
from mangaassist.services.failures import failure_of, failure_of_status
from mangaassist.services.policies import Service

T = TypeVar("T")

Params = Sequence[tuple[str, str]]

MAX_BODY: Final = 1 << 20
CONNECTIONS: Final = 64
IDLE_S: Final = 4.0
"""Under the five seconds after which common servers hang up, so that a call seldom meets a closing connection."""
PING_LIMIT_S: Final = 1.0
# An encoded body could unfold to any size; bearer tokens must not follow a redirect to a stranger.
HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity"}


class RestClient:
    """One service, one pool: a service that hangs takes no connection away from the others.

    Raises what aiohttp and msgspec raise, and ``ServiceFailure`` for a status; ``failures.py`` words them all.
    """

    def __init__(self, service: Service, base_url: str, connections: int = CONNECTIONS) -> None:
        self._service: Service = service
        self._base_url = base_url.rstrip("/")
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=IDLE_S),
            cookie_jar=aiohttp.DummyCookieJar(),  # one shopper's cookie must not travel with another's request
            headers=HEADERS,
            timeout=aiohttp.ClientTimeout(total=None),  # the caller keeps the time
            auto_decompress=False,
            middlewares=(asked_once,),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(
        self,
        path: str,
        params: Params,
        decoder: "msgspec.json.Decoder[T]",
        *,
        token: str | None = None,
        traceparent: str | None = None,
    ) -> T:
        """The answer at ``path``. ``token`` and ``traceparent`` are sent when given."""
        return decoder.decode(await self._fetched("GET", path, _headers(token, traceparent), params))

    async def ask(
        self,
        path: str,
        body: Any,
        decoder: "msgspec.json.Decoder[T]",
        *,
        token: str | None = None,
        traceparent: str | None = None,
    ) -> T:
        """The answer to a question too long for an address: POST of whatever msgspec encodes, which changes nothing there."""
        headers = {**_headers(token, traceparent), "Content-Type": "application/json"}
        return decoder.decode(await self._fetched("POST", path, headers, (), msgspec.json.encode(body)))

    async def find(
        self,
        path: str,
        decoder: "msgspec.json.Decoder[T]",
        *,
        token: str | None = None,
        traceparent: str | None = None,
    ) -> T:
        """The one thing at ``path``; raises ``NotFound`` where there is none."""
        try:
            return await self.get(path, (), decoder, token=token, traceparent=traceparent)
        except _Missing as error:
            raise NotFound(path) from error

    async def ping(self) -> None:
        """Whether the service is there (O-3), within a second. Raises ``ServiceFailure``."""
        try:
            limit = aiohttp.ClientTimeout(total=PING_LIMIT_S)
            async with self._open().get(f"{self._base_url}/healthz", timeout=limit, allow_redirects=False) as response:
                if response.status != 200:
                    raise failure_of_status(self._service, response.status)
        except Exception as error:
            failure = failure_of(self._service, error)
            if failure is None:
                raise
            raise failure from error

    async def _fetched(
        self, method: str, path: str, headers: dict[str, str], params: Params, body: bytes | None = None
    ) -> bytes:
        url = self._base_url + path
        sending = self._open().request(method, url, params=params, headers=headers, data=body, allow_redirects=False)
        async with sending as response:
            if response.status == 404:
                raise _Missing(self._service, "rejected", "HTTP 404")
            if response.status != 200:
                raise failure_of_status(self._service, response.status)
            return await self._body(response)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        if (response.content_length or 0) <= MAX_BODY:
            async for piece in response.content.iter_any():
                body += piece
                if len(body) > MAX_BODY:
                    break
            else:
                return bytes(body)
        raise ServiceFailure(self._service, "contract", f"an answer of more than {MAX_BODY} bytes")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError(f"the {self._service} client is used before it is entered")
        return self._session


async def asked_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """aiohttp sends a GET again when its connection breaks; how often a service is asked is the table's to say (S-1, S-6)."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise ConnectionResetError(type(error).__name__) from error


class _Missing(ServiceFailure):
    """404: for a list a wrong address, for one thing that it does not exist."""


def _headers(token: str | None, traceparent: str | None) -> dict[str, str]:
    headers: dict[str, str] = {}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if traceparent is not None:
        headers["traceparent"] = traceparent
    return headers


def repeated(name: str, values: Sequence[str]) -> list[tuple[str, Any]]:
    """One query parameter several times."""
    return [(name, value) for value in values]
