"""W-1: who is let in, and who is not."""

import json
import time
from datetime import UTC
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from mangaassist.domain.customers import GUEST
from mangaassist.edge.identity import TokenVerifier, token_of
from mangaassist.errors import ServiceFailure, Unauthenticated

ISSUER = "http://issuer"
KEY = ec.generate_private_key(ec.SECP256R1())


class Provider:
    """The identity provider's key document, and how often it was asked for."""

    def __init__(self, key_id: str = "k1") -> None:
        self.key_id = key_id
        self.asked = 0
        self.document: bytes | None = None

    async def keys(self) -> bytes:
        self.asked += 1
        if self.document is not None:
            return self.document
        jwk = json.loads(ECAlgorithm.to_jwk(KEY.public_key())) | {"kid": self.key_id, "alg": "ES256"}
        return json.dumps({"keys": [jwk]}).encode()


def token(key_id: str = "k1", key: Any = KEY, **claims: Any) -> str:
    full = {"sub": "aiko", "iss": ISSUER, "aud": "mangaassist", "exp": time.time() + 600} | claims
    return jwt.encode({k: v for k, v in full.items() if v is not None}, key, "ES256", {"kid": key_id})


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def verifier(provider: Provider) -> TokenVerifier:
    return TokenVerifier(provider.keys, ISSUER, "mangaassist", clock=lambda: 1000.0)


async def test_no_token_is_a_guest(verifier: TokenVerifier) -> None:
    assert await verifier.identify(None) == GUEST


async def test_a_signed_token_is_its_customer_and_the_keys_are_asked_for_once(
    verifier: TokenVerifier, provider: Provider
) -> None:
    for _ in range(3):
        identity = await verifier.identify(token())
    assert identity.customer_id == "aiko"
    assert identity.expires_at is not None
    assert identity.expires_at.tzinfo is UTC
    assert provider.asked == 1


@pytest.mark.parametrize(
    "bad",
    [
        "nonsense",
        token(exp=time.time() - 5),
        token(iss="http://elsewhere"),
        token(aud="another shop"),
        token(exp=None),
        token(sub=None),
        token(key=ec.generate_private_key(ec.SECP256R1())),
        token(key_id="unknown"),
        jwt.encode({"sub": "aiko", "iss": ISSUER, "aud": "mangaassist", "exp": time.time() + 60}, "x" * 32, "HS256"),
    ],
)
async def test_a_token_that_is_not_good_is_refused(verifier: TokenVerifier, bad: str) -> None:
    with pytest.raises(Unauthenticated, match="Sign in again"):
        await verifier.identify(bad)


async def test_unknown_key_ids_do_not_make_us_hammer_the_provider(verifier: TokenVerifier, provider: Provider) -> None:
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await verifier.identify(token(key_id="unknown"))
    assert provider.asked == 1


async def test_a_key_that_was_published_meanwhile_is_fetched_half_a_minute_after_the_last_time(
    provider: Provider,
) -> None:
    now = 1000.0
    verifier = TokenVerifier(provider.keys, ISSUER, "mangaassist", clock=lambda: now)
    await verifier.identify(token())
    provider.key_id = "k2"
    now = 1029.9
    with pytest.raises(Unauthenticated):
        await verifier.identify(token(key_id="k2"))
    now = 1030.0
    assert (await verifier.identify(token(key_id="k2"))).customer_id == "aiko"
    assert provider.asked == 2


async def test_keys_that_cannot_be_read_are_the_providers_failure(verifier: TokenVerifier, provider: Provider) -> None:
    provider.document = b"<html>"
    with pytest.raises(ServiceFailure):
        await verifier.identify(token())


def test_the_token_is_read_from_header_cookie_or_subprotocol_in_this_order() -> None:
    both = {"authorization": "Bearer from-header", "cookie": "a=b; session-token=from-cookie"}
    assert token_of(both, ["bearer.from-protocol"]) == "from-header"
    assert token_of({"cookie": both["cookie"]}, ["bearer.from-protocol"]) == "from-cookie"
    assert token_of({}, ["mangaassist.v1", "bearer.from-protocol"]) == "from-protocol"
    assert token_of({}) is None


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer  "])
def test_another_kind_of_authorization_is_refused_rather_than_taken_for_a_guest(header: str) -> None:
    with pytest.raises(Unauthenticated):
        token_of({"authorization": header})
