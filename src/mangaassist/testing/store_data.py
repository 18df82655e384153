"""What the fake store sells and to whom: seven series, two customers, every kind of edition, stock and order."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from mangaassist.domain.customers import Customer, Identity, Order, OrderItem, OrderReturn, Shipment
from mangaassist.domain.products import Format, Price, Product, Promotion, Rating, Stock, StockState
from mangaassist.domain.store_facts import (
    NO_FACTS,
    AgeRating,
    Delivery,
    Membership,
    OpeningHours,
    StoreFacts,
    Support,
)

NOW: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
AIKO: Final = Identity("aiko", "token-of-aiko")
"""A member with an order in transit, one delivered and one placed."""
BEN: Final = Identity("ben", "token-of-ben")
"""Has never ordered."""


class StoreData(Struct, frozen=True, kw_only=True):
    """Change a part with ``msgspec.structs.replace``. What is keyed by customer or order is theirs alone."""

    products: tuple[Product, ...]
    prices: dict[str, Price]
    stock: dict[str, Stock]
    ratings: dict[str, Rating]
    customers: dict[str, Customer]
    orders: dict[str, tuple[Order, ...]]
    shipments: tuple[Shipment, ...] = ()
    returns: tuple[OrderReturn, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    facts: StoreFacts = NO_FACTS


def _series(title: str, author: str, demographic: str, volumes: int, about: str, **more: Any) -> dict[str, Any]:
    return {
        "series_id": title.lower().replace(" ", "-").replace("&!", ""),
        "series_title": title,
        "authors": (author,),
        "demographic": demographic,
        "series_volumes": volumes,
        "description": about,
        "publisher": "Inkwell",
        "pages": 200,
        **more,
    }


def _made(asin: str, series: dict[str, Any], suffix: str, **more: Any) -> Product:
    title = f"{series['series_title']}{suffix}"
    return Product(
        asin=asin, title=title, image_url=f"http://store/{asin}.svg", url=f"http://store/p/{asin}", **series | more
    )


def _volumes(code: str, series: dict[str, Any], count: int) -> tuple[Product, ...]:
    """``B0BERSERK1`` and so on: a code of seven letters and the volume's number."""
    return tuple(_made(f"B0{code}{n}", series, f", Vol. {n}", volume=n) for n in range(1, count + 1))


_BERSERK: Final = _series(
    "Berserk", "Kentaro Miura", "seinen", 42, "A branded swordsman hunts the demons that betrayed him.",
    genres=("Action", "Fantasy", "Horror"), themes=("dark fantasy", "revenge"), age_rating="Mature", series_status="ongoing",
)  # fmt: skip
_UZUMAKI: Final = _series(
    "Uzumaki", "Junji Ito", "seinen", 1, "A town is haunted by spirals.",
    genres=("Horror", "Mystery"), themes=("spirals", "body horror"), age_rating="Mature", series_status="finished",
)  # fmt: skip
_YOTSUBA: Final = _series(
    "Yotsuba&!", "Kiyohiko Azuma", "shonen", 15, "A small girl meets every ordinary day as an adventure.",
    genres=("Comedy", "Slice of Life"), themes=("childhood",), age_rating="All Ages", series_status="ongoing",
)  # fmt: skip
_BLUE_PERIOD: Final = _series(
    "Blue Period", "Tsubasa Yamaguchi", "seinen", 17, "A bored student discovers painting and aims for art school.",
    genres=("Drama", "School"), themes=("art", "growing up"), age_rating="Teen", series_status="ongoing",
)  # fmt: skip
_ONE_PIECE: Final = _series(
    "One Piece", "Eiichiro Oda", "shonen", 110, "A boy made of rubber sails out to become king of the pirates.",
    genres=("Action", "Adventure", "Comedy"), themes=("pirates", "friendship"), age_rating="Teen", series_status="ongoing",
)  # fmt: skip
_WITCH_HAT: Final = _series(
    "Witch Hat Atelier", "Kamome Shirahama", "seinen", 13, "A girl who was born without magic learns that it is drawn.",
    genres=("Adventure", "Fantasy"), themes=("magic", "apprentices"), age_rating="Teen", series_status="ongoing",
)  # fmt: skip
_AFFECTION: Final = _series(
    "A Sign of Affection", "suu Morishita", "shojo", 11, "A deaf student falls in love with one who speaks many languages.",
    genres=("Romance", "Slice of Life"), themes=("first love",), age_rating="Teen", series_status="ongoing",
)  # fmt: skip

PRODUCTS: Final = (
    *_volumes("BERSERK", _BERSERK, 3),
    _made(
        "B0BERSERKD", _BERSERK, " Deluxe Edition, Vol. 1", format=Format.OMNIBUS, volume_from=1, volume_to=3, pages=696
    ),
    _made("B0UZUMAKI1", _UZUMAKI, "", format=Format.HARDCOVER, pages=648),
    *_volumes("YOTSUBA", _YOTSUBA, 2),
    *_volumes("BLUEPER", _BLUE_PERIOD, 2),
    *_volumes("1PIECEV", _ONE_PIECE, 3),
    _made("B01PIECEBX", _ONE_PIECE, " Box Set 1", format=Format.BOX_SET, volume_from=1, volume_to=23, pages=4800),
    _made("B0WITCHHT1", _WITCH_HAT, ", Vol. 1", volume=1),
    _made("B0AFFECTN1", _AFFECTION, ", Vol. 1", volume=1),
)

_CENTS: Final = {"B0BERSERKD": 4999, "B0UZUMAKI1": 2799, "B01PIECEBX": 18999, "B0AFFECTN1": 1299}
_STATES: Final[dict[str, StockState]] = {
    "B0BERSERKD": "low_stock",
    "B0BERSERK3": "out_of_stock",
    "B0AFFECTN1": "preorder",
}
_MEANS: Final = {"berserk": 4.8, "uzumaki": 4.7, "yotsuba": 4.9, "one-piece": 4.6}


def _price(asin: str) -> Price:
    current = Decimal(_CENTS.get(asin, 999)) / 100
    return Price(asin=asin, currency="USD", current=current, list=current + 2, as_of=NOW)


def _stock(asin: str) -> Stock:
    state = _STATES.get(asin, "in_stock")
    return Stock(asin=asin, state=state, quantity={"in_stock": 40, "low_stock": 2}.get(state, 0))


def _rating(product: Product) -> Rating:
    return Rating(
        asin=product.asin, mean=_MEANS.get(product.series_id, 4.2), count=1200, snippets=("Could not put it down.",)
    )


def _order(order_id: str, state: Any, days_ago: int, asins: Iterable[str]) -> Order:
    titles = {product.asin: product.title for product in PRODUCTS}
    items = tuple(
        OrderItem(asin=asin, title=titles[asin], quantity=1, unit_price=_price(asin).current) for asin in asins
    )
    placed = NOW - timedelta(days=days_ago)
    return Order(
        order_id=order_id,
        state=state,
        placed_at=placed,
        delivered_at=placed + timedelta(days=4) if state == "delivered" else None,
        total=sum((item.unit_price for item in items), Decimal("0.00")),
        currency="USD",
        items=items,
    )


IN_TRANSIT: Final = _order("112-0000001-0000001", "shipped", 3, ("B0BERSERK1", "B0BERSERK2"))
DELIVERED: Final = _order("112-0000002-0000002", "delivered", 12, ("B0YOTSUBA1",))
PLACED: Final = _order("112-0000003-0000003", "placed", 0, ("B01PIECEBX",))

STORE: Final = StoreData(
    products=PRODUCTS,
    prices={product.asin: _price(product.asin) for product in PRODUCTS},
    stock={product.asin: _stock(product.asin) for product in PRODUCTS},
    ratings={product.asin: _rating(product) for product in PRODUCTS},
    customers={
        "aiko": Customer(customer_id="aiko", name="Aiko Tanaka", member=True, locale="en-US", language="en"),
        "ben": Customer(customer_id="ben", name="Ben Okoro", member=False, locale="en-US", language="en"),
    },
    orders={"aiko": (PLACED, IN_TRANSIT, DELIVERED)},
    shipments=(
        Shipment(
            order_id=IN_TRANSIT.order_id,
            carrier="Paperwing",
            tracking_number="PW123456789",
            tracking_url="http://paperwing.example/PW123456789",
            state="in_transit",
            eta=date(2026, 11, 27),
            last_event="Left the sorting centre",
            last_event_at=NOW - timedelta(hours=5),
        ),
    ),
    returns=(
        OrderReturn(
            order_id=DELIVERED.order_id, eligible=True, window_ends=date(2026, 12, 17), state="none", currency="USD"
        ),
    ),
    promotions=(
        Promotion(
            promotion_id="pirates",
            kind="deal",
            title="Pirate week",
            description="One Piece volumes at 20 % off.",
            percent_off=20,
            asins=("B01PIECEV1", "B01PIECEV2"),
            series_ids=("one-piece",),
            starts_at=NOW - timedelta(days=1),
            ends_at=NOW + timedelta(days=6),
        ),
    ),
    facts=StoreFacts(
        name="Inkwell",
        currency="USD",
        delivery=Delivery(
            fee=Decimal("3.99"),
            free_from=Decimal(35),
            least_days=3,
            most_days=5,
            express_fee=Decimal("8.99"),
            express_days=2,
        ),
        ships_to=("US", "CA", "GB"),
        home_country="US",
        cancel_minutes=60,
        return_days=30,
        membership=Membership(name="Inkwell Circle", price=Decimal(19), period="year", free_shipping=True),
        age_ratings=(
            AgeRating(name="All Ages", least_age=0),
            AgeRating(name="Teen", least_age=13),
            AgeRating(name="Older Teen", least_age=16),
            AgeRating(name="Mature", least_age=18),
        ),
        support=Support(
            phone="1-800-555-0142",
            email="help@inkwell.example",
            hours=tuple(OpeningHours(weekday=day, opens=time(8), closes=time(20)) for day in range(6)),
        ),
        payment_methods=("Visa", "PayPal"),
        not_accepted=("cryptocurrency",),
        languages=("en",),
        does_not_sell=("figures", "digital editions"),
        orders_url="http://store/orders",
        page_url="http://store/help/{id}",
        product_url="http://store/p/{asin}",
    ),
)
