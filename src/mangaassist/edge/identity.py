"""Who is on the other end: token in, identity out (W-1). No token is a guest; a bad one is refused."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import jwt
import msgspec
from msgspec import Meta, Struct

from mangaassist import settings
from mangaassist.domain.customers import GUEST, Identity
from mangaassist.edge.signing_keys import KEYS, SigningKeys
from mangaassist.errors import Unauthenticated

COOKIE: Final = "session-token"
SUBPROTOCOL: Final = "mangaassist.v1"
MAX_TOKEN: Final = 8 * 1024
MAX_CUSTOMER: Final = 255
"""As long as OpenID Connect lets a ``sub`` be."""
_BEARER_SUBPROTOCOL: Final = "bearer."
_LAST_S: Final = 250_000_000_000
"""Seconds since 1970 in the year 9892: what comes after it is no date."""
_ALGORITHMS: Final = list(KEYS)
_SIGNATURES: Final = jwt.PyJWS(algorithms=_ALGORITHMS)
_INVALID: Final = "The token is not valid. Sign in again."
_EXPIRED: Final = "The token has expired. Sign in again."


def token_of(scope: Mapping[str, Any]) -> str | None:
    """The token that a client presents: ``Authorization``, else the cookie, else the subprotocol pair.

    Raises ``Unauthenticated`` on an ``Authorization`` that is no bearer token, or is there twice.
    """
    if authorizations := _values(scope, b"authorization"):
        scheme, _, token = authorizations[0].partition(" ")
        if len(authorizations) > 1 or scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("There must be one Authorization header, of the form: Bearer <token>.")
        return token.strip()
    if token := next((value for name, value in _cookies(scope) if name == COOKIE), None):
        return token
    offered: list[str] = scope.get("subprotocols", [])
    return next((s.removeprefix(_BEARER_SUBPROTOCOL) for s in offered if s.startswith(_BEARER_SUBPROTOCOL)), None)


def _cookies(scope: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and value of each cookie, as browsers write them (RFC 6265, 5.4): the first of a name is of the closest path.

    Cookies are whatever the store's other pages have set: each is read for itself, and an odd one hides no other.
    """
    for cookie in ";".join(_values(scope, b"cookie")).split(";"):
        name, is_pair, value = cookie.partition("=")
        if is_pair:
            yield name.strip(" \t"), _unquoted(value.strip(" \t"))


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _values(scope: Mapping[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1") for header, value in scope["headers"] if header == name]


Moment = Annotated[float, Meta(ge=0, le=_LAST_S)]


class Claims(Struct, frozen=True):
    """What every token must say, in seconds since 1970. Beside it there are the claims that name customer and audience."""

    iss: str
    exp: Moment
    aud: str | tuple[str, ...] = ()
    nbf: Moment = 0
    iat: Moment = 0


class TokenVerifier:
    """Knows whose a token is, by the provider's keys and what the settings expect of it. ``now`` gives UTC."""

    def __init__(self, keys: SigningKeys, expected: settings.Identity, now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._expected = expected
        self._skew = timedelta(seconds=expected.clock_skew_s)
        self._now = now

    async def identify(self, token: str | None) -> Identity:
        """The identity behind a token; a guest without one. It ends when the token does on the slowest clock that we allow.

        Raises ``Unauthenticated`` for a token that is malformed, expired or not ours, ``ServiceFailure`` when the keys
        cannot be had.
        """
        if token is None:
            return GUEST
        if len(token) > MAX_TOKEN or not token.isascii():
            raise Unauthenticated(_INVALID)
        try:
            said = msgspec.json.decode(await self._signed(token))
            claims = msgspec.convert(said, Claims)
        except (jwt.PyJWTError, msgspec.MsgspecError, UnicodeError, RecursionError):
            raise Unauthenticated(_INVALID) from None
        if not self._is_for_us(said):
            raise Unauthenticated(_INVALID)
        return Identity(self._customer(said), token, self._good_until(claims), self._is_operator(said))

    async def _signed(self, token: str) -> bytes:
        """What the token says, once its signature is known to be the provider's.

        The key decides by which algorithm it is checked, never the token.
        """
        header = _SIGNATURES.get_unverified_header(token)
        if header.get("alg") not in _ALGORITHMS:
            raise jwt.InvalidAlgorithmError
        key = await self._keys.find(header.get("kid"))
        if key is None:
            raise jwt.InvalidKeyError
        return _SIGNATURES.decode(token, key, algorithms=[key.algorithm_name])

    def _good_until(self, claims: Claims) -> datetime:
        """Raises ``Unauthenticated`` for a token of somebody else, and outside its time."""
        earliest = datetime.fromtimestamp(max(claims.nbf, claims.iat), UTC) - self._skew
        latest = datetime.fromtimestamp(claims.exp, UTC) + self._skew
        if claims.iss != self._expected.issuer:
            raise Unauthenticated(_INVALID)
        if self._now() < earliest:
            raise Unauthenticated(_INVALID)
        if self._now() >= latest:
            raise Unauthenticated(_EXPIRED)
        return latest

    def _is_for_us(self, said: dict[str, Any]) -> bool:
        """Whether it names one of our audiences, and is of the use that is expected: an access token is no proof of sign-in."""
        expected = self._expected
        named: Any = said.get(expected.audience_claim)
        is_meant = any(ours in (named if isinstance(named, list) else (named,)) for ours in expected.audience)
        return is_meant and expected.token_use in ("", said.get("token_use"))

    def _customer(self, said: dict[str, Any]) -> str:
        name = said.get(self._expected.customer_claim)
        if (
            not isinstance(name, str)
            or not 0 < len(name) <= MAX_CUSTOMER
            or name != name.strip()
            or not name.isprintable()
        ):
            raise Unauthenticated(_INVALID)
        return name

    def _is_operator(self, said: dict[str, Any]) -> bool:
        """The claim may be one role or a list of them; whatever else it is, it is none."""
        roles: Any = said.get(self._expected.role_claim)
        return self._expected.operator_role in (roles if isinstance(roles, list) else (roles,))
