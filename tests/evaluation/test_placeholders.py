"""What stands in a dialogue instead of facts that move: filled from the store's catalogue, prices and orders."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from mangaassist.domain.customers import GUEST, Identity, Order, OrderItem, OrderReturn, Shipment
from mangaassist.domain.products import Format, Price, Product, ProductChange, Stock
from mangaassist.errors import BadInput
from mangaassist.evaluation.placeholders import Placeholders
from mangaassist.evaluation.shelves import Shelves, all_products
from mangaassist.services.answers import Answer

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def product(number: int, title: str, series: str, **fields: Any) -> Product:
    return Product(asin=f"B00000000{number}", title=title, series_id=series.lower(), series_title=series, **fields)


def price(number: int, current: str, member: str | None = None) -> Price:
    money = None if member is None else Decimal(member)
    return Price(asin=f"B00000000{number}", currency="USD", current=Decimal(current), member=money, as_of=NOW)


PRODUCTS = (
    product(1, "Monster, Vol. 1", "Monster", genres=("Thriller", "Drama"), series_volumes=18, volume=1),
    product(2, "Monster, Vol. 2", "Monster", genres=("Thriller", "Drama"), series_volumes=18, volume=2),
    product(3, "Uzumaki Deluxe Edition", "Uzumaki", genres=("Horror",), series_volumes=3, format=Format.OMNIBUS),
)
PRICES = {one.asin: one for one in (price(1, "11.99", "10.80"), price(2, "10.00"), price(3, "25.50"))}
ORDERS = tuple(
    Order(
        order_id=f"112-0000000-000000{day}",
        state=state,
        placed_at=datetime(2026, 11, day, tzinfo=UTC),
        total=Decimal("21.99"),
        currency="USD",
        items=(OrderItem(asin="B000000001", title=title, quantity=1, unit_price=Decimal("9")),),
    )
    for day, state, title in ((3, "delivered", "Monster, Vol. 1"), (8, "placed", "Monster, Vol. 2"))
)
OLD, NEW = (order.order_id for order in ORDERS)


class Store:
    """A store of three products and a shopper with two orders."""

    def for_turn(self, identity: Identity) -> "Store":
        self.orders_known = () if identity.is_guest else ORDERS
        return self

    async def orders(self, limit: int) -> Answer[tuple[Order, ...]]:
        return Answer(self.orders_known)

    async def shipments(self, order_id: str) -> Answer[tuple[Shipment, ...]]:
        if order_id != NEW:
            return Answer(())
        parcel = Shipment(
            order_id=NEW,
            carrier="UPS",
            tracking_number="1Z9",
            tracking_url="",
            state="in_transit",
            eta=date(2026, 12, 1),
        )
        return Answer((parcel,))

    async def returns(self, order_id: str) -> Answer[OrderReturn]:
        ends = date(2027, 1, 31)
        return Answer(OrderReturn(order_id=order_id, eligible=True, window_ends=ends, state="none", currency="USD"))

    async def stock(self, asins: list[str]) -> Answer[dict[str, Stock]]:
        return Answer({asin: Stock(asin=asin, state="out_of_stock") for asin in asins})


async def known(shopper: str) -> Identity:
    return GUEST if shopper == "guest" else Identity(customer_id=shopper, token="t")


async def filled(text: str, shopper: str = "aiko") -> str | tuple[str, ...]:
    services: Any = Store()
    return await Placeholders(Shelves(PRODUCTS, PRICES), services, known).filled(text, shopper)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no placeholder {here}", "no placeholder {here}"),
        ("{price:Monster, Vol. 1}", "$11.99"),
        ("costs {price:monster, vol. 2} now", "costs $10.00 now"),
        ("{member:Monster, Vol. 1}", "$10.80"),
        ("{asin:Uzumaki Deluxe Edition}", "B000000003"),
        ("{total:Monster, Vols. 1-2}", "$21.99"),
        ("{total:2 x Monster, Vol. 2 + Uzumaki Deluxe Edition}", "$45.50"),
        ("{plus 3.99:Monster, Vols. 1-2}", "$25.98"),
        ("{short of 35:Monster, Vol. 1}", "$23.01"),
        ("{series: genre=Thriller}", ("Monster",)),
        ("{series: genre!=Thriller}", ("Uzumaki",)),
        ("{series: volumes<=5 & format=omnibus}", ("Uzumaki",)),
        ("{products: price>10 & price<20}", ("Monster, Vol. 1",)),
        ("{products: price<1}", ()),
        ("{dearest:}", ("Uzumaki Deluxe Edition",)),
        ("{cheapest: series=Monster}", ("Monster, Vol. 2",)),
        ("{cheapest price: genre=Horror}", "$25.50"),
        ("{order:newest}", NEW),
        ("{order:newest delivered}", OLD),
        ("{order:with Monster, Vol. 1}", OLD),
        ("{placed:newest} and {paid:newest}", "November 8 and $21.99"),
        ("{eta:newest}", "December 1"),
        ("{carrier:newest} {tracking:newest}", "UPS 1Z9"),
        ("{return until:newest}", "January 31"),
    ],
)
async def test_a_placeholder_becomes_what_the_store_says(text: str, expected: str | tuple[str, ...]):
    assert await filled(text) == expected


async def test_a_state_of_stock_becomes_the_ways_to_say_it():
    assert "out of stock" in await filled("{stock:Monster, Vol. 1}")


@pytest.mark.parametrize(
    "text",
    [
        "{price:Monster, Vol. 3}",
        "{member:Monster, Vol. 2}",
        "{total:Monster, Vols. 2-3}",
        "{series: genre=Horrror}",
        "{series: colour=red}",
        "{products: price>cheap}",
        "one of {series: genre=Drama}",
        "{order:newest shipped}",
        "{eta:newest delivered}",
        "{delivered:newest}",
        "{refund:newest}",
    ],
)
async def test_what_the_store_does_not_have_is_an_error_that_says_so(text: str):
    with pytest.raises(BadInput):
        await filled(text)


async def test_a_guest_has_no_orders():
    with pytest.raises(BadInput, match="guest has no order"):
        await filled("{order:newest}", "guest")


async def test_the_catalogue_is_read_to_the_head_of_its_stream_and_what_was_withdrawn_is_not_in_it():
    async def changes() -> AsyncIterator[ProductChange]:
        for cursor, (one, is_there) in enumerate([(PRODUCTS[0], True), (PRODUCTS[1], True), (PRODUCTS[0], False)], 1):
            yield ProductChange(
                cursor=cursor,
                asin=one.asin,
                version=cursor,
                product=one if is_there else None,
                emitted_at=NOW,
                head=3,
            )
        raise AssertionError("the stream is live from here on and never ends")

    assert await all_products(changes()) == [PRODUCTS[1]]
