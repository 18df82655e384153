"""The contract of a store (S-1, S-7, S-8): every row of the table holds of the demo store and of what ``new-store`` writes."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import msgspec
import pytest

from mangaassist import check_store_command as command
from mangaassist.assembly.store import opened_verifier
from mangaassist.new_store.writing import write
from mangaassist.services.clients import Addresses
from mangaassist.settings import Settings
from mangaassist.store_checks.asked_store import asked_store
from mangaassist.store_checks.findings import Finding
from mangaassist.store_checks.running import findings
from mangaassist.store_checks.table import CHECKS
from mangastore.server import running_store
from mangastore.settings import StoreSettings
from tests.own_stores import served_store

NOTHING_TO_ASK = {
    "demo": set[str](),
    "new": {"catalog.filter.volume", "catalog.filter.demographics", "catalog.filter.traits"},
}
"""Checks for which a store has nothing to ask about."""


async def found_at(addresses: Addresses, shopper: str) -> list[Finding]:
    settings = command.addressed(Settings(), addresses.rest, addresses.grpc)
    async with aiohttp.ClientSession() as http:
        account = {"username": shopper, "password": f"{shopper}-demo"}
        async with http.post(f"{addresses.rest}/auth/token", json=account) as answer:
            token = msgspec.json.decode(await answer.read())["access_token"]
    async with (
        opened_verifier(settings) as verifier,
        asked_store(addresses, lambda: verifier.identify(token), token) as store,
    ):
        return await findings(store, lambda one: None, time.monotonic)


@pytest.fixture(scope="module", params=["demo", "new"])
def checked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, Finding]]]:
    folder = tmp_path_factory.mktemp("store")
    found = asyncio.run(demo(folder) if request.param == "demo" else of_folder(written(folder / "new"), "dora"))
    yield request.param, {one.check: one for one in found}


def written(folder: Path) -> Path:
    write(folder)
    return folder


async def demo(folder: Path) -> list[Finding]:
    async with running_store(StoreSettings(port=0, grpc_port=0, state_dir=folder)) as running:
        return await found_at(Addresses(rest=running.http_url, grpc=running.grpc_address), "aiko")


async def of_folder(folder: Path, shopper: str) -> list[Finding]:
    with served_store(folder) as served:
        return await found_at(served.addresses, shopper)


@pytest.mark.parametrize("name", [check.name for check in CHECKS])
def test_a_store_holds_each_row_of_its_contract(checked: tuple[str, dict[str, Finding]], name: str) -> None:
    store, found = checked
    finding = found[name]
    wanted = (
        ("unchecked",) if name in NOTHING_TO_ASK[store] else ("ok", "slow")
    )  # how quick it is, is this machine's matter
    assert finding.verdict in wanted, finding
