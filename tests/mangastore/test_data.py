"""The data: complete, unique, the same on every machine."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from stdnum import isbn

from mangastore.data.orders import make_orders, return_window_end
from mangastore.data.prices import cents_of, list_cents, member_cents, money
from mangastore.data.products import ASIN_PATTERN, Product, make_products
from mangastore.data.promotions import make_promotions
from mangastore.data.ratings import rating_of
from mangastore.data.series import SERIES_FOLDER, BadSeriesFileError, load_series, read_series_file
from mangastore.data.stock import stock_level
from mangastore.services.promotions import running_promotions


@pytest.fixture(scope="module")
def products() -> list[Product]:
    return make_products(load_series())


def test_there_are_enough_series_and_products(products: list[Product]) -> None:
    assert len(load_series()) >= 250
    assert len(products) >= 4000


def test_asins_and_titles_are_unique_and_well_formed(products: list[Product]) -> None:
    assert len({product.asin for product in products}) == len(products)
    assert len({product.title for product in products}) == len(products)
    assert len({product.isbn for product in products}) == len(products)
    assert all(re.match(ASIN_PATTERN, product.asin) for product in products)


def test_no_box_set_says_its_series_twice(products: list[Product]) -> None:
    boxes = {product.title for product in products if product.format == "box_set"}
    assert "Akira 35th Anniversary Box Set (Vols. 1-6)" in boxes
    assert not [title for title in boxes if re.match(r"(.{4,}) \1\b", title)]


def test_every_series_carries_one_of_the_four_ratings_of_the_policy() -> None:
    assert {series.rating for series in load_series()} <= {"All Ages", "Teen", "Older Teen", "Mature"}


def test_isbns_are_valid(products: list[Product]) -> None:
    assert all(isbn.is_valid(product.isbn) for product in products)


def test_two_builds_are_equal(products: list[Product]) -> None:
    assert make_products(load_series()) == products


def test_the_catalogue_does_not_depend_on_the_hash_seed() -> None:
    program = (
        "from mangastore.data.products import make_products; from mangastore.data.series import load_series;"
        "from mangastore.data.ratings import rating_of; from mangastore.data.stock import stock_level;"
        "from hashlib import sha256;"
        "print(sha256(repr([(p, rating_of(p), stock_level(p)) for p in make_products(load_series())[:500]]).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_a_series_is_sold_up_to_its_last_volume_and_no_further(products: list[Product]) -> None:
    for product in products:
        assert 1 <= product.first_volume <= product.last_volume <= product.series.volumes


def test_only_the_beginning_carries_the_synopsis(products: list[Product]) -> None:
    for product in products:
        assert (product.series.synopsis in product.description) == (
            product.first_volume == 1 or product.format == "box_set"
        )


def test_paperbacks_cost_what_paperbacks_cost(products: list[Product]) -> None:
    prices = [list_cents(product) for product in products if product.format == "paperback"]
    assert min(prices) >= 799
    assert max(prices) <= 1499


def test_a_collection_costs_less_than_its_volumes_and_more_than_one(products: list[Product]) -> None:
    singles = {p.series.id: list_cents(p) for p in products if p.is_single}
    for product in products:
        if not product.is_single:
            single = singles[product.series.id]
            assert single <= list_cents(product) <= single * product.volume_count


def test_the_member_price_covers_paperbacks_and_omnibuses_alone(products: list[Product]) -> None:
    for product in products:
        assert (member_cents(product, 1000) == 900) == (product.format in ("paperback", "omnibus"))


def test_every_stock_state_occurs(products: list[Product]) -> None:
    states = {stock_level(product).state for product in products}
    assert states == {"in_stock", "low_stock", "backorder", "preorder", "out_of_stock"}


def test_ratings_lie_within_the_stars_and_speak_in_at_most_three_voices(products: list[Product]) -> None:
    for product in products[::7]:
        rating = rating_of(product)
        assert 1 <= rating.mean <= 5
        assert rating.count > 0
        assert 1 <= len(rating.snippets) <= 3
        assert len(set(rating.snippets)) == len(rating.snippets)


@pytest.mark.parametrize("day", [date(2026, 1, 1) + timedelta(days=step) for step in range(0, 730, 13)])
def test_on_every_day_about_a_dozen_promotions_run(products: list[Product], day: date) -> None:
    assert 8 <= len(running_promotions(make_promotions(products), day)) <= 13


def test_aiko_has_an_order_in_every_state(products: list[Product]) -> None:
    orders = make_orders(products)["cus-aiko"]
    assert {order.state for order in orders} == {"placed", "shipped", "delivered", "cancelled", "refunded"}
    assert "cus-ben" not in make_orders(products)


def test_orders_come_newest_first_with_unique_numbers(products: list[Product]) -> None:
    everything = make_orders(products)
    for orders in everything.values():
        assert [order.placed_day for order in orders] == sorted((o.placed_day for o in orders), reverse=True)
    numbers = [order.id for orders in everything.values() for order in orders]
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"\d{3}-\d{7}-\d{7}", number) for number in numbers)


def test_the_products_that_the_plans_name_are_sold(products: list[Product]) -> None:
    bought = {line.product.series.id for order in make_orders(products)["cus-aiko"] for line in order.lines}
    assert {"vinland-saga", "a-brides-story", "monster", "kingdom"} <= bought


def test_the_return_window_is_thirty_days_and_longer_over_the_holidays() -> None:
    assert return_window_end(date(2026, 5, 1)) == date(2026, 5, 31)
    assert return_window_end(date(2026, 11, 1)) == date(2027, 1, 31)
    assert return_window_end(date(2026, 12, 24)) == date(2027, 1, 31)
    assert return_window_end(date(2026, 12, 25)) == date(2027, 1, 24)


@pytest.mark.parametrize(("text", "cents"), [("9.99", 999), ("9", 900), ("0.5", 50), ("10.00", 1000)])
def test_money_is_read_exactly(text: str, cents: int) -> None:
    assert cents_of(text) == cents


@pytest.mark.parametrize("text", ["", "-1", "1.999", "x", "1.x", "1e3", "٣"])
def test_what_is_no_money_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        cents_of(text)


def test_money_is_written_with_two_decimals() -> None:
    assert [money(cents) for cents in (0, 5, 999, 1000)] == ["0.00", "0.05", "9.99", "10.00"]


def test_a_bad_line_of_a_series_file_is_named(tmp_path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('\n{"id": 3}\n')
    with pytest.raises(BadSeriesFileError) as caught:
        read_series_file(path)
    assert "bad.jsonl, line 2" in str(caught.value)


def test_aiko_has_an_order_that_can_still_be_cancelled_one_that_is_late_and_one_to_claim(
    products: list[Product],
) -> None:
    now = datetime(2026, 11, 26, 0, 5, tzinfo=UTC)  # a quarter of an hour into the day the newest one is of yesterday
    orders = make_orders(products)["cus-aiko"]
    newest, late = orders[0], next(one for one in orders if any((it.eta_day or 0) < 0 for it in one.parcels))
    assert (newest.state, now - newest.placed_at(now)) == ("placed", timedelta(minutes=25))
    assert late.state == "shipped"
    assert any(one.state == "delivered" and not one.returns and (one.delivered_day or -99) > -14 for one in orders)


def test_every_series_is_judged_for_all_that_shoppers_ask_of_its_content() -> None:
    for series in load_series():
        assert series.traits is not None, series.id
        assert (series.traits.ending is not None) == (series.status == "finished"), series.id
        assert series.traits.gore != "strong" or series.traits.violence != "none", series.id


def test_what_is_made_for_all_ages_holds_nothing_harsh() -> None:
    harsh = ("violence", "gore", "sexual-content", "sexual-violence", "drugs", "fan-service")
    for series in load_series():
        if series.rating == "All Ages":
            known = series.known_traits()
            assert not [name for name in harsh if "strong" in known.get(name, ())], series.id


def test_what_nobody_is_sure_of_is_not_told() -> None:
    unsure = [series for series in load_series() if series.traits and series.traits.animal_death == "unsure"]
    assert unsure
    assert all(not trait.startswith("animal-death:") for series in unsure for trait in series.told_traits())


def test_a_trait_outside_the_vocabulary_is_refused_by_file_line_and_value(tmp_path: Path) -> None:
    row = (SERIES_FOLDER / "shonen.jsonl").read_text(encoding="utf-8").splitlines()[0]
    path = tmp_path / "broken.jsonl"
    path.write_text(row.replace('"violence": "strong"', '"violence": "a bit"'), encoding="utf-8")
    with pytest.raises(BadSeriesFileError, match=r"broken.jsonl, line 1: .*'a bit'.*traits.violence"):
        read_series_file(path)
