"""Search: what shoppers type and what they mean."""

from __future__ import annotations

import pytest

from mangastore.catalog.search import Query, Search
from mangastore.data.products import make_products
from mangastore.data.series import load_series


@pytest.fixture(scope="module")
def search() -> Search:
    return Search(make_products(load_series()))


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
