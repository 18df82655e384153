"""What every feed of the catalog's changes does (K-5); each adapter inherits the suite."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Protocol

import pytest

from mangaassist.domain.products import Product, ProductChange
from mangaassist.knowledge.sources.changes import ChangeFeed, Heard, Unread

WHEN = datetime(2026, 11, 1, 12, tzinfo=UTC)
PATIENCE_S = 60.0


def told(number: int, version: int = 1, *, gone: bool = False) -> ProductChange:
    """``cursor`` and ``head`` are the carrier's own and are not compared."""
    asin = f"B0{number:08}"
    product = Product(asin=asin, title=f"Volume {version}", series_id="s", series_title="Series é 進撃")
    return ProductChange(
        cursor=0, asin=asin, version=version, product=None if gone else product, emitted_at=WHEN, head=0
    )


class Carrier(Protocol):
    """A feed as who writes to it sees it."""

    async def tell(self, change: ProductChange) -> None: ...

    async def feed(self) -> ChangeFeed:
        """As a process opens it."""
        ...


async def heard(feed: ChangeFeed, cursor: str, count: int) -> list[Heard | Unread]:
    """The next ones, as many as are expected."""
    found: list[Heard | Unread] = []
    async with asyncio.timeout(PATIENCE_S), aclosing(feed.after(cursor)) as stream:
        while len(found) < count:
            found.append(await anext(stream))
    return found


def read(found: list[Heard | Unread]) -> dict[str, list[tuple[int, bool]]]:
    """The versions of each product in the order in which they were heard, and whether it was withdrawn."""
    versions: dict[str, list[tuple[int, bool]]] = {}
    for one in found:
        assert isinstance(one, Heard)
        versions.setdefault(one.change.asin, []).append((one.change.version, one.change.product is None))
    return versions


class ChangeFeedContract:
    @pytest.fixture
    async def carrier(self) -> AsyncIterator[Carrier]:
        raise NotImplementedError
        yield

    async def test_what_was_told_is_heard_as_it_was_told(self, carrier: Carrier) -> None:
        change = told(1)
        await carrier.tell(change)
        [one] = await heard(await carrier.feed(), "", 1)
        assert isinstance(one, Heard)
        assert (one.change.asin, one.change.version, one.change.product, one.change.emitted_at) == (
            change.asin, change.version, change.product, WHEN,
        )  # fmt: skip

    async def test_what_is_told_of_a_product_is_heard_in_its_order(self, carrier: Carrier) -> None:
        for version in range(1, 5):
            for number in range(6):
                await carrier.tell(told(number, version, gone=version == 4))
        versions = read(await heard(await carrier.feed(), "", 24))
        assert versions == {f"B0{number:08}": [(1, False), (2, False), (3, False), (4, True)] for number in range(6)}

    async def test_who_goes_on_from_a_cursor_hears_what_came_behind_it_and_nothing_before(
        self, carrier: Carrier
    ) -> None:
        for number in range(8):
            await carrier.tell(told(number))
        before = await heard(await carrier.feed(), "", 5)
        behind = await heard(await carrier.feed(), before[-1].cursor, 3)
        assert sorted([*read(before), *read(behind)]) == [f"B0{number:08}" for number in range(8)]

    async def test_what_is_told_later_is_heard_without_asking_again(self, carrier: Carrier) -> None:
        listening = asyncio.create_task(heard(await carrier.feed(), "", 1))
        await asyncio.sleep(0)
        await carrier.tell(told(7))
        assert list(read(await listening)) == ["B000000007"]

    @pytest.mark.parametrize("cursor", ["nonsense", "[]"])
    async def test_a_cursor_of_somebody_else_is_as_good_as_none(self, carrier: Carrier, cursor: str) -> None:
        await carrier.tell(told(1))
        assert list(read(await heard(await carrier.feed(), cursor, 1))) == ["B000000001"]
