"""Realistic evidence for benchmarks and tests: the demo store's own series, prices, stock, orders and pages, without a network."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

import mangastore
from mangaassist.domain.acts import ACTS
from mangaassist.domain.chunks import Chunk, ScoredChunk, SourceType
from mangaassist.domain.customers import Customer, Order, OrderItem, OrderReturn, Shipment
from mangaassist.domain.dialogue import NEW_DIALOGUE, DialogueState
from mangaassist.domain.evidence import Degradation, Evidence, OrderEvidence, ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.products import Format, Price, Product, Promotion, Rating, Stock
from mangaassist.domain.writing import PastTurn, WritingTask
from mangaassist.models.writers.offline.help_pages import stems
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.reader import MeaningReader
from mangaassist.understanding.titles import SeriesTitle
from mangastore.data.orders import Order as StoreOrder
from mangastore.data.orders import make_orders, return_window_end
from mangastore.data.prices import list_cents
from mangastore.data.products import Product as StoreProduct
from mangastore.data.products import make_products
from mangastore.data.promotions import make_promotions
from mangastore.data.ratings import rating_of
from mangastore.data.series import load_series
from mangastore.data.stock import stock_level

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CONTENT = Path(mangastore.__file__).parent / "content"
AIKO = Customer(customer_id="cus-aiko", name="Aiko Tanaka", member=True, locale="en-US", language="en")


@cache
def store_products() -> tuple[StoreProduct, ...]:
    return tuple(make_products(load_series()))


@cache
def lexicon() -> Lexicon:
    """The words of the lexica with the demo store's series, authors and themes."""
    series = load_series()
    titles = [
        SeriesTitle(one.id, one.title, tuple(one.other_names()), tuple(one.authors), tuple(one.themes))
        for one in series
    ]
    return Lexicon.with_catalog(titles, {theme for one in series for theme in one.themes})


@cache
def reader() -> MeaningReader:
    return MeaningReader(lexicon())


def product(series_id: str, volume: int | None = 1, form: str | None = None) -> ProductEvidence:
    """A product of the demo store with its price, stock and rating."""
    found = next(
        one
        for one in store_products()
        if one.series.id == series_id and (one.format == form if form else one.volume == volume)
    )
    return known(found)


def known(found: StoreProduct) -> ProductEvidence:
    level, rating = stock_level(found), rating_of(found)
    restock = level.restock_date(TODAY)
    return ProductEvidence(
        product=Product(
            asin=found.asin,
            title=found.title,
            series_id=found.series.id,
            series_title=found.series.title,
            volume=found.volume,
            volume_from=None if found.volume is not None else found.first_volume,
            volume_to=None if found.volume is not None else found.last_volume,
            authors=tuple(found.series.authors),
            publisher=found.series.publisher,
            format=Format(found.format),
            pages=found.pages,
            genres=tuple(found.series.genres),
            themes=tuple(found.series.themes),
            demographic=found.series.demographic,
            age_rating=found.series.rating,
            first_published=found.series.year,
            series_volumes=found.series.volumes,
            series_status=found.series.status,
            description=found.description,
            isbn=found.isbn,
            url=f"http://store.test/p/{found.asin}",
        ),
        price=Price(asin=found.asin, currency="USD", current=Decimal(list_cents(found)) / 100, as_of=NOW),
        stock=Stock(
            asin=found.asin,
            state=level.state,
            quantity=level.quantity,
            restock_date=date.fromisoformat(restock) if restock else None,
        ),
        rating=Rating(asin=found.asin, mean=rating.mean, count=rating.count, snippets=tuple(rating.snippets)),
    )


@cache
def pages() -> tuple[Chunk, ...]:
    return tuple(_page(path) for path in sorted(CONTENT.rglob("*.md")) if path.read_text("utf-8").startswith("---"))


def _page(path: Path) -> Chunk:
    _, front, body = path.read_text(encoding="utf-8").split("---", 2)
    kinds: dict[str, SourceType] = {"faq": "faq", "policy": "policy", "editorial": "editorial"}
    title = re.search(r"^title: (.*)$", front, re.MULTILINE)
    assert title
    raw = title[1].strip()
    return Chunk(
        chunk_id=f"{path.stem}#0",
        document_id=path.stem,
        title=json.loads(raw) if raw.startswith('"') else raw.strip("'"),
        content=body.strip(),
        source_type=kinds[path.parent.name],
        category="",
        last_updated=NOW,
        version=1,
    )


def searched(text: str, kinds: Sequence[str] = ("faq", "policy"), k: int = 3) -> tuple[ScoredChunk, ...]:
    """A plain search over the pages, good enough to put the right page in front."""
    asked = stems(text)

    def score(page: Chunk) -> float:
        return 3 * len(asked & stems(page.title)) + len(asked & stems(page.content)) - len(stems(page.title)) / 10

    ranked = sorted((page for page in pages() if page.source_type in kinds), key=score, reverse=True)[:k]
    return tuple(ScoredChunk(page, 0.6) for page in ranked if score(page) > 1)


@cache
def promotions() -> tuple[Promotion, ...]:
    def at(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)

    return tuple(
        Promotion(
            promotion_id=one.offer.id,
            kind=one.offer.kind,
            title=one.offer.title,
            description=one.offer.description,
            code=one.offer.code,
            percent_off=one.offer.percent_off,
            asins=tuple(one.asins),
            series_ids=tuple(one.series_ids),
            starts_at=at(one.days(TODAY)[0]),
            ends_at=at(one.days(TODAY)[1]),
            terms=one.offer.terms,
        )
        for one in make_promotions(store_products())
    )


@cache
def orders(customer: str = "cus-aiko") -> tuple[OrderEvidence, ...]:
    """Newest first; those that are special come last: of this very hour, late, waiting, a gift, in several parcels."""
    usual = sorted(make_orders(store_products())[customer], key=_is_unusual)
    return tuple(_order(one) for one in usual)


def _is_unusual(one: StoreOrder) -> bool:
    late = any(parcel.eta_day is not None and parcel.eta_day < 0 for parcel in one.parcels)
    waits = any(line.availability != "in_stock" for line in one.lines)
    return late or waits or one.is_gift or len(one.parcels) > 1 or one.minutes_ago is not None


def _order(one: StoreOrder) -> OrderEvidence:
    delivered = None if one.delivered_day is None else NOW + timedelta(days=one.delivered_day)
    order = Order(
        order_id=one.id,
        state=one.state,
        placed_at=NOW + timedelta(days=one.placed_day, minutes=-(one.minutes_ago or 0)),
        delivered_at=delivered,
        total=Decimal(one.total_cents) / 100,
        currency="USD",
        items=tuple(
            OrderItem(
                asin=line.product.asin,
                title=line.product.title,
                quantity=line.quantity,
                unit_price=Decimal(line.unit_cents) / 100,
            )
            for line in one.lines
        ),
    )
    parcel = one.parcels[0] if one.parcels else None
    shipments = ()
    if parcel is not None:
        shipments = (
            Shipment(
                order_id=one.id,
                carrier=parcel.carrier,
                tracking_number=parcel.tracking_number,
                tracking_url=f"http://carrier.test/{parcel.tracking_number}",
                state=parcel.state,
                eta=None if parcel.eta_day is None else TODAY + timedelta(days=parcel.eta_day),
                last_event=parcel.last_event,
            ),
        )
    ends = return_window_end(delivered.date()) if delivered else None
    case = one.returns[-1] if one.returns else None
    return OrderEvidence(
        order=order,
        shipments=shipments,
        returns=OrderReturn(
            order_id=one.id,
            eligible=ends is not None and ends >= TODAY and case is None and one.state == "delivered",
            reason=None if delivered else "Only delivered orders can be returned.",
            window_ends=ends,
            state=case.state if case else "none",
            refund_amount=Decimal(one.books_cents) / 100 if case else None,
            currency="USD",
            refunded_at=NOW + timedelta(days=case.refunded_day) if case and case.refunded_day is not None else None,
        ),
    )


NOTHING: Final = Evidence()


def meant(text: str, intent: Intent, state: DialogueState = NEW_DIALOGUE) -> Meaning:
    """What is understood of a message by a model that is sure of its intent; its acts are always of that intent."""
    heard = reader().heard(text)
    meaning = reader().with_model(heard, state, {}, ((intent, 0.9),))
    acts = tuple(one for one in meaning.acts if ACTS[one.act].intent is intent)
    return replace(
        meaning,
        guess=IntentGuess(intent, 0.9, "model"),
        acts=acts or (HeardAct(next(act for act, row in ACTS.items() if row.intent is intent), 0.9, "model"),),
        between=None,
    )


def asks(
    text: str,
    intent: Intent,
    evidence: Evidence = NOTHING,
    *,
    between: tuple[Intent, Intent] | None = None,
    state: DialogueState = NEW_DIALOGUE,
    history: Sequence[PastTurn] = (),
    guest: bool = True,
    **understood: Any,
) -> WritingTask:
    """``understood`` are fields of the meaning that take the place of what was read from the text."""
    return WritingTask(
        meaning=replace(meant(text, intent, state), between=between, **understood),
        evidence=evidence,
        history=tuple(history),
        state=state,
        is_guest=guest,
    )


def without(service: str) -> tuple[Degradation, ...]:
    return (Degradation(service, "done without"),)


_SHELF: Sequence[tuple[str, int | None, str | None]] = (
    ("berserk", 1, None), ("vinland-saga", 1, None), ("uzumaki", 1, None), ("vagabond", 1, None), ("pluto", 1, None),
    ("berserk", None, "omnibus"),
)  # fmt: skip
_CARDS: Mapping[Intent, int] = {
    Intent.PRODUCT_DISCOVERY: 6, Intent.PRODUCT_QUESTION: 1, Intent.RECOMMENDATION: 5, Intent.PROMOTION: 3,
}  # fmt: skip
_OF_ORDERS = (Intent.ORDER_TRACKING, Intent.RETURN_REQUEST)


def typical(text: str, intent: Intent) -> WritingTask:
    """What a healthy turn hands to the writer for such a message: as many products, pages and orders as its intent asks for."""
    kinds = ("editorial",) if intent is Intent.RECOMMENDATION else ("faq", "policy")
    found = Evidence(
        products=tuple(product(*row) for row in _SHELF[: _CARDS.get(intent, 0)]),
        chunks=() if intent in (Intent.CHITCHAT, Intent.ESCALATION, Intent.ORDER_TRACKING) else searched(text, kinds),
        orders=orders()[:3] if intent in _OF_ORDERS else (),
        promotions=promotions() if intent is Intent.PROMOTION else (),
        customer=AIKO,
    )
    return asks(text, intent, replace(found, ceiling=meant(text, intent).seeks.price.most), guest=False)
