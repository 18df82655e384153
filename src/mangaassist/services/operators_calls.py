"""What an operator has the store do, as themselves: one call, its limit, and what a refusal means. No turn waits for it."""

from types import TracebackType
from typing import Any, Final, Literal, Self

import aiohttp
import msgspec

from mangaassist.errors import AssistantError, BadInput, Forbidden, NotFound, ServiceFailure, Unauthenticated
from mangaassist.services.failures import failure_of, failure_of_status
from mangaassist.services.rest import HEADERS, MAX_BODY

LIMIT_S: Final = 5.0
CONNECTIONS: Final = 4
Method = Literal["GET", "PUT", "POST", "DELETE"]


class _Words(msgspec.Struct):
    detail: str = ""


_WORDS: Final = msgspec.json.Decoder(_Words)


class OperatorsCalls:
    """An async context manager. ``service`` is what failures name."""

    def __init__(self, service: str, base_url: str, limit_s: float = LIMIT_S) -> None:
        self._service = service
        self._base_url = base_url.rstrip("/")
        self._limit_s = limit_s
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=HEADERS,
            timeout=aiohttp.ClientTimeout(total=self._limit_s),
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, method: Method, path: str, *, token: str | None = None, body: Any = None) -> bytes:
        """The body of the answer. Raises what a refusal means to an operator, ``ServiceFailure`` where nobody answers."""
        if self._session is None:
            raise RuntimeError("calls are made before the client is entered")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = None if body is None else msgspec.json.encode(body)
        if data is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self._session.request(
                method, self._base_url + path, headers=headers, data=data, allow_redirects=False
            ) as response:
                told = await response.content.read(MAX_BODY + 1)
                while len(told) <= MAX_BODY and (more := await response.content.read(MAX_BODY + 1)):
                    told += more
                status = response.status
        except Exception as error:
            failure = failure_of(self._service, error)
            if failure is None:
                raise
            raise failure from error
        if len(told) > MAX_BODY:
            raise ServiceFailure(self._service, "contract", f"an answer of more than {MAX_BODY} bytes")
        if status >= 300:
            raise self._refusal(status, told)
        return told

    def _refusal(self, status: int, told: bytes) -> AssistantError:
        words = _words(told)
        match status:
            case 400:
                return BadInput("invalid_field", words or "The store cannot take this.")
            case 401:
                return Unauthenticated(words or "Sign in again.")
            case 403:
                return Forbidden(words or "Your account may not do this in the store.")
            case 404:
                return NotFound(words or "The store has no such thing.")
            case 409:
                return BadInput("wrong_state", words or "It has changed since.", status=409)
            case _:
                return failure_of_status(self._service, status)


def _words(told: bytes) -> str:
    """What the store says to a person; it speaks to the one who asked, as whom it was asked."""
    try:
        return _WORDS.decode(told).detail[:300]
    except msgspec.MsgspecError:
        return ""
