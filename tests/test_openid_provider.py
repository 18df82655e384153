"""W-1: any provider of OpenID Connect by configuration alone: over a socket, to one that rotates keys and one that misbehaves."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from mangaassist import settings
from mangaassist.assembly.store import opened_verifier
from mangaassist.edge.identity import TokenVerifier
from mangaassist.edge.openid_provider import DOCUMENT_BYTES, OpenIdProvider
from mangaassist.edge.signing_keys import REFETCH_S, SigningKeys
from mangaassist.errors import ServiceFailure, Unauthenticated
from mangaassist.services.caller import utc_now
from mangaassist.settings import Settings

WELL_KNOWN = "/.well-known/openid-configuration"


class Provider:
    """A provider on loopback whose keys and answers a test changes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.signing: dict[str, ec.EllipticCurvePrivateKey] = {}
        self.metadata: Any = {"issuer": url, "jwks_uri": f"{url}/keys", "authorization_endpoint": f"{url}/authorize"}
        self.asked: list[str] = []
        self.answers: dict[str, web.StreamResponse] = {}
        self.pieces = False
        self.waits_s = 0.0
        self.rotate("k1")

    def rotate(self, *key_ids: str) -> None:
        self.signing = {kid: self.signing.get(kid) or ec.generate_private_key(ec.SECP256R1()) for kid in key_ids}

    def token(self, kid: str, **other: Any) -> str:
        claims = {"iss": self.url, "aud": "mangaassist", "sub": "aiko", "exp": time.time() + 600} | other
        return jwt.encode(claims, self.signing[kid], "ES256", {"kid": kid})

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        await asyncio.sleep(self.waits_s)
        if request.path in self.answers:
            return self.answers[request.path]
        if request.path == WELL_KNOWN:
            return web.json_response(self.metadata)
        keys = [json.loads(ECAlgorithm.to_jwk(key.public_key())) | {"kid": kid} for kid, key in self.signing.items()]
        document = json.dumps({"keys": keys}).encode()
        if not self.pieces:
            return web.Response(body=document)
        response = web.StreamResponse()
        await response.prepare(request)
        for at in range(0, len(document), 40):
            await response.write(document[at : at + 40])
            await asyncio.sleep(0.001)
        return response


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    made: list[Provider] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        return await made[0].answer(request)

    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    made.append(Provider(f"http://{host}:{port}"))
    yield made[0]
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_the_issuer_alone_is_enough_to_know_its_shoppers(provider: Provider) -> None:
    configured = Settings(identity=settings.Identity(issuer=provider.url))
    async with opened_verifier(configured) as verifier:
        assert (await verifier.identify(provider.token("k1"))).customer_id == "aiko"
        assert provider.asked == [WELL_KNOWN, "/keys"]
        with pytest.raises(Unauthenticated):
            await verifier.identify(provider.token("k1", iss="http://elsewhere"))


async def test_keys_whose_address_is_configured_are_asked_for_directly(provider: Provider) -> None:
    named = settings.Identity(issuer="https://issuer.example/", jwks_url=f"{provider.url}/keys")
    async with opened_verifier(Settings(identity=named)) as verifier:
        token = provider.token("k1", iss="https://issuer.example/")
        assert (await verifier.identify(token)).customer_id == "aiko"
    assert provider.asked == ["/keys"]


async def test_tokens_stay_good_while_the_provider_rotates_its_keys_and_end_with_the_key(
    provider: Provider, http: aiohttp.ClientSession
) -> None:
    now = 0.0
    keys = SigningKeys(OpenIdProvider(http, provider.url).keys, lambda: now)
    verifier = TokenVerifier(keys, settings.Identity(issuer=provider.url), utc_now)
    old = provider.token("k1")
    assert (await verifier.identify(old)).customer_id == "aiko"
    provider.rotate("k1", "k2")
    now += REFETCH_S
    for token in (old, provider.token("k2"), provider.token("k1")):
        assert (await verifier.identify(token)).customer_id == "aiko"
    provider.rotate("k2", "k3")
    now += REFETCH_S
    assert (await verifier.identify(provider.token("k3"))).customer_id == "aiko"
    with pytest.raises(Unauthenticated):
        await verifier.identify(old)


async def test_keys_that_move_are_found_where_the_metadata_say(provider: Provider, http: aiohttp.ClientSession) -> None:
    asking = OpenIdProvider(http, provider.url)
    await asking.keys()
    provider.metadata["jwks_uri"] = f"{provider.url}/moved"
    await asking.keys()
    assert provider.asked[-1] == "/moved"


async def test_keys_that_come_in_pieces_are_read_to_their_end(provider: Provider, http: aiohttp.ClientSession) -> None:
    provider.pieces = True
    provider.rotate("k1", "k2", "k3")
    assert len(json.loads(await OpenIdProvider(http, provider.url).keys())["keys"]) == 3


async def test_an_issuer_may_end_in_a_slash(provider: Provider, http: aiohttp.ClientSession) -> None:
    provider.metadata["issuer"] = f"{provider.url}/"
    assert await OpenIdProvider(http, f"{provider.url}/").keys()


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"issuer": "https://other.example"}, "calls itself 'https://other.example'"),
        ({"issuer": "x" * 5000}, "calls itself"),
        ({"issuer": 7}, "metadata cannot be read"),
        ({"jwks_uri": None}, "metadata cannot be read"),
        ({"jwks_uri": "http://[bad"}, "metadata cannot be read"),
        ({"jwks_uri": "ftp://127.0.0.1/keys"}, "not behind https"),
        ({"jwks_uri": "file:///etc/passwd"}, "not behind https"),
        ({"jwks_uri": "keys"}, "not behind https"),
    ],
)
async def test_metadata_that_are_not_our_providers_are_refused_in_clear_words(
    provider: Provider, http: aiohttp.ClientSession, metadata: dict[str, Any], words: str
) -> None:
    provider.metadata |= metadata
    with pytest.raises(ServiceFailure, match=words) as failed:
        await OpenIdProvider(http, provider.url).keys()
    assert failed.value.kind == "contract"
    assert len(str(failed.value)) < 200
    assert provider.asked == [WELL_KNOWN]


async def test_keys_of_an_issuer_behind_https_are_behind_https(http: aiohttp.ClientSession) -> None:
    class Secure(OpenIdProvider):
        async def _get(self, url: str) -> bytes:
            return b'{"issuer": "https://issuer.example", "jwks_uri": "http://issuer.example/keys"}'

    with pytest.raises(ServiceFailure, match="not behind https"):
        await Secure(http, "https://issuer.example").keys()


@pytest.mark.parametrize("path", [WELL_KNOWN, "/keys"])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda: web.Response(status=500), "error"),
        (lambda: web.Response(status=404), "error"),
        (lambda: web.Response(status=302, headers={"location": "/elsewhere"}), "error"),
        (lambda: web.Response(body=b" " * (DOCUMENT_BYTES + 1)), "contract"),
    ],
)
async def test_an_answer_that_is_none_or_too_long_is_the_providers_failure(
    provider: Provider, http: aiohttp.ClientSession, path: str, answer: Any, kind: str
) -> None:
    provider.answers[path] = answer()
    with pytest.raises(ServiceFailure) as failed:
        await OpenIdProvider(http, provider.url).keys()
    assert failed.value.kind == kind
    assert provider.asked[-1] == path


async def test_a_bomb_is_not_unpacked_further_than_a_document_may_be_long(
    provider: Provider, http: aiohttp.ClientSession
) -> None:
    bomb = web.Response(body=b" " * 20_000_000)
    bomb.enable_compression()
    provider.answers["/keys"] = bomb
    with pytest.raises(ServiceFailure, match="64 KiB"):
        await OpenIdProvider(http, provider.url, limit_s=60).keys()


async def test_a_provider_that_is_silent_costs_no_more_than_the_limit(
    provider: Provider, http: aiohttp.ClientSession
) -> None:
    provider.waits_s = 3600
    with pytest.raises(ServiceFailure) as failed:
        await OpenIdProvider(http, provider.url, limit_s=0.05).keys()
    assert failed.value.kind == "timeout"


async def test_a_provider_that_is_away_is_said_to_be_without_its_address(http: aiohttp.ClientSession) -> None:
    for url in ("http://127.0.0.1:1", "http://user:secret@127.0.0.1:1", "http://no such host"):
        with pytest.raises(ServiceFailure) as failed:
            await OpenIdProvider(http, url).keys()
        assert failed.value.kind == "unreachable"
        assert "secret" not in str(failed.value)
        assert "127" not in str(failed.value)
