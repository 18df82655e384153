"""What the catalog must answer over gRPC, beside its filters."""

from collections.abc import Iterable
from typing import Final

import msgspec

from mangaassist.domain.products import Product, ProductQuery
from mangaassist.services.catalog import change_of
from mangaassist.store_checks.asked_store import SAMPLE, UNSOLD, AskedStore, read_product
from mangaassist.store_checks.findings import Mistake
from mangaassist.store_checks.plain_words import plain_mistake
from mangaproto import catalog_pb2 as pb

EVERYTHING: Final = ProductQuery(one_per_series=False, limit=SAMPLE)
WATCHED_S: Final = 3.0
WATCHED: Final = 500
"""Changes that are looked at."""


async def answers(store: AskedStore) -> str:
    await store.call("CheckAsins", pb.CheckAsinsRequest())
    return "it answers"


async def search(store: AskedStore) -> str:
    """Also learns which products there are."""
    found = await store.search(EVERYTHING)
    if not found:
        raise Mistake("products, for a question without words and filters", "none")
    if len(found) > SAMPLE:
        raise Mistake(f"at most {SAMPLE} products, as limit says", f"{len(found)}")
    if double := _twice(product.asin for product in found):
        raise Mistake("each product once", f"{double} twice")
    store.known.products = found
    return f"{len(found)} products"


async def limit(store: AskedStore) -> str:
    store.sample()
    found = await store.search(ProductQuery(limit=1))
    if len(found) != 1:
        raise Mistake("one product for limit 1", f"{len(found)}")
    return "kept"


async def one_per_series(store: AskedStore) -> str:
    store.sample()
    found = await store.search(ProductQuery(one_per_series=True, limit=SAMPLE))
    if double := _twice(product.series_id for product in found):
        raise Mistake("one product a series", f"two of {double}", "one_per_series")
    return f"{len(found)} series"


async def by_text(store: AskedStore) -> str:
    """A title is found by its words."""
    for product in store.sample(3):
        found = await store.search(ProductQuery(text=product.title, one_per_series=False, limit=SAMPLE))
        if product.asin not in {one.asin for one in found}:
            raise Mistake(f"{product.asin} for its own title", f"{len(found)} other products", "text")
    return "titles are found"


async def products(store: AskedStore) -> str:
    sample = store.sample()
    asked = [*(product.asin for product in sample), UNSOLD]
    answer = await store.call("GetProducts", pb.GetProductsRequest(asins=asked))
    found = {product.asin: product for product in map(read_product, answer.products)}
    _exactly({product.asin for product in sample}, set(found))
    for product in sample:
        if found[product.asin] != product:
            raise Mistake(
                "the same product as in a search", f"another {_difference(found[product.asin], product)}", product.asin
            )
    return f"{len(found)} products, an unknown one left out"


async def sold(store: AskedStore) -> str:
    sample = {product.asin for product in store.sample()}
    answer = await store.call("CheckAsins", pb.CheckAsinsRequest(asins=[*sample, UNSOLD]))
    _exactly(sample, set(answer.existing))
    return f"{len(sample)} are sold, an unknown one is not"


async def asins(store: AskedStore) -> str:
    """Everything that a search would find, in the same order."""
    sample = [product.asin for product in store.sample()]
    listed = await store.asins(EVERYTHING)
    if list(listed[: len(sample)]) != sample:
        raise Mistake("everything that fits, in the order of a search", "another order, or less", "asins")
    return f"{len(listed)} products"


async def changes(store: AskedStore) -> str:
    store.sample()
    last, seen = 0, 0
    async for event in store.changes(WATCHED_S):
        _whole(event)
        if event.cursor <= last:
            raise Mistake("cursors that increase", f"{event.cursor} after {last}", "cursor")
        if event.head < event.cursor:
            raise Mistake("the newest cursor", f"{event.head} at cursor {event.cursor}", "head")
        last, seen = event.cursor, seen + 1
        if seen == WATCHED or event.cursor == event.head:
            break
    if not seen:
        raise Mistake("every product as a change, for cursor 0", f"nothing within {WATCHED_S:.0f} seconds")
    return f"{seen}{' and more' if seen == WATCHED else ''} changes"


def _whole(event: pb.ChangeEvent) -> None:
    try:
        change_of(event)
    except msgspec.ValidationError as error:
        expected, found, field = plain_mistake(str(error))
        raise Mistake(expected, found, f"the change at cursor {event.cursor}: {field}") from error
    except ValueError as error:
        raise Mistake("a product, or its withdrawal", str(error), f"the change at cursor {event.cursor}") from error


def _exactly(wanted: set[str], found: set[str]) -> None:
    if missing := sorted(wanted - found):
        raise Mistake("what was asked for and is sold", f"{missing[0]} is left out")
    if more := sorted(found - wanted):
        raise Mistake("nothing that is not sold, or was not asked for", f"{more[0]}")


def _twice(names: Iterable[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""


def _difference(one: Product, other: Product) -> str:
    return next((name for name in one.__struct_fields__ if getattr(one, name) != getattr(other, name)), "product")
