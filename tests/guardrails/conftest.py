"""One turn's evidence: two Berserk volumes, Claymore, an order under way and what the store says of itself."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.customers import Order, OrderItem, Shipment
from mangaassist.domain.evidence import Evidence, OrderEvidence, ProductEvidence
from mangaassist.domain.products import Price, Product, Promotion, Stock
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.review import Review

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def product(asin: str, series: str, volume: int, current: str, state: str = "in_stock") -> ProductEvidence:
    return ProductEvidence(
        product=Product(
            asin=asin,
            title=f"{series}, Vol. {volume}",
            series_id=series.lower(),
            series_title=series,
            volume=volume,
        ),
        price=Price(asin=asin, currency="USD", current=Decimal(current), list=Decimal("14.99"), as_of=NOW),
        stock=Stock(asin=asin, state=state),
    )


def chunk(text: str) -> ScoredChunk:
    return ScoredChunk(
        Chunk(
            chunk_id="help-1",
            document_id="help",
            title="Customer support",
            content=text,
            source_type="policy",
            category="support",
            last_updated=NOW,
            version=1,
        ),
        0.9,
    )


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    order = Order(
        order_id="112-3456789-0123456",
        state="shipped",
        placed_at=NOW,
        total=Decimal("27.48"),
        currency="USD",
        items=(OrderItem(asin="B0BERSERK1", title="Berserk, Vol. 1", quantity=1, unit_price=Decimal("9.99")),),
    )
    parcel = Shipment(
        order_id=order.order_id,
        carrier="USPS",
        tracking_number="4155 5526 7199",
        tracking_url="https://parcels.example/1",
        state="in_transit",
        eta=date(2026, 3, 6),
    )
    return Evidence(
        products=(
            product("B0BERSERK1", "Berserk", 1, "9.99"),
            product("B0BERSERK2", "Berserk", 2, "11.49", "backorder"),
            product("B0CLAYMOR1", "Claymore", 1, "8.50"),
        ),
        orders=(OrderEvidence(order=order, shipments=(parcel,)),),
        promotions=(
            Promotion(
                promotion_id="p1",
                kind="deal",
                title="20% off Berserk",
                description="This week",
                percent_off=20,
                starts_at=NOW,
                ends_at=NOW,
            ),
        ),
        chunks=(
            chunk(
                "Standard shipping takes 3 to 5 business days and is free over $35. Call 1-800-555-0142 or write to"
                " help@inkwellmanga.example."
            ),
        ),
    )


@pytest.fixture(scope="session")
def rules() -> InlineRules:
    return InlineRules.load()


@pytest.fixture(scope="session")
def review() -> Review:
    return Review.load()
