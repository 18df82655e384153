"""What a model's answer claims is held against the evidence: put right where that is known, else taken out (G-4)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from benchmarks import evidence as demo
from mangaassist.domain.customers import Order, OrderItem, OrderReturn, Shipment
from mangaassist.domain.derived import Derived
from mangaassist.domain.evidence import Evidence, OrderEvidence
from mangaassist.domain.products import Promotion, Rating, Stock
from mangaassist.domain.store_facts import Delivery, StoreFacts
from mangaassist.guardrails.claims.table import CHECKS, CLAIMS, unbacked
from mangaassist.guardrails.review import Review, Reviewed
from mangaassist.guardrails.stages.claims import IN_PLACE_OF_A_PROMISE, NOTHING_LEFT

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def known(series: str, volume: int = 1, state: Any = "in_stock", mean: float = 4.6, count: int = 1240) -> Any:
    one = demo.product(series, volume)
    return replace(
        one,
        stock=Stock(asin=one.asin, state=state, quantity=3 if state == "low_stock" else None),
        rating=Rating(asin=one.asin, mean=mean, count=count),
    )


BERSERK, VINLAND, PLUTO = (
    known("berserk"),
    known("vinland-saga", state="low_stock", mean=4.4),
    known("pluto", state="backorder"),
)
ORDER = OrderEvidence(
    order=Order(
        order_id="112-3456789-0123456",
        state="shipped",
        placed_at=NOW - timedelta(days=3),
        total=Decimal("27.48"),
        currency="USD",
        items=(OrderItem(asin=BERSERK.asin, title=BERSERK.product.title, quantity=1, unit_price=Decimal("9.99")),),
    ),
    shipments=(
        Shipment(
            order_id="112-3456789-0123456",
            carrier="USPS",
            tracking_number="4155",
            tracking_url="https://parcels.example/1",
            state="in_transit",
            eta=date(2026, 12, 3),
        ),
    ),
    returns=OrderReturn(order_id="112-3456789-0123456", eligible=False, state="none", currency="USD"),
)
OFFER = Promotion(
    promotion_id="p1",
    kind="coupon",
    title="20% off Berserk",
    description="This week",
    code="DARK20",
    percent_off=20,
    starts_at=NOW,
    ends_at=NOW + timedelta(days=5),
)
FACTS = StoreFacts(delivery=Delivery(free_from=Decimal(35), least_days=3, most_days=5), return_days=30)
EVIDENCE = Evidence(products=(BERSERK, VINLAND, PLUTO), orders=(ORDER,), promotions=(OFFER,), facts=FACTS, now=NOW)
VOLUMES = BERSERK.product.series_volumes


async def corrected(text: str, evidence: Evidence = EVIDENCE, *, by_model: bool = True) -> str:
    return (await Review.load().run(Reviewed(text=text, evidence=evidence, by_model=by_model))).text


TRUE = [
    "**Berserk** by Kentaro Miura and Studio Gaga is dark fantasy.",
    "Miura Kentaro is the author of Berserk.",
    "**Berserk** by Miura is dark.",
    f"Berserk has {VOLUMES} volumes so far, and the first three volumes are the bleakest.",
    "Berserk, Vol. 1 is rated 4.6 out of 5 by 1,240 readers.",
    "Over 1,000 reviews praise Berserk.",
    f"Berserk was first published in {BERSERK.product.first_published}.",
    "Berserk, Vol. 1 is in stock, Vinland Saga, Vol. 1 is low in stock, and Pluto, Vol. 1 is on backorder.",
    "Only 3 copies left of Vinland Saga, Vol. 1!",
    "Use code DARK20 for 20% off Berserk until November 30.",
    "Your order 112-3456789-0123456 has shipped and arrives by December 3.",
    "Once your order has been delivered, you have 30 days.",
    "Shipping is free over a certain subtotal, and free shipping needs no code.",
    "Your parcel is on its way.",
    "Your order has not been delivered.",
    "It was published by Dark Horse.",
    "Does Berserk have 99 volumes?" if VOLUMES == 99 else "Is it the cheapest?",
]


@pytest.mark.parametrize("text", TRUE)
async def test_what_the_evidence_holds_stands(text: str) -> None:
    assert await corrected(text) == text


RIGHTED = [
    ("**Berserk** by Hajime Isayama is dark.", "**Berserk** by Kentaro Miura and Studio Gaga is dark."),
    ("Vinland Saga was written by Kentaro Miura.", "Vinland Saga was written by Makoto Yukimura."),
    (
        "Berserk by Makoto Yukimura and Vinland Saga by Kentaro Miura.",
        "Berserk by Kentaro Miura and Studio Gaga and Vinland Saga by Makoto Yukimura.",
    ),
    ("The author of Berserk is Junji Ito.", "The author of Berserk is Kentaro Miura and Studio Gaga."),
    ("Berserk is complete in ninety-nine volumes.", f"Berserk is complete in {VOLUMES} volumes."),
    ("Start with volume 3 of 34 of Berserk.", f"Start with volume 3 of {VOLUMES} of Berserk."),
    ("Berserk was published by Tetraverse.", f"Berserk was published by {BERSERK.product.publisher}."),
    ("Berserk has 4.9 stars.", "Berserk has 4.6 stars."),
    ("Berserk has 99,000 reviews.", "Berserk has 1,240 reviews."),
    ("Berserk was first published in 2014.", f"Berserk was first published in {BERSERK.product.first_published}."),
    ("Berserk, Vol. 1 is out of stock.", "Berserk, Vol. 1 is in stock."),
    ("Pluto, Vol. 1 is in stock.", "Pluto, Vol. 1 is on backorder."),
    ("Take 50% off Berserk today.", "Take 20% off Berserk today."),
    ("Use code MANGA50 at checkout.", "Use code DARK20 at checkout."),
    ("Your parcel arrives on Monday.", "Your parcel arrives on December 3."),
    ("It ships on its way to you by December 24.", "It ships on its way to you by December 3."),
    ("Your order has been delivered.", "Your order 112-3456789-0123456 is on its way."),
    ("Your order was cancelled.", "Your order 112-3456789-0123456 is on its way."),
    ("Berserk is a bestselling epic.", "Berserk is an epic."),
    ("An award-winning series, Berserk is dark.", "A series, Berserk is dark."),
]


@pytest.mark.parametrize(("text", "right"), RIGHTED)
async def test_what_the_evidence_knows_better_is_put_right(text: str, right: str) -> None:
    assert await corrected(text) == right


GONE = [
    "Berserk, Vol. 99 is out now.",
    "It has 380 chapters.",
    "It was directed by Ken Takada.",
    "Over 140 movies were released.",
    "The first volume of Berserk contains 2 volumes.",
    "The parcel arrived on 18.12.2019.",
    "It is a limited-time offer.",
    "Berserk sold 60 million copies.",
    "Readers give it 9/10.",
    "98% of readers love it.",
    "Berserk is our cheapest series.",
    "Vinland Saga is the highest-rated series here.",
    "Buy two, get one free this week.",
    "There is a free gift with every order.",
    "You get loyalty points for it.",
    "Berserk, Vol. 1 is in your cart.",
    "You have 4 items in your cart.",
    "Berserk won the Harvey Award.",
    "It is released on January 9.",
]


@pytest.mark.parametrize("text", GONE)
async def test_what_nobody_knows_better_is_taken_out_with_its_sentence(text: str) -> None:
    assert await corrected(f"Berserk is dark. {text}") == "Berserk is dark."


PROMISES = [
    "I have refunded you.",
    "I'll email you the details.",
    "I will cancel your order now.",
    "I'm processing your refund.",
    "Let me change the address for you.",
    "I'll keep an eye on it.",
    "We guarantee delivery.",
    "I've added it to your cart.",
    "You will receive a refund within the hour.",
    "Our manager will call you tomorrow.",
    "If you need a refund, I can provide one.",
    "We can offer you a discount.",
]


@pytest.mark.parametrize("text", PROMISES)
async def test_a_promise_gives_way_to_what_can_be_done(text: str) -> None:
    assert (await corrected(f"{text} Berserk is dark.")) == f"{IN_PLACE_OF_A_PROMISE} Berserk is dark."


async def test_a_chunk_of_the_store_s_own_words_stands_whatever_it_claims() -> None:
    page = replace(demo.pages()[0], content="Berserk won a Tezuka award. It has 380 chapters.", source_type="editorial")
    held = replace(EVIDENCE, chunks=(demo.ScoredChunk(page, 0.7),))
    assert await corrected("It has 380 chapters.", held) == "It has 380 chapters."


async def test_what_was_compared_may_be_called_the_cheapest() -> None:
    held = replace(EVIDENCE, derived=Derived(cheapest=BERSERK.asin))
    assert await corrected("Berserk is our cheapest series.", held) == "Berserk is our cheapest series."


async def test_what_the_store_s_own_writer_says_of_authors_and_counts_is_made_of_the_evidence() -> None:
    text = "Berserk by Hajime Isayama has 99 volumes."
    assert await corrected(text, by_model=False) == text


async def test_an_answer_of_nothing_but_claims_says_that_nothing_can_be_confirmed() -> None:
    assert await corrected("It has 380 chapters. Readers give it 9/10.") == NOTHING_LEFT


def test_every_check_has_a_row_and_every_row_a_check() -> None:
    assert {claim.check for claim in CLAIMS} == set(CHECKS.values())


def test_a_sentence_that_goes_is_told_of_once() -> None:
    found = list(unbacked("It has 380 chapters and 9/10.", EVIDENCE, by_model=True))
    assert [(one.words, one.kind) for one in found] == [(None, "volumes")]
