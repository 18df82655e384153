"""S-1, column "cached": whose a kept answer is, and that a cache that fails costs a call and no answer."""

from collections.abc import Mapping, Sequence

import pytest

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.domain.products import ProductQuery
from mangaassist.services.cache import Dated, Space
from mangaassist.stores.memory.cache import MemoryCache
from mangaassist.testing.fake_store import FakeStore
from mangaassist.testing.store_data import AIKO, BEN, STORE
from mangaassist.testing.virtual_time import in_virtual_time

ASINS = tuple(product.asin for product in STORE.products)


class Watched(MemoryCache):
    def __init__(self) -> None:
        super().__init__(lambda: 0.0)
        self.kept: dict[str, dict[str, Dated]] = {}
        self.asked = 0

    async def get_many(self, space: Space, keys: Sequence[str]) -> dict[str, Dated]:
        self.asked += 1
        return await super().get_many(space, keys)

    async def put_many(self, space: Space, items: Mapping[str, Dated]) -> None:
        self.kept.setdefault(space.name, {}).update(items)
        await super().put_many(space, items)


class Broken:
    """A cache whose server is away."""

    async def get_many(self, space: Space, keys: Sequence[str]) -> dict[str, Dated]:
        raise ConnectionError

    async def put_many(self, space: Space, items: Mapping[str, Dated]) -> None:
        raise TimeoutError


@in_virtual_time
async def test_a_cache_that_fails_is_a_miss_and_a_metric_and_never_a_failed_answer() -> None:
    outcomes, remarks = set[str](), set[tuple[str, str]]()
    store = FakeStore(
        cache=Broken(),
        observe=lambda _, outcome, __: outcomes.add(outcome),
        remark=lambda service, what: remarks.add((service, what)),
    )
    turn = store.services.for_turn(AIKO)
    for _ in range(2):
        assert (await turn.products(ASINS)).value == STORE.products
        assert (await turn.orders(5)).value == STORE.orders["aiko"]
        assert (await turn.existing(ASINS)).value == dict.fromkeys(ASINS, True)
    assert turn.degraded == ()
    assert outcomes == {"ok"}
    assert remarks == {("catalog", "cache_failed"), ("orders", "cache_failed")}
    assert len(store.asked("orders")) == 2


@in_virtual_time
async def test_what_the_table_keeps_for_a_customer_is_kept_for_them_alone() -> None:
    cache = Watched()
    store = FakeStore(cache=cache)
    for identity in (GUEST, AIKO, BEN):
        turn = store.services.for_turn(identity)
        for ask in (
            turn.recommended((), (), 3),
            turn.orders(3),
            turn.customer(),
            turn.products(ASINS),
            turn.promotions(),
        ):
            await ask
    owners = {name: sorted({key.split(":")[0] for key in kept}) for name, kept in cache.kept.items()}
    assert owners == {
        "recommendations.ranked": ["=", "aiko", "ben"],
        "orders.orders": ["aiko", "ben"],
        "profile.customer": ["aiko", "ben"],
        "catalog.product": ["="],
        "promotions.promotions": ["="],
    }


@in_virtual_time
async def test_the_answers_to_one_batch_are_looked_up_at_once() -> None:
    cache = Watched()
    await FakeStore(cache=cache).services.for_turn(GUEST).stock(ASINS)
    assert cache.asked == 1


@in_virtual_time
async def test_no_price_and_no_page_of_a_feed_is_ever_kept() -> None:
    cache = Watched()
    turn = FakeStore(cache=cache).services.for_turn(GUEST)
    await turn.prices(ASINS)
    await turn.content_page()
    await turn.review_page()
    assert (cache.kept, cache.asked) == ({}, 0)


@in_virtual_time
async def test_nothing_that_is_kept_tells_what_the_shopper_asked() -> None:
    cache = Watched()
    await FakeStore(cache=cache).services.for_turn(GUEST).search(ProductQuery(text="a gift for Hannah"))
    assert all("Hannah" not in key for kept in cache.kept.values() for key in kept)


@pytest.mark.parametrize("hostile", ["aiko:=", "=", "", "aiko%3A", "aiko:orders", "aiko\n"])
@in_virtual_time
async def test_no_customer_id_opens_anothers_answers(hostile: str) -> None:
    store = FakeStore()
    await store.services.for_turn(AIKO).orders(3)
    await store.services.for_turn(GUEST).recommended((), (), 3)
    stranger = store.services.for_turn(Identity(hostile, f"token-of-{hostile}"))
    assert (await stranger.orders(3)).value == ()
    assert not (await stranger.recommended((), (), 3)).cached
