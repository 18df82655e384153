"""How far a product keeps each part of the wish that it was found for, by its labels, price, stock and series (T-12). Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from mangaassist.domain.derived import Relaxed
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.keeping import Keeping, Part, PartKind, parts
from mangaassist.domain.wishes import Label
from mangaassist.turn.derived.series import holds_all
from mangaassist.turn.products.constraints import Constraints
from mangaassist.turn.products.lookups import Found

BUYABLE: Final = frozenset({"in_stock", "low_stock"})
Check = Callable[[ProductEvidence, Constraints], Keeping]


def keeping(known: ProductEvidence, asked: Constraints) -> tuple[tuple[Part, Keeping], ...]:
    """``asked`` is made of the very wish: what was given up for want of better is broken here."""
    return tuple((part, _keeping(part, known, asked)) for part in parts(asked.wish))


def held_to(found: Found, products: Iterable[ProductEvidence]) -> tuple[ProductEvidence, ...]:
    """Without what breaks a part of its wish that nobody has given up. What was named, or costs too much and is said to, stays; a
    guide vouches for what it suggests."""

    def stands(known: ProductEvidence) -> bool:
        is_found = known.asin in found.wishes and known.asin not in (*found.named, *found.over_limit)
        vouched = "wanted" if known.asin in found.told else None
        broken = (part for part, how in known.keeps if how == "broken" and part.what != vouched)
        return not is_found or all(
            part.label in found.near or any(_is_of(one, part) for one in found.relaxed) for part in broken
        )

    return tuple(known for known in products if stands(known))


def truly_given_up(relaxed: Iterable[Relaxed], products: Iterable[ProductEvidence]) -> tuple[Relaxed, ...]:
    """Of what was given up only what something on the list goes without."""
    amiss = {part for known in products for part, how in known.keeps if how != "kept"}
    return tuple(one for one in relaxed if one.what not in _PART_OF or any(_is_of(one, part) for part in amiss))


def _is_of(relaxed: Relaxed, part: Part) -> bool:
    """Two labels of one word ("football") are given up together."""
    if _PART_OF.get(relaxed.what) != part.what:
        return False
    label, other = relaxed.label, part.label
    if label is None or other is None:
        return label is other
    return label.key == other.key or (label.kind == other.kind and label.said == other.said != "")


_PART_OF: Final[Mapping[str, PartKind]] = {
    "label": "wanted",
    "format": "wanted",
    "degree": "unwanted",
    "price": "price",
    "volumes": "volumes",
    "year": "year",
    "finished": "finished",
    "in_stock": "in_stock",
}


def _keeping(part: Part, known: ProductEvidence, asked: Constraints) -> Keeping:
    if part.label is not None:
        return _wanted(part.label, known, asked) if part.what == "wanted" else _unwanted(part.label, known, asked)
    return _CHECKS[part.what](known, asked)


def _wanted(label: Label, known: ProductEvidence, asked: Constraints) -> Keeping:
    fits = {one.key for one in (*asked.fits(known.product), *known.fits)}
    alike = {one.key for one in asked.wish.wanted if one.kind == label.kind and one.said and one.said == label.said}
    is_one_of = asked.wish.either and label.kind in _WHAT_KIND and label not in asked.fixed
    either = {one.key for one in asked.wish.wanted if one not in asked.fixed} if is_one_of else set[str]()
    return _held(bool(fits & {label.key, *alike, *either}))


_WHAT_KIND: Final = frozenset({"genre", "theme", "mood", "medium"})


def _unwanted(label: Label, known: ProductEvidence, asked: Constraints) -> Keeping:
    return _held(not asked.refuses(known.product, label))


def _price(known: ProductEvidence, asked: Constraints) -> Keeping:
    price = asked.wish.price
    if asked.wish.in_full and known.whole is not None:
        return _held(price.holds(known.whole.amount))
    if known.price is None:
        return "unknown"
    if not price.holds(known.price.current):
        return "broken"
    return "first" if asked.wish.in_full and known.product.series_volumes != 1 else "kept"


def _volumes(known: ProductEvidence, asked: Constraints) -> Keeping:
    product = known.product
    if asked.wish.volumes.most == 1 and holds_all(product):
        return "kept"
    return _held(asked.wish.volumes.holds(product.series_volumes)) if product.series_volumes else "unknown"


def _year(known: ProductEvidence, asked: Constraints) -> Keeping:
    year = known.product.first_published
    return _held(asked.wish.year.holds(year)) if year else "unknown"


def _finished(known: ProductEvidence, asked: Constraints) -> Keeping:
    status = known.product.series_status
    return _held((status == "finished") is asked.wish.finished) if status else "unknown"


def _in_stock(known: ProductEvidence, asked: Constraints) -> Keeping:
    return "unknown" if known.stock is None else _held(known.stock.state in BUYABLE)


def _reader(known: ProductEvidence, asked: Constraints) -> Keeping:
    return _held(asked.ratings is None or known.product.age_rating in asked.ratings)


def _unnamed(known: ProductEvidence, asked: Constraints) -> Keeping:
    return "unknown"


def _held(is_so: bool) -> Keeping:
    return "kept" if is_so else "broken"


_CHECKS: Final[Mapping[PartKind, Check]] = {
    "price": _price,
    "volumes": _volumes,
    "year": _year,
    "finished": _finished,
    "in_stock": _in_stock,
    "reader": _reader,
    "unnamed": _unnamed,
}
