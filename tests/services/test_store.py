"""S-1 to S-7 against the real demo store, healthy and faulty, over real gRPC and HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.domain.products import ProductQuery, has_trait
from mangaassist.domain.store_facts import NO_FACTS
from mangaassist.errors import ServiceFailure
from mangaassist.services.caller import Observer, unobserved
from mangaassist.services.clients import Addresses, clients_at
from mangaassist.services.policies import POLICIES
from mangaassist.services.store import StoreServices
from mangaassist.services.turn_services import TurnServices
from mangaassist.stores.memory.cache import MemoryCache
from mangastore.server import RunningStore
from tests.services.conftest import PATIENT

UNKNOWN = "B0ZZZZZZZ9"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SignIn = Callable[[str], Awaitable[str]]


@pytest.fixture
def heard() -> list[tuple[str, str]]:
    return []


@pytest.fixture
async def services(demo_store: RunningStore, heard: list[tuple[str, str]]) -> AsyncIterator[StoreServices]:
    async with at(addresses_of(demo_store), lambda service, outcome, _: heard.append((service, outcome))) as opened:
        yield opened


def addresses_of(demo_store: RunningStore) -> Addresses:
    return Addresses(rest=demo_store.http_url, grpc=demo_store.grpc_address)


def at(addresses: Addresses, observe: Observer = unobserved, policies: Any = PATIENT) -> StoreServices:
    return StoreServices(clients_at(addresses), MemoryCache(), observe=observe, policies=policies)


@pytest.fixture
def guest(services: StoreServices) -> TurnServices:
    return services.for_turn(GUEST, TRACE)


@pytest.fixture
async def aiko(services: StoreServices, sign_in: SignIn) -> TurnServices:
    return services.for_turn(Identity("cus-aiko", await sign_in("aiko")))


@pytest.fixture
async def ben(services: StoreServices, sign_in: SignIn) -> TurnServices:
    return services.for_turn(Identity("cus-ben", await sign_in("ben")))


@pytest.fixture
def break_(demo_store: RunningStore) -> Callable[..., Awaitable[None]]:
    """Makes a service of the demo store faulty, or healthy again without a mode."""

    async def change(service: str, mode: str | None = None, **fault: Any) -> None:
        url = f"{demo_store.http_url}/admin/faults/{service}"
        async with aiohttp.ClientSession() as session:
            if mode is None:
                response = await session.delete(url)
            else:
                response = await session.put(url, json={"mode": mode, **fault})
            assert response.status < 300, await response.text()

    return change


async def some_asins(turn: TurnServices, text: str = "one piece", limit: int = 3) -> list[str]:
    found = await turn.search(ProductQuery(text=text, limit=limit))
    assert found.value
    return [product.asin for product in found.value]


# --- a healthy store ---


async def test_products_come_in_the_order_in_which_they_are_asked_for(guest: TurnServices) -> None:
    asins = await some_asins(guest)
    backwards = [*reversed(asins), UNKNOWN, "made up", asins[0]]
    answer = await guest.products(backwards)
    assert [product.asin for product in answer.value or ()] == list(reversed(asins))


async def test_a_product_that_a_search_brought_along_is_not_fetched_again(
    guest: TurnServices, heard: list[tuple[str, str]]
) -> None:
    asins = await some_asins(guest)
    assert (await guest.products(asins)).cached
    assert (await guest.existing(asins)).value == dict.fromkeys(asins, True)
    assert heard == [("catalog", "ok"), ("catalog", "cached"), ("catalog", "cached")]


async def test_a_made_up_asin_does_not_exist_and_spoils_nothing_for_the_others(guest: TurnServices) -> None:
    asins = await some_asins(guest)
    made_up = [UNKNOWN, "B0", "'; DROP TABLE"]
    sold = (await guest.existing([*asins, *made_up])).value
    assert sold == {**dict.fromkeys(asins, True), **dict.fromkeys(made_up, False)}


async def test_a_batch_of_more_than_a_hundred_is_answered_in_full(
    demo_store: RunningStore, services: StoreServices, guest: TurnServices
) -> None:
    asins: list[str] = []
    async for change in services.changes(0):
        asins.append(change.asin)
        if len(asins) == 250:
            break
    for ask in (guest.products, guest.existing, guest.prices, guest.stock):
        answer = await ask(asins)
        assert answer.failure is None
        assert len(answer.value or ()) == 250


async def test_price_stock_and_rating_are_known_of_the_products_asked_for_and_no_others(guest: TurnServices) -> None:
    asins = await some_asins(guest)
    for ask in (guest.prices, guest.stock, guest.ratings):
        answer = await ask([*asins, UNKNOWN, "made up"])
        assert answer.failure is None
        assert set(answer.value or ()) == set(asins)


async def test_asking_for_nothing_calls_nobody(guest: TurnServices, heard: list[tuple[str, str]]) -> None:
    for ask in (guest.products, guest.existing, guest.prices, guest.stock, guest.ratings):
        answer = await ask([])
        assert (len(answer.value or ()), answer.failure) == (0, None)
    assert {outcome for _, outcome in heard} == {"cached"}


async def test_a_changed_price_is_seen_at_once(demo_store: RunningStore, guest: TurnServices) -> None:
    asin = (await some_asins(guest))[0]
    assert (await guest.prices([asin])).value
    async with (
        aiohttp.ClientSession() as session,
        session.patch(f"{demo_store.http_url}/admin/products/{asin}", json={"price": "3.21"}) as response,
    ):
        assert response.status < 300, await response.text()
    changed = await guest.prices([asin])
    assert str((changed.value or {})[asin].current) == "3.21"


async def test_recommendations_promotions_and_feeds_are_read(guest: TurnServices) -> None:
    asins = await some_asins(guest)
    ranked = await guest.recommended(asins[:1], ("Adventure",), 4)
    assert ranked.value is not None
    assert 0 < len(ranked.value) <= 4
    assert (await guest.promotions()).failure is None
    assert (await guest.promotions(asins)).failure is None
    assert msgspec.json.decode((await guest.content_page()).value or b"null")["entries"]
    assert msgspec.json.decode((await guest.review_page()).value or b"null")["summaries"]


async def test_the_pages_of_a_feed_follow_each_other_to_the_end_without_a_gap(guest: TurnServices) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = msgspec.json.decode((await guest.content_page(cursor)).value or b"null")
        seen.extend(entry["id"] for entry in page["entries"])
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) >= 150


async def test_a_signed_in_shopper_sees_profile_orders_tracking_and_returns(aiko: TurnServices) -> None:
    customer = (await aiko.customer()).value
    assert customer and customer.customer_id == "cus-aiko"
    orders = (await aiko.orders(20)).value
    assert orders
    assert {order.state for order in orders} == {"placed", "shipped", "delivered", "cancelled", "refunded"}
    shipped = next(order for order in orders if order.state == "shipped")
    assert (await aiko.order(shipped.order_id)).value == shipped
    assert (await aiko.shipments(shipped.order_id)).value
    state = (await aiko.returns(shipped.order_id)).value
    assert state and state.order_id == shipped.order_id


async def test_anothers_order_looks_like_one_that_does_not_exist(aiko: TurnServices, ben: TurnServices) -> None:
    orders = (await aiko.orders(1)).value
    assert orders
    await aiko.order(orders[0].order_id)  # now kept, for aiko
    answer = await ben.order(orders[0].order_id)
    assert (answer.value, answer.failure, ben.degraded) == (None, None, ())
    assert (await ben.orders(5)).value == ()


@pytest.mark.parametrize("order_id", ["", "..", "../../healthz", "112-1234567-123456", "１１２-1234567-1234567"])
async def test_what_is_no_order_number_is_no_order_and_no_path(
    aiko: TurnServices, heard: list[tuple[str, str]], order_id: str
) -> None:
    answer = await aiko.order(order_id)
    assert (answer.value, answer.failure) == (None, None)
    assert heard == []


async def test_a_guest_is_asked_to_sign_in_for_everything_that_needs_an_account(
    guest: TurnServices, heard: list[tuple[str, str]]
) -> None:
    number = "112-1234567-1234567"
    answers = [
        await guest.customer(),
        await guest.orders(3),
        await guest.order(number),
        await guest.shipments(number),
        await guest.returns(number),
    ]
    assert {answer.failure.kind for answer in answers if answer.failure} == {"unauthenticated"}
    assert guest.degraded == ()
    assert {outcome for _, outcome in heard} == {"unauthenticated"}


async def test_a_token_that_the_store_refuses_is_a_visible_failure_that_opens_nothing(services: StoreServices) -> None:
    turn = services.for_turn(Identity("cus-aiko", "forged"))
    for _ in range(20):
        answer = await turn.orders(3)
    assert answer.failure and answer.failure.kind == "rejected"
    assert [degradation.service for degradation in turn.degraded] == ["orders"]
    assert services.breakers()["orders"] == "closed"


async def test_the_profile_of_another_customer_is_refused(services: StoreServices, sign_in: SignIn) -> None:
    turn = services.for_turn(Identity("cus-ben", await sign_in("aiko")))
    answer = await turn.customer()
    assert (answer.value, answer.failure and answer.failure.kind) == (None, "contract")


# --- a faulty store ---

CALLS: dict[str, Callable[[TurnServices, list[str], str], Awaitable[Any]]] = {
    "catalog": lambda turn, asins, order: turn.search(ProductQuery(text="bleach")),
    "pricing": lambda turn, asins, order: turn.prices(asins),
    "inventory": lambda turn, asins, order: turn.stock(asins),
    "reviews": lambda turn, asins, order: turn.ratings(asins),
    "recommendations": lambda turn, asins, order: turn.recommended(asins, (), 3),
    "profile": lambda turn, asins, order: turn.customer(),
    "orders": lambda turn, asins, order: turn.orders(3),
    "shipping": lambda turn, asins, order: turn.shipments(order),
    "returns": lambda turn, asins, order: turn.returns(order),
    "promotions": lambda turn, asins, order: turn.promotions(),
}


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [("fail", {"error", "unreachable"}), ("slow", {"timeout"}), ("wrong", {"contract"})],
    ids=["fails", "is slow", "is wrong"],
)
async def test_a_service_that_fails_is_visible_and_gives_no_value(
    demo_store: RunningStore, aiko: TurnServices, break_: Any, mode: str, kinds: set[str]
) -> None:
    asins = await some_asins(aiko)
    orders = (await aiko.orders(10)).value or ()
    order_id = next(order.order_id for order in orders if order.state == "shipped")
    policies = POLICIES if mode == "slow" else PATIENT
    fault = {"delay_ms": 2000} if mode == "slow" else {}

    async def fails(service: str) -> None:
        await break_(service, mode, **fault)
        async with at(addresses_of(demo_store), policies=policies) as services:
            turn = services.for_turn(aiko._identity)
            answer = await CALLS[service](turn, asins, order_id)
        assert answer.value is None, service
        assert answer.failure.kind in kinds, service
        assert [(noted.service, noted.fallback) for noted in turn.degraded] == [(service, POLICIES[service].fallback)]

    async with asyncio.TaskGroup() as group:
        for service in CALLS:
            group.create_task(fails(service))


async def test_a_service_that_is_well_again_is_used_again(guest: TurnServices, break_: Any) -> None:
    asins = await some_asins(guest)
    await break_("pricing", "fail")
    assert (await guest.prices(asins)).failure
    await break_("pricing")
    assert (await guest.prices(asins)).value


async def test_one_dead_service_takes_nothing_away_from_the_others(demo_store: RunningStore, break_: Any) -> None:
    policies = {**PATIENT, "pricing": POLICIES["pricing"]}
    async with at(addresses_of(demo_store), policies=policies) as services:
        turn = services.for_turn(GUEST)
        asins = await some_asins(turn)
        await break_("pricing", "slow", delay_ms=800)
        prices, stock, ratings = await asyncio.gather(turn.prices(asins), turn.stock(asins), turn.ratings(asins))
    assert prices.failure and prices.failure.kind == "timeout"
    assert stock.value and ratings.value


async def test_a_turn_never_waits_longer_than_its_deadline(services: StoreServices, break_: Any) -> None:
    asins = await some_asins(services.for_turn(GUEST))
    await break_("recommendations", "slow", delay_ms=60_000)
    loop = asyncio.get_running_loop()
    began = loop.time()
    answer = await services.for_turn(GUEST).within(began + 0.3).recommended(asins, (), 3)
    assert answer.failure and answer.failure.kind == "out_of_time"
    assert loop.time() - began < PATIENT["recommendations"].timeout_s


async def test_known_products_are_used_while_the_catalog_is_down(guest: TurnServices, break_: Any) -> None:
    asins = await some_asins(guest, limit=2)
    await break_("catalog", "fail")
    answer = await guest.products([*asins, UNKNOWN])
    assert [product.asin for product in answer.value or ()] == asins
    assert [degradation.as_of for degradation in guest.degraded] == [answer.as_of]
    assert answer.as_of is not None


async def test_of_a_hundred_and_fifty_prices_all_or_none_are_given(
    services: StoreServices, guest: TurnServices, break_: Any
) -> None:
    asins: list[str] = []
    async for change in services.changes(0):
        asins.append(change.asin)
        if len(asins) == 150:
            break
    await break_("pricing", "fail", rate=0.5)
    answer = await guest.prices(asins)
    assert (answer.value, answer.failure is None) == (None, False)


# --- the change stream ---


async def test_a_change_is_told_as_it_happens(demo_store: RunningStore, services: StoreServices) -> None:
    turn = services.for_turn(GUEST)
    asin = (await some_asins(turn))[0]
    head = demo_store.store.catalogue.changes.head
    async with aiohttp.ClientSession() as session:
        await session.patch(f"{demo_store.http_url}/admin/products/{asin}", json={"title": "A new title, Vol. 1"})
    async with asyncio.timeout(60):
        async for change in services.changes(head):
            assert (change.asin, change.product and change.product.title) == (asin, "A new title, Vol. 1")
            assert change.cursor > head
            break


# --- readiness, and who hears what ---


async def test_every_dependency_can_be_asked_by_name_whether_it_is_there(services: StoreServices) -> None:
    pings = services.pings()
    assert set(pings) == {"catalog", "store"}
    for ping in pings.values():
        await ping()


async def test_a_service_that_lives_apart_is_asked_by_its_own_name() -> None:
    addresses = Addresses(rest="http://127.0.0.1:1", grpc="127.0.0.1:1", apart={"pricing": "http://127.0.0.1:1"})
    async with at(addresses) as services:
        pings = services.pings()
        assert set(pings) == {"catalog", "store", "pricing"}
        for ping in pings.values():
            with pytest.raises(ServiceFailure):
                await ping()


async def test_the_shoppers_identity_reaches_only_the_services_that_the_table_names(serve_http: Any) -> None:
    seen: dict[str, tuple[str | None, str | None]] = {}

    async def handler(request: web.Request) -> web.Response:
        service = request.path.split("/")[1]
        seen[service] = (request.headers.get("Authorization"), request.headers.get("traceparent"))
        return web.json_response({})

    url = await serve_http(handler)
    number = "112-1234567-1234567"
    async with at(Addresses(rest=url, grpc="127.0.0.1:1")) as services:
        turn = services.for_turn(Identity("aiko", "secret"), TRACE)
        for service, ask in CALLS.items():
            if service != "catalog":
                await ask(turn, [UNKNOWN], number)
        await turn.content_page()
    assert {service for service, (token, _) in seen.items() if token} == {
        service for service, policy in POLICIES.items() if policy.auth != "no"
    }
    assert {token for token, _ in seen.values()} == {None, "Bearer secret"}
    assert {trace for _, trace in seen.values()} == {TRACE}


# --- questions over the whole store, and what is particular to it ---


async def test_the_dearest_things_of_the_whole_store_are_found_with_two_questions(
    guest: TurnServices, heard: list[tuple[str, str]]
) -> None:
    everything = (await guest.asins(ProductQuery(one_per_series=False))).value or ()
    dearest = (await guest.ranked_prices(None, "desc", limit=3)).value or ()
    same = (await guest.ranked_prices(everything, "desc", limit=3)).value
    assert len(everything) > 4000
    assert [price.asin for price in dearest] == [price.asin for price in same or ()]
    assert dearest[0].current >= dearest[1].current > 100
    assert [service for service, _ in heard] == ["catalog", "pricing", "pricing"]


async def test_prices_in_their_order_are_never_kept_but_the_list_of_asins_is(guest: TurnServices) -> None:
    query = ProductQuery(genres=("horror",))
    asins = (await guest.asins(query)).value or ()
    assert (await guest.asins(query)).cached
    for _ in range(2):
        answer = await guest.ranked_prices(asins, "asc", least=Decimal("5.001"), most=Decimal(10), limit=5)
        assert not answer.cached
        assert answer.value
        assert all(Decimal(5) < price.current <= 10 for price in answer.value)


async def test_of_no_products_there_is_no_price_to_ask_for(guest: TurnServices, heard: list[tuple[str, str]]) -> None:
    assert (await guest.ranked_prices((), "asc")).value == ()
    assert heard == []


@pytest.mark.parametrize("mode", ["fail", "wrong"])
async def test_a_pricing_service_that_is_not_well_ranks_nothing(
    guest: TurnServices, break_: Callable[..., Awaitable[None]], mode: str
) -> None:
    await break_("pricing", mode)
    assert (await guest.ranked_prices(None, "asc")).value is None
    assert guest.failed("pricing")


async def test_the_filters_of_a_wish_hold_over_the_wire(guest: TurnServices) -> None:
    query = ProductQuery(
        labels=("Revenge", "Horror"),
        without_labels=("Romance",),
        without_authors=("Junji Ito",),
        most_volumes=15,
        published_from=2000,
        statuses=("finished",),
        age_ratings=("Teen", "Older Teen"),
        order="shortest",
        limit=50,
    )
    found = (await guest.search(query)).value or ()
    assert found
    for product in found:
        assert {"Revenge", "Horror"} & {*product.themes, *product.genres}
        assert "Romance" not in product.genres
        assert "Junji Ito" not in product.authors
        assert product.series_volumes <= 15
        assert product.first_published >= 2000
        assert product.series_status == "finished"
        assert product.age_rating in ("Teen", "Older Teen")
    assert [product.series_volumes for product in found] == sorted(product.series_volumes for product in found)


async def test_what_is_known_of_the_content_is_filtered_and_told_over_the_wire(guest: TurnServices) -> None:
    query = ProductQuery(traits=("lead:female", "gore:none"), without_traits=("ending:sad",), limit=50)
    found = (await guest.search(query)).value or ()
    assert found
    for product in found:
        assert {"lead:female", "gore:none"} <= set(product.traits)
        assert has_trait(product, "ending:sad") is False


async def test_what_can_be_ordered_ahead_is_told_with_its_day(guest: TurnServices) -> None:
    rows = (await guest.in_state("preorder", 5)).value or ()
    products = {product.asin: product for product in (await guest.products(row.asin for row in rows)).value or ()}
    assert len(rows) == 5
    assert [row.restock_date for row in rows] == sorted(row.restock_date for row in rows if row.restock_date)
    assert all(products[row.asin].released == row.restock_date for row in rows)


async def test_what_came_out_last_is_found_first(guest: TurnServices) -> None:
    found = (await guest.search(ProductQuery(order="newest", limit=5))).value or ()
    days = [product.released for product in found]
    assert len(days) == 5
    assert days == sorted((day for day in days if day), reverse=True)


async def test_promotions_of_named_products_name_no_others(guest: TurnServices) -> None:
    asins = await some_asins(guest, "haikyu")
    promotions = (await guest.promotions(asins[:1])).value or ()
    assert promotions
    assert all(promotion.asins == (asins[0],) for promotion in promotions)


async def test_the_facts_of_the_store_are_read_and_the_last_copy_stays(
    services: StoreServices, break_: Callable[..., Awaitable[None]]
) -> None:
    assert services.facts is NO_FACTS
    assert await services.refresh_facts()
    facts = services.facts
    assert (facts.delivery.free_from, facts.cancel_minutes, facts.least_age("Mature")) == (Decimal(35), 60, 18)


async def test_a_store_that_does_not_tell_its_facts_leaves_the_last_ones_as_they_are(
    serve_http: Callable[..., Awaitable[str]],
) -> None:
    answers = [web.json_response({"return_days": 30}), web.Response(status=500), web.Response(status=404)]

    async def handler(request: web.Request) -> web.StreamResponse:
        return answers.pop(0) if answers else web.json_response({"return_days": -1})

    async with at(Addresses(rest=await serve_http(handler))) as services:
        assert await services.refresh_facts()
        for _ in range(2):
            assert not await services.refresh_facts()
        assert services.facts.return_days == 30


async def test_the_facts_of_the_store_are_read_every_minute(serve_http: Callable[..., Awaitable[str]]) -> None:
    asked: list[str] = []
    slept: list[float] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.json_response({}, status=500 if len(asked) == 1 else 200)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 6:
            raise asyncio.CancelledError

    clients = clients_at(Addresses(rest=await serve_http(handler)))
    async with StoreServices(clients, MemoryCache(), policies=PATIENT, sleep=sleep) as services:
        with pytest.raises(asyncio.CancelledError):
            await services.follow_facts()
    assert set(asked) == {"/content/v1/store-facts"}
    assert 60.0 in slept


async def test_a_turn_reads_the_facts_that_were_last_heard(services: StoreServices, guest: TurnServices) -> None:
    await services.refresh_facts()
    assert guest.within(1.0).facts is services.facts
    assert guest.facts.ships_to
