"""What the store has, read from data/ once. YOUR DATABASE goes here, or behind each service that asks these functions."""

import tomllib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T")

DATA = Path(__file__).parent.parent / "data"
CENT = Decimal("0.01")


class Product(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is sold, as data/products.toml has it. Without ``series_id`` it stands alone, as a series of its own."""

    asin: str
    """Ten characters that begin with B0, of capitals and digits: your own number, written that way."""
    title: str
    authors: tuple[str, ...]
    price: Decimal
    list_price: Decimal | None = None
    member_price: Decimal | None = None
    series_id: str = ""
    series_title: str = ""
    aliases: tuple[str, ...] = ()
    volume: int | None = None
    series_volumes: int = 1
    series_status: Literal["finished", "ongoing", "hiatus"] = "finished"
    publisher: str = ""
    format: Literal["paperback", "hardcover", "omnibus", "box_set"] = "paperback"
    language: str = "en"
    pages: int = 0
    genres: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    age_rating: str = ""
    published: int = 0
    """The year in which it, or its series, came out first."""
    released: str = ""
    """The day on which this very product came or will come out: 2026-11-03."""
    description: str = ""
    isbn: str = ""
    stock: Literal["in_stock", "low_stock", "backorder", "preorder", "out_of_stock"] = "in_stock"
    quantity: int | None = None
    back_in_days: int | None = None
    rating: float | None = None
    ratings: int = 0
    snippets: tuple[str, ...] = ()
    readers_say: str = ""

    @property
    def series(self) -> str:
        return self.series_id or self.asin.lower()

    @property
    def length(self) -> tuple[int, int]:
        """By the volumes of its series; what is complete in one book, by its pages."""
        return self.series_volumes, self.pages if self.series_volumes == 1 else 0


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """So many of a product in an order."""

    asin: str
    quantity: int = 1


class Order(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order as data/customers.toml has it; days count back from today, so that it stays a fresh one."""

    id: str
    """Three, seven and seven digits: 100-0000001-0000001."""
    state: Literal["placed", "shipped", "delivered", "cancelled", "refunded"]
    placed_days_ago: int
    delivered_days_ago: int | None = None
    items: tuple[Line, ...]
    carrier: str = ""
    tracking_number: str = ""
    due_in_days: int | None = None

    @property
    def total(self) -> Decimal:
        return sum((line.quantity * products()[line.asin].price for line in self.items), Decimal(0))


class Customer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who can sign in, for trying out."""

    id: str
    username: str
    password: str
    name: str
    member: bool = False
    language: str = "en"
    orders: tuple[Order, ...] = ()


class Page(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of help (``faq``), a rule (``policy``) or a guide (``editorial``); ``questions`` is how shoppers ask for it."""

    id: str
    source_type: Literal["faq", "policy", "editorial"] = "faq"
    title: str
    body: str
    category: str = ""
    questions: tuple[str, ...] = ()


class Promotion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An offer that runs; see docs/store.md of the assistant for what each field means."""

    id: str
    kind: Literal["deal", "coupon", "bundle"]
    title: str
    description: str
    code: str | None = None
    percent_off: int | None = None
    asins: tuple[str, ...] = ()
    everything: bool = False
    minimum_amount: Decimal | None = None
    terms: str = ""
    ends_in_days: int = 30


@cache
def products() -> dict[str, Product]:
    """By ASIN, in the order of the file."""
    return {row.asin: row for row in _rows("products", Product)}


@cache
def customers() -> dict[str, Customer]:
    """By id."""
    return {row.id: row for row in _rows("customers", Customer)}


@cache
def pages() -> tuple[Page, ...]:
    """In the order of their ids, which the paging goes by."""
    return tuple(sorted(_rows("pages", Page), key=lambda page: page.id))


@cache
def promotions() -> tuple[Promotion, ...]:
    return tuple(_rows("promotions", Promotion))


@cache
def facts() -> dict[str, Any]:
    """What is particular to the store (docs/store.md of the assistant): each that is missing is not said."""
    return msgspec.json.decode((DATA / "store_facts.json").read_bytes())


def edited(name: str) -> datetime:
    """When a file of data/ was last changed: what grows with each edit."""
    return datetime.fromtimestamp(int((DATA / f"{name}.toml").stat().st_mtime), UTC)


def sold(asins: Iterable[str]) -> list[Product]:
    """The products with these ASINs; whatever is not sold is left out."""
    known = products()
    return [known[asin] for asin in dict.fromkeys(asins) if asin in known]


def money(amount: Decimal | None) -> str | None:
    """As amounts travel: text with two decimals."""
    return None if amount is None else str(amount.quantize(CENT))


def moment(days_ago: int) -> str:
    """A time so many days ago, with its zone."""
    return (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(timespec="seconds")


def day(days_ahead: int) -> str:
    """The day in so many days."""
    return (date.today() + timedelta(days=days_ahead)).isoformat()


def _rows(name: str, kind: type[T]) -> list[T]:
    listed = tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))
    return msgspec.convert(listed.get(name, []), list[kind], strict=False)
