"""O-5, K-6: the whole assistant over an OpenSearch: what is written there is answered from, and cited."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from msgspec.structs import replace

from mangaassist.assembly.assistant import assembled
from mangaassist.knowledge import building
from mangaassist.knowledge.sources.folder import FolderSource
from mangaassist.settings import OpenSearch, Settings, load
from mangaassist.testing.opensearch_server import OpenSearchServer
from mangastore.server import running_store
from mangastore.settings import StoreSettings
from tests.patience import PATIENCE
from tests.system.served import listening

PAGE = (
    "---\ntitle: Wax seals\nstatus: approved\n---\nEvery parcel from the Kraken shelf is closed with a green wax seal."
)


class Shop:
    """The assistant, served from this process, and the engine behind it."""

    def __init__(self, url: str, engine: OpenSearchServer, http: aiohttp.ClientSession) -> None:
        self._url = url
        self._http = http
        self.engine = engine

    async def ask(self, message: str) -> Any:
        async with self._http.post(f"{self._url}/chat/message", json={"message": message}) as got:
            assert got.status == 200, await got.text()
            return await got.json()

    async def readiness(self) -> str:
        """Of the knowledge."""
        async with self._http.get(f"{self._url}/readyz") as got:
            return (await got.json())["dependencies"]["knowledge"]


def of_this_test(folder: Path, engine: str, store: str, grpc: str) -> Settings:
    plain = load(environment={"MANGAASSIST_DATA_DIR": str(folder), "MANGAASSIST_TIMEOUT_FACTOR": str(PATIENCE)})
    return replace(
        plain,
        store=replace(plain.store, url=store, grpc=grpc),
        identity=replace(plain.identity, issuer=store),
        knowledge=replace(plain.knowledge, index="opensearch"),
        opensearch=OpenSearch(url=engine, name="shop", replicas=0),
    )


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    page = tmp_path / "pages" / "faq" / "seals.md"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE)
    async with AsyncExitStack() as exits:
        engine = await exits.enter_async_context(OpenSearchServer())
        store = await exits.enter_async_context(
            running_store(StoreSettings(port=0, grpc_port=0, state_dir=tmp_path / "store"))
        )
        settings = of_this_test(tmp_path, engine.url, store.http_url, store.grpc_address)
        assistant = await exits.enter_async_context(assembled(settings))
        await building.build((FolderSource(page.parent.parent),), assistant.knowledge._pipeline)
        _, (host, port) = await exits.enter_async_context(listening(assistant.app))
        http = await exits.enter_async_context(aiohttp.ClientSession())
        yield Shop(f"http://{host}:{port}", engine, http)


async def test_a_page_that_is_kept_in_an_opensearch_is_answered_from_and_cited_and_missed_when_it_is_away(
    shop: Shop,
) -> None:
    answer = await shop.ask("What closes a parcel from the Kraken shelf?")
    assert "green wax seal" in answer["response_text"]
    assert [source["title"] for source in answer["metadata"]["sources"]] == ["Wax seals"]
    assert await shop.readiness() == "ok"

    shop.engine.refusals.extend([(503, "unavailable_shards_exception")] * 1000)
    answer = await shop.ask("Which seal is on a parcel from the Kraken shelf?")
    assert "green" not in answer["response_text"]
    assert answer["metadata"]["degraded"] == ["knowledge"]
