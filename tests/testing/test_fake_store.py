"""The store that ships for tests answers as the real one does, and fails on demand, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mangaassist.domain.customers import GUEST
from mangaassist.domain.products import Format, ProductQuery
from mangaassist.services.answers import Answer
from mangaassist.services.policies import POLICIES, Service
from mangaassist.services.turn_services import TurnServices
from mangaassist.testing.fake_store import FakeStore, Fault
from mangaassist.testing.store_data import AIKO, BEN, DELIVERED, IN_TRANSIT, STORE
from mangaassist.testing.virtual_time import in_virtual_time

ASINS = tuple(product.asin for product in STORE.products)

CALLS: dict[Service, Callable[[TurnServices], Awaitable[Answer[Any]]]] = {
    "catalog": lambda turn: turn.search(ProductQuery(text="pirates")),
    "pricing": lambda turn: turn.prices(ASINS),
    "inventory": lambda turn: turn.stock(ASINS),
    "reviews": lambda turn: turn.ratings(ASINS),
    "recommendations": lambda turn: turn.recommended(("B0BERSERK1",), (), 3),
    "profile": lambda turn: turn.customer(),
    "orders": lambda turn: turn.orders(3),
    "shipping": lambda turn: turn.shipments(IN_TRANSIT.order_id),
    "returns": lambda turn: turn.returns(DELIVERED.order_id),
    "promotions": lambda turn: turn.promotions(),
    "content": lambda turn: turn.content_page(),
    "review_summaries": lambda turn: turn.review_page(),
    "store_facts": lambda turn: turn.store_facts(),
}


def test_every_service_of_the_table_has_an_answer() -> None:
    assert set(CALLS) == set(POLICIES)


@pytest.mark.parametrize("service", CALLS)
@in_virtual_time
async def test_a_healthy_service_answers(service: Service) -> None:
    store = FakeStore()
    turn = store.services.for_turn(AIKO)
    answer = await CALLS[service](turn)
    assert answer.value
    assert answer.failure is None
    assert turn.degraded == ()
    assert len(store.asked(service)) == 1


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("fail"), "error"),
        (Fault("unreachable"), "unreachable"),
        (Fault("refuse"), "rejected"),
        (Fault("wrong"), "contract"),
        (Fault(delay_s=20), "timeout"),
    ],
    ids=["fails", "is unreachable", "refuses", "is wrong", "is slow"],
)
@in_virtual_time
async def test_a_faulty_service_fails_as_a_real_one_does(service: Service, fault: Fault, kind: str) -> None:
    store = FakeStore(**{service: fault})
    turn = store.services.for_turn(AIKO)
    answer = await CALLS[service](turn)
    assert answer.failure
    assert (answer.value, answer.failure.kind) == (None, kind)
    assert [noted.service for noted in turn.degraded] == [service]


@in_virtual_time
async def test_a_fault_befalls_as_many_calls_as_it_says() -> None:
    store = FakeStore(catalog=Fault("fail", times=1))
    assert (await CALLS["catalog"](store.services.for_turn(GUEST))).value
    assert len(store.asked("catalog")) == 2


@in_virtual_time
async def test_a_partial_service_knows_half_of_what_it_is_asked() -> None:
    turn = FakeStore(catalog=Fault("partial"), inventory=Fault("partial")).services.for_turn(GUEST)
    assert len((await turn.products(ASINS)).value or ()) == len(ASINS) // 2
    assert len((await turn.stock(ASINS)).value or ()) == len(ASINS) // 2


@in_virtual_time
async def test_a_slow_service_takes_its_time_and_the_others_none() -> None:
    store = FakeStore(reviews=Fault(delay_s=0.25))
    turn = store.services.for_turn(GUEST)
    before = store.clock()
    await asyncio.gather(turn.prices(ASINS), turn.stock(ASINS), turn.ratings(ASINS))
    assert store.clock() - before == 0.25


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        (ProductQuery(text="swordsman"), ["Berserk, Vol. 1"]),
        (ProductQuery(genres=("Horror",)), ["Berserk, Vol. 1", "Uzumaki"]),
        (ProductQuery(series_ids=("one-piece",), formats=(Format.BOX_SET,)), ["One Piece Box Set 1"]),
        (ProductQuery(series_ids=("berserk",), volume=2), ["Berserk, Vol. 2"]),
        (ProductQuery(authors=("Junji Ito",)), ["Uzumaki"]),
        (ProductQuery(demographics=("shojo",)), ["A Sign of Affection, Vol. 1"]),
        (ProductQuery(text="basketball"), []),
    ],
    ids=str,
)
@in_virtual_time
async def test_the_catalog_is_searched_by_words_and_filters(query: ProductQuery, titles: list[str]) -> None:
    answer = await FakeStore().services.for_turn(GUEST).search(query)
    assert [product.title for product in answer.value or ()] == titles


@in_virtual_time
async def test_everybody_sees_their_own_orders_and_no_others() -> None:
    services = FakeStore().services
    assert (await services.for_turn(AIKO).orders(10)).value == STORE.orders["aiko"]
    assert (await services.for_turn(BEN).orders(10)).value == ()
    assert (await services.for_turn(BEN).order(IN_TRANSIT.order_id)).value is None
    assert (await services.for_turn(BEN).shipments(IN_TRANSIT.order_id)).value == ()


@in_virtual_time
async def test_the_shoppers_token_is_seen_where_it_is_sent() -> None:
    store = FakeStore()
    turn = store.services.for_turn(AIKO, "00-trace-01")
    await turn.orders(1)
    await turn.prices(ASINS)
    assert [(call.token, call.traceparent) for call in store.calls] == [
        (AIKO.token, "00-trace-01"),
        (None, "00-trace-01"),
    ]
