"""Sign-in and tokens."""

from __future__ import annotations

import stat
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import jwt
import pytest

from mangaassist.assembly.store import opened_verifier
from mangaassist.settings import Identity, Settings
from mangastore.data.customers import CustomerBook
from mangastore.identity import IdentityProvider, load_key
from mangastore.server import RunningStore


async def test_a_token_can_be_checked_with_the_published_key(
    http: aiohttp.ClientSession, running: RunningStore
) -> None:
    async with http.post("/auth/token", json={"username": "aiko", "password": "aiko-demo"}) as response:
        assert response.headers["Cache-Control"] == "no-store"
        answer = await response.json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    async with http.get("/.well-known/jwks.json") as response:
        keys = jwt.PyJWKSet.from_dict(await response.json())
    token = answer["access_token"]
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["ES256"], audience="mangaassist", issuer=running.http_url)
    assert claims["sub"] == "cus-aiko"
    assert claims["name"] == "Aiko Tanaka"
    assert claims["exp"] - claims["iat"] == 3600


async def test_the_store_says_of_itself_where_its_tokens_and_keys_are(
    http: aiohttp.ClientSession, running: RunningStore
) -> None:
    async with http.get("/.well-known/openid-configuration") as response:
        metadata = await response.json()
    assert metadata["issuer"] == running.http_url
    async with http.get(metadata["jwks_uri"]) as response:
        assert [key["alg"] for key in (await response.json())["keys"]] == metadata[
            "id_token_signing_alg_values_supported"
        ]
    async with http.post(metadata["token_endpoint"], json={"username": "ben", "password": "ben-demo"}) as response:
        token = (await response.json())["access_token"]
    assert jwt.decode(token, options={"verify_signature": False})["iss"] == metadata["issuer"]


async def test_the_assistant_knows_the_stores_customers_by_its_issuer_alone(
    token: Callable[[str], Awaitable[str]], running: RunningStore
) -> None:
    async with opened_verifier(Settings(identity=Identity(issuer=running.http_url))) as verifier:
        aiko, oda = [await verifier.identify(await token(name)) for name in ("aiko", "oda")]
    assert (aiko.customer_id, aiko.is_operator) == ("cus-aiko", False)
    assert (oda.customer_id, oda.is_operator) == ("cus-oda", True)


@pytest.mark.parametrize(
    ("name", "password"), [("aiko", "wrong"), ("nobody", "nobody-demo"), ("aiko", "ben-demo"), ("x" * 200, "y" * 200)]
)
async def test_a_wrong_pair_is_refused_alike(http: aiohttp.ClientSession, name: str, password: str) -> None:
    async with http.post("/auth/token", json={"username": name, "password": password}) as response:
        body = await response.json(content_type="application/problem+json")
    assert (response.status, body["code"]) == (401, "wrong_credentials")


@pytest.mark.parametrize(
    "body",
    [{}, {"username": "aiko"}, {"username": "aiko", "password": 7}, {"username": "a", "password": "x" * 201}, []],
)
async def test_what_is_no_pair_is_a_bad_request(http: aiohttp.ClientSession, body: object) -> None:
    async with http.post("/auth/token", json=body) as response:
        assert response.status == 400


def _provider(state: Path, now: datetime) -> IdentityProvider:
    return IdentityProvider(load_key(state), issuer="http://shop", find_customer=CustomerBook().find, clock=lambda: now)


def test_the_key_outlives_a_restart_and_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    customer = CustomerBook().find("cus-ben")
    assert customer
    token = _provider(tmp_path, now).issue(customer)
    assert _provider(tmp_path, now).customer_of(f"Bearer {token}") == customer
    assert stat.S_IMODE((tmp_path / "identity-key.pem").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["identity-key.pem"]


def test_a_token_ends_after_an_hour_even_when_it_is_remembered(tmp_path: Path) -> None:
    now = [datetime(2026, 5, 1, tzinfo=UTC)]
    provider = IdentityProvider(
        load_key(tmp_path), issuer="http://shop", find_customer=CustomerBook().find, clock=lambda: now[0]
    )
    customer = CustomerBook().find("cus-ben")
    assert customer
    header = f"Bearer {provider.issue(customer)}"
    assert provider.customer_of(header) == customer
    now[0] += timedelta(seconds=3600)
    assert provider.customer_of(header) is None


def test_tokens_of_others_are_refused(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    ours, theirs = _provider(tmp_path / "a", now), _provider(tmp_path / "b", now)
    customer = CustomerBook().find("cus-ben")
    assert customer
    assert ours.customer_of(f"Bearer {theirs.issue(customer)}") is None
    unsigned = jwt.encode(
        {"sub": "cus-ben", "exp": 9e9, "aud": "mangaassist", "iss": "http://shop"}, "", algorithm="none"
    )
    assert ours.customer_of(f"Bearer {unsigned}") is None
