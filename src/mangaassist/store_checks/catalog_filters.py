"""The catalog's filters, one row each: how a question of a product that is sold sets it, and what must hold of every answer."""

from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any, Final

from msgspec import Struct

from mangaassist.domain.products import Product, ProductQuery, has_trait
from mangaassist.store_checks.asked_store import SAMPLE, AskedStore
from mangaassist.store_checks.findings import Mistake, Unchecked


class Filter(Struct, frozen=True):
    """``value``: what a product that has it says for it, something false where it has none. ``fits`` holds of what it lets through.
    ``needed``: a search of which nothing fits has failed, and these are asked most."""

    name: str
    value: Callable[[Product], Any]
    fits: Callable[[Product, Any], bool]
    needed: bool = False


def _labels(product: Product) -> frozenset[str]:
    return _folded((*product.genres, *product.themes))


def _label(product: Product) -> tuple[str, ...]:
    return (product.themes or product.genres)[:1]


def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _by(product: Product, author: str) -> bool:
    return any(set(author.casefold().split()) <= set(name.casefold().split()) for name in product.authors)


FILTERS: Final = (
    Filter("series_ids", lambda one: (one.series_id,), lambda one, asked: one.series_id in asked, needed=True),
    Filter("genres", lambda one: one.genres[:1], lambda one, asked: _folded(asked) <= _folded(one.genres), needed=True),
    Filter("labels", _label, lambda one, asked: bool(_folded(asked) & _labels(one)), needed=True),
    Filter("authors", lambda one: one.authors[:1], lambda one, asked: _by(one, asked[0]), needed=True),
    Filter("formats", lambda one: (one.format,), lambda one, asked: one.format in asked, needed=True),
    Filter(
        "volume",
        lambda one: one.volume,
        lambda one, asked: one.volume == asked or (one.volume_from or asked + 1) <= asked <= (one.volume_to or 0),
    ),
    Filter("demographics", lambda one: one.demographic and (one.demographic,), lambda one, asked: one.demographic in asked),
    Filter("statuses", lambda one: one.series_status and (one.series_status,), lambda one, asked: one.series_status in asked),
    Filter("age_ratings", lambda one: one.age_rating and (one.age_rating,), lambda one, asked: one.age_rating in asked),
    Filter("least_volumes", lambda one: one.series_volumes, lambda one, asked: one.series_volumes >= asked),
    Filter("most_volumes", lambda one: one.series_volumes, lambda one, asked: one.series_volumes <= asked),
    Filter("published_from", lambda one: one.first_published, lambda one, asked: one.first_published >= asked),
    Filter("published_to", lambda one: one.first_published, lambda one, asked: one.first_published <= asked),
    Filter("without_labels", _label, lambda one, asked: not _folded(asked) & _labels(one)),
    Filter("without_authors", lambda one: one.authors[:1], lambda one, asked: not _by(one, asked[0])),
    Filter("without_series_ids", lambda one: (one.series_id,), lambda one, asked: one.series_id not in asked),
    Filter("traits", lambda one: one.traits[:1], lambda one, asked: bool(has_trait(one, asked[0]))),
)  # fmt: skip


def check_of(row: Filter) -> Callable[[AskedStore], Awaitable[str]]:
    """The check of one filter: it lets through what has it, and nothing else."""

    async def check(store: AskedStore) -> str:
        product = next((one for one in store.sample() if row.value(one)), None)
        if product is None:
            raise Unchecked(f"no product that the catalog told of has anything for {row.name}")
        value = row.value(product)
        query = ProductQuery(one_per_series=False, limit=SAMPLE, **{row.name: value})
        found = await store.search(query)
        if not found and not row.name.startswith("without_"):
            raise Mistake(f"{product.asin} at least, for {row.name} {_said(value)}", "nothing", row.name)
        if stray := next((one for one in found if not row.fits(one, value)), None):
            raise Mistake(f"only what fits {row.name} {_said(value)}", f"{stray.asin} as well", row.name)
        return f"{len(found)} for {_said(value)}"

    return check


def _said(value: Any) -> str:
    return f'"{value[0]}"' if isinstance(value, tuple) else f"{value}"


async def newest(store: AskedStore) -> str:
    """What is still to come out stands last; what did, the latest first."""
    store.sample()
    found = await store.search(ProductQuery(one_per_series=False, limit=SAMPLE, order="newest"))
    days = [one.released for one in found if one.released is not None and one.released <= store.now().date()]
    if not days:
        raise Unchecked("no product tells the day on which it came out")
    if wrong := next((later for one, later in pairwise(days) if later > one), None):
        raise Mistake("what came out last first", f"{wrong} after something older", "order")
    return f"{len(days)} in their order"


async def oldest(store: AskedStore) -> str:
    return await _in_order(
        store, ProductQuery(one_per_series=False, limit=SAMPLE, order="oldest"), "first_published", 1
    )


async def longest(store: AskedStore) -> str:
    return await _in_order(
        store, ProductQuery(one_per_series=False, limit=SAMPLE, order="longest"), "series_volumes", -1
    )


async def shortest(store: AskedStore) -> str:
    return await _in_order(
        store, ProductQuery(one_per_series=False, limit=SAMPLE, order="shortest"), "series_volumes", 1
    )


async def _in_order(store: AskedStore, query: ProductQuery, field: str, sign: int) -> str:
    store.sample()
    found = await store.search(query)
    measures = [sign * getattr(one, field) for one in found]
    if any(later < one for one, later in pairwise(measures)):
        raise Mistake(f"{query.order} first, by {field}", "another order", "order")
    return f"{len(found)} in their order"
