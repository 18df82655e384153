"""The identity provider's public keys: fetched when first needed, kept, and asked for again when they may have changed (W-1)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import jwt
import msgspec

from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.logs import logger

KEYS: Final = {"ES256": ("EC", "P-256"), "RS256": ("RSA", None), "EdDSA": ("OKP", "Ed25519")}
"""Which algorithms sign our shoppers' tokens, and the type and curve of their keys. None of them shares a secret."""
REFETCH_S: Final = 30.0
"""An unknown key id makes us ask for the keys again, but not more often than this."""
RETRY_S: Final = 5.0
"""While no keys are held, whoever comes after this long makes us ask again."""
FRESH_S: Final = 3600.0
"""For so long keys are used unasked: a key that is withdrawn is good for no longer."""
HELD_S: Final = 6 * 3600.0
"""For so long they are used while the provider cannot be asked."""
_RSA_BITS: Final = 2048
_BROKEN: Final = (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, OverflowError)
"""What a key whose members are anything can make the library raise."""

_log = logger("edge")


class SigningKeys:
    """``fetch`` gives the provider's key set (RFC 7517) and raises ``ServiceFailure``; ``clock`` gives monotonic seconds."""

    def __init__(self, fetch: Callable[[], Awaitable[bytes]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: tuple[jwt.PyJWK, ...] = ()
        self._fetched_at = float("-inf")
        self._asks_from = float("-inf")
        self._failure: ServiceFailure | None = None
        self._asking = asyncio.Lock()

    async def find(self, key_id: str | None) -> jwt.PyJWK | None:
        """The key of that id, or the only one where a token names none; None when it is not published.

        Raises ``ServiceFailure`` when that cannot be known.
        """
        key = self._held(key_id)
        if key is not None and self._age() < FRESH_S:
            return key
        if self._may_ask():
            async with self._asking:
                if self._may_ask():  # nobody did while we waited
                    await self._ask()
        key = self._held(key_id)
        if key is None and self._failure is not None:
            raise ServiceFailure(self._failure.service, self._failure.kind, self._failure.detail)
        return key

    def _held(self, key_id: str | None) -> jwt.PyJWK | None:
        keys = self._keys if self._age() < HELD_S else ()
        if key_id is None:
            return keys[0] if len(keys) == 1 else None
        return next((key for key in keys if key.key_id == key_id), None)

    def _age(self) -> float:
        return self._clock() - self._fetched_at

    def _may_ask(self) -> bool:
        return self._clock() >= self._asks_from

    async def _ask(self) -> None:
        try:
            self._keys = usable(await self._fetch())
        except ServiceFailure as failure:
            _log.warning("identity_keys_not_had", reason=str(failure))
            self._failure = failure
            self._asks_from = self._clock() + (REFETCH_S if self._age() < HELD_S else RETRY_S)
        else:
            self._failure = None
            self._fetched_at = self._clock()
            self._asks_from = self._fetched_at + REFETCH_S


def usable(document: bytes) -> tuple[jwt.PyJWK, ...]:
    """The keys of a key set that can check a signature; one that cannot, or is broken, spoils no other.

    Raises ``ServiceFailure`` for what is no key set.
    """
    try:
        published = msgspec.json.decode(document, type=_KeySet).keys
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise ServiceFailure("identity", "contract", "the published keys cannot be read") from None
    return tuple(key for entry in published if (key := _key(entry)))


class _KeySet(msgspec.Struct):
    keys: Sequence[Any]


def _key(entry: Any) -> jwt.PyJWK | None:
    try:
        if entry.get("use", "sig") != "sig" or "verify" not in entry.get("key_ops", ("verify",)):
            return None
        key = jwt.PyJWK(entry)
        kind, curve = KEYS[key.algorithm_name]
        fits = entry["kty"] == kind and entry.get("crv") == curve and isinstance(entry.get("kid"), str | None)
        return key if fits and (kind != "RSA" or key.key.key_size >= _RSA_BITS) else None
    except _BROKEN:
        return None
