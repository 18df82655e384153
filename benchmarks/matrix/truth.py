"""What is true: everything that a healthy store says, and what the assistant answers while it is well."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import msgspec
from msgspec import Struct

from benchmarks.matrix.cells import Who
from benchmarks.system import Heard
from mangaassist.domain.customers import GUEST, Identity, Order, OrderReturn, Shipment
from mangaassist.domain.evidence import amounts_in
from mangaassist.domain.products import Price, Product, Promotion, Rating, Stock
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.evaluation.shelves import all_products
from mangaassist.services.caller import Caller
from mangaassist.services.clients import Addresses, clients_at
from mangaassist.services.policies import POLICIES, stretched
from mangaassist.services.store import StoreServices
from mangaassist.services.turn_services import TurnServices
from mangaassist.stores.memory.cache import MemoryCache
from mangaassist.wire.cards import ProductCard

PATIENCE = 300.0
_DAY = re.compile(
    r"\b(January|February|March|April|May|June|July|August|September|October|November|December) (\d{1,2})\b"
)


class Told(Struct, frozen=True, kw_only=True):
    """One answer as its shopper saw it in the end."""

    text: str
    cards: tuple[ProductCard, ...] = ()
    buttons: tuple[str, ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    """The ``degraded`` frames: service and fallback."""
    degraded: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    sources: tuple[tuple[str, str | None], ...] = ()
    """Title and ASIN of what it cites."""
    took_s: float = 0.0
    problem: str = ""

    @property
    def amounts(self) -> set[Decimal]:
        return set(amounts_in(self.text))

    @property
    def days(self) -> set[tuple[str, str]]:
        """The days that it names, without their year."""
        return set(_DAY.findall(self.text))


def told(heard: Heard) -> Told:
    seen = heard.transcript
    assert seen.metadata is not None
    return Told(
        text=seen.text,
        cards=seen.products,
        buttons=tuple(button.type for button in seen.buttons),
        notices=tuple((frame.service, frame.fallback) for frame in seen.degraded),
        degraded=seen.metadata.degraded,
        services=seen.metadata.services,
        sources=tuple((source.title, source.asin) for source in seen.metadata.sources),
        took_s=round(heard.done_s, 3),
    )


class Truth(Struct, frozen=True, kw_only=True):
    """The store's own data. ``standing``: the amounts that pages, offers and facts name, whatever a book costs."""

    products: dict[str, Product]
    prices: dict[str, Price]
    stock: dict[str, Stock]
    ratings: dict[str, Rating]
    promotions: tuple[Promotion, ...]
    facts: StoreFacts
    standing: frozenset[Decimal]
    orders: dict[str, Order]
    shipments: tuple[Shipment, ...]
    returns: tuple[OrderReturn, ...]
    healthy: dict[tuple[str, Who], Told] = {}
    """What was answered to each question while every service was well."""

    def series(self, title: str) -> Product:
        """Some product of the series."""
        return next(one for one in self.products.values() if one.series_title == title)

    @property
    def titles(self) -> set[str]:
        return {title for one in self.products.values() for title in (one.title, one.series_title, *one.aliases)}


async def read(rest: str, grpc: str, customer: Identity) -> Truth:
    """Ask a healthy store for everything."""
    policies = stretched(POLICIES, PATIENCE)
    clients = clients_at(Addresses(rest=rest, grpc=grpc), policies=policies)
    async with StoreServices(clients, MemoryCache(), policies=policies) as services:
        products = {one.asin: one for one in await all_products(services.changes(0))}
        guest, own = services.for_turn(GUEST), services.for_turn(customer)
        facts, promotions = (await guest.store_facts()).value, (await guest.promotions()).value
        orders = {order.order_id: order for order in (await own.orders(100)).value or ()}
        assert facts and promotions and orders and isinstance(services.caller, Caller)
        return Truth(
            products=products,
            prices=(await guest.prices(products)).value or {},
            stock=(await guest.stock(products)).value or {},
            ratings=(await guest.ratings(products)).value or {},
            promotions=promotions,
            facts=facts,
            standing=frozenset({*facts.amounts(), *_of_offers(promotions), *await _of_pages(guest)}),
            orders=orders,
            shipments=tuple([one for order in orders for one in (await own.shipments(order)).value or ()]),
            returns=tuple([one for order in orders if (one := (await own.returns(order)).value)]),
        )


def _of_offers(promotions: Iterable[Promotion]) -> Iterable[Decimal]:
    for offer in promotions:
        yield from amounts_in(f"{offer.title} {offer.description} {offer.terms}")
        if offer.minimum_amount is not None:
            yield offer.minimum_amount


async def _of_pages(guest: TurnServices) -> set[Decimal]:
    """The amounts of all pages of the store."""
    amounts, after = set[Decimal](), None
    while True:
        page = msgspec.json.decode((await guest.content_page(after)).value or b"{}")
        amounts.update(amount for entry in page.get("entries", ()) for amount in amounts_in(entry["body"]))
        after = page.get("next")
        if not after:
            return amounts


def day_of(day: date) -> tuple[str, str]:
    return f"{day:%B}", str(day.day)
