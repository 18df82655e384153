"""G-3, S-1, W-4: cards say what this turn knows."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.domain.products import Format, Price, Stock
from mangaassist.domain.wishes import Label
from mangaassist.testing.store_data import NOW, STORE
from mangaassist.turn.cards import card, cards

PRODUCTS = {product.asin: product for product in STORE.products}


def known(asin: str, **more: Any) -> ProductEvidence:
    facts = {"price": STORE.prices[asin], "stock": STORE.stock[asin], "rating": STORE.ratings[asin]}
    return ProductEvidence(product=PRODUCTS[asin], **facts | more)


BERSERK, SOLD_OUT, UZUMAKI = known("B0BERSERK1"), known("B0BERSERK3"), known("B0UZUMAKI1")


def test_a_card_says_everything_that_is_known() -> None:
    shown = card(replace(BERSERK, reason="Because you liked it"))
    assert (shown.asin, shown.title, shown.author) == ("B0BERSERK1", "Berserk, Vol. 1", "Kentaro Miura")
    assert (shown.price, shown.currency, shown.list_price) == ("$9.99", "USD", "$11.99")
    assert (shown.rating, shown.review_count) == (4.8, 1200)
    assert (shown.image_url, shown.url) == ("http://store/B0BERSERK1.svg", "http://store/p/B0BERSERK1")
    assert (shown.availability, shown.format, shown.reason) == ("In stock", "Paperback", "Because you liked it")


def test_a_card_says_nothing_of_what_is_not_known() -> None:
    shown = card(ProductEvidence(product=BERSERK.product))
    assert (shown.price, shown.currency) == ("", "")
    assert shown.list_price is shown.availability is shown.rating is shown.review_count is shown.reason is None


def test_several_authors_are_all_named() -> None:
    both = replace(BERSERK, product=replace(BERSERK.product, authors=("Kentaro Miura", "Studio Gaga")))
    assert card(both).author == "Kentaro Miura, Studio Gaga"


@pytest.mark.parametrize("listed", [None, Decimal("9.99"), Decimal("9.00")])
def test_a_list_price_that_is_no_higher_is_not_struck_through(listed: Decimal | None) -> None:
    price = Price(asin="B0BERSERK1", currency="USD", current=Decimal("9.99"), list=listed, as_of=NOW)
    assert card(replace(BERSERK, price=price)).list_price is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("in_stock", "In stock"),
        ("low_stock", "Only a few left"),
        ("backorder", "On backorder"),
        ("preorder", "Preorder"),
        ("out_of_stock", "Out of stock"),
    ],
)
def test_availability_is_worded(state: Any, words: str) -> None:
    stock = Stock(asin="B0BERSERK1", state=state)
    assert card(replace(BERSERK, stock=stock)).availability == words
    restocked = replace(stock, restock_date=date(2026, 12, 4))
    assert card(replace(BERSERK, stock=restocked)).availability == f"{words}, expected 04 December 2026"


@pytest.mark.parametrize(
    ("made", "words"), list(zip(Format, ("Paperback", "Hardcover", "Omnibus", "Box set"), strict=True))
)
def test_formats_are_worded(made: Format, words: str) -> None:
    assert card(replace(BERSERK, product=replace(BERSERK.product, format=made))).format == words


def test_only_what_the_review_kept_is_shown_in_its_order() -> None:
    evidence = Evidence(products=(UZUMAKI, BERSERK, SOLD_OUT))
    assert [shown.asin for shown in cards(evidence, {"B0BERSERK1", "B0UZUMAKI1"})] == ["B0UZUMAKI1", "B0BERSERK1"]


def test_a_card_gives_the_wishes_that_it_meets_in_the_catalogs_words_where_there_is_no_better_one() -> None:
    fitting = replace(BERSERK, fits=(Label("genre", "Horror", "scary"), Label("theme", "Revenge")))
    assert card(fitting).reason == "Horror, Revenge"
    assert card(replace(fitting, reason="Because you liked it")).reason == "Because you liked it"
