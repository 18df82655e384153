"""Search: what shoppers type and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from mangastore.catalog.filters import Order, Query
from mangastore.catalog.ordering import popularity
from mangastore.catalog.search import Search
from mangastore.data.products import Product, make_products
from mangastore.data.releases import released_on
from mangastore.data.series import load_series

TODAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def search() -> Search:
    return Search(make_products(load_series()), lambda: TODAY)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("vinland saga vol 3", "Vinland Saga, Vol. 3"),
        ("Vinland Saga 3", "Vinland Saga, Vol. 3"),
        ("one piece #12", "One Piece, Vol. 12"),
        ("one peice", "One Piece, Vol. 1"),
        ("onepiece", "One Piece, Vol. 1"),
        ("naurto", "Naruto, Vol. 1"),
        ("進撃の巨人", "Attack on Titan, Vol. 1"),
        ("shingeki no kyojin", "Attack on Titan, Vol. 1"),
        ("JJK", "Jujutsu Kaisen, Vol. 1"),
        ("eyeshield 21", "Eyeshield 21, Vol. 1"),
        ("eyeshield 21 vol 4", "Eyeshield 21, Vol. 4"),
        ("mob psycho 100", "Mob Psycho 100, Vol. 1"),
        ("20th century boys", "20th Century Boys, Vol. 1"),
        ("do you have the second part of monster?", "Monster, Vol. 1"),
        ("eiichiro oda", "One Piece, Vol. 1"),
        ("Ôoku", "Ôoku: The Inner Chambers, Vol. 1"),
        ("berserk deluxe", "Berserk Deluxe Edition, Vol. 1"),
    ],
)
def test_a_name_finds_its_product_first(search: Search, text: str, title: str) -> None:
    found = search.find(Query(text=text, limit=3))
    assert found[0].title.casefold().replace("ō", "o").replace("ô", "o") == title.casefold().replace("ô", "o")


def test_a_box_set_is_found_by_that_word(search: Search) -> None:
    assert search.find(Query(text="one piece box set"))[0].format == "box_set"


def test_a_broad_search_shows_many_series(search: Search) -> None:
    found = search.find(Query(text="dark fantasy", limit=10))
    assert len({product.series.id for product in found}) >= 4


def test_filters_hold_for_every_result(search: Search) -> None:
    query = Query(
        genres=["sports", "Drama"], demographics=["Shonen"], formats=["paperback"], one_per_series=True, limit=50
    )
    found = search.find(query)
    assert found
    assert len({product.series.id for product in found}) == len(found)
    for product in found:
        assert {"Sports", "Drama"} <= set(product.series.genres)
        assert product.series.demographic == "shonen"
        assert product.format == "paperback"


def test_an_author_is_found_by_the_family_name(search: Search) -> None:
    found = search.find(Query(authors=["urasawa"], one_per_series=True))
    assert {"monster", "20th-century-boys"} <= {product.series.id for product in found}


def test_a_volume_filter_offers_the_single_volume_before_collections(search: Search) -> None:
    found = search.find(Query(series_ids=["vinland-saga"], volume=3))
    assert [product.is_single for product in found] == [True, False]


@pytest.mark.parametrize("text", ["xyzzyqwv", "!!!", "   ", "\x00", "𝕬" * 50, "a" * 2000, "の" * 2000, "%_*'\";--"])
def test_strange_texts_are_harmless(search: Search, text: str) -> None:
    assert len(search.find(Query(text=text, limit=5))) <= 5


def test_nothing_is_found_for_what_nobody_wrote(search: Search) -> None:
    assert search.find(Query(text="xyzzyqwv")) == []


def series_of(products: list[Product]) -> list[str]:
    return [product.series.id for product in products]


def test_who_has_more_of_the_labels_comes_first_and_then_what_sells_better(search: Search) -> None:
    found = search.find(Query(labels=("horror", "supernatural", "Demons"), one_per_series=True, limit=50))
    shared = [
        len({"horror", "supernatural", "demons"} & {x.casefold() for x in (*p.series.genres, *p.series.themes)})
        for p in found
    ]
    assert shared == sorted(shared, reverse=True)
    assert shared[0] == 3
    best = [product for product, count in zip(found, shared, strict=True) if count == shared[0]]
    assert [popularity(product) for product in best] == sorted(map(popularity, best), reverse=True)


def test_labels_and_words_hold_together(search: Search) -> None:
    found = search.find(Query(text="junji ito", labels=("horror",), one_per_series=True, limit=50))
    assert found
    assert all("Horror" in product.series.genres for product in found)


@pytest.mark.parametrize(
    ("order", "measure"),
    [
        ("oldest", lambda product: product.series.year),
        ("longest", lambda product: -product.series.volumes),
        ("shortest", lambda product: product.series.volumes),
    ],
)
def test_an_order_that_is_asked_for_holds_over_the_whole_catalogue(
    search: Search, order: Order, measure: Callable[[Product], int]
) -> None:
    found = search.find(Query(order=order, one_per_series=True, limit=50))
    values = [measure(product) for product in found]
    assert values == sorted(values)
    assert values[0] == min(measure(product) for product in search.find_all(Query()))
    assert len(set(series_of(found))) == 50


def test_the_newest_are_the_latest_that_are_out_and_not_what_is_still_to_come(search: Search) -> None:
    found = search.find(Query(order="newest", one_per_series=True, limit=20))
    days = [released_on(product, TODAY) for product in found]
    assert all(day is not None and day <= TODAY for day in days)
    assert days == sorted(days, reverse=True)


def test_everything_that_fits_is_found_without_a_limit(search: Search) -> None:
    products = make_products(load_series())
    assert len(search.find_all(Query())) == len(products)
    shonen = search.find_all(Query(demographics=("Shonen",), most_volumes=5))
    assert len(shonen) == sum(p.series.demographic == "shonen" and p.series.volumes <= 5 for p in products)
