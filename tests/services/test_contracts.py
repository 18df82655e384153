"""S-7: what does not fit its contract never reaches the shopper."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.domain.products import Format, Price, ProductQuery, Promotion
from mangaassist.domain.store_facts import NO_FACTS, StoreFacts
from mangaassist.services import contracts
from mangaassist.testing.store_data import STORE

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ASIN = "B0AAAAAAA1"
OTHER = "B0AAAAAAA2"
ORDER_ID = "112-1234567-1234567"
PRICE = {
    "asin": ASIN,
    "currency": "USD",
    "current": "9.99",
    "list": "11.99",
    "member": None,
    "discounts": [{"label": "Fair", "amount": "2.00"}],
    "as_of": "2026-11-23T11:59:30Z",
}
ORDER = {
    "order_id": ORDER_ID,
    "state": "shipped",
    "placed_at": "2026-11-20T10:00:00Z",
    "delivered_at": None,
    "total": "9.99",
    "currency": "USD",
    "items": [{"asin": ASIN, "title": "Vol. 1", "quantity": 1, "unit_price": "9.99"}],
}
GONE = object()


def changed(row: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {name: value for name, value in {**row, **fields}.items() if value is not GONE}


def read_prices(*rows: dict[str, Any], asked: tuple[str, ...] = (ASIN,)) -> Any:
    answer = contracts.PRICES.decode(msgspec.json.encode({"prices": rows}))
    return contracts.prices(answer, asked, NOW)


def test_a_price_that_fits_is_read_to_the_cent() -> None:
    price: Price = read_prices(PRICE)[ASIN]
    assert (price.current, price.list, price.member) == (Decimal("9.99"), Decimal("11.99"), None)
    assert price.discounts[0].amount == Decimal("2.00")


@pytest.mark.parametrize(
    "wrong",
    [
        {"current": "-1"},
        {"current": "-1.00"},
        {"current": "0.00"},
        {"current": 9.99},
        {"current": "9.999"},
        {"current": "NaN"},
        {"current": "1E+9999999"},
        {"current": "9.99\n"},
        {"current": "٩.٩٩"},
        {"current": "99999999999.00"},
        {"current": None},
        {"current": GONE},
        {"list": "-0.01"},
        {"member": "free"},
        {"discounts": [{"label": "Fair", "amount": "-2.00"}]},
        {"currency": "ZZZ"},
        {"currency": GONE},
        {"asin": "NOT-AN-ASIN"},
        {"as_of": "2026-11-23T11:54:59Z"},
        {"as_of": "2026-11-23T12:05:01Z"},
        {"as_of": "2026-11-23T11:59:30"},
        {"as_of": "yesterday"},
        {"as_of": GONE},
    ],
    ids=str,
)
def test_one_price_that_does_not_fit_fails_the_whole_answer(wrong: dict[str, Any]) -> None:
    good = changed(PRICE, asin=OTHER)
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)):
        read_prices(good, changed(PRICE, **wrong), asked=(ASIN, OTHER))


@given(cents=st.integers(1, 999_999_999))
def test_every_amount_with_two_decimals_is_read_exactly(cents: int) -> None:
    worded = f"{cents // 100}.{cents % 100:02d}"
    assert read_prices(changed(PRICE, current=worded))[ASIN].current == Decimal(cents) / 100


def test_a_price_that_is_missing_is_absent_and_one_that_nobody_asked_for_spoils_the_others() -> None:
    assert set(read_prices(PRICE, asked=(ASIN, "B0AAAAAAA3"))) == {ASIN}
    with pytest.raises(msgspec.ValidationError, match="was not asked about"):
        read_prices(changed(PRICE, asin=OTHER), PRICE)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a </b> b", "two\nlines", "a\x1b[2Jb", "x" * 301])
def test_a_text_of_a_service_is_one_plain_line(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        read_order(paid_with=text)


@pytest.mark.parametrize("text", ["I <3 this", "5 < 6", "Fullmetal Alchemist: “Deluxe” – 鋼の錬金術師", ""])
def test_a_plain_line_may_hold_whatever_people_write(text: str) -> None:
    assert read_order(paid_with=text).paid_with == text


def test_an_order_that_says_it_is_another_customers_is_refused() -> None:
    assert read_order(customer_id="cus-aiko").order_id == ORDER_ID
    with pytest.raises(msgspec.ValidationError, match="another customer"):
        read_order(customer_id="cus-ben")


def test_what_a_shopper_wrote_with_markup_is_left_out_and_the_rating_stays() -> None:
    row = {"asin": ASIN, "mean": 4.5, "count": 3, "snippets": ["Good.", "<img src=x>"]}
    read = contracts.ratings(contracts.RATINGS.decode(msgspec.json.encode({"ratings": [row]})), (ASIN,))
    assert read[ASIN].snippets == ("Good.",)


def test_two_different_prices_of_one_product_are_no_answer() -> None:
    with pytest.raises(msgspec.ValidationError):
        read_prices(PRICE, changed(PRICE, current="8.99"))
    assert len(read_prices(PRICE, PRICE)) == 1


BERSERK = STORE.products[0]
SOUGHT = [
    {"series_ids": ("berserk",)},
    {"genres": ("horror", "Action")},
    {"labels": ("Dark Fantasy", "cooking")},
    {"authors": ("kentaro miura",)},
    {"formats": (BERSERK.format,)},
    {"demographics": (BERSERK.demographic,)},
]


@pytest.mark.parametrize("filters", SOUGHT, ids=lambda one: next(iter(one)))
def test_what_a_search_found_fits_what_was_searched_for(filters: dict[str, Any]) -> None:
    others = STORE.products[1:]
    query = ProductQuery(**filters)
    assert contracts.fitting(query, (BERSERK, *others)) == (BERSERK, *others)
    strange = tuple(
        msgspec.structs.replace(
            BERSERK, series_id="x", genres=(), themes=(), authors=("Nobody",), format=Format.BOX_SET, demographic="none"
        )
        for _ in range(2)
    )
    with pytest.raises(msgspec.ValidationError, match="no product is what was searched for"):
        contracts.fitting(query, strange)


def test_a_search_that_finds_nothing_is_no_failure() -> None:
    assert contracts.fitting(ProductQuery(series_ids=("berserk",)), ()) == ()


def read_order(**fields: Any) -> Any:
    return contracts.order(contracts.ORDER.decode(msgspec.json.encode(changed(ORDER, **fields))), "cus-aiko", ORDER_ID)


def test_an_order_that_fits_is_read() -> None:
    order = read_order()
    assert (order.order_id, order.total, order.items[0].unit_price) == (ORDER_ID, Decimal("9.99"), Decimal("9.99"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "teleported"},
        {"total": "-1"},
        {"total": "-1.00"},
        {"total": 9.99},
        {"items": None},
        {"items": [{"asin": ASIN, "title": "Vol. 1", "quantity": 1, "unit_price": "-9.99"}]},
        {"items": [{"asin": ASIN, "title": "Vol. 1", "quantity": 0, "unit_price": "9.99"}]},
        {"order_id": GONE},
        {"order_id": "112-7654321-7654321"},
        {"placed_at": "2026-11-20T10:00:00"},
        {"currency": "ZZZ"},
    ],
    ids=str,
)
def test_an_order_that_does_not_fit_or_is_not_the_one_asked_for_is_no_answer(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read_order(**wrong)


SHIPMENT = {
    "order_id": ORDER_ID,
    "carrier": "UPS",
    "tracking_number": "1Z",
    "tracking_url": "https://carrier.example/1Z",
    "state": "in_transit",
    "eta": "2026-11-27",
    "last_event": "Departed",
    "last_event_at": "2026-11-23T08:00:00Z",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"tracking_url": "javascript:alert(1)"},
        {"tracking_url": 'https://x"><script>'},
        {"state": "lost in space"},
        {"eta": "soon"},
        {"tracking_number": GONE},
        {"order_id": "112-7654321-7654321"},
    ],
    ids=str,
)
def test_a_shipment_that_does_not_fit_or_is_anothers_is_no_answer(wrong: dict[str, Any]) -> None:
    def read(row: dict[str, Any]) -> Any:
        answer = contracts.SHIPMENTS.decode(msgspec.json.encode({"shipments": [row]}))
        return contracts.of_order(answer.shipments, ORDER_ID)

    assert len(read(SHIPMENT)) == 1
    with pytest.raises(msgspec.ValidationError):
        read(changed(SHIPMENT, **wrong))


def test_a_profile_of_another_customer_is_refused() -> None:
    profile = {"customer_id": "ben", "name": "Ben", "member": False, "locale": "en-US", "language": "en"}
    decoded = contracts.CUSTOMER.decode(msgspec.json.encode(profile))
    assert contracts.customer(decoded, "ben").name == "Ben"
    with pytest.raises(msgspec.ValidationError):
        contracts.customer(decoded, "aiko")


def test_a_return_without_rows_is_nothing_known() -> None:
    assert contracts.order_return(contracts.Returns(()), ORDER_ID) is None


@pytest.mark.parametrize(("starts", "ends", "holds"), [(-1, 1, True), (0, 1, True), (1, 2, False), (-2, 0, False)])
def test_a_promotion_is_mentioned_only_while_it_holds(starts: int, ends: int, holds: bool) -> None:
    promotion = Promotion(
        promotion_id="p",
        kind="deal",
        title="Fair",
        description="",
        starts_at=NOW + timedelta(hours=starts),
        ends_at=NOW + timedelta(hours=ends),
    )
    assert contracts.current([promotion], NOW) == ((promotion,) if holds else ())


RANKING = contracts.PriceRanking("asc", 10)


def ranked(*rows: dict[str, Any], question: contracts.PriceRanking = RANKING, **bounds: Decimal) -> tuple[Price, ...]:
    answer = contracts.PRICES.decode(msgspec.json.encode({"prices": rows}))
    return contracts.ranked_prices(answer, question, bounds.get("least"), bounds.get("most"), NOW)


DEARER = {**PRICE, "asin": OTHER, "current": "19.99"}


def test_ranked_prices_are_read_in_their_order() -> None:
    assert [price.asin for price in ranked(PRICE, DEARER)] == [ASIN, OTHER]
    downward = contracts.PriceRanking("desc", 1)
    assert [price.asin for price in ranked(DEARER, PRICE, question=downward)] == [
        OTHER
    ]  # and no more than were asked for


@pytest.mark.parametrize(
    "rows",
    [
        (DEARER, PRICE),
        (PRICE, PRICE),
        (PRICE, {**DEARER, "currency": "EUR"}),
        (PRICE, {**DEARER, "as_of": "2026-11-23T11:50:00Z"}),
        ({**PRICE, "current": "-1.00"}, DEARER),
    ],
    ids=["out of order", "twice", "two currencies", "old", "no price"],
)
def test_one_ranked_price_that_does_not_fit_spoils_them_all(rows: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(msgspec.ValidationError):
        ranked(*rows)


def test_a_ranked_price_outside_the_bounds_or_of_a_product_that_was_not_named_is_refused() -> None:
    assert ranked(PRICE, least=Decimal("9.99"), most=Decimal("9.99"))
    for bounds in ({"least": Decimal(10)}, {"most": Decimal("9.98")}):
        with pytest.raises(msgspec.ValidationError):
            ranked(PRICE, **bounds)
    with pytest.raises(msgspec.ValidationError):
        ranked(PRICE, question=contracts.PriceRanking("asc", 10, (OTHER,)))


def test_a_product_in_another_state_than_was_asked_for_is_refused() -> None:
    answer = contracts.STOCK.decode(msgspec.json.encode({"stock": [{"asin": ASIN, "state": "preorder"}]}))
    assert contracts.in_state(answer, "preorder")[0].asin == ASIN
    with pytest.raises(msgspec.ValidationError):
        contracts.in_state(answer, "in_stock")


def test_promotions_of_named_products_name_those_alone_and_others_are_left_out() -> None:
    times = {"starts_at": NOW, "ends_at": NOW + timedelta(days=1)}
    made = {"promotion_id": "p", "kind": "deal", "title": "t", "description": "d", **times}
    both, other, every = (
        Promotion(**made, asins=(OTHER, ASIN)),
        Promotion(**made, asins=(OTHER,)),
        Promotion(**made, everything=True),
    )
    narrowed = contracts.covering((both, other, every), (ASIN,))
    assert [promotion.asins for promotion in narrowed] == [(ASIN,), ()]


def read_facts(**fields: Any) -> StoreFacts:
    return contracts.store_facts(contracts.STORE_FACTS.decode(msgspec.json.encode(fields)))


def test_a_store_that_tells_nothing_of_itself_is_no_broken_store() -> None:
    assert read_facts() == NO_FACTS
    assert read_facts(delivery={"free_from": "35.00"}).delivery.free_from == Decimal(35)


@pytest.mark.parametrize(
    "wrong",
    [
        {"delivery": {"fee": "-1.00"}},
        {"delivery": {"free_from": "NaN"}},
        {"delivery": {"least_days": -3}},
        {"cancel_minutes": -1},
        {"membership": {"name": "Circle", "price": "-19"}},
        {"currency": "ZZZ"},
        {"ships_to": ["Canada"]},
        {"age_ratings": [{"name": "Teen", "least_age": -1}]},
        {"orders_url": "javascript:alert(1)"},
        {"support": {"hours": [{"weekday": 7, "opens": "08:00:00", "closes": "20:00:00"}]}},
    ],
    ids=str,
)
def test_store_facts_that_do_not_fit_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read_facts(**wrong)


def test_hours_in_a_zone_that_nobody_knows_are_not_told() -> None:
    hours = [{"weekday": 0, "opens": "08:00:00", "closes": "20:00:00"}]
    assert read_facts(support={"phone": "1", "timezone": "../Mars", "hours": hours}).support.hours == ()
    assert len(read_facts(support={"timezone": "America/New_York", "hours": hours}).support.hours) == 1
