"""T-11: sets against singles, the cheapest way to own a series, reading order, the next volume, whom a book is for."""

from decimal import Decimal
from typing import Any

import pytest

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Format, Product
from mangaassist.domain.store_facts import AgeRating, StoreFacts
from mangaassist.domain.wishes import Reader
from mangaassist.turn.derived.series import (
    age_fits,
    cheapest_way,
    editions_of,
    next_volume,
    reading_order,
    sets_against_singles,
)
from tests.turn.derived.known import asin, book, volume

SIX = tuple(volume(number) for number in range(1, 7))


def bound(name: str, first: int, last: int, price: str, form: Format = Format.OMNIBUS) -> ProductEvidence:
    return book(name, price, format=form, volume_from=first, volume_to=last, series_volumes=6)


def test_a_set_is_held_against_the_single_volumes_that_it_holds() -> None:
    (found,) = sets_against_singles([*SIX, bound("OMNI", 1, 3, "25.00")])
    assert (found.set_price, found.singles_price, found.saves) == (Decimal(25), Decimal(30), Decimal(5))
    assert (found.first, found.last, found.complete) == (1, 3, False)


def test_a_set_that_costs_more_than_its_volumes_saves_less_than_nothing() -> None:
    (found,) = sets_against_singles([*SIX, bound("BOX", 1, 6, "66.00", Format.BOX_SET)])
    assert (found.saves, found.complete) == (Decimal(-6), True)


def test_a_set_is_not_compared_when_one_of_its_volumes_is_not_sold_singly() -> None:
    assert sets_against_singles([*SIX[:2], bound("OMNI", 1, 3, "25.00")]) == ()
    assert sets_against_singles([volume(1), volume(2, None), bound("OMNI", 1, 2, "15.00")]) == ()


def test_the_single_that_counts_is_the_least_expensive_edition_of_the_volume() -> None:
    hard = book("H1", "30.00", volume=1, format=Format.HARDCOVER, series_volumes=6)
    (found,) = sets_against_singles([hard, *SIX, bound("OMNI", 1, 2, "15.00")])
    assert found.singles_price == Decimal(20)


def test_the_cheapest_way_to_own_a_series_mixes_sets_and_singles() -> None:
    shelf = [*SIX, bound("OMNI1", 1, 3, "20.00"), bound("OMNI2", 4, 6, "35.00")]
    found = cheapest_way(shelf)
    assert found is not None
    assert (found.set_price, found.singles_price, found.saves) == (Decimal(50), Decimal(60), Decimal(10))
    assert found.asins == (asin("OMNI1"), asin("V4"), asin("V5"), asin("V6"))


def test_there_is_no_way_to_own_a_series_of_which_a_volume_is_not_sold() -> None:
    assert cheapest_way(SIX[:5]) is None
    assert cheapest_way([]) is None
    assert cheapest_way([book("ONLY", "9.99", volume=1, series_volumes=1)]) is None


def test_of_each_edition_the_first_book_is_kept_and_of_boxes_every_one() -> None:
    boxes = [bound("BOX2", 4, 6, "30.00", Format.BOX_SET), bound("BOX1", 1, 3, "30.00", Format.BOX_SET)]
    omnibuses = [bound("OMNI, Vol. 2", 4, 6, "25.00"), bound("OMNI, Vol. 1", 1, 3, "25.00")]
    singles = [volume(number, title=f"Monster, Vol. {number}") for number in (3, 1, 2)]
    found = editions_of([*singles, *omnibuses, *boxes])
    assert [one.product.title for one in found] == ["OMNI, Vol. 1", "BOX1", "BOX2", "Monster, Vol. 1"]
    assert [one.product.title for one in editions_of(singles, singles[:1])] == []


def series(series_id: str, title: str, year: int, author: str = "Masamune Shirow") -> Product:
    return book(
        series_id.upper(), series_id=series_id, series_title=title, first_published=year, authors=(author,)
    ).product


GHOST = series("gits", "Ghost in the Shell", 1991)


def test_the_series_of_a_franchise_are_read_in_the_order_in_which_they_appeared() -> None:
    second = series("gits2", "Ghost in the Shell: Man-Machine Interface", 2001)
    found = reading_order([second, series("other", "Ghost Hunt", 1998)], GHOST)
    assert [part.series_id for part in found] == ["gits", "gits2"]


def test_a_series_by_somebody_else_with_a_like_title_is_no_part_and_one_series_is_no_order() -> None:
    assert reading_order([series("x", "Ghost in the Shell: Fan Story", 2001, "Nobody")], GHOST) == ()


@pytest.mark.parametrize(("read", "expected"), [(None, None), (3, 4), (6, None)])
def test_the_next_volume_is_the_one_after_the_one_that_was_named(read: int | None, expected: int | None) -> None:
    assert next_volume(SIX[0].product, read, ()) == expected


def test_who_names_no_volume_goes_on_after_the_last_one_that_they_bought() -> None:
    bought = [SIX[0].product, bound("OMNI", 1, 3, "20.00").product, book("OTHER", series_id="x", volume=5).product]
    assert next_volume(SIX[0].product, None, bought) == 4
    assert next_volume(None, 3, bought) is None


RATED = StoreFacts(age_ratings=(AgeRating(name="Teen", least_age=13), AgeRating(name="Mature", least_age=18)))


@pytest.mark.parametrize(
    ("rating", "reader", "fits"),
    [
        ("Teen", Reader(age=13), True),
        ("Teen", Reader(age=12), False),
        ("Teen", Reader(), None),
        ("Teen", None, None),
        ("Unheard of", Reader(age=12), None),
    ],
)
def test_whether_a_book_fits_an_age_is_told_only_when_both_are_known(
    rating: str, reader: Any, fits: bool | None
) -> None:
    (found,) = age_fits([book("A", age_rating=rating).product], RATED, reader)
    assert found.fits is fits


def test_a_book_without_a_rating_is_not_judged() -> None:
    assert age_fits([book("A").product], RATED, Reader(age=5)) == ()
