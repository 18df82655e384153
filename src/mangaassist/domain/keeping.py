"""How far a book keeps each part of a wish: the one value that a heading and the list under it are told from (T-12)."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Literal

from msgspec import Struct, structs

from mangaassist.domain.wishes import ANY_RANGE, Label, Wish

PartKind = Literal["wanted", "unwanted", "price", "volumes", "year", "finished", "in_stock", "reader", "unnamed"]
Keeping = Literal["kept", "first", "unknown", "broken"]
"""``first``: its first volume keeps it, and nobody knows whether all of it does. ``unknown``: no fact decides it."""


class Part(Struct, frozen=True):
    """One part of a wish that a book keeps or not; ``label`` is the one that is wanted or unwanted."""

    what: PartKind
    label: Label | None = None


class Whole(Struct, frozen=True, kw_only=True):
    """The least that all volumes of a series cost today, and the ASINs that are bought for it: singles, omnibuses or a box."""

    amount: Decimal
    currency: str
    asins: tuple[str, ...]
    volumes: int

    @property
    def is_one_book(self) -> bool:
        return len(self.asins) == 1


def parts(wish: Wish) -> Iterator[Part]:
    """Everything of a wish that can be kept or broken. What it shall be like, its order and its own words cannot."""
    yield from (Part("wanted", label) for label in wish.wanted if label.kind != "series")
    yield from (Part("unwanted", label) for label in wish.unwanted if label.kind != "series")
    said: tuple[tuple[PartKind, bool], ...] = (
        ("price", not wish.price.is_open),
        ("volumes", not wish.volumes.is_open),
        ("year", not wish.year.is_open),
        ("finished", wish.finished is not None),
        ("in_stock", wish.in_stock),
        ("reader", wish.reader is not None and wish.reader.age is not None),
        ("unnamed", bool(wish.unnamed)),
    )
    yield from (Part(what) for what, is_said in said if is_said)


def without(wish: Wish, part: Part) -> Wish:
    """The wish as if this part of it had never been said."""
    match part.what:
        case "wanted":
            return structs.replace(wish, wanted=tuple(one for one in wish.wanted if one != part.label))
        case "unwanted":
            return structs.replace(wish, unwanted=tuple(one for one in wish.unwanted if one != part.label))
        case "price":
            return structs.replace(wish, price=ANY_RANGE, in_full=False)
        case "volumes":
            return structs.replace(wish, volumes=ANY_RANGE)
        case "year":
            return structs.replace(wish, year=ANY_RANGE)
        case "finished":
            return structs.replace(wish, finished=None)
        case "in_stock":
            return structs.replace(wish, in_stock=False)
        case "reader":
            return structs.replace(wish, reader=None)
        case "unnamed":
            return structs.replace(wish, unnamed=())


def kept_by_all(wish: Wish, keepings: Iterable[dict[Part, Keeping]]) -> Wish:
    """What of the wish is true of every book of a list: all that its heading may say. What nobody has checked is not."""
    known = tuple(keepings)
    for part in parts(wish):
        if not all(one.get(part) == "kept" for one in known):
            wish = without(wish, part)
    return wish
