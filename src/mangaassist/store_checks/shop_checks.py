"""What pricing, inventory, reviews, recommendations and promotions must answer of the products that the catalog told of."""

from decimal import Decimal
from typing import Final, Literal, get_args

from mangaassist.domain.products import StockState
from mangaassist.services import contracts
from mangaassist.services.rest import repeated
from mangaassist.store_checks.asked_store import UNSOLD, AskedStore
from mangaassist.store_checks.findings import Mistake, NotThere, Unchecked
from mangaproto import catalog_pb2 as pb

RANKED: Final = 5
"""So many are asked for where the best few are."""


def _asked(store: AskedStore) -> list[str]:
    return [*(product.asin for product in store.sample()), UNSOLD]


async def alive(store: AskedStore) -> str:
    await store.ping()
    return "it is alive"


async def prices(store: AskedStore) -> str:
    asked = _asked(store)
    answer = await store.get("pricing", "/pricing/v1/prices", repeated("asin", asked), contracts.PRICES)
    found = contracts.prices(answer, asked, store.now())
    if missing := next((asin for asin in asked[:-1] if asin not in found), None):
        raise Mistake("a price of everything that is sold", f"none of {missing}", "prices")
    store.known.prices = answer.prices
    return f"{len(found)} prices"


async def cheapest(store: AskedStore) -> str:
    return await _ranked(store, "asc")


async def dearest(store: AskedStore) -> str:
    return await _ranked(store, "desc")


async def _ranked(store: AskedStore, order: Literal["asc", "desc"]) -> str:
    question = contracts.PriceRanking(order, RANKED)
    answer = await store.rank(question, contracts.PRICES)
    found = contracts.ranked_prices(answer, question, None, None, store.now())
    if store.known.products and not found:
        raise Mistake("prices of the whole store", "none", "prices")
    return f"{len(found)} prices in their order"


async def bounded(store: AskedStore) -> str:
    """Of named products, within bounds that one of them alone may fit."""
    if not store.known.prices:
        raise Unchecked("pricing told of no price to ask about")
    one = store.known.prices[0]
    bound = Decimal(one.current)
    asins = tuple(row.asin for row in store.known.prices)
    question = contracts.PriceRanking("asc", 100, asins, one.current, one.current)
    found = contracts.ranked_prices(await store.rank(question, contracts.PRICES), question, bound, bound, store.now())
    if one.asin not in {price.asin for price in found}:
        raise Mistake(f"{one.asin}, which costs {one.current}", "it is left out", "least, most, asins")
    return f"{len(found)} within the bounds"


async def stock(store: AskedStore) -> str:
    asked = _asked(store)
    answer = await store.get("inventory", "/inventory/v1/stock", repeated("asin", asked), contracts.STOCK)
    return f"{len(contracts.by_asin(answer.stock, asked))} products"


async def by_state(store: AskedStore) -> str:
    told = 0
    for state in get_args(StockState):
        answer = await store.get(
            "inventory", "/inventory/v1/by-state", [("state", state), ("limit", "5")], contracts.STOCK
        )
        told += len(contracts.in_state(answer, state))
    return f"{told} products over all states"


async def ratings(store: AskedStore) -> str:
    asked = _asked(store)
    answer = await store.get("reviews", "/reviews/v1/ratings", repeated("asin", asked), contracts.RATINGS)
    return f"{len(contracts.ratings(answer, asked))} rated products"


async def recommended(store: AskedStore) -> str:
    seed = store.sample(1)[0]
    params = [("seed", seed.asin), *repeated("genre", seed.genres[:1]), ("limit", str(RANKED))]
    ranked = (await store.get("recommendations", "/recommendations/v1/ranked", params, contracts.RANKING)).ranked
    if len(ranked) > RANKED:
        raise Mistake(f"at most {RANKED}, as limit says", f"{len(ranked)}", "ranked")
    asins = [one.asin for one in ranked]
    existing = set((await store.call("CheckAsins", pb.CheckAsinsRequest(asins=asins))).existing)
    if unsold := next((asin for asin in asins if asin not in existing), None):
        raise Mistake("products that the catalog sells", unsold, "ranked")
    return f"{len(ranked)} products"


async def promotions(store: AskedStore) -> str:
    found = (await store.get("promotions", "/promotions/v1/promotions", (), contracts.PROMOTIONS)).promotions
    running = contracts.current(found, store.now())
    if len(running) < len(found):
        raise Mistake("what runs today", "an offer that does not run now", "promotions")
    return f"{len(found)} offers"


async def promotions_of(store: AskedStore) -> str:
    """Those of some products name these alone."""
    asked = _asked(store)
    answer = await store.get("promotions", "/promotions/v1/promotions", repeated("asin", asked), contracts.PROMOTIONS)
    for one in answer.promotions:
        if stray := next((asin for asin in one.asins if asin not in asked), None):
            raise Mistake("only products that were asked about", f"{stray} in {one.promotion_id}", "asins")
        if not one.asins and not one.everything:
            raise NotThere(
                f"{one.promotion_id} is told although it covers none of the products, so asin= is not looked at"
            )
    return f"{len(answer.promotions)} offers"
