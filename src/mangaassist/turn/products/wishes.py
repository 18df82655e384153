"""Products for one wish: looked for in several ways at once, put in order, relaxed where nothing meets it (T-5, T-12)."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from msgspec import Struct, structs

from mangaassist.domain.derived import Relaxed
from mangaassist.domain.evidence import Degradation, ProductEvidence
from mangaassist.domain.keeping import Whole
from mangaassist.domain.products import Format, Product, ProductOrder
from mangaassist.domain.wishes import Label, Ordering, Wish
from mangaassist.services.policies import POLICIES
from mangaassist.turn.derived.sums import standing
from mangaassist.turn.products import prices
from mangaassist.turn.products.audiences import suited_first
from mangaassist.turn.products.constraints import Constraints, constraints
from mangaassist.turn.products.guides import ANSWERED_BY, covered_by_guide, guided_after, suited, written_for
from mangaassist.turn.products.lookups import (
    ANSWERS,
    CANDIDATES,
    NOTHING_FOUND,
    SEEDS,
    WIDE,
    Found,
    Products,
    Search,
    ask,
    by_asin,
    by_meaning,
    covers,
    distinct,
    entries_of,
    in_turns,
    one_a_series,
    ranking,
    together,
)
from mangaassist.turn.products.relaxation import asks_for_anything, by_kin, relaxations, restored
from mangaassist.turn.products.whole_series import within_in_full
from mangaassist.understanding.lexicon import families, neighbours

BY_PRICE: Final[frozenset[Ordering]] = frozenset({"cheapest", "dearest"})
_MEASURES: Final[Mapping[str, Callable[[Product], Any]]] = {
    "newest": lambda product: -(product.first_published or 0),
    "oldest": lambda product: product.first_published or 9999,
    "longest": lambda product: tuple(-one for one in product.length),
    "shortest": lambda product: tuple(one or UNKNOWN_LENGTH for one in product.length),
}
"""The orders that the catalog knows, for products that it did not order itself."""
_ALIKE: Final = 2
UNKNOWN_LENGTH: Final = 9999
_LONG_READ: Final = 20
_ENOUGH_SHORT: Final = 1
MOST_IN_ONE_BOOK: Final = 6
"""Volumes that one book holds at most."""
WELL_RATED: Final = 4.3
BUYABLE: Final = frozenset({"in_stock", "low_stock"})


class Pool(Struct, frozen=True):
    """Products that meet the constraints, best first, and why each was chosen."""

    products: Products = ()
    reasons: Mapping[str, str] = {}
    told: Mapping[str, str] = {}
    """By ASIN, what the guide that is written for the wish says of it."""


async def fulfilled(search: Search, wish: Wish, place: int = 0, avoid: Collection[str] = ()) -> Found:
    """What meets the wish, or meets it but for what ``Found.relaxed`` names. ``avoid`` are series that never come."""
    found = await _tried(search, wish, place, avoid)
    if found.products or _is_in_the_dark(search):
        return found
    if len(wish.words) == 1 and wish.guide is None and asks_for_anything(structs.replace(wish, words=())):
        # A single word beside all that was understood is hardly ever a part of the wish.
        found = await fulfilled(search, structs.replace(wish, words=()), place, avoid)
        return structs.replace(found, relaxed=(Relaxed(what="words"), *found.relaxed)) if found.products else found
    if (found := await _among_kin(search, structs.replace(wish, guide=None), place, avoid)).products:
        return found
    for lesser, given_up in relaxations(wish):
        found = await _tried(search, lesser, place, avoid, from_start=True)
        if found.products:
            return await _with_most_kept(search, wish, _confessed(found, given_up), place, avoid)
    if wish.guide is not None and wish.reader is not None:  # what a guide suggests suits not everybody
        return await fulfilled(search, structs.replace(wish, guide=None), place, avoid)
    return NOTHING_FOUND


async def _with_most_kept(search: Search, wish: Wish, found: Found, place: int, avoid: Collection[str]) -> Found:
    """Constraints are given up one after the other: what was given up in vain is asked for again."""
    kept = True
    while kept and len(found.relaxed) > 1:
        kept = False
        for lesser, given_up in restored(wish, found.relaxed):
            better = await _tried(search, lesser, place, avoid, from_start=True)
            if better.products:
                found, kept = _confessed(better, given_up), True
                break
    return found


async def _among_kin(search: Search, wish: Wish, place: int, avoid: Collection[str]) -> Found:
    """What has a near label where nothing has all that were named: one of their family, which is as good, or a neighbour, which is
    said to be none. What fits is told by the labels that were named."""
    asked = constraints(wish, avoid, search.facts, search.tastes)
    for kin, is_same in ((families(), True), (neighbours(), False)):
        near, named = by_kin(wish, kin)
        if not named:
            continue
        found = await _tried(search, near, place, avoid, from_start=True)
        if found.products:
            fits = {one.asin: asked.fits(one) for one in found.products}
            found = structs.replace(found, products=_with_most_of(named, found.products, fits))
            given_up = () if is_same else tuple(Relaxed(what="label", label=one) for one in named)
            return structs.replace(found, fits=fits, near=named if is_same else (), relaxed=given_up)
    return NOTHING_FOUND


def _with_most_of(named: Collection[Label], products: Products, fits: Mapping[str, tuple[Label, ...]]) -> Products:
    """Those that have most of what was named, first; those that have none of it only where none has."""
    keys = {label.key for label in named}
    many = {one.asin: sum(label.key in keys for label in fits[one.asin]) for one in products}
    kept = [one for one in products if many[one.asin]] or list(products)
    return tuple(sorted(kept, key=lambda one: -many[one.asin]))


def _is_in_the_dark(search: Search) -> bool:
    """Without the catalog nobody can tell that nothing meets a wish, and what was not searched is never called not found."""
    return search.services.failed("catalog")


def _confessed(found: Found, given_up: tuple[Relaxed, ...]) -> Found:
    over = any(one.what == "price" and one.bounds and one.bounds.most is not None for one in given_up)
    beyond = frozenset(product.asin for product in found.products) if over else frozenset[str]()
    return structs.replace(found, relaxed=given_up, over_limit=beyond)


async def _tried(search: Search, wish: Wish, place: int, avoid: Collection[str], *, from_start: bool = False) -> Found:
    """What meets all of it; where nothing does, what has all that is wanted though a taste mostly goes without it. What the guide
    suggests that is written for it comes first."""
    if wish.recalled is not None:
        entries = await entries_of(search, (one for one in wish.recalled.series if one not in avoid))
        return Found(entries, wishes={one.asin: place for one in entries})
    if wish.guide is not None:
        return await _by_its_guide(search, wish, place, avoid, from_start=from_start)
    asked = constraints(wish, avoid, search.facts, search.tastes, from_start=from_start)
    if asked.ratings is not None and not asked.ratings:
        return NOTHING_FOUND
    found = await _meeting(search, asked, place)
    if found.products or not any(flavour.none for _, flavour in asked.tastes):
        return found
    looser = constraints(wish, avoid, search.facts, search.tastes, is_strict=False, from_start=from_start)
    return await _meeting(search, looser, place)


async def _by_its_guide(search: Search, wish: Wish, place: int, avoid: Collection[str], *, from_start: bool) -> Found:
    """What the guide suggests within the limits, best what has most of what is wanted; what else has all of that where it is hardly
    anything, or where the guide is written for something else after all."""
    alone = structs.replace(wish, guide=None, words=() if wish.wanted else wish.words)
    wished = constraints(wish, avoid, search.facts, search.tastes, from_start=from_start)
    covered = covered_by_guide(wished, search)
    limits = structs.replace(wish, wanted=tuple(one for one in wish.wanted if one not in covered), words=())
    asked = constraints(limits, avoid, search.facts, search.tastes, from_start=from_start)
    found = await _meeting(search, asked, place) if asked.ratings is None or asked.ratings else NOTHING_FOUND
    if not found.products and not wish.wanted and (await written_for(search, wish)).products:
        return NOTHING_FOUND  # what nobody else is asked for by
    picks = suited(wished, covered, tuple(one for one in found.products if one.asin in found.reasons))
    if len(picks.fitting) >= ANSWERED_BY or (picks.fitting and not wish.wanted):
        return structs.replace(
            found, products=picks.fitting, fits={one.asin: wished.fits(one) for one in picks.fitting}
        )
    others = await _tried(search, alone, place, avoid, from_start=from_start) if alone.narrows else NOTHING_FOUND
    fits = {one.asin: wished.fits(one) for one in (*picks.fitting, *picks.others)}
    both = together((structs.replace(found, fits={**found.fits, **fits}), others))
    return structs.replace(both, products=one_a_series((*picks.fitting, *others.products, *picks.others)))


async def _meeting(search: Search, asked: Constraints, place: int) -> Found:
    wish = asked.wish
    pool = await _ordered(search, asked)
    products, voices = await _praised(search, asked, pool.products)
    products, wholes = suited_first(wish, products), dict[str, Whole]()
    if wish.volumes.most == 1 and not asked.query.formats:
        products = distinct((*products, *await _in_one_book(search, asked)))
    if wish.in_full:
        products, wholes = await within_in_full(search, asked, products)
    products = await _in_stock(search, products) if wish.in_stock else products
    return Found(
        products=products[:CANDIDATES],
        reasons={one.asin: why for one in products if (why := pool.reasons.get(one.asin))},
        fits={one.asin: (*asked.fits(one), *voices.get(one.series_id, ())) for one in products},
        wishes={one.asin: place for one in products},
        wholes=wholes,
        told=pool.told,
    )


async def _praised(
    search: Search, asked: Constraints, products: Products
) -> tuple[Products, Mapping[str, tuple[Label, ...]]]:
    """Of what no label tells, "really good art", only what its readers praise for it, and in which words they do."""
    labels = [(label, praised) for label in asked.wish.wanted if (praised := search.tastes(label).praised)]
    voices: dict[str, tuple[Label, ...]] = {}
    for label, words in labels:
        told = await search.praised(words)
        others = await entries_of(search, told)
        products = tuple(one for one in distinct((*products, *_admitted(asked, others))) if one.series_id in told)
        for one in products:
            heard = structs.replace(label, by=(told[one.series_id],), by_readers=True)
            voices[one.series_id] = (*voices.get(one.series_id, ()), heard)
    return products, voices


async def _ordered(search: Search, asked: Constraints) -> Pool:
    wish = asked.wish
    if wish.ordering in BY_PRICE and not (wish.words or wish.like or wish.in_full or wish.guide):
        return Pool(await prices.by_price(search, asked))
    pool = await _pool(search, asked)
    if wish.ordering == "underrated":
        pool = Pool(await _little_known(search, asked, pool.products))
    if wish.ordering == "best":
        pool = structs.replace(pool, products=await _best_rated(search, asked, pool.products))
    if not wish.in_full and (not wish.price.is_open or wish.ordering in BY_PRICE):
        pool = structs.replace(pool, products=await prices.affordable(search, asked, pool.products))
    if wish.like and (length := await _measured_by_likes(search, wish)) is not None:
        shorter = [one for one in pool.products if length(one)]
        return structs.replace(pool, products=_much_shorter(wish, shorter) or tuple(shorter))
    if (measure := _MEASURES.get(wish.ordering or "")) is not None:
        return structs.replace(pool, products=tuple(sorted(pool.products, key=measure)))
    return pool


async def _in_one_book(search: Search, asked: Constraints) -> Products:
    """Series of several volumes that are sold as one book as well."""
    query = structs.replace(asked.query, most_volumes=MOST_IN_ONE_BOOK, formats=(Format.OMNIBUS,))
    return _admitted(asked, await ask(search, query))


def _much_shorter(wish: Wish, products: Sequence[Product]) -> Products:
    """What is no long read itself, where there is enough of it: 60 volumes are shorter than 100, and still too long."""
    few = tuple(one for one in products if one.series_volumes <= _LONG_READ)
    return few if wish.ordering == "shortest" and len(few) > _ENOUGH_SHORT else ()


async def _measured_by_likes(search: Search, wish: Wish) -> Callable[[Product], bool] | None:
    """ "Like Death Note but shorter": shorter, or longer, than what it shall be like; alike as before."""
    if wish.ordering not in ("shortest", "longest"):
        return None
    volumes = [seed.series_volumes for seed in await entries_of(search, wish.like[:SEEDS]) if seed.series_volumes]
    if not volumes:
        return None
    if wish.ordering == "shortest":
        return lambda one: 0 < one.series_volumes < min(volumes)
    return lambda one: one.series_volumes > max(volumes)


async def _pool(search: Search, asked: Constraints) -> Pool:
    """Everything that meets the constraints, by the way of looking that the wish calls for."""
    wish = asked.wish
    if wish.guide is not None:
        guide = await written_for(search, wish)
        return Pool(_admitted(asked, guide.products), guide.reasons, guide.told)
    if wish.like:
        return await _alike(search, asked)
    if wish.words and not wish.values("genre") and not asked.tastes:
        return await _described(search, asked)
    if wish.narrows:
        return await _of_the_kind(search, asked)
    return await _popular(search, asked)


async def _alike(search: Search, asked: Constraints) -> Pool:
    """What the store's recommender ranks after the series that it shall be like; in its place what the catalog knows as alike.

    When the catalog could not say what was named, nothing is recommended: whatever it were, it would not be like that.
    """
    seeds = (await entries_of(search, asked.wish.like))[:SEEDS]
    if not seeds:
        return Pool()
    ranked = await ranking(search, (seed.asin for seed in seeds), asked.query.genres, WIDE)
    if not ranked:
        return Pool(await _of_their_kind(search, asked, seeds))
    reasons = {one.asin: one.reason for one in ranked if one.reason}
    known = await by_asin(search, (one.asin for one in ranked))
    if not known:  # a ranking of what nobody sells is none
        search.services.note(Degradation("recommendations", POLICIES["recommendations"].fallback))
        return Pool(await _of_their_kind(search, asked, seeds))
    guide = await guided_after(search, asked.wish.like)
    alike = _admitted(asked, distinct((*guide.products, *known)))
    if asked.query.formats or len(alike) < SEEDS:
        shaped = await _in_shape(search, asked, ranked_series=[one.series_id for one in alike])
        alike = distinct((*alike, *(one for one in shaped if _have_in_common(one, (*seeds, *alike)))))
    return Pool(alike, {**reasons, **guide.reasons}, guide.told)


def _have_in_common(product: Product, others: Products) -> bool:
    """Whether it is of the series or a maker of one of them, or shares two genres or themes: one alone makes no likeness."""
    own, kinds = {product.series_id, *product.authors}, {*product.genres, *product.themes}
    return any(
        own & {one.series_id, *one.authors} or len(kinds & {*one.genres, *one.themes}) >= _ALIKE for one in others
    )


async def _in_shape(search: Search, asked: Constraints, ranked_series: list[str]) -> Products:
    """What has something of the kind wanted though the recommender names it by another edition, or not at all."""
    found = _admitted(asked, await ask(search, asked.query))
    known = {series: rank for rank, series in enumerate(ranked_series)}
    return tuple(sorted(found, key=lambda product: known.get(product.series_id, WIDE)))


async def _of_their_kind(search: Search, asked: Constraints, seeds: Products) -> Products:
    """In the recommender's place (S-1): what has most labels in common comes first; what shares no genre does not come."""
    genres = {genre for seed in seeds[:1] for genre in seed.genres}
    wanted = {label for seed in seeds[:1] for label in (*seed.genres, *seed.themes)}
    query = structs.replace(asked.query, labels=asked.query.labels or tuple(sorted(wanted)))
    meant, listed = await asyncio.gather(by_meaning(search, ()), ask(search, query))
    alike = [one for one in _admitted(asked, in_turns(meant, listed)) if not genres or genres & set(one.genres)]
    return tuple(sorted(alike, key=lambda one: -len(wanted & {*one.genres, *one.themes})))


async def _described(search: Search, asked: Constraints) -> Pool:
    """What the shopper's own words describe: by what they mean, by the store's guides, and by the catalog's own search."""
    words = asked.wish.words
    query = structs.replace(asked.query, text=" ".join(words), limit=CANDIDATES)
    meant, listed = await asyncio.gather(by_meaning(search, words), ask(search, query))
    enough = ANSWERS if len(words) > 2 else 1.0
    worded = [one for one in listed if covers(one, words) >= enough]
    ordered = sorted(in_turns(meant, worded), key=lambda one: -covers(one, words))
    return Pool(_admitted(asked, ordered))


async def _of_the_kind(search: Search, asked: Constraints) -> Pool:
    """What the catalog lists of a kind, and what readers love of it, taken in turns."""
    order = asked.wish.ordering
    if order is not None and order in _MEASURES:
        return Pool(_admitted(asked, await ask(search, structs.replace(asked.query, order=order))))
    listed, loved = await asyncio.gather(ask(search, asked.query), _loved(search, asked))
    if asked.query.series_ids:
        return Pool(_admitted(asked, listed))
    found = one_a_series(_admitted(asked, in_turns(loved, listed)))
    ordered = tuple(sorted(found, key=lambda one: -asked.strength(one)))
    if asked.wish.either:
        ordered = asked.by_alternatives(ordered)
    return Pool(await _nearest_first(search, asked, ordered))


async def _nearest_first(search: Search, asked: Constraints, products: Products) -> Products:
    """Beside a kind that is named, the shopper's other words say what of it comes first. Where they say nothing of any of it,
    nothing is found: that they are left out is said (T-12)."""
    words = asked.wish.words
    if not words:
        return products
    meant = _admitted(asked, await by_meaning(search, words))
    ranks = {one.series_id: place for place, one in enumerate(meant)}
    known = one_a_series((*products, *meant))
    if not ranks and not any(covers(one, words) for one in known):
        return ()
    return tuple(sorted(known, key=lambda one: (-covers(one, words), ranks.get(one.series_id, len(ranks)))))


async def _loved(search: Search, asked: Constraints) -> Products:
    """What readers like best of the genres that are wanted."""
    if not asked.query.genres:
        return ()
    return await by_asin(search, (one.asin for one in await ranking(search, (), asked.query.genres, WIDE)))


async def _popular(search: Search, asked: Constraints) -> Pool:
    """What the recommender puts first when nobody says what they want: personal for a customer, loved for a guest."""
    order = asked.wish.ordering
    if order is not None and order in _MEASURES:
        return Pool(_admitted(asked, await ask(search, structs.replace(asked.query, order=order))))
    ranked = await ranking(search, (), (), WIDE)
    reasons = {one.asin: one.reason for one in ranked if one.reason}
    best = await by_asin(search, (one.asin for one in ranked)) or await ask(search, asked.query)
    return Pool(_admitted(asked, best), reasons)


async def _best_rated(search: Search, asked: Constraints, products: Products) -> Products:
    """By what readers say; what the catalog lists of the kind counts beside what was found first."""
    listed = _admitted(asked, await ask(search, asked.query)) if not asked.wish.words else ()
    known = one_a_series(distinct((*products, *listed)))
    ratings = (await search.services.ratings(one.asin for one in known)).value or {}
    measured = [(standing(ProductEvidence(product=one, rating=ratings.get(one.asin))) or 0.0, one) for one in known]
    return tuple(one for _, one in sorted(measured, key=lambda pair: -pair[0]))


async def _little_known(search: Search, asked: Constraints, products: Products) -> Products:
    """What its readers like as much as any, though they are few: of those with the fewest readers the best rated."""
    orders: tuple[ProductOrder, ...] = ("relevance", "oldest", "shortest")
    listings = await asyncio.gather(*(ask(search, structs.replace(asked.query, order=order)) for order in orders))
    listed = (_admitted(asked, listing) for listing in listings)
    known = one_a_series(distinct((*products, *chain.from_iterable(listed))))
    ratings = (await search.services.ratings(one.asin for one in known)).value or {}
    begun = (one for one in known if one.asin in ratings and one.volume in (None, 1))
    rated = sorted(begun, key=lambda one: ratings[one.asin].count)
    few = [one for one in rated[: max(SEEDS, len(rated) // 3)] if ratings[one.asin].mean >= WELL_RATED]
    return tuple(sorted(few, key=lambda one: -ratings[one.asin].mean))


async def _in_stock(search: Search, products: Products) -> Products:
    """What can be had now; without the inventory nobody can tell, so nothing is dropped."""
    stock = (await search.services.stock(one.asin for one in products)).value
    if not stock:
        return products
    return tuple(one for one in products if one.asin in stock and stock[one.asin].state in BUYABLE)


def _admitted(asked: Constraints, products: Iterable[Product]) -> Products:
    """What meets the constraints; what has nothing at all of what is refused comes before what has a little of it."""
    return tuple(sorted((one for one in distinct(products) if asked.admits(one)), key=asked.harshness))
