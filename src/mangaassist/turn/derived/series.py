"""What follows for a series: sets against singles, the cheapest way to own it, reading order, next volume, age (T-11)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from mangaassist.domain.derived import Affordable, AgeFit, Bought, ReadingPart, SetOrSingles
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Format, Product
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.domain.wishes import Reader

SINGLES: Final = frozenset({Format.PAPERBACK, Format.HARDCOVER})


def span(product: Product) -> tuple[int, int] | None:
    """The first and the last volume that a product holds, or None when it counts none."""
    if product.volume_from is not None and product.volume_to is not None:
        return product.volume_from, product.volume_to
    return None if product.volume is None else (product.volume, product.volume)


def is_single(product: Product) -> bool:
    held = span(product)
    return product.format in SINGLES and held is not None and held[0] == held[1]


def holds_all(product: Product) -> bool:
    """Whether this one product is the whole series: a single volume, an omnibus or a box of all of it."""
    held = span(product)
    only = product.series_volumes == 1 and held is None
    return only or (held is not None and held[0] == 1 and held[1] >= product.series_volumes > 0)


def singles_of(shelf: Iterable[ProductEvidence]) -> dict[int, ProductEvidence]:
    """The single volumes by number, each in the edition that costs least."""
    found: dict[int, ProductEvidence] = {}
    for known in shelf:
        held = span(known.product)
        if held is None or not is_single(known.product) or known.price is None:
            continue
        other = found.get(held[0])
        if other is None or (other.price and known.price.current < other.price.current):
            found[held[0]] = known
    return found


def sets_against_singles(shelf: Iterable[ProductEvidence]) -> tuple[SetOrSingles, ...]:
    """Each box and omnibus whose volumes are all sold singly as well, against those; the biggest first."""
    known = tuple(shelf)
    singles = singles_of(known)
    bound = [one for one in known if one.price and not is_single(one.product) and span(one.product)]
    made = [found for one in bound if (found := _against(one, singles)) is not None]
    return tuple(sorted(made, key=lambda one: (one.first - one.last, one.first)))


def _against(bound: ProductEvidence, singles: Mapping[int, ProductEvidence]) -> SetOrSingles | None:
    held = span(bound.product)
    assert held is not None
    assert bound.price is not None
    volumes = range(held[0], held[1] + 1)
    prices = [singles[one].price for one in volumes if one in singles]
    amounts = [price.current for price in prices if price and price.currency == bound.price.currency]
    if len(amounts) < len(volumes):
        return None
    return SetOrSingles(
        asins=(bound.asin,),
        title=bound.product.title,
        first=held[0],
        last=held[1],
        set_price=bound.price.current,
        singles_price=sum(amounts, Decimal(0)),
        saves=sum(amounts, Decimal(0)) - bound.price.current,
        currency=bound.price.currency,
        complete=held[0] == 1 and held[1] >= bound.product.series_volumes > 0,
    )


def cheapest_way(shelf: Iterable[ProductEvidence]) -> SetOrSingles | None:
    """What to buy to own every volume of one series for the least money, boxes, omnibuses and singles mixed as need be.

    A shortest path over the volumes. None where some volume is not sold at all, or there is only the one.
    """
    known = tuple(one for one in shelf if one.price and span(one.product))
    volumes = max((one.product.series_volumes for one in known), default=0)
    way = _least(known, volumes) if volumes > 1 else None
    if way is None or way.bought[0].price is None:
        return None
    singles = singles_of(known)
    amounts = [one.price.current for number in range(1, volumes + 1) if (one := singles.get(number)) and one.price]
    is_singly = len(amounts) == volumes
    singles_price = sum(amounts, Decimal(0)) if is_singly else way.amount
    return SetOrSingles(
        asins=tuple(one.asin for one in way.bought),
        title=way.bought[0].product.series_title,
        first=1,
        last=volumes,
        set_price=way.amount,
        singles_price=singles_price,
        saves=singles_price - way.amount,
        currency=way.bought[0].price.currency,
        complete=True,
        out_of_stock=tuple(one.product.title for one in way.bought if _is_gone(one)),
        singly=is_singly,
    )


def _is_gone(known: ProductEvidence) -> bool:
    return known.stock is not None and known.stock.state == "out_of_stock"


Fee = Callable[[Decimal], Decimal]
"""What it costs to have books of an amount sent."""


def affordable(
    shelves: Sequence[Iterable[ProductEvidence]], budget: Decimal | None, fee: Fee
) -> tuple[Affordable, ...]:
    """How many single volumes of each series the budget buys from the first on, in turn, with what it costs to send them.

    Empty without a budget, or where the volume 1 of none has a price. What is in another currency than the first is left out.
    """
    known = [singles for shelf in shelves if (singles := singles_of(shelf)).get(1) and singles[1].price]
    if budget is None or not known:
        return ()
    currency = known[0][1].price.currency if known[0][1].price else ""
    amounts, lasts, total = [Decimal(0)] * len(known), [0] * len(known), Decimal(0)
    open_ = list(range(len(known)))
    while open_:
        for place in tuple(open_):
            one = known[place].get(lasts[place] + 1)
            price = one.price.current if one and one.price and one.price.currency == currency else None
            if price is None or total + price + fee(total + price) > budget:
                open_.remove(place)
                continue
            amounts[place], lasts[place], total = amounts[place] + price, lasts[place] + 1, total + price
    return tuple(
        Affordable(budget=budget, count=last, first=1, last=last, amount=amount, currency=currency, shipping=fee(total))
        for last, amount in zip(lasts, amounts, strict=True)
    )


def editions_of(shelf: Iterable[ProductEvidence], named: Iterable[ProductEvidence] = ()) -> tuple[ProductEvidence, ...]:
    """One book of each edition of one series but those of ``named``: sets before single volumes, of boxes each, else the first."""
    firsts = {_edition(known.product): known for known in named}
    there = frozenset(firsts)
    for known in sorted(shelf, key=lambda one: span(one.product) or (0, 0)):
        firsts.setdefault(_edition(known.product), known)
    others = (known for edition, known in firsts.items() if edition not in there)
    return tuple(sorted(others, key=lambda one: is_single(one.product)))


def _edition(product: Product) -> tuple[str, str]:
    """The format, and the title without the volume's number; each box is an edition of its own."""
    name = product.title if product.format is Format.BOX_SET else product.title.partition(", Vol.")[0]
    return product.format, name


class _Way(Struct, frozen=True):
    """What was bought to own the volumes up to some number, and for how much."""

    amount: Decimal
    bought: tuple[ProductEvidence, ...] = ()


def _least(known: Iterable[ProductEvidence], volumes: int) -> _Way | None:
    """The least expensive way to volume ``volumes``, by way of the least expensive ones to each before it."""
    products = tuple(known)
    best: dict[int, _Way] = {0: _Way(Decimal(0))}
    for last in range(1, volumes + 1):
        ways = [
            _Way(before.amount + one.price.current, (*before.bought, one))
            for one in products
            if one.price
            and (held := span(one.product))
            and held[0] <= last <= held[1]
            and (before := best.get(held[0] - 1))
        ]
        if ways:
            best[last] = min(ways, key=lambda way: (way.amount, len(way.bought)))
    return best.get(volumes)


def stem_of(title: str) -> str:
    """What the titles of one franchise begin with: "Ghost in the Shell: Stand Alone Complex" is one of "Ghost in the Shell"."""
    for mark in (":", " - ", " – ", " (", ", Part", " Part "):
        title = title.partition(mark)[0]
    return title.strip().casefold()


def is_of_franchise(product: Product, first: Product) -> bool:
    """Whether a series belongs to that of ``first``: their titles share what they begin with, and somebody made both."""
    one, other = stem_of(product.series_title), stem_of(first.series_title)
    shares = one == other or one.startswith(f"{other} ") or other.startswith(f"{one} ")
    return product.series_id == first.series_id or (shares and bool(set(product.authors) & set(first.authors)))


def reading_order(franchise: Iterable[Product], first: Product) -> tuple[ReadingPart, ...]:
    """The series of one franchise, oldest first; none where there is only the one."""
    related = {one.series_id: one for one in franchise if is_of_franchise(one, first)} | {first.series_id: first}
    if len(related) < 2:
        return ()
    ordered = sorted(related.values(), key=lambda one: (one.first_published or 9999, one.series_title))
    return tuple(
        ReadingPart(
            series_id=one.series_id,
            title=one.series_title,
            asin=one.asin,
            year=one.first_published,
            volumes=one.series_volumes,
        )
        for one in ordered
    )


def next_volume(named: Product | None, volume: int | None, owned: Iterable[Product]) -> int | None:
    """The volume after the one that was named, else after the last one that the shopper has bought of the series.

    None where there is no further one, or where nobody knows how far the shopper is.
    """
    if named is None:
        return None
    bought = [held[1] for one in owned if one.series_id == named.series_id and (held := span(one))]
    last = volume if volume is not None else max(bought, default=None)
    return None if last is None or last >= named.series_volumes else last + 1


def bought(owned: Iterable[Product], meaning: Meaning) -> tuple[Bought, ...]:
    """By series, in the order of the newest purchase: of those that the message names, or of all."""
    volumes: dict[str, list[int]] = {}
    first: dict[str, Product] = {}
    for product in owned:
        held = span(product)
        if held is not None:
            first.setdefault(product.series_id, product)
            volumes.setdefault(product.series_id, []).extend(range(held[0], held[1] + 1))
    named = {one.series_id for one in meaning.order_targets if one.series_id} | set(meaning.order_items)
    meant = [one for one in first.values() if one.series_id in named or _is_called(one, meaning.order_items)]
    kept = meant or ([] if named else list(first.values()))
    return tuple(_bought(one, sorted(set(volumes[one.series_id]))) for one in kept)


def _is_called(product: Product, words: Iterable[str]) -> bool:
    title = product.series_title.lower().split()
    return any(word.lower() in title for word in words)


def _bought(product: Product, volumes: list[int]) -> Bought:
    last = volumes[-1]
    following = last + 1 if last < product.series_volumes else None
    return Bought(series_id=product.series_id, title=product.series_title, volumes=tuple(volumes), next=following)


def age_fits(products: Iterable[Product], facts: StoreFacts, reader: Reader | None) -> tuple[AgeFit, ...]:
    """For each rated series from which age it is, and whether that fits the reader who is named."""
    series = {one.series_id: one for one in products if one.age_rating}
    return tuple(_age_fit(one, facts, reader.age if reader else None) for one in series.values())


def _age_fit(product: Product, facts: StoreFacts, age: int | None) -> AgeFit:
    least = facts.least_age(product.age_rating)
    return AgeFit(
        series_id=product.series_id,
        title=product.series_title,
        rating=product.age_rating,
        least_age=least,
        reader_age=age,
        fits=None if age is None or least is None else age >= least,
    )
