"""The shop's search box over the whole catalogue: what shoppers type, and what the page shows them (D-1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mangastore.settings import StoreSettings
from mangastore.store import Store, open_store
from mangastore.storefront.asked import read_labels, read_price
from mangastore.storefront.filters import Filters, read_dollars, read_page, read_sort
from mangastore.storefront.finding import PAGE_SIZE, find

GENRES = ["Fantasy", "Romance", "Comedy", "Slice of Life", "Horror", "Sci-Fi"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    state: Path = tmp_path_factory.mktemp("state")
    return open_store(StoreSettings(state_dir=state, public_url="http://shop.example"))


def _titles(store: Store, **asked: Any) -> list[str]:
    return [product.title for product in find(store, Filters(**asked)).products]


def _cents(store: Store, **asked: Any) -> list[int]:
    return [store.prices.quote(product).current for product in find(store, Filters(**asked)).products]


@pytest.mark.parametrize(
    ("text", "rest", "least", "most"),
    [
        ("under $10", "", None, 999),
        ("horror below 12 dollars", "horror", None, 1199),
        ("up to $9.99", "", None, 999),
        ("box set over $100", "box set", 10000, None),
        ("$5 to $10 romance", "romance", 500, 1000),
        ("between $5 and $7.50", "", 500, 750),
        ("20th century boys", "20th century boys", None, None),
        ("over the garden", "over the garden", None, None),
    ],
)
def test_limits_of_price_are_read_and_taken_out_of_the_words(
    text: str, rest: str, least: int | None, most: int | None
) -> None:
    asked = read_price(text)
    assert (asked.text, asked.least, asked.most) == (rest, least, most)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("cosy fantasy", (("Fantasy",), (), ("tone:cozy",))),
        ("Funny slice-of-life manga", (("Slice of Life",), (), ("tone:funny",))),
        ("dark shounen", ((), ("shonen",), ("tone:dark",))),
        ("cosy dragons", None),
        ("the", None),
        ("", None),
    ],
)
def test_words_that_are_all_labels_are_filters_and_others_stay_text(text: str, labels: Any) -> None:
    asked = read_labels(text, GENRES)
    assert (None if asked is None else (asked.genres, asked.demographics, asked.moods)) == labels


def test_one_piece_gives_one_piece_and_nothing_else(store: Store) -> None:
    found = find(store, Filters(text="one piece"))
    assert found.only is not None
    assert {product.series.id for product in found.products} == {"one-piece"}
    assert [product.title for product in found.products[:2]] == ["One Piece, Vol. 1", "One Piece, Vol. 2"]
    assert {product.format for product in find(store, Filters(text="one piece box set")).products} == {"box_set"}


def test_a_name_that_others_share_a_word_with_gives_those_too(store: Store) -> None:
    assert _titles(store, text="monster") == ["Monster, Vol. 1", "My Little Monster, Vol. 1", "Kaiju No. 8, Vol. 1"]


def test_cosy_fantasy_gives_what_is_both(store: Store) -> None:
    found = find(store, Filters(text="cosy fantasy"))
    assert found.total > 5
    for product in found.products:
        assert "Fantasy" in product.series.genres
        assert "cozy" in product.series.known_traits()["tone"]


def test_a_mood_that_no_story_of_a_genre_has_falls_back_to_the_words(store: Store) -> None:
    assert find(store, Filters(text="cosy mecha")).asked.text == "cosy mecha"


@pytest.mark.parametrize("asked", [{"text": "under $10"}, {"text": "horror under $10"}, {"most": 9, "genre": "Horror"}])
def test_a_limit_of_price_holds_on_every_page(store: Store, asked: dict[str, Any]) -> None:
    pages = find(store, Filters(**asked)).pages
    prices = [cents for number in {1, pages} for cents in _cents(store, **asked, page=number)]
    assert len(prices) >= PAGE_SIZE / 2
    assert max(prices) < 1000


def test_a_limit_in_the_form_stands_in_place_of_the_one_in_the_words(store: Store) -> None:
    assert max(_cents(store, text="horror under $10", most=8, every_volume=True)) <= 800


@pytest.mark.parametrize(("sort", "descends"), [("cheapest", False), ("dearest", True)])
def test_prices_are_in_order_over_all_pages(store: Store, sort: str, descends: bool) -> None:
    shown = [cents for page in (1, 2) for cents in _cents(store, genre="Horror", sort=sort, page=page)]
    assert shown == sorted(shown, reverse=descends)
    assert len(shown) > PAGE_SIZE


def test_each_series_stands_there_once_whatever_the_order(store: Store) -> None:
    for sort in ("relevance", "popular", "newest", "rating", "cheapest", "dearest"):
        found = find(store, Filters(genre="Horror", sort=read_sort(sort)))
        assert len({product.series.id for product in found.products}) == len(found.products)
        assert (found.total, found.pages) == (30, 2)


def test_pages_follow_each_other_without_hole_or_repeat(store: Store) -> None:
    first = find(store, Filters(genre="Action"))
    seen = [asin for page in range(1, first.pages + 1) for asin in _asins(store, page)]
    assert len(seen) == len(set(seen)) == first.total
    assert _asins(store, 999) == _asins(store, first.pages)


def _asins(store: Store, page: int) -> list[str]:
    return [product.asin for product in find(store, Filters(genre="Action", page=page)).products]


def test_what_the_address_bar_may_hold_is_read_or_left_out() -> None:
    assert [read_dollars(text) for text in ("12", "", "-3", "1e9", "٣", "99999999")] == [
        12,
        None,
        None,
        None,
        None,
        9999,
    ]
    assert [read_page(text) for text in ("3", "0", "", "x")] == [3, 1, 1, 1]
    assert [read_sort(text) for text in ("cheapest", "evil", "")] == ["cheapest", "relevance", "relevance"]


def test_a_changed_filter_begins_at_the_first_page() -> None:
    filters = Filters(text="a&b", most=9, page=3)
    assert filters.link(genre="Horror") == "/?q=a%26b&to=9&genre=Horror"
    assert filters.link(page="4") == "/?q=a%26b&to=9&page=4"
