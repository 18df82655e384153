"""The management API of an API Gateway WebSocket API, over kept connections (W-13).

Every frame of an answer is a request of its own, so it is signed and sent by ourselves: AWS's client takes longer to make one
request than a kept connection takes to carry it. It still finds the credentials.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

import aiohttp
from aiobotocore.session import AioSession
from botocore.exceptions import BotoCoreError
from yarl import URL

from mangaassist.edge.api_gateway.management import MANAGEMENT
from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.services.failures import failure_of
from mangaassist.stores.aws.client import Limits
from mangaassist.stores.aws.failures import aws_failure, failure_of_reply
from mangaassist.stores.aws.signing import Signer
from mangaassist.telemetry.client_spans import aws_request

SERVICE: Final = "execute-api"
CODE: Final = "x-amzn-errortype"
GONE: Final = 410
OPERATIONS: Final = {"POST": "PostToConnection", "DELETE": "DeleteConnection"}
PAUSES_S: Final = (0.05, 0.2)
"""Before the second try and the third: of what the network or a full gateway refuses."""
IDLE_S: Final = 30.0
CONNECTIONS: Final = 50
_OWN_HEADERS: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""What aiohttp would add and nobody reads."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class ApiGatewayManagement:
    """Methods are those of ``Management``. Credentials are those that AWS's own tools would find; ``now`` is UTC."""

    def __init__(
        self, region: str, endpoint_url: str, credentials: Any, limits: Limits, now: Callable[[], datetime] = utc_now
    ) -> None:
        parts = urlsplit(endpoint_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._host = parts.netloc
        self._stage = parts.path.rstrip("/")
        self._signer = Signer(SERVICE, region)
        self._credentials = credentials
        self._limits = limits
        self._now = now
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_s, sock_read=limits.reply_s),
            auto_decompress=False,
            skip_auto_headers=_OWN_HEADERS,
        )

    @classmethod
    async def open(cls, region: str | None, endpoint_url: str, timeout_factor: float = 1.0) -> "ApiGatewayManagement":
        """``endpoint_url``: ``https://{api}.execute-api.{region}.amazonaws.com/{stage}``; ``region`` None: the one that AWS's own
        settings name. Raises ``StartFailed``."""
        session: Any = AioSession()
        try:
            chosen, credentials = region or session.get_config_variable("region"), await session.get_credentials()
        except BotoCoreError as error:
            raise StartFailed(f"AWS's API Gateway cannot be called: {error}") from error
        if not chosen or not urlsplit(endpoint_url).netloc:
            raise StartFailed("AWS's API Gateway cannot be called: name its region and its address.")
        return cls(chosen, endpoint_url, credentials, Limits().stretched(timeout_factor))

    async def post(self, connection_id: str, data: bytes) -> bool:
        return await self._is_there("POST", connection_id, data)

    async def close(self, connection_id: str) -> None:
        await self._is_there("DELETE", connection_id)

    async def aclose(self) -> None:
        await self._http.close()

    async def _is_there(self, method: str, connection_id: str, data: bytes = b"") -> bool:
        """Whether there is such a connection. Tried again where that may help, within the limit of all tries."""
        with aws_request("ApiGatewayManagementApi", OPERATIONS[method]) as span:
            try:
                async with asyncio.timeout(self._limits.all_s):
                    for pause_s in PAUSES_S[: self._limits.tries - 1]:
                        try:
                            return await self._asked(method, connection_id, data)
                        except ServiceFailure as failure:
                            if not failure.transient:
                                raise
                            await asyncio.sleep(pause_s)
                    return await self._asked(method, connection_id, data)
            except TimeoutError:
                failure = ServiceFailure(MANAGEMENT, "timeout", "TimeoutError")
            except ServiceFailure as refused:
                failure = refused
            span.failed(failure.kind)
        raise failure

    async def _asked(self, method: str, connection_id: str, data: bytes) -> bool:
        path = f"{self._stage}/@connections/{quote(connection_id, safe='')}"
        headers = self._signer.headers(await self._identity(), method, self._host, path, data, self._now())
        url = URL(self._origin + path, encoded=True)
        try:
            async with self._http.request(method, url, data=data, headers=headers, allow_redirects=False) as answer:
                if answer.status >= 300 and answer.status != GONE:
                    raise failure_of_reply(MANAGEMENT, answer.headers.get(CODE, "").partition(":")[0], answer.status)
                return answer.status != GONE
        except aiohttp.ClientError as error:
            raise failure_of(MANAGEMENT, error) or error from error

    async def _identity(self) -> Any:
        if self._credentials is None:
            raise ServiceFailure(MANAGEMENT, "rejected", "NoCredentialsError")
        try:
            return await self._credentials.get_frozen_credentials()
        except BotoCoreError as error:
            raise aws_failure(MANAGEMENT, error) from error
