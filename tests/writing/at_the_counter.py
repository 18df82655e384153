"""What the counter's composers are tested with: facts of a store, a shopper with orders in every state, tasks by acts."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from msgspec.structs import replace

from benchmarks import evidence as demo
from mangaassist.domain.acts import Act, intent_of
from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.customers import Order, OrderItem, OrderReturn, Shipment
from mangaassist.domain.derived import Derived, OrderVerdict
from mangaassist.domain.dialogue import Target
from mangaassist.domain.evidence import Evidence, OrderEvidence, ProductEvidence
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.products import Promotion
from mangaassist.domain.store_facts import Delivery, Membership, OpeningHours, StoreFacts, Support
from mangaassist.domain.writing import WritingNotes, WritingTask
from mangaassist.models.writers.offline.composing import OfflineWriter
from mangaassist.models.writers.offline.help_pages import stems
from mangaassist.turn.plans import COMPOSERS

NOW: Final = datetime(2026, 11, 26, 18, tzinfo=UTC)
"""A Thursday."""
TODAY: Final = NOW.date()
AIKO: Final = demo.AIKO

FACTS: Final = StoreFacts(
    name="Inkwell Manga",
    currency="USD",
    delivery=Delivery(
        fee=Decimal("3.99"),
        free_from=Decimal(35),
        least_days=3,
        most_days=5,
        express_fee=Decimal("8.99"),
        express_days=2,
    ),
    ships_to=("CA", "GB", "DE", "FR"),
    home_country="US",
    cancel_minutes=60,
    return_days=30,
    membership=Membership(name="Inkwell Circle", price=Decimal(19), period="year", free_shipping=True),
    support=Support(
        phone="1-800-555-0142",
        email="help@inkwellmanga.example",
        timezone="America/New_York",
        hours=tuple(OpeningHours(weekday=weekday, opens=time(8), closes=time(20)) for weekday in range(6)),
    ),
    payment_methods=("Visa", "Mastercard", "PayPal", "Apple Pay", "gift cards"),
    not_accepted=("checks", "cash on delivery", "bank transfer", "cryptocurrency"),
    sells=("box sets", "omnibuses"),
    does_not_sell=("figures", "posters", "light novels"),
)
WRITER: Final = OfflineWriter(COMPOSERS)


def target(known: ProductEvidence) -> Target:
    product = known.product
    return Target(series_id=product.series_id, title=product.series_title, volume=product.volume, asin=product.asin)


def asked(*acts: Act, about: str = "", evidence: Evidence | None = None, **meaning: Any) -> WritingTask:
    """A message by its acts; ``about`` are its telling words, stemmed as understanding does."""
    state = meaning.pop("state", None)
    history = meaning.pop("history", ())
    task = WritingTask(
        meaning=Meaning(
            text=meaning.pop("text", about),
            guess=IntentGuess(intent_of(acts[0]) if acts else meaning.pop("intent"), 0.9, "model"),
            acts=tuple(HeardAct(act) for act in acts),
            describes=tuple(sorted(stems(about))),
            **meaning,
        ),
        evidence=replace(evidence or Evidence(), facts=FACTS, now=NOW),
        history=history,
        is_guest=False,
    )
    return replace(task, state=state) if state else task


def said(task: WritingTask) -> str:
    return WRITER.compose(task)[0]


def every_way(task: WritingTask) -> set[str]:
    """The answer in the wordings that it may have: which one it takes is decided by the message's text."""
    return {said(replace(task, meaning=replace(task.meaning, text=f"message {n}"))) for n in range(12)}


def noted(task: WritingTask) -> WritingNotes:
    return WRITER.compose(task)[1]


def order(
    place: int,
    state: str,
    *titles: str,
    days_ago: int = 3,
    parcel: Shipment | None = None,
    returns: OrderReturn | None = None,
) -> OrderEvidence:
    number = f"112-000000{place}-000000{place}"
    delivered = NOW - timedelta(days=days_ago) if state == "delivered" else None
    made = Order(
        order_id=number,
        state=state,
        placed_at=NOW - timedelta(days=days_ago + (5 if state == "delivered" else 0)),
        delivered_at=delivered,
        total=Decimal("23.99"),
        currency="USD",
        items=tuple(
            OrderItem(asin=f"B0ITEM{place}{i:03}", title=title, quantity=1, unit_price=Decimal("9.99"))
            for i, title in enumerate(titles)
        ),
    )
    return OrderEvidence(order=made, shipments=(parcel,) if parcel else (), returns=returns)


def parcel(
    place: int, eta: date | None, state: str = "in_transit", event: str = "Arrived at the hub in Louisville"
) -> Shipment:
    return Shipment(
        order_id=f"112-000000{place}-000000{place}",
        carrier="FedEx",
        tracking_number=f"43791212{place}",
        tracking_url="http://carrier.test/1",
        state=state,
        eta=eta,
        last_event=event,
    )


def going_back(place: int, state: str = "none", *, until: date | None = None, amount: str | None = None) -> OrderReturn:
    return OrderReturn(
        order_id=f"112-000000{place}-000000{place}",
        eligible=state == "none" and until is not None and until >= TODAY,
        reason=f"The return window ended on {until}." if until and until < TODAY else None,
        window_ends=until,
        state=state,
        refund_amount=Decimal(amount) if amount else None,
        currency="USD",
    )


def with_orders(
    *orders: OrderEvidence, verdicts: Sequence[OrderVerdict] = (), pages: Sequence[ScoredChunk] = ()
) -> Evidence:
    return Evidence(orders=orders, derived=Derived(orders=tuple(verdicts)), chunks=tuple(pages), customer=AIKO)


def page(name: str, score: float = 0.6) -> ScoredChunk:
    """A help page of the demo store by its file's name."""
    return ScoredChunk(next(one for one in demo.pages() if one.document_id == name and one.source_type == "faq"), score)


def written_page(title: str, content: str, score: float = 0.6) -> ScoredChunk:
    chunk = Chunk(
        chunk_id="page#0",
        document_id="page",
        title=title,
        content=content,
        source_type="faq",
        category="",
        last_updated=NOW,
        version=1,
    )
    return ScoredChunk(chunk, score)


def offer(kind: str, title: str, **fields: Any) -> Promotion:
    known = {
        "promotion_id": title.split(":")[0].lower().replace(" ", "-"),
        "description": f"{title}.",
        "starts_at": NOW - timedelta(days=3),
        "ends_at": NOW + timedelta(days=10),
    }
    return Promotion(kind=kind, title=title, **{**known, **fields})


INK10: Final = offer(
    "coupon",
    "INK10: 10% off your order",
    code="INK10",
    percent_off=10,
    terms="Minimum order $30. One code per order.",
    minimum_amount=Decimal(30),
    everything=True,
)
LONG_NIGHTS: Final = offer("deal", "Long Nights: 20% off horror, volumes 1 to 3", percent_off=20)
TRIO: Final = offer(
    "bundle",
    "Starter Trio: volumes 1 to 3 together, 12% off",
    percent_off=12,
    terms="All three volumes of the same series in one order.",
    minimum_items=3,
)
