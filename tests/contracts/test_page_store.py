"""The pages of a store as the console asks for them: the double, and the client of the content service at the demo store."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from mangaassist.console.pages import PageStore
from mangaassist.errors import ServiceFailure
from mangaassist.services.operators_calls import OperatorsCalls
from mangaassist.services.pages import ContentDesk
from mangaassist.testing.memory_pages import MemoryPages, Person
from mangaassist.wire.store_pages import StorePage
from mangastore.data.series import Series, load_series
from mangastore.server import RunningStore, running_store
from mangastore.settings import StoreSettings
from mangastore.store import Store, open_store
from tests.contracts.page_store import PageStoreContract, SignIn

PEOPLE: Final = {
    "token of edda": Person("cus-edda", frozenset({"editor"})),
    "token of axel": Person("cus-axel", frozenset({"editor", "approver"})),
    "token of aiko": Person("cus-aiko"),
}
PAGE: Final = StorePage(
    id="faq-a", version=3, updated_at="2026-10-30T08:00:00Z", source_type="faq", title="When?", body="Soon."
)


class TestMemoryPages(PageStoreContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[PageStore]:
        pages = MemoryPages(PEOPLE)
        pages.pages[PAGE.id] = PAGE
        yield pages

    @pytest.fixture
    def sign_in(self) -> SignIn:
        async def token(who: str) -> str:
            return f"token of {who}"

        return token


@pytest.fixture(scope="module")
def few_series() -> list[Series]:
    return load_series()[:7]


@pytest.fixture
async def running(tmp_path: Path, few_series: list[Series]) -> AsyncIterator[RunningStore]:
    """The demo store; it has its pages however few its books are."""

    def make(final: StoreSettings) -> Store:
        return open_store(final, all_series=few_series)

    async with running_store(StoreSettings(port=0, grpc_port=0, state_dir=tmp_path), make) as running:
        yield running


@pytest.fixture
async def desk(running: RunningStore) -> AsyncIterator[ContentDesk]:
    async with OperatorsCalls("content", running.http_url, limit_s=60) as calls:
        yield ContentDesk(calls)


class TestContentDesk(PageStoreContract):
    @pytest.fixture
    async def store(self, desk: ContentDesk) -> AsyncIterator[PageStore]:
        yield desk

    @pytest.fixture
    def sign_in(self, running: RunningStore) -> SignIn:
        async def token(who: str) -> str:
            account = {"username": who, "password": f"{who}-demo"}
            async with (
                aiohttp.ClientSession(running.http_url) as http,
                http.post("/auth/token", json=account) as answer,
            ):
                return (await answer.json())["access_token"]

        return token

    async def test_every_page_is_listed_however_many_there_are(self, desk: ContentDesk, running: RunningStore) -> None:
        async with aiohttp.ClientSession(running.http_url) as http, http.get("/content/v1/entries") as first:
            assert (await first.json())["next"], "one page of them is not all"
        listed = [page.id for page in await desk.approved()]
        assert len(set(listed)) == len(listed) > 100


async def test_a_store_that_is_away_is_a_failure_of_the_content_service() -> None:
    async with OperatorsCalls("content", "http://127.0.0.1:9") as calls:
        with pytest.raises(ServiceFailure) as away:
            await ContentDesk(calls).approved()
    assert (away.value.service, away.value.kind) == ("content", "unreachable")
