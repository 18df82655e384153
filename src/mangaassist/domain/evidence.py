"""The only source of facts of one answer (T-3). Prompt, offline writer, cards and guardrails all read the same object."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from msgspec import Struct

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.customers import Customer, Order, OrderReturn, Shipment
from mangaassist.domain.derived import NOTHING_DERIVED, Derived
from mangaassist.domain.handoff import Person
from mangaassist.domain.keeping import Keeping, Part, Whole
from mangaassist.domain.products import Price, Product, Promotion, Rating, Stock
from mangaassist.domain.store_facts import NO_FACTS, StoreFacts
from mangaassist.domain.wishes import Label

PRICE_PLACEHOLDER = re.compile(r"\{\{price:(B0[A-Z0-9]{8})\}\}")
AMOUNT = re.compile(r"(?:US|CA|A)?[$£€¥]\s?(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,2})?)")


def price_placeholder(asin: str) -> str:
    """What a writer writes in place of a price (M-7): ``{{price:B0...}}``."""
    return f"{{{{price:{asin}}}}}"


def amounts_in(text: str) -> Iterator[Decimal]:
    """Every amount of money that a text names with a currency sign."""
    for found in AMOUNT.finditer(text):
        try:
            yield Decimal(found[1].replace(",", ""))
        except InvalidOperation:
            continue


class ProductEvidence(Struct, frozen=True, kw_only=True):
    """A product with what this turn knows about it. What is None is not known, and must not be said."""

    product: Product
    price: Price | None = None
    stock: Stock | None = None
    rating: Rating | None = None
    reason: str = ""
    told: str = ""
    """What a guide of the store that is written for the wish says of it."""
    fits: tuple[Label, ...] = ()
    """Which of the labels that are wanted it has: why it was chosen, in the shopper's words."""
    wish: int = 0
    """The place in ``Meaning.sought`` of the wish that it answers."""
    keeps: tuple[tuple[Part, Keeping], ...] = ()
    """How far it keeps each part of that wish; a part that is missing has not been checked, and must not be claimed."""
    whole: Whole | None = None
    """What all of its series costs, where that was worked out."""

    @property
    def asin(self) -> str:
        return self.product.asin


class OrderEvidence(Struct, frozen=True, kw_only=True):
    order: Order
    shipments: tuple[Shipment, ...] = ()
    returns: OrderReturn | None = None

    @property
    def next_due(self) -> date | None:
        """The day on which the first parcel is expected that is not there yet."""
        return min((one.eta for one in self.shipments if one.eta and one.state != "delivered"), default=None)


class Degradation(Struct, frozen=True):
    """A service that could not be used, and what was done instead (S-5). ``as_of`` dates a stale value that was used.

    ``answered``: it did answer, but took so long that others could not be asked.
    """

    service: str
    fallback: str
    as_of: datetime | None = None
    answered: bool = False


class Evidence(Struct, frozen=True, kw_only=True):
    products: tuple[ProductEvidence, ...] = ()
    cart: tuple[ProductEvidence, ...] = ()
    orders: tuple[OrderEvidence, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    chunks: tuple[ScoredChunk, ...] = ()
    guides: tuple[ScoredChunk, ...] = ()
    """The store's own guides that may speak of the series that is asked about."""
    customer: Customer | None = None
    facts: StoreFacts = NO_FACTS
    derived: Derived = NOTHING_DERIVED
    now: datetime | None = None
    """When the evidence was gathered: what "late" and "still" are measured by."""
    degraded: tuple[Degradation, ...] = ()
    unasked: frozenset[str] = frozenset()
    """Services for which others left no time: healthy, for all that is known, and not to be blamed."""
    sign_in_needed: bool = False
    """The answer needs an account and the shopper is a guest (T-7)."""
    ceiling: Decimal | None = None
    """A price limit that the shopper named; it may be repeated to them."""
    floor: Decimal | None = None
    """The least that it shall cost, where the shopper named that."""
    person: Person | None = None
    """How it stands with a person, where one was asked for, now or before (R-3)."""
    over_limit: frozenset[str] = frozenset()
    """The ASINs of ``products`` that fit but for their price: whoever names one says that it costs more than was asked for."""

    def priced(self) -> dict[str, Price]:
        """The live price of every product of this turn that has one, by ASIN."""
        return {known.asin: known.price for known in (*self.products, *self.cart) if known.price}

    @property
    def currency(self) -> str | None:
        """In which the store sells; None where nothing tells it."""
        return self.facts.currency or next((price.currency for price in self.priced().values()), None)

    def amounts(self) -> frozenset[Decimal]:
        """The amounts that may be said as figures: those of chunks, promotions and orders, what was worked out from live prices,
        a member's own prices, and the shopper's limits."""
        texts: Iterable[str] = (
            *(scored.chunk.content for scored in self.chunks),
            *(f"{promotion.title} {promotion.description} {promotion.terms}" for promotion in self.promotions),
        )
        named = {amount for text in texts for amount in amounts_in(text)}
        for owned in self.orders:
            named.update(filter(None, (owned.order.total, owned.order.member_saving, owned.order.shipping_fee)))
            named.update(item.unit_price for item in owned.order.items)
            begun = owned.returns.begun if owned.returns else ()
            named.update(case.refund_amount for case in begun if case.refund_amount is not None)
        if self.customer is not None and self.customer.member:
            named.update(price.member for price in self.priced().values() if price.member is not None)
        named.update(self.derived.amounts(), self.facts.amounts())
        named.update(known.whole.amount for known in self.products if known.whole)
        named.update(limit for limit in (self.ceiling, self.floor) if limit is not None)
        if self.ceiling is not None and self.ceiling % 1 == Decimal("0.99"):  # "under $15" is what the shopper said
            named.add(self.ceiling + Decimal("0.01"))
        named.update(filter(None, (promotion.minimum_amount for promotion in self.promotions)))
        return frozenset(named)

    def failed(self, service: str) -> bool:
        """Whether what ``service`` knows is missing here or incomplete, whoever is to blame.

        Services are those of S-1, and ``knowledge``, ``embedding`` and ``classifier``. What was not searched is never called
        not found.
        """
        return service in self.unasked or any(
            degradation.service == service and not degradation.answered for degradation in self.degraded
        )
