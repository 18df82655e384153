"""M-6, M-7, T-3, G-4: whatever is asked of the counter, its answer says nothing that the evidence does not hold."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from benchmarks import evidence as demo
from mangaassist.domain.acts import MOVES, Act, intent_of
from mangaassist.domain.derived import Derived, FreeShipping, Line, OfferFit, OrderVerdict, Total
from mangaassist.domain.evidence import PRICE_PLACEHOLDER, Degradation, Evidence, OrderEvidence, amounts_in
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Care, Premise
from mangaassist.domain.store_facts import NO_FACTS
from mangaassist.domain.writing import WritingTask
from mangaassist.guardrails.claims.table import unbacked
from mangaassist.guardrails.pii import contact_key, find_pii
from mangaassist.guardrails.stages.pii import public_contacts
from tests.writing.at_the_counter import (
    AIKO,
    FACTS,
    INK10,
    LONG_NIGHTS,
    NOW,
    TODAY,
    TRIO,
    WRITER,
    asked,
    going_back,
    order,
    page,
    parcel,
    said,
    target,
)

SHELF_INTENTS = {Intent.PRODUCT_DISCOVERY, Intent.PRODUCT_QUESTION, Intent.RECOMMENDATION}
ACTS = [act for act in Act if intent_of(act) not in SHELF_INTENTS and act not in MOVES]
ORDERS = (
    order(1, "shipped", "Vinland Saga, Vol. 3", "Monster, Vol. 2", parcel=parcel(1, TODAY)),
    order(2, "shipped", "Monster, Vol. 3", parcel=parcel(2, TODAY - timedelta(days=3), "out_for_delivery")),
    order(3, "placed", "Witch Hat Atelier, Vol. 1", days_ago=1),
    order(4, "delivered", "Kingdom, Vol. 1", days_ago=14, returns=going_back(4, until=TODAY + timedelta(16))),
    order(5, "delivered", "Monster, Vol. 1", days_ago=80, returns=going_back(5, until=TODAY - timedelta(50))),
    order(6, "delivered", "Pluto, Vol. 1", days_ago=9, returns=going_back(6, "requested", amount="10.80")),
    order(7, "cancelled", "Blame!, Vol. 1", days_ago=30),
    order(8, "refunded", days_ago=40, returns=going_back(8, "refunded", amount="8.10")),
)
BOOKS = (demo.product("uzumaki"), demo.product("vinland-saga"), demo.product("berserk", None, "omnibus"))
PAGES = (
    "cancel-order",
    "return-window",
    "delivered-not-received",
    "payment-methods",
    "international-shipping",
    "gift-wrap",
)
SAID = ("where is it", "can i still cancel", "who pays for shipping it back", "do you ship to canada", "")
SERVICES = ("orders", "shipping", "returns", "promotions", "knowledge", "pricing", "profile")


def concluded(owned: OrderEvidence, draw: st.DrawFn) -> OrderVerdict:
    eta = next((one.eta for one in owned.shipments), None)
    ends = owned.returns.window_ends if owned.returns else None
    can_cancel = draw(st.sampled_from(["yes", "no", "unknown"])) if owned.order.state == "placed" else "no"
    return OrderVerdict(
        order_id=owned.order.order_id,
        can_cancel=can_cancel,
        cancel_until=NOW + timedelta(minutes=20) if can_cancel == "yes" else None,
        can_change_address="yes" if owned.order.state == "placed" else "no",
        expected=eta,
        days_late=(TODAY - eta).days if eta else None,
        can_return="yes" if owned.returns and owned.returns.eligible else "no",
        return_until=ends,
        days_left=(ends - TODAY).days if ends else None,
    )


@st.composite
def tasks(draw: st.DrawFn) -> WritingTask:
    """Any acts of the counter with any part of the evidence there or missing."""
    acts = draw(st.lists(st.sampled_from(ACTS), min_size=1, max_size=3, unique=True))
    orders = tuple(draw(st.lists(st.sampled_from(ORDERS), unique_by=lambda one: one.order.order_id, max_size=5)))
    books = tuple(draw(st.lists(st.sampled_from(BOOKS), unique_by=lambda one: one.asin, max_size=3)))
    cart = books if draw(st.booleans()) else ()
    lines = tuple(Line(asin=one.asin, title=one.product.title, amount=Decimal("9.60")) for one in cart)
    total = Total(of="cart", lines=lines, amount=Decimal("9.60") * len(lines), currency="USD") if lines else None
    shipping = FreeShipping(
        limit=Decimal(35), subtotal=Decimal("9.60"), missing=Decimal("25.40"), currency="USD", fee=Decimal("3.99")
    )
    offers = (INK10, LONG_NIGHTS, TRIO) if draw(st.booleans()) else ()
    fits = tuple(
        OfferFit(
            promotion_id=one.promotion_id,
            asins=tuple(book.asin for book in books),
            covers=draw(st.booleans()),
            needs_amount=draw(st.sampled_from([Decimal(0), Decimal("20.40")])),
            needs_items=draw(st.integers(0, 2)),
            saves=draw(st.sampled_from([None, Decimal("1.92")])),
            already_in_price=one.kind == "deal",
        )
        for one in offers
    )
    down = draw(st.lists(st.sampled_from(SERVICES), unique=True, max_size=2))
    evidence = Evidence(
        products=books,
        cart=cart,
        orders=orders,
        promotions=offers,
        chunks=tuple(page(name) for name in draw(st.lists(st.sampled_from(PAGES), unique=True, max_size=3))),
        customer=draw(st.sampled_from([None, AIKO])),
        derived=Derived(
            cart_total=total,
            free_shipping=shipping if draw(st.booleans()) else None,
            orders=tuple(concluded(one, draw) for one in orders) if draw(st.booleans()) else (),
            offers=fits,
            open_now=draw(st.sampled_from([None, True, False])),
        ),
        degraded=tuple(Degradation(service, "done without") for service in down),
        sign_in_needed=draw(st.booleans()),
    )
    task = asked(
        *acts,
        about=draw(st.sampled_from(SAID)),
        evidence=evidence,
        targets=tuple(map(target, books)) if draw(st.booleans()) else (),
        orders=tuple(one.order.order_id for one in orders[: draw(st.integers(0, 2))]),
        order_items=draw(st.sampled_from([(), ("monster",), ("one-piece",)])),
        codes=draw(st.sampled_from([(), ("INK10",), ("SAVE50",), ("ink10", "SAVE50")])),
        countries=draw(st.sampled_from([(), ("CA",), ("KP", "DE")])),
        goods=draw(st.sampled_from([(), ("figures",), ("gift cards",)])),
        offer_words=draw(st.sampled_from([(), ("horror",), ("student",)])),
        care=draw(st.sampled_from(get_args(Care))),
        premise=draw(st.sampled_from(get_args(Premise))),
        upset=draw(st.booleans()),
    )
    facts = draw(st.sampled_from([FACTS, NO_FACTS]))
    now = draw(st.sampled_from([NOW, None]))
    return replace(task, evidence=replace(task.evidence, facts=facts, now=now))


TASKS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@TASKS
@given(tasks())
def test_an_answer_is_never_empty_and_well_formed(task: WritingTask) -> None:
    text = said(task)
    assert text.strip()
    assert text.count("**") % 2 == 0
    assert not re.search(r"\{(?!\{price:)|(?<!\})\}(?!\})| ,|  | \.", PRICE_PLACEHOLDER.sub("$9.60", text))


@TASKS
@given(tasks())
def test_prices_are_placeholders_with_a_price_behind_them_and_amounts_are_known(task: WritingTask) -> None:
    text, evidence = said(task), task.evidence
    assert all(asin in evidence.priced() for asin in PRICE_PLACEHOLDER.findall(text))
    assert set(amounts_in(text)) <= evidence.amounts()


@TASKS
@given(tasks())
def test_no_order_is_told_that_is_not_in_the_evidence(task: WritingTask) -> None:
    known = {owned.order.order_id for owned in task.evidence.orders} | set(task.meaning.orders)
    assert set(re.findall(r"\d{3}-\d{7}-\d{7}", said(task))) <= known


@TASKS
@given(tasks())
def test_the_guardrails_find_nothing_to_take_out(task: WritingTask) -> None:
    text, evidence = said(task), task.evidence
    assert [text[one.start : one.end] for one in unbacked(text, evidence)] == []
    found = [text[span.start : span.end] for span in find_pii(text)]
    assert [one for one in found if contact_key(one) not in public_contacts(evidence)] == []


@TASKS
@given(tasks())
def test_an_answer_is_brief_and_comes_with_at_most_three_suggestions(task: WritingTask) -> None:
    text, offered = said(task), WRITER.suggestions(task)
    assert len(text.split()) <= 110 * max(1, len(task.meaning.acts))
    assert len(offered) <= 3
    assert len(set(offered)) == len(offered)


@given(tasks())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_one_message_always_reads_the_same(task: WritingTask) -> None:
    assert said(task) == said(task)
