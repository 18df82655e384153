"""The REST services' answers as they cross the wire, and how they become the shared vocabulary.

What does not fit is the failure of its service (S-7): everything here raises ``msgspec.ValidationError`` for it.
Money travels as a string with two decimals: a number would be a float on somebody's side.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Final, Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct, ValidationError

from mangaassist.domain.customers import Availability, Customer, Order, OrderId, OrderReturn, Payment, Shipment
from mangaassist.domain.products import (
    Asin,
    Currency,
    Line,
    Moment,
    Price,
    Product,
    ProductQuery,
    Promotion,
    Ranked,
    Rating,
    Stock,
    StockState,
)
from mangaassist.domain.store_facts import StoreFacts

T = TypeVar("T")

Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,7}\.[0-9]{2}\Z")]
FRESH: Final = timedelta(minutes=5)
"""How far the ``as_of`` of a live price may be from now, in either direction: clocks differ, prices do not."""


class DiscountRow(Struct, frozen=True):
    label: Line
    amount: Amount


class PriceRow(Struct, frozen=True):
    asin: Asin
    currency: Currency
    current: Amount
    as_of: Moment
    list: Amount | None = None
    member: Amount | None = None
    discounts: tuple[DiscountRow, ...] = ()


class Prices(Struct, frozen=True):
    prices: tuple[PriceRow, ...]


class PriceRanking(Struct, frozen=True, omit_defaults=True):
    """The question for prices in their order: of these products, or of all that are sold."""

    order: Literal["asc", "desc"]
    limit: Annotated[int, Meta(ge=1, le=100)]
    asins: tuple[str, ...] | None = None
    least: Amount | None = None
    most: Amount | None = None


class StockLevels(Struct, frozen=True):
    stock: tuple[Stock, ...]


class Ratings(Struct, frozen=True):
    ratings: tuple[Rating, ...]


class Ranking(Struct, frozen=True):
    ranked: tuple[Ranked, ...]


class ItemRow(Struct, frozen=True):
    asin: Asin
    title: Line
    quantity: Annotated[int, Meta(ge=1)]
    unit_price: Amount
    availability: Availability = "in_stock"
    expected: date | None = None


class OrderRow(Struct, frozen=True):
    order_id: OrderId
    state: Literal["placed", "shipped", "delivered", "cancelled", "refunded"]
    placed_at: Moment
    total: Amount
    currency: Currency
    items: tuple[ItemRow, ...]
    customer_id: str | None = None
    """Whose it is, where the store says so."""
    delivered_at: Moment | None = None
    payment: Payment | None = None
    paid_with: Line = ""
    member_saving: Amount | None = None
    shipping_fee: Amount | None = None
    is_gift: bool = False


class Orders(Struct, frozen=True):
    orders: tuple[OrderRow, ...]


class Shipments(Struct, frozen=True):
    shipments: tuple[Shipment, ...]


class ReturnCaseRow(Struct, frozen=True):
    state: Literal["requested", "received", "refunded"]
    asins: tuple[Asin, ...] = ()
    wish: Literal["", "refund", "replacement"] = ""
    keeps_copy: bool = False
    refund_amount: Amount | None = None
    refunded_at: Moment | None = None


class ReturnRow(Struct, frozen=True):
    order_id: OrderId
    eligible: bool
    state: Literal["none", "requested", "received", "refunded"]
    currency: Currency
    reason: Line | None = None
    window_ends: date | None = None
    refund_amount: Amount | None = None
    refunded_at: Moment | None = None
    open_asins: tuple[Asin, ...] = ()
    cases: tuple[ReturnCaseRow, ...] = ()


class Returns(Struct, frozen=True):
    returns: tuple[ReturnRow, ...]


class Promotions(Struct, frozen=True):
    promotions: tuple[Promotion, ...]


PRICES: Final = msgspec.json.Decoder(Prices)
STOCK: Final = msgspec.json.Decoder(StockLevels)
RATINGS: Final = msgspec.json.Decoder(Ratings)
RANKING: Final = msgspec.json.Decoder(Ranking)
CUSTOMER: Final = msgspec.json.Decoder(Customer)
ORDERS: Final = msgspec.json.Decoder(Orders)
ORDER: Final = msgspec.json.Decoder(OrderRow)
SHIPMENTS: Final = msgspec.json.Decoder(Shipments)
RETURNS: Final = msgspec.json.Decoder(Returns)
PROMOTIONS: Final = msgspec.json.Decoder(Promotions)
STORE_FACTS: Final = msgspec.json.Decoder(StoreFacts)
ANY_JSON: Final = msgspec.json.Decoder(msgspec.Raw)


class _OfProduct(Protocol):
    @property
    def asin(self) -> str: ...


class _OfOrder(Protocol):
    @property
    def order_id(self) -> str: ...


P = TypeVar("P", bound=_OfProduct)
R = TypeVar("R", bound=_OfOrder)


def by_asin(rows: Iterable[P], asked: Iterable[str]) -> dict[str, P]:
    """The rows of the products that were asked for. A row of another one, or two for one product that contradict each other,
    spoil the whole answer: whoever mixes products up cannot be trusted with any (S-7)."""
    wanted = frozenset(asked)
    found: dict[str, P] = {}
    for row in rows:
        if row.asin not in wanted:
            raise ValidationError(f"{row.asin} was not asked about")
        if found.setdefault(row.asin, row) != row:
            raise ValidationError(f"two different answers for {row.asin}")
    return found


def fitting(query: ProductQuery, products: tuple[Product, ...]) -> tuple[Product, ...]:
    """What a search found. A store may not know each filter; one of which nothing at all fits has not looked for it (S-7)."""
    if products and not any(_fits(query, product) for product in products):
        raise ValidationError("no product is what was searched for")
    return products


def _fits(query: ProductQuery, product: Product) -> bool:
    kinds = _folded((*product.genres, *product.themes))
    return (
        (not query.series_ids or product.series_id in query.series_ids)
        and (not query.formats or product.format in query.formats)
        and (not query.demographics or product.demographic.casefold() in _folded(query.demographics))
        and (not query.authors or any(_is_by(product, author) for author in query.authors))
        and _folded(query.genres) <= kinds
        and (not query.labels or bool(_folded(query.labels) & kinds))
    )


def _is_by(product: Product, author: str) -> bool:
    """Whether one of its authors has all words of the name, as the catalog's own search reads it."""
    sought = _folded(author.split())
    return any(sought <= _folded(name.split()) for name in product.authors)


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def ratings(answer: Ratings, asked: Iterable[str]) -> Mapping[str, Rating]:
    """Ratings by ASIN. A snippet that is no plain line is left out: what shoppers write is not the service's doing."""
    read = (
        msgspec.structs.replace(row, snippets=tuple(filter(_is_line, row.snippets))) if row.snippets else row
        for row in answer.ratings
    )
    return by_asin(read, asked)


def _is_line(text: str) -> bool:
    try:
        msgspec.convert(text, Line)
    except ValidationError:
        return False
    return True


def prices(answer: Prices, asked: Iterable[str], now: datetime) -> Mapping[str, Price]:
    """Live prices by ASIN. One bad price spoils the whole answer: who sends −1 cannot be trusted with the others (S-7)."""
    return by_asin(_live(answer, now), asked)


def ranked_prices(
    answer: Prices, question: PriceRanking, least: Decimal | None, most: Decimal | None, now: datetime
) -> tuple[Price, ...]:
    """Live prices of one currency in the order asked for, each product once, within the bounds, of those asked about only."""
    read = _live(answer, now)[: question.limit]
    asked = None if question.asins is None else frozenset(question.asins)
    if len({price.asin for price in read}) < len(read) or len({price.currency for price in read}) > 1:
        raise ValidationError("a product twice, or prices of two currencies in one order")
    for price in read:
        if asked is not None and price.asin not in asked:
            raise ValidationError(f"{price.asin} was not asked about")
        if (least is not None and price.current < least) or (most is not None and price.current > most):
            raise ValidationError(f"the price of {price.asin} lies outside the bounds")
    rising = read if question.order == "asc" else read[::-1]
    if any(one.current > other.current for one, other in pairwise(rising)):
        raise ValidationError("prices out of their order")
    return tuple(read)


def _live(answer: Prices, now: datetime) -> list[Price]:
    read = [msgspec.convert(row, Price, from_attributes=True) for row in answer.prices]
    for price in read:
        if abs(now - price.as_of) > FRESH:
            raise ValidationError(f"the price of {price.asin} is not live: as_of {price.as_of.isoformat()}")
    return read


def in_state(answer: StockLevels, state: StockState) -> tuple[Stock, ...]:
    """Rows that are all in the state that was asked for."""
    if any(row.state != state for row in answer.stock):
        raise ValidationError(f"a product that is not {state}")
    return answer.stock


def customer(answer: Customer, customer_id: str | None) -> Customer:
    """The shopper's own profile. Anybody else's is refused, whoever sends it."""
    if answer.customer_id != customer_id:
        raise ValidationError("the profile is another customer's")
    return answer


def order(row: OrderRow, customer_id: str | None, order_id: str | None = None) -> Order:
    """One of the shopper's own orders; with ``order_id``, that one and no other."""
    if row.customer_id is not None and row.customer_id != customer_id:
        raise ValidationError("the order is another customer's")
    if order_id is not None and row.order_id != order_id:
        raise ValidationError("the order is not the one asked for")
    return msgspec.convert(row, Order, from_attributes=True)


def of_order(rows: Sequence[R], order_id: str) -> tuple[R, ...]:
    """Rows that all belong to one order."""
    if any(row.order_id != order_id for row in rows):
        raise ValidationError("a row belongs to another order")
    return tuple(rows)


def order_return(answer: Returns, order_id: str) -> OrderReturn | None:
    rows = of_order(answer.returns, order_id)
    return msgspec.convert(rows[0], OrderReturn, from_attributes=True) if rows else None


def current(promotions: Iterable[Promotion], now: datetime) -> tuple[Promotion, ...]:
    """Promotions that hold now: a kept answer may outlive what it promises."""
    return tuple(promotion for promotion in promotions if promotion.starts_at <= now < promotion.ends_at)


def covering(promotions: Iterable[Promotion], asked: Collection[str]) -> tuple[Promotion, ...]:
    """Promotions that cover some of the products asked about, each naming those alone."""
    narrowed = (
        msgspec.structs.replace(promotion, asins=tuple(asin for asin in asked if asin in promotion.asins))
        for promotion in promotions
    )
    return tuple(promotion for promotion in narrowed if promotion.asins or promotion.everything)


def store_facts(facts: StoreFacts) -> StoreFacts:
    """What the store says of itself, without a negative amount or number. Hours in a zone that nobody knows are left out."""
    delivery, membership = facts.delivery, facts.membership
    numbers = (
        delivery.fee, delivery.free_from, delivery.least_days, delivery.most_days, delivery.express_fee,
        delivery.express_days, facts.cancel_minutes, facts.return_days, membership.price if membership else None,
    )  # fmt: skip
    for number in numbers:
        if number is not None and not (Decimal(number).is_finite() and number >= 0):
            raise ValidationError(f"{number} in the store facts")
    try:
        ZoneInfo(facts.support.timezone)
    except (ValueError, OSError, KeyError):  # as many errors as there are ways to be no zone
        return msgspec.structs.replace(facts, support=msgspec.structs.replace(facts.support, timezone="UTC", hours=()))
    return facts
