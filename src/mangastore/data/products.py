"""The products made of each series: single volumes, omnibuses and box sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from mangastore.data import draws
from mangastore.data.descriptions import describe_box_set, describe_omnibus, describe_volume
from mangastore.data.series import BoxSet, Series

Format = Literal["paperback", "hardcover", "omnibus", "box_set"]

ASIN_PATTERN = "^B0[A-Z0-9]{8}$"
ASIN_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HARDCOVER_PUBLISHERS = {"Fantagraphics", "Drawn & Quarterly"}
DELUXE_PUBLISHERS = {"Dark Horse Manga", "Dark Horse"}


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be put into a cart. Prices, stock and ratings are other services' facts."""

    asin: str
    series: Series
    title: str
    format: Format
    first_volume: int
    last_volume: int
    edition_number: int
    """The number printed on the cover: the volume, or the omnibus; 0 where there is none."""
    pages: int
    isbn: str
    description: str

    @property
    def volume(self) -> int | None:
        """The volume number of a single volume, otherwise None."""
        return self.first_volume if self.is_single else None

    @property
    def is_single(self) -> bool:
        """Whether this is one volume rather than a collection of several."""
        return self.format in ("paperback", "hardcover") and self.first_volume == self.last_volume

    @property
    def volume_count(self) -> int:
        """How many volumes are inside."""
        return self.last_volume - self.first_volume + 1


def make_products(all_series: Iterable[Series]) -> list[Product]:
    """Everything on sale, series by series: volumes first, then omnibuses, then box sets."""
    taken: set[str] = set()
    return [product for series in all_series for product in _products_of(series, taken)]


def _products_of(series: Series, taken: set[str]) -> Iterator[Product]:
    yield from _single_volumes(series, taken)
    yield from _omnibuses(series, taken)
    yield from _box_sets(series, taken)


def _single_volumes(series: Series, taken: set[str]) -> Iterator[Product]:
    binding: Format = "hardcover" if series.publisher in HARDCOVER_PUBLISHERS else "paperback"
    for volume in range(1, series.volumes + 1):
        only = series.volumes == 1
        yield Product(
            asin=make_asin(taken, series.id, "volume", volume),
            series=series,
            title=series.title if only else f"{series.title}, Vol. {volume}",
            format=binding,
            first_volume=volume,
            last_volume=volume,
            edition_number=0 if only else volume,
            pages=_pages_of_volume(series, volume),
            isbn=make_isbn(series.id, "volume", volume),
            description=describe_volume(series, volume),
        )


def _omnibuses(series: Series, taken: set[str]) -> Iterator[Product]:
    edition = series.omnibus
    if edition is None or edition.volumes_each < 2:
        return
    deluxe = series.publisher in DELUXE_PUBLISHERS and edition.volumes_each >= 3
    name = "Deluxe Edition" if deluxe else f"({edition.volumes_each}-in-1 Edition)"
    for number in range(1, edition.count + 1):
        first = (number - 1) * edition.volumes_each + 1
        last = min(number * edition.volumes_each, series.volumes)
        if first > series.volumes:
            return
        yield Product(
            asin=make_asin(taken, series.id, "omnibus", number),
            series=series,
            title=f"{series.title} {name}" + (f", Vol. {number}" if edition.count > 1 else ""),
            format="omnibus",
            first_volume=first,
            last_volume=last,
            edition_number=number if edition.count > 1 else 0,
            pages=_pages_of_run(series, first, last) + 8,
            isbn=make_isbn(series.id, "omnibus", number),
            description=describe_omnibus(series, number, first, last),
        )


def _box_sets(series: Series, taken: set[str]) -> Iterator[Product]:
    for number, box in enumerate(series.box_sets, start=1):
        first, last = max(box.first, 1), min(box.last, series.volumes)
        if last <= first:
            continue
        yield Product(
            asin=make_asin(taken, series.id, "box", number),
            series=series,
            title=f"{_box_name(series, box)} (Vols. {first}-{last})",
            format="box_set",
            first_volume=first,
            last_volume=last,
            edition_number=number if len(series.box_sets) > 1 else 0,
            pages=_pages_of_run(series, first, last),
            isbn=make_isbn(series.id, "box", number),
            description=describe_box_set(series, first, last),
        )


def _box_name(series: Series, box: BoxSet) -> str:
    """The box's own name, behind the series' unless it begins with that: "Akira 35th Anniversary Box Set"."""
    return box.name if box.name.casefold().startswith(series.title.casefold()) else f"{series.title} {box.name}"


def _pages_of_volume(series: Series, volume: int) -> int:
    usual = draws.pick((184, 192, 192, 200, 208), "pages", series.id)
    return usual + 8 * draws.between(-2, 3, "pages", series.id, volume)


def _pages_of_run(series: Series, first: int, last: int) -> int:
    return sum(_pages_of_volume(series, volume) for volume in range(first, last + 1))


def make_asin(taken: set[str], *key: object) -> str:
    """An ASIN that the key decides and nobody in `taken` has; adds it to `taken`."""
    attempt = 0
    while True:
        left, letters = draws.number("asin", *key, attempt), ""
        for _ in range(8):
            left, digit = divmod(left, 36)
            letters += ASIN_LETTERS[digit]
        asin = f"B0{letters}"
        if asin not in taken:
            taken.add(asin)
            return asin
        attempt += 1


def make_isbn(*key: object) -> str:
    """A made-up ISBN-13 with a valid check digit."""
    digits = f"9781{draws.number('isbn', *key) % 10**8:08d}"
    weighted_sum = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted_sum % 10}"
