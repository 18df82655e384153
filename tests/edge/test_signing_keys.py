"""W-1: the provider's keys rotate, and the provider may be away."""

import asyncio
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from mangaassist.edge.signing_keys import FRESH_S, HELD_S, REFETCH_S, RETRY_S, SigningKeys
from mangaassist.errors import ServiceFailure

PUBLIC = ec.generate_private_key(ec.SECP256R1()).public_key()
UNREACHABLE = ServiceFailure("identity", "unreachable", "away")


class Provider:
    """Publishes keys of these ids, or fails; takes its time when told to. Holds the clock."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.key_ids: list[str | None] = ["k1"]
        self.failure: Exception | None = None
        self.document: bytes | None = None
        self.asked = 0
        self.takes_s = 0.0

    async def fetch(self) -> bytes:
        self.asked += 1
        await asyncio.sleep(self.takes_s)
        if self.failure:
            raise self.failure
        entries: list[Any] = [
            json.loads(ECAlgorithm.to_jwk(PUBLIC)) | ({} if kid is None else {"kid": kid}) for kid in self.key_ids
        ]
        return self.document if self.document is not None else json.dumps({"keys": entries}).encode()


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def keys(provider: Provider) -> SigningKeys:
    return SigningKeys(provider.fetch, lambda: provider.now)


async def test_a_known_key_is_asked_for_once(keys: SigningKeys, provider: Provider) -> None:
    for _ in range(3):
        key = await keys.find("k1")
        assert key is not None
        assert key.key_id == "k1"
    assert provider.asked == 1


async def test_an_unknown_key_makes_us_ask_again_but_not_more_often_than_every_half_minute(
    keys: SigningKeys, provider: Provider
) -> None:
    assert await keys.find("k1")
    provider.key_ids = ["k1", "k2"]
    provider.now += REFETCH_S - 0.1
    for unknown in ("k2", "k3", "k4"):
        assert await keys.find(unknown) is None
    assert provider.asked == 1
    provider.now += 0.1
    assert await keys.find("k2")
    for unknown in ("k3", "k4"):
        assert await keys.find(unknown) is None
    assert provider.asked == 2


async def test_many_that_ask_at_once_ask_the_provider_once(keys: SigningKeys, provider: Provider) -> None:
    provider.takes_s = 1
    found = await asyncio.gather(*(keys.find("k1") for _ in range(100)))
    assert all(found)
    assert provider.asked == 1
    provider.now += REFETCH_S
    assert await asyncio.gather(*(keys.find(f"unknown {n}") for n in range(100))) == [None] * 100
    assert provider.asked == 2


async def test_many_that_ask_at_once_hear_of_one_failure(keys: SigningKeys, provider: Provider) -> None:
    provider.takes_s, provider.failure = 1, UNREACHABLE
    heard = await asyncio.gather(*(keys.find("k1") for _ in range(100)), return_exceptions=True)
    assert all(isinstance(failure, ServiceFailure) for failure in heard)
    assert provider.asked == 1


async def test_who_leaves_while_it_asks_leaves_the_asking_to_the_next(keys: SigningKeys, provider: Provider) -> None:
    provider.takes_s = 1
    first = asyncio.create_task(keys.find("k1"))
    second = asyncio.create_task(keys.find("k1"))
    await asyncio.sleep(0.5)
    first.cancel()
    assert await second
    assert provider.asked == 2


async def test_a_withdrawn_key_is_good_for_an_hour_at_most(keys: SigningKeys, provider: Provider) -> None:
    assert await keys.find("k1")
    provider.key_ids = ["k2"]
    provider.now += FRESH_S - 0.1
    assert await keys.find("k1")
    provider.now += 0.1
    assert await keys.find("k1") is None
    assert await keys.find("k2")


async def test_keys_are_withdrawn_with_the_fetch_that_finds_the_new_one(keys: SigningKeys, provider: Provider) -> None:
    assert await keys.find("k1")
    provider.key_ids = ["k2"]
    provider.now += REFETCH_S
    assert await keys.find("k2")
    assert await keys.find("k1") is None


async def test_a_provider_that_withdraws_every_key_is_believed(keys: SigningKeys, provider: Provider) -> None:
    assert await keys.find("k1")
    provider.key_ids = []
    provider.now += FRESH_S
    assert await keys.find("k1") is None


async def test_while_the_provider_is_away_known_keys_stay_good_for_hours_and_no_longer(
    keys: SigningKeys, provider: Provider
) -> None:
    assert await keys.find("k1")
    provider.failure = UNREACHABLE
    provider.now += FRESH_S
    for _ in range(3):
        assert await keys.find("k1")
    assert provider.asked == 2  # and nobody else waits for it for half a minute
    with pytest.raises(ServiceFailure):  # it may have published this one meanwhile
        await keys.find("k2")
    provider.now = 1000.0 + HELD_S - 0.1
    assert await keys.find("k1")
    provider.now += 0.1
    with pytest.raises(ServiceFailure):
        await keys.find("k1")
    provider.failure = None
    provider.now += REFETCH_S
    assert await keys.find("k1")


async def test_a_provider_that_was_away_at_first_is_asked_again_after_five_seconds(
    keys: SigningKeys, provider: Provider
) -> None:
    provider.failure = UNREACHABLE
    for _ in range(3):
        with pytest.raises(ServiceFailure, match="away"):
            await keys.find("k1")
    assert provider.asked == 1
    provider.failure = None
    provider.now += RETRY_S
    assert await keys.find("k1")


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": null}',
        b'{"keys": "k1"}',
        b"\xff",
        b"[" * 60_000,
        b"null",
    ],
)
async def test_what_is_no_key_set_is_the_providers_failure_and_takes_no_key_away(
    keys: SigningKeys, provider: Provider, document: bytes
) -> None:
    assert await keys.find("k1")
    provider.document = document
    provider.now += FRESH_S
    assert await keys.find("k1")
    with pytest.raises(ServiceFailure, match="cannot be read"):
        await keys.find("k2")


async def test_without_an_id_only_an_only_key_is_found(keys: SigningKeys, provider: Provider) -> None:
    assert await keys.find(None)
    provider.key_ids = ["k1", "k2"]
    provider.now += FRESH_S
    assert await keys.find(None) is None
    provider.key_ids = [None]
    provider.now += FRESH_S
    assert await keys.find(None)
