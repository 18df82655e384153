"""S-1: what the recommendations service calls alike."""

from __future__ import annotations

from functools import cache

import pytest

from mangastore.data.products import Product, make_products
from mangastore.data.series import load_series
from mangastore.ranking import LADDER, Ranked, Ranking


class Shelves:
    """Only what the ranking asks of a catalogue."""

    def __init__(self) -> None:
        self._shelves: dict[str, list[Product]] = {}
        for product in make_products(load_series()):
            self._shelves.setdefault(product.series.id, []).append(product)

    def series_ids(self) -> list[str]:
        return list(self._shelves)

    def shelf(self, series_id: str) -> list[Product]:
        return self._shelves[series_id]


@cache
def ranking() -> Ranking:
    return Ranking(Shelves())  # pyright: ignore[reportArgumentType]


def like(title: str, limit: int = 10) -> list[Ranked]:
    seed = next(series for series in load_series() if series.title == title)
    return ranking().like([seed], limit=limit)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Berserk", {"Goblin Slayer", "Claymore", "Vinland Saga", "Hellsing"}),
        ("Vagabond", {"Lone Wolf and Cub", "Rurouni Kenshin", "Blade of the Immortal", "Vinland Saga"}),
        ("Haikyu!!", {"Slam Dunk", "Kuroko's Basketball", "Eyeshield 21"}),
        ("Uzumaki", {"Tomie", "Gyo"}),
        ("Yotsuba&!", {"Chi's Sweet Home", "Azumanga Daioh", "Bunny Drop"}),
        ("Akira", {"The Ghost in the Shell", "Blame!"}),
        ("Monster", {"20th Century Boys", "Death Note"}),
    ],
)
def test_what_readers_would_call_alike_comes_first(title: str, expected: set[str]) -> None:
    assert expected <= {ranked.product.series.title for ranked in like(title)}


def test_dark_fantasy_begins_with_dark_fantasy() -> None:
    first = [ranked.product.series for ranked in like("Berserk", 3)]
    assert all({"Fantasy", "Horror"} & set(series.genres) for series in first)
    assert "Black Lagoon" not in {series.title for series in first}


@pytest.mark.parametrize("seed", [series.title for series in load_series() if series.rating == "All Ages"])
def test_nothing_mature_is_put_beside_a_title_for_all_ages(seed: str) -> None:
    assert all(ranked.product.series.rating != LADDER[-1] for ranked in like(seed, 4))


def test_a_franchise_takes_one_place_of_a_list() -> None:
    titles = [ranked.product.series.title for ranked in like("Berserk")]
    assert len([title for title in titles if title.startswith("Tokyo Ghoul")]) == 1


def test_reasons_name_only_what_both_series_have() -> None:
    seed = next(series for series in load_series() if series.title == "Berserk")
    for ranked in like("Berserk"):
        if ranked.reason.startswith("Shares "):
            traits = {trait.lower() for trait in (*ranked.product.series.themes, *ranked.product.series.genres)}
            named = ranked.reason.removeprefix("Shares ").removesuffix(f" with {seed.title}").split(" and ")
            assert {name.lower() for name in named} <= traits


def test_the_order_is_the_same_every_time() -> None:
    assert Ranking(Shelves()).like([load_series()[0]], limit=20) == ranking().like([load_series()[0]], limit=20)  # pyright: ignore[reportArgumentType]
