"""A new store that serves, and wires to it that spoil one answer on its way."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import msgspec
import pytest

from mangaassist.new_store.writing import write
from mangaassist.services.contracts import ANY_JSON
from mangaassist.store_checks.asked_store import AskedStore, asked_store
from mangaassist.store_checks.findings import Finding
from mangaassist.store_checks.running import findings
from mangaassist.store_checks.table import CHECKS
from tests.own_stores import Served, served_store

Spoil = Callable[[Any], Any]
Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("new-store") / "store"
    write(folder)
    with served_store(folder) as served:
        yield served


class SpoiledRest:
    """A service's client of which the answer at one path is changed before it is read."""

    def __init__(self, inner: Any, path: str, spoil: Spoil) -> None:
        self._inner, self._path, self._spoil = inner, path, spoil

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def get(self, path: str, params: Any, decoder: Any, **rest: Any) -> Any:
        return self._read(path, await self._inner.get(path, params, ANY_JSON, **rest), decoder)

    async def ask(self, path: str, body: Any, decoder: Any, **rest: Any) -> Any:
        return self._read(path, await self._inner.ask(path, body, ANY_JSON, **rest), decoder)

    def _read(self, path: str, sent: msgspec.Raw, decoder: Any) -> Any:
        if path != self._path:
            return decoder.decode(bytes(sent))
        return decoder.decode(msgspec.json.encode(self._spoil(msgspec.json.decode(sent))))


class SpoiledCatalog:
    def __init__(self, inner: Any, method: str, spoil: Spoil) -> None:
        self._inner, self._method, self._spoil = inner, method, spoil

    def __getattr__(self, name: str) -> Any:
        if name != self._method:
            return getattr(self._inner, name)

        async def spoiled(request: Any, **rest: Any) -> Any:
            answer = await getattr(self._inner, name)(request, **rest)
            self._spoil(answer)
            return answer

        return spoiled


@pytest.fixture
async def store(new_store: Served) -> AsyncIterator[AskedStore]:
    async def nobody() -> None: ...

    async with asked_store(new_store.addresses, nobody, None) as asked:
        yield asked


@pytest.fixture
def found(store: AskedStore) -> Ask:
    """What a check finds where the answer at a path, or of a call of the catalog, is spoilt."""

    async def find(name: str, place: str = "", spoil: Spoil = lambda answer: answer) -> Finding:
        learning = [check for check in CHECKS if check.name in ("catalog.search", "pricing.prices")]
        await findings(store, lambda one: None, clock, learning)
        if "/" in place:
            store.rest = {service: SpoiledRest(client, place, spoil) for service, client in store.rest.items()}
        elif place:
            store.catalog = SpoiledCatalog(store.catalog, place, spoil)
        chosen = [check for check in CHECKS if check.name == name]
        return (await findings(store, lambda one: None, clock, chosen))[0]

    return find


def clock() -> float:
    """Nothing takes any time."""
    return 0.0
