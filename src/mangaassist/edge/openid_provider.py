"""Asks a provider of OpenID Connect for its keys: a short document, in a short time, or a ``ServiceFailure`` (W-1)."""

import asyncio
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec

from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.client_spans import http_call

LIMIT_S: Final = 2.0
DOCUMENT_BYTES: Final = 64 * 1024
_QUOTED: Final = 100


class Metadata(msgspec.Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0), as far as it concerns us."""

    issuer: str
    jwks_uri: str


class OpenIdProvider:
    """``jwks_url`` is where the keys are; without it the provider's own metadata say so each time.

    ``limit_s`` holds for all that it takes to have the keys.
    """

    def __init__(
        self, http: aiohttp.ClientSession, issuer: str, jwks_url: str | None = None, limit_s: float = LIMIT_S
    ) -> None:
        self._http = http
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._limit_s = limit_s

    async def keys(self) -> bytes:
        """The key set as it is published. What goes wrong is worded without addresses, which may hold secrets."""
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._get(self._jwks_url or await self._discovered())
        except TimeoutError:
            raise ServiceFailure("identity", "timeout", f"no answer within {self._limit_s:g} s") from None
        except aiohttp.ClientError as error:
            raise ServiceFailure("identity", "unreachable", type(error).__name__) from None

    async def _discovered(self) -> str:
        document = await self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            metadata = msgspec.json.decode(document, type=Metadata)
            scheme = urlsplit(metadata.jwks_uri).scheme.lower()
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise ServiceFailure("identity", "contract", "the provider's metadata cannot be read") from None
        if metadata.issuer != self._issuer:
            other = metadata.issuer[:_QUOTED]
            raise ServiceFailure("identity", "contract", f"the provider calls itself {other!r}, not identity.issuer")
        if scheme not in ("https", urlsplit(self._issuer).scheme.lower()):
            raise ServiceFailure("identity", "contract", "the provider's keys are not behind https")
        return metadata.jwks_uri

    async def _get(self, url: str) -> bytes:
        with http_call("identity", "GET", url) as span:
            async with self._http.get(url, allow_redirects=False) as answer:
                span.answered(answer.status)
                return await _document(answer)


async def _document(answer: aiohttp.ClientResponse) -> bytes:
    if answer.status != 200:
        raise ServiceFailure("identity", "error", f"status {answer.status}")
    document = bytearray()
    async for piece in answer.content.iter_any():
        document += piece
        if len(document) > DOCUMENT_BYTES:
            raise ServiceFailure("identity", "contract", f"more than {DOCUMENT_BYTES // 1024} KiB")
    return bytes(document)
