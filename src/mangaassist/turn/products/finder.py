"""Which products an answer is about: one finder a way of looking, chosen by the plan (T-2)."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from itertools import zip_longest
from typing import Final

from msgspec import structs

from mangaassist.domain.acts import Act
from mangaassist.domain.derived import Relaxed
from mangaassist.domain.wishes import EMPTY_WISH, Label, Ordering, Wish
from mangaassist.turn import offers
from mangaassist.turn.act_needs import Finder
from mangaassist.turn.products.constraints import TASTES, constraints
from mangaassist.turn.products.lookups import (
    CANDIDATES,
    NOTHING_FOUND,
    SEEDS,
    WIDE,
    Found,
    Products,
    Search,
    ask,
    by_asin,
    entries_of,
    is_named_by,
    one_a_series,
    together,
)
from mangaassist.turn.products.relaxation import relaxations
from mangaassist.turn.products.targets import series_of, targeted
from mangaassist.turn.products.wishes import fulfilled

PROMOTED_EACH: Final = 12
_ORDERINGS: Final[Mapping[Act, Ordering]] = {
    Act.CHEAPEST: "cheapest",
    Act.DEAREST: "dearest",
    Act.BEST_RATED: "best",
    Act.LONGEST: "longest",
    Act.SHORTEST: "shortest",
    Act.NEW_RELEASES: "newest",
}
_FROM_TARGETS: Final = frozenset({Act.FIND, *_ORDERINGS})
"""Acts that ask for a kind, and of a series that is named for its volumes and editions."""


async def find(finders: tuple[Finder, ...], search: Search) -> Found:
    """What all the finders found, in turns: a message may ask about one thing and for another."""
    if not finders:
        return NOTHING_FOUND
    return together(await asyncio.gather(*(_FINDERS[finder](search) for finder in finders)))


async def _targets(search: Search) -> Found:
    found = await targeted(search)
    if found.products or search.meaning.targets or not search.meaning.asks(Act.CARRIES, Act.ABOUT, Act.AUTHOR):
        return found
    return await _by_name(search)


async def _by_name(search: Search) -> Found:
    """What nobody knows by name yet may still be a title or an author: one that holds all of the words."""
    wish = search.meaning.seeks
    if not wish.words:
        return await _wishes(search) if wish.narrows else NOTHING_FOUND
    asked = constraints(structs.replace(wish, words=()), (), search.facts, search.tastes)
    query = structs.replace(asked.query, text=" ".join(wish.words), limit=CANDIDATES)
    products = tuple(one for one in await ask(search, query) if is_named_by(one, wish.words) and asked.admits(one))
    return Found(products, named=tuple(one.asin for one in products[:1]))


async def _wishes(search: Search) -> Found:
    """What meets the wishes, each looked for by itself."""
    meaning = search.meaning
    if meaning.asks(Act.PREORDERS):
        return await _preorders(search)
    if meaning.targets and not meaning.sought and meaning.asks(*_FROM_TARGETS):
        return await targeted(search)
    wishes = meaning.sought or (EMPTY_WISH,)
    avoid = set(meaning.avoid) | set(meaning.read)
    is_recalled = any(wish.recalled for wish in wishes)
    if is_recalled:  # whoever recalls a book has read it, and what else it may be was shown with the first
        avoid = set[str]() if meaning.recalls else set(meaning.refused)
    if meaning.asks(Act.FROM_PURCHASES):
        owned = await search.owned()
        avoid |= {product.series_id for product in owned}
    if meaning.asks(Act.CARRIES) and meaning.sought:
        avoid |= set(series_of(meaning.targets, ()))
    completed = [await _completed(search, wish) for wish in wishes]

    async def looked_for(never: set[str]) -> Found:
        each = (fulfilled(search, wish, at, never - set(wish.values("series"))) for at, wish in enumerate(completed))
        return together(await asyncio.gather(*each))

    found = await looked_for(avoid)
    if meaning.asks(Act.MORE) and not is_recalled:
        only_guided = bool(found.told) and not any(wish.wanted for wish in completed)
        return found if only_guided else await _others_first(found, meaning.seen, looked_for, avoid)
    goes_on = meaning.is_follow_up and not (found.relaxed or is_recalled)
    return _fresh_first(found, meaning.told) if goes_on else found


def _fresh_first(found: Found, told: Collection[str]) -> Found:
    """Where a narrowed wish would be answered by the very list that was told, what else fits comes first."""
    first = {one.series_id for one in one_a_series(found.products)[: len(told)]}
    if not told or first != {*told}:
        return found
    fresh = [one for one in found.products if one.series_id not in told]
    again = [one for one in found.products if one.series_id in told]
    return structs.replace(found, products=(*fresh, *again))


async def _others_first(
    found: Found, seen: Collection[str], look: Callable[[set[str]], Awaitable[Found]], avoid: set[str]
) -> Found:
    """ "Already read that one": what was not on the list comes before the rest of it; where there is no other, a lesser one."""
    fresh = [one for one in found.products if one.series_id not in seen]
    if fresh:
        again = [one for one in found.products if one.series_id in seen]
        return structs.replace(found, products=(*fresh, *again))
    others = await look(avoid | set(seen)) if seen else NOTHING_FOUND
    return others if others.products else found


async def _completed(search: Search, wish: Wish) -> Wish:
    """The wish with what the act says of it: an order, what it shall be like, by whom it shall be."""
    meaning = search.meaning
    acts = [heard.act for heard in meaning.acts]
    ordering = next((_ORDERINGS[act] for act in acts if act in _ORDERINGS), wish.ordering)
    wish = structs.replace(wish, ordering=ordering)
    series = series_of(meaning.targets, ())
    if Act.SIMILAR in acts and meaning.targets and not series:  # of a page that is known by its product alone
        series = tuple(dict.fromkeys(one.series_id for one in (await targeted(search)).products))[:SEEDS]
    if wish.other_makers and wish.like:
        makers = (author for one in await entries_of(search, wish.like) for author in one.authors)
        wish = structs.replace(
            wish, unwanted=(*wish.unwanted, *(Label("author", one) for one in dict.fromkeys(makers)))
        )
    if Act.BY_SAME_AUTHOR in acts and not wish.values("author"):
        return await _by_their_authors(search, wish)
    if meaning.asks(Act.FROM_PURCHASES) and not wish.like:
        owned = dict.fromkeys(product.series_id for product in await search.owned())
        positive = structs.replace(wish, unwanted=(), reader=None)
        return structs.replace(wish, like=tuple(owned)[:SEEDS]) if not positive.narrows and owned else wish
    if not series or wish.like or wish.values("series"):
        return wish
    if Act.SIMILAR in acts:
        return structs.replace(wish, like=series)
    if _FROM_TARGETS & set(acts) and Act.CARRIES not in acts:  # which is asked of another clause's title
        return structs.replace(wish, wanted=(*wish.wanted, *(Label("series", one) for one in series)))
    return wish


async def _by_their_authors(search: Search, wish: Wish) -> Wish:
    """What else the makers of the thing that is talked of made."""
    products = (await targeted(search)).products
    authors = tuple(Label("author", author) for product in products[:1] for author in product.authors)
    unwanted = tuple(Label("series", product.series_id) for product in products)
    return structs.replace(wish, wanted=(*wish.wanted, *authors), unwanted=(*wish.unwanted, *unwanted))


async def _preorders(search: Search) -> Found:
    """What can be preordered, of the kind that is wanted; of any taste where there is none of that one, which is said."""
    waiting = (await search.services.in_state("preorder", WIDE)).value or ()
    seeks = search.meaning.seeks
    due = (one for one in waiting if seeks.month in (None, one.restock_date.month if one.restock_date else 0))
    found = await by_asin(search, (stock.asin for stock in due))
    untasted = structs.replace(seeks, words=(), wanted=tuple(one for one in seeks.wanted if one.kind not in TASTES))
    given_up = tuple(Relaxed(what="label", label=one) for one in seeks.wanted if one.kind in TASTES)
    for wish, relaxed in ((seeks, ()), *relaxations(seeks), (untasted, given_up)):
        if of_the_kind := _of_the_kind(search, found, wish):
            return Found(of_the_kind[:CANDIDATES], relaxed=relaxed)
    return NOTHING_FOUND


async def _promoted(search: Search) -> Found:
    """What the offers cover: of the kind that is asked about, where there are such."""
    if search.meaning.targets:
        return await targeted(search)
    if search.meaning.seeks.values("author"):
        return await _wishes(search)  # the lists of offers are cut off: the store itself says which of these they cover
    promotions = offers.named(await search.promotions(), search.meaning)
    lists: Iterable[tuple[str | None, ...]] = zip_longest(*(one.asins[:PROMOTED_EACH] for one in promotions))
    asins = dict.fromkeys(asin for row in lists for asin in row if asin is not None)
    if not asins:
        return NOTHING_FOUND
    return Found(one_a_series(_of_the_kind(search, await by_asin(search, asins), search.meaning.seeks))[:CANDIDATES])


def _of_the_kind(search: Search, products: Products, wish: Wish) -> Products:
    asked = constraints(structs.replace(wish, words=()), _never(search), search.facts, search.tastes)
    return tuple(product for product in products if asked.admits(product))


def _never(search: Search) -> Collection[str]:
    return (*search.meaning.avoid, *search.meaning.read)


async def _nothing(search: Search) -> Found:
    return NOTHING_FOUND


_FINDERS: Final[Mapping[Finder, Callable[[Search], Awaitable[Found]]]] = {
    "none": _nothing,
    "targets": _targets,
    "wish": _wishes,
    "promoted": _promoted,
}
