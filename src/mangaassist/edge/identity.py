"""Who is on the other end: token in, identity out (W-1). No token is a guest; a bad one is refused."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

import jwt

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.errors import ServiceFailure, Unauthenticated

COOKIE: Final = "session-token"
SUBPROTOCOL: Final = "mangaassist.v1"
_BEARER_SUBPROTOCOL: Final = "bearer."
_ALGORITHMS: Final = ["ES256", "RS256", "EdDSA"]
_REFRESH_S: Final = 30.0
"""An unknown key id makes us ask for the keys again, but not more often than this."""


def token_of(headers: Mapping[str, str], subprotocols: Iterable[str] = ()) -> str | None:
    """The token that a client presents: ``Authorization``, else the cookie, else the subprotocol pair.

    Raises ``Unauthenticated`` on an ``Authorization`` that is no bearer token.
    """
    if authorization := headers.get("authorization"):
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("The Authorization header must be of the form: Bearer <token>.")
        return token.strip()
    if token := _cookie(headers.get("cookie", "")):
        return token
    return next((s.removeprefix(_BEARER_SUBPROTOCOL) for s in subprotocols if s.startswith(_BEARER_SUBPROTOCOL)), None)


def _cookie(header: str) -> str | None:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return morsel.value or None if morsel else None


class TokenVerifier:
    """Checks signatures against the identity provider's published keys, which are fetched when first needed and kept.

    ``fetch_keys`` gives the JWKS document and raises ``ServiceFailure`` when the provider cannot be reached.
    """

    def __init__(
        self,
        fetch_keys: Callable[[], Awaitable[bytes]],
        issuer: str,
        audience: Sequence[str],
        clock: Callable[[], float],
    ) -> None:
        self._fetch_keys = fetch_keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")

    async def identify(self, token: str | None) -> Identity:
        """The identity behind a token; a guest without one.

        Raises ``Unauthenticated`` for a token that is malformed, expired or not ours, ``ServiceFailure`` when the keys
        cannot be had.
        """
        if token is None:
            return GUEST
        try:
            key = await self._key(str(jwt.get_unverified_header(token).get("kid", "")))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                options={"require": ["exp", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("The token has expired. Sign in again.") from None
        except jwt.PyJWTError:
            raise Unauthenticated("The token is not valid. Sign in again.") from None
        return Identity(str(claims["sub"]), token, datetime.fromtimestamp(claims["exp"], UTC))

    async def _key(self, key_id: str) -> jwt.PyJWK:
        if key_id not in self._keys and self._clock() - self._fetched_at >= _REFRESH_S:
            await self._refresh()
        if key_id not in self._keys:
            raise jwt.InvalidKeyError
        return self._keys[key_id]

    async def _refresh(self) -> None:
        document = await self._fetch_keys()
        try:
            published = jwt.PyJWKSet.from_dict(json.loads(document))
        except (ValueError, jwt.PyJWKError, jwt.PyJWKSetError) as error:
            raise ServiceFailure("identity", "contract", "the published keys cannot be read") from error
        self._keys = {str(key.key_id): key for key in published.keys}
        self._fetched_at = self._clock()
