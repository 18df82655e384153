"""What a shopper looks for, as typed values that a later message can be merged into (T-4, T-5)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, Literal

from msgspec import Struct

LabelKind = Literal["genre", "demographic", "theme", "mood", "medium", "format", "author", "series"]
"""``mood`` and ``medium`` ("cosy", "Studio Ghibli") are no words of the catalog: the lexicon says which of its words they mean.
The value of ``series`` is a series id."""

Ordering = Literal["cheapest", "dearest", "best", "newest", "oldest", "shortest", "longest", "underrated"]

RATED: Final = frozenset({"gory", "spicy"})
"""Moods of which a book's age rating says more than its labels: who refuses them gets nothing that is rated Mature."""
REFUSED_RATING: Final = "Mature"

STAND_INS: Final = frozenset({"horses", "dogs", "dinosaurs", "fairies"})
"""Things that no label of the catalog names: what is nearest to them stands in, and is not said to have them."""


class Label(Struct, frozen=True):
    """One property, in the catalog's word (``value``) and in the shopper's (``said``)."""

    kind: LabelKind
    value: str
    said: str = ""
    by: tuple[str, ...] = ()
    """Of a label that a book has: the catalog's words for it there ("horses" by "Animals"); empty of what is wished for."""
    by_readers: bool = False
    """Whether ``by`` are readers' words of praise and none of the catalog's."""

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.value


class Range(Struct, frozen=True):
    """Bounds, both included; None is open. ``Range(5, 10)`` is "$5 to $10"; "under 10 volumes" is ``Range(None, 9)``."""

    least: Decimal | None = None
    most: Decimal | None = None

    @property
    def is_open(self) -> bool:
        return self.least is None and self.most is None

    def holds(self, value: Decimal | int) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


ANY_RANGE = Range()


class Reader(Struct, frozen=True):
    """For whom it shall be: "my nephew", 10. ``age`` is in years, or None when nobody said it."""

    said: str = ""
    age: int | None = None
    is_child: bool = False
    is_self: bool = True


class WrittenFor(Struct, frozen=True):
    """A guide of the store's own that is written for a wish: its title, and the labels (kind and value) that were wanted when it
    was found. What it suggests is as good as any that bears them."""

    title: str
    covers: tuple[tuple[str, str], ...] = ()


Surety = Literal["surely", "likely", "hardly"]


class Recalled(Struct, frozen=True):
    """The series whose descriptions come nearest to a plot that somebody tries to recall, by their ids, the nearest first, and how
    sure the first of them is."""

    series: tuple[str, ...]
    surety: Surety


class Wish(Struct, frozen=True, kw_only=True):
    """Everything that has been said about what is looked for. Empty fields ask for nothing.

    ``wanted`` and ``unwanted`` are labels; ``like`` are series ids it shall be like; ``price`` is in the store's currency,
    ``volumes`` counts those of a series, ``year`` is that of its first volume; ``lighter``/``darker`` compare with what was
    shown; ``words`` are the shopper's own describing words that no label covers, in their order.
    """

    wanted: tuple[Label, ...] = ()
    unwanted: tuple[Label, ...] = ()
    like: tuple[str, ...] = ()
    price: Range = ANY_RANGE
    volumes: Range = ANY_RANGE
    year: Range = ANY_RANGE
    finished: bool | None = None
    in_stock: bool = False
    reader: Reader | None = None
    ordering: Ordering | None = None
    count: int | None = None
    words: tuple[str, ...] = ()
    in_full: bool = False
    """Whether ``price`` bounds what a whole series costs, not a volume."""
    unnamed: tuple[str, ...] = ()
    """What is refused in words that no label covers ("no harem"): nobody can tell whether a book has it."""
    pages: str = ""
    """How many pages a book shall have, as it was said: nobody looks for that."""
    month: int | None = None
    """The month in which it comes out, 1 to 12, of what is not out yet."""
    either: bool = False
    """Whether one of the genres, themes, moods and media that are wanted is enough; what has more of them comes first."""

    guide: WrittenFor | None = None
    """The guide that is written for it, where there surely is one."""
    recalled: Recalled | None = None
    """What the one book may be that is looked for by its plot."""
    other_makers: bool = False
    """Whether nobody shall have made it who made what it shall be like."""

    def values(self, kind: LabelKind) -> tuple[str, ...]:
        return tuple(label.value for label in self.wanted if label.kind == kind)

    def refused(self, kind: LabelKind) -> tuple[str, ...]:
        return tuple(label.value for label in self.unwanted if label.kind == kind)

    def said(self) -> Iterator[str]:
        """What is wanted, in the shopper's words."""
        return (label.said or label.value for label in self.wanted)

    @property
    def refuses_rated(self) -> bool:
        return not RATED.isdisjoint(self.refused("mood"))

    @property
    def is_empty(self) -> bool:
        return self == EMPTY_WISH

    @property
    def narrows(self) -> bool:
        """Whether it says more than an order or a number of things."""
        return bool(
            self.wanted
            or self.unwanted
            or self.like
            or self.words
            or self.guide
            or self.recalled
            or self.finished is not None
            or not (self.price.is_open and self.volumes.is_open and self.year.is_open)
            or (self.reader is not None and not self.reader.is_self)
        )


EMPTY_WISH = Wish()
