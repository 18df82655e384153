"""What the store says about the things it sells: catalog, pricing, inventory, reviews, recommendations, promotions.

The structs are what the services' answers are decoded into, so their constraints are the contract check (S-7).
"""

import re
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

Asin = Annotated[str, Meta(pattern=r"^B0[A-Z0-9]{8}$")]
Moment = Annotated[datetime, Meta(tz=True)]
"""A time that says its zone: one without cannot be compared with now."""
WebUrl = Annotated[str, Meta(pattern=r"^(https?://[^\s<>\"]+)?$", max_length=2048)]
"""An address that a page may link to (never ``javascript:``), or nothing."""
Line = Annotated[str, Meta(max_length=300, pattern=r"^(?!.*<[A-Za-z/!])[^\x00-\x1f\x7f]*$")]
"""A line of plain text of a service's: no markup, no control characters, no more than a line is long (S-7)."""
Prose = Annotated[str, Meta(max_length=20_000, pattern=r"^(?![\s\S]*<[A-Za-z/!])[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
"""Plain text of several lines."""
Currency = Literal["USD", "CAD", "GBP", "EUR", "AUD", "JPY"]
StockState = Literal["in_stock", "low_stock", "backorder", "preorder", "out_of_stock"]

CURRENCY_SIGNS: dict[str, str] = {"USD": "$", "CAD": "CA$", "GBP": "£", "EUR": "€", "AUD": "A$", "JPY": "¥"}


def money(amount: Decimal, currency: str) -> str:
    """Word an amount as a shopper reads it, e.g. ``$9.99``; yen have no decimals."""
    digits = 0 if currency == "JPY" else 2
    return f"{CURRENCY_SIGNS[currency]}{amount:,.{digits}f}"


class Format(StrEnum):
    PAPERBACK = "paperback"
    HARDCOVER = "hardcover"
    OMNIBUS = "omnibus"
    BOX_SET = "box_set"


class Product(Struct, frozen=True, kw_only=True):
    """One purchasable thing, as the catalog describes it. Prices, stock and ratings are other services' facts."""

    asin: Asin
    title: Annotated[Line, Meta(min_length=1)]
    series_id: str
    series_title: Line
    aliases: tuple[str, ...] = ()
    volume: int | None = None
    volume_from: int | None = None
    volume_to: int | None = None
    authors: tuple[Line, ...] = ()
    publisher: Line = ""
    format: Format = Format.PAPERBACK
    language: str = "en"
    pages: Annotated[int, Meta(ge=0)] = 0
    genres: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    demographic: str = ""
    age_rating: str = ""
    first_published: int = 0
    series_volumes: int = 0
    series_status: str = ""
    description: Prose = ""
    image_url: WebUrl = ""
    url: WebUrl = ""
    isbn: str = ""
    traits: tuple[str, ...] = ()
    """What the store knows of its content, "gore:some" or "lead:female"; of a name that is missing it knows nothing."""
    released: date | None = None
    """When this very product came out, or will; None where the store does not tell."""

    @property
    def length(self) -> tuple[int, int]:
        """What is longer and shorter goes by: volumes of its series, then its pages where it is complete in one book; a zero is
        not known."""
        return self.series_volumes, self.pages if self.series_volumes == 1 else 0


def known_traits(product: Product, name: str) -> frozenset[str]:
    """What the store knows by this name of a product; empty where it does not tell."""
    return frozenset(value for known, _, value in (trait.partition(":") for trait in product.traits) if known == name)


def has_trait(product: Product, trait: str) -> bool | None:
    """Whether "gore:some|strong" holds of a product; None where the store does not know."""
    name, _, values = trait.partition(":")
    known = known_traits(product, name)
    return not known.isdisjoint(values.split("|")) if known else None


_BOOK_NUMBER = re.compile(r"(?:Box Set|Omnibus|Vol\.|Part)\s(\d{1,3})(?=\W|$)(?!\d)")


def book_number(product: Product) -> int | None:
    """Which book of its edition it is: "Bleach Box Set 2 (Vols. 22-48)" is the second, whatever volumes it holds."""
    named = product.title.replace(product.series_title, "", 1)
    found = _BOOK_NUMBER.search(named)
    return int(found[1]) if found else None


ProductOrder = Literal["relevance", "newest", "oldest", "longest", "shortest"]


class ProductQuery(Struct, frozen=True, kw_only=True):
    """What to look for in the catalog: free text and filters, all of which must hold.

    ``labels`` are themes or genres of which at least one must be there, the more the better; ``without_labels`` none.
    ``least_volumes`` and ``most_volumes`` count the volumes of a series, ``published_from`` and ``published_to`` are years of its
    first volume, both included; ``age_ratings`` are the ratings that are allowed. Every one of ``traits`` must hold, "gore:none" or
    "gore:some|strong"; ``without_traits`` lets through what is known to have none of them.
    """

    text: str = ""
    labels: tuple[str, ...] = ()
    without_labels: tuple[str, ...] = ()
    without_series_ids: tuple[str, ...] = ()
    without_authors: tuple[str, ...] = ()
    without_demographics: tuple[str, ...] = ()
    least_volumes: int | None = None
    most_volumes: int | None = None
    published_from: int | None = None
    published_to: int | None = None
    statuses: tuple[str, ...] = ()
    age_ratings: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    without_traits: tuple[str, ...] = ()
    order: ProductOrder = "relevance"
    series_ids: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    demographics: tuple[str, ...] = ()
    formats: tuple[Format, ...] = ()
    authors: tuple[str, ...] = ()
    volume: int | None = None
    one_per_series: bool = True
    limit: Annotated[int, Meta(ge=1, le=50)] = 10


class ProductChange(Struct, frozen=True, kw_only=True):
    """One event of the catalog's change stream (K-5). ``product`` is None when the product was withdrawn."""

    cursor: int
    asin: Asin
    version: int
    product: Product | None
    emitted_at: Moment
    head: int


class Discount(Struct, frozen=True):
    label: Line
    amount: Decimal


class Price(Struct, frozen=True, kw_only=True):
    """The live price of one product.

    Raises ``ValueError`` on an amount that cannot be a price, so that a service that sends one has failed (S-7).
    """

    asin: Asin
    currency: Currency
    current: Decimal
    list: Decimal | None = None
    member: Decimal | None = None
    discounts: tuple[Discount, ...] = ()
    as_of: Moment

    def __post_init__(self) -> None:
        for name in ("current", "list", "member"):
            amount: Decimal | None = getattr(self, name)
            if amount is not None and not (amount.is_finite() and amount > 0):
                raise ValueError(f"{name} is {amount}, not a price")

    def worded(self) -> str:
        return money(self.current, self.currency)


class Stock(Struct, frozen=True, kw_only=True):
    asin: Asin
    state: StockState
    quantity: Annotated[int, Meta(ge=0)] | None = None
    restock_date: date | None = None
    warehouse: Line | None = None


class Rating(Struct, frozen=True, kw_only=True):
    asin: Asin
    mean: Annotated[float, Meta(ge=0, le=5)]
    count: Annotated[int, Meta(ge=0)]
    snippets: tuple[str, ...] = ()


class ReviewSummary(Struct, frozen=True, kw_only=True):
    series_id: str
    series_title: str
    asin: Asin
    summary: str
    praised: tuple[str, ...] = ()
    criticised: tuple[str, ...] = ()
    updated_at: Moment
    version: int


class Ranked(Struct, frozen=True, kw_only=True):
    """One recommendation: a product, how well it fits (0 to 1) and why, in words a shopper may read."""

    asin: Asin
    score: Annotated[float, Meta(ge=0, le=1)]
    reason: Line = ""


class Promotion(Struct, frozen=True, kw_only=True):
    promotion_id: str
    kind: Literal["deal", "coupon", "bundle"]
    title: Line
    description: Prose
    code: Line | None = None
    percent_off: Annotated[int, Meta(ge=1, le=100)] | None = None
    asins: tuple[Asin, ...] = ()
    series_ids: tuple[str, ...] = ()
    starts_at: Moment
    ends_at: Moment
    terms: Prose = ""
    minimum_amount: Decimal | None = None
    """What the covered items of an order must come to, and how many of them there must be."""
    minimum_items: int | None = None
    whole_series: bool = False
    """It takes every volume of a series together."""
    everything: bool = False
    """It covers the whole store."""
