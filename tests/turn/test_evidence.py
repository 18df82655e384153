"""T-3, T-4, S-3, S-5: what a turn knows, and that it says of everything that it could not ask."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import Reckoning
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Promotion
from mangaassist.errors import ServiceFailure
from mangaassist.services.policies import POLICIES
from mangaassist.testing.fake_store import FakeStore, Fault
from mangaassist.testing.store_data import AIKO, DELIVERED, IN_TRANSIT, NOW, PLACED, STORE
from mangaassist.testing.virtual_time import in_virtual_time
from mangaassist.wire.page import PageContext
from tests.turn.asking import (
    BERSERK,
    ONE_PIECE,
    UZUMAKI,
    Encoded,
    Knowledge,
    asks,
    blamed,
    chunk,
    gathered,
    genre,
    of,
    titles,
    wish,
)

UZUMAKI_1 = "B0UZUMAKI1"
CART = PageContext(cart_asins=("B0BERSERK1", "B01PIECEV1", "B0BERSERK1"))
PAGE = chunk("", "How long may I return a book?", "faq")

LIKE_BERSERK = asks(Act.SIMILAR, targets=of(BERSERK), sought=wish())
ABOUT_ONE_PIECE = asks(Act.ABOUT, targets=of(ONE_PIECE))
HORROR = asks(Act.FIND, sought=wish(genre("Horror")))
VOLUMES = asks(Act.TOTAL, targets=(of(ONE_PIECE, 1), of(ONE_PIECE, 2)))
DEAREST = asks(Act.DEAREST, sought=wish())


# --- what was not asked is told ---


@pytest.mark.parametrize(
    "fault", [Fault("fail"), Fault("wrong"), Fault(delay_s=3)], ids=["fails", "is wrong", "is slow"]
)
@pytest.mark.parametrize(
    "meaning", [LIKE_BERSERK, ABOUT_ONE_PIECE, HORROR, VOLUMES], ids=lambda meaning: str(meaning.act)
)
@in_virtual_time
async def test_without_the_catalog_nothing_is_found_and_nothing_is_called_not_found(
    meaning: Meaning, fault: Fault
) -> None:
    evidence = await gathered(meaning, Knowledge(PAGE), store=FakeStore(catalog=fault))
    assert evidence.products == ()
    assert blamed(evidence) == ["catalog"]
    assert evidence.failed("catalog")


@pytest.mark.parametrize("service", ["pricing", "inventory", "reviews"])
@in_virtual_time
async def test_what_is_not_known_of_a_product_is_left_out_and_told(service: str) -> None:
    evidence = await gathered(ABOUT_ONE_PIECE, store=FakeStore(**{service: Fault("fail")}))
    assert titles(evidence) == ["One Piece, Vol. 1"]
    known = evidence.products[0]
    facts = {"pricing": known.price, "inventory": known.stock, "reviews": known.rating}
    assert facts.pop(service) is None
    assert None not in facts.values()
    assert blamed(evidence) == [service]


@in_virtual_time
async def test_the_dearest_is_not_guessed_at_without_prices() -> None:
    evidence = await gathered(DEAREST, store=FakeStore(pricing=Fault("fail")))
    assert (evidence.products, evidence.failed("pricing")) == ((), True)


@in_virtual_time
async def test_a_service_that_hangs_costs_no_more_than_its_share_and_the_others_still_answer() -> None:
    began = asyncio.get_running_loop().time()
    evidence = await gathered(ABOUT_ONE_PIECE, store=FakeStore(reviews=Fault(delay_s=60)))
    assert asyncio.get_running_loop().time() - began <= POLICIES["reviews"].timeout_s * 2
    assert evidence.products[0].price is not None
    assert blamed(evidence) == ["reviews"]


@in_virtual_time
async def test_what_was_done_without_while_understanding_is_told_with_the_rest() -> None:
    meaning = replace(ABOUT_ONE_PIECE, degraded=(Degradation("classifier", "understood by rules alone"),))
    assert blamed(await gathered(meaning)) == ["classifier"]


# --- pages ---


@in_virtual_time
async def test_what_is_searched_for_is_the_self_contained_question() -> None:
    knowledge = Knowledge(PAGE)
    meaning = asks(Act.POLICY, text="and 4?", question="How long may I return volume 4 of Berserk?")
    assert (await gathered(meaning, knowledge)).chunks == (PAGE,)
    assert [text for text, _ in knowledge.asked] == ["How long may I return volume 4 of Berserk?"]


@in_virtual_time
async def test_the_page_that_a_follow_up_goes_on_about_comes_first() -> None:
    other = chunk("", "Who pays for shipping?", "faq")
    twin = replace(PAGE, chunk=replace(PAGE.chunk, chunk_id="second"))
    meaning = asks(Act.POLICY, wants_page=PAGE.chunk.title, question="and abroad?")
    assert (await gathered(meaning, Knowledge(other, twin))).chunks[0].chunk.title == PAGE.chunk.title


@in_virtual_time
async def test_the_answer_that_is_asked_for_is_fetched_with_its_page_and_nothing_is_searched() -> None:
    """K-2"""
    answer = replace(PAGE, chunk=replace(PAGE.chunk, chunk_id="returns#0=2", content="Within 30 days."))
    knowledge = Knowledge(PAGE, answer)
    evidence = await gathered(asks(Act.POLICY, wants_answers=(("returns#0=2", 0.8),)), knowledge)
    assert [(one.chunk.chunk_id, one.score) for one in evidence.chunks] == [
        ("returns#0=2", 0.8),
        (PAGE.chunk.chunk_id, 0.8),
    ]
    assert knowledge.asked == []
    gone = await gathered(asks(Act.POLICY, wants_answers=(("gone#0=1", 0.8),)), Knowledge(PAGE))
    assert gone.chunks == ()


@in_virtual_time
async def test_without_an_encoder_the_words_are_searched_for_and_without_the_index_nothing() -> None:
    evidence = await gathered(asks(Act.POLICY), Knowledge(PAGE), encoded=Encoded(comes=False))
    assert (evidence.chunks, blamed(evidence)) == ((PAGE,), ["embedding"])
    away = Knowledge(failure=ServiceFailure("knowledge", "unavailable"))
    assert blamed(await gathered(asks(Act.POLICY), away)) == ["knowledge"]


async def test_pages_that_were_found_and_not_judged_are_said_to_stand_as_the_search_put_them() -> None:
    """M-11"""
    unjudged, judged = replace(PAGE, sentences=(0.5,)), replace(PAGE, sentences=(0.5,), answering=0.9)
    assert blamed(await gathered(asks(Act.POLICY), Knowledge(unjudged))) == ["rerank"]
    assert blamed(await gathered(asks(Act.POLICY), Knowledge(judged))) == []


@in_virtual_time
async def test_what_a_service_answers_is_looked_up_in_no_page() -> None:
    knowledge = Knowledge(PAGE)
    await gathered(asks(Act.PRICE, targets=of(BERSERK)), knowledge)
    assert knowledge.asked == []


# --- orders ---


def order_ids(evidence: object) -> list[str]:
    return [owned.order.order_id for owned in evidence.orders]


@pytest.mark.parametrize(
    ("act", "first"),
    [
        (Act.TRACK, IN_TRANSIT),
        (Act.LATE, IN_TRANSIT),
        (Act.NOT_RECEIVED, DELIVERED),
        (Act.CANCEL_ORDER, PLACED),
        (Act.CHANGE_ORDER, PLACED),
        (Act.RETURN, DELIVERED),
        (Act.DAMAGED, DELIVERED),
        (Act.ORDER_CONTENTS, PLACED),
    ],
)
@in_virtual_time
async def test_the_order_that_is_meant_is_in_a_state_in_which_that_makes_sense(act: Act, first: object) -> None:
    assert order_ids(await gathered(asks(act), identity=AIKO))[0] == first.order_id


@pytest.mark.parametrize(
    "named",
    [
        {"order_items": (ONE_PIECE,)},
        {"order_items": ("pirates",)},
        {"order_items": ("one piece box",)},
        {"targets": of(ONE_PIECE)},
        {"orders": (PLACED.order_id,)},
    ],
    ids=str,
)
@in_virtual_time
async def test_an_order_is_meant_by_its_number_or_by_what_it_holds(named: dict[str, object]) -> None:
    found = await gathered(asks(Act.TRACK, **named), identity=AIKO)
    assert order_ids(found) == [PLACED.order_id]


@in_virtual_time
async def test_what_no_order_holds_is_asked_of_all_of_them() -> None:
    found = await gathered(asks(Act.TRACK, order_items=("cookbook",)), identity=AIKO)
    assert set(order_ids(found)) == {PLACED.order_id, IN_TRANSIT.order_id, DELIVERED.order_id}


@in_virtual_time
async def test_an_order_says_what_its_state_means() -> None:
    found = await gathered(asks(Act.CANCEL_ORDER), identity=AIKO)
    first = found.derived.order(PLACED.order_id)
    assert first is not None
    assert (first.can_cancel, first.cancel_until) == ("yes", NOW + timedelta(minutes=60))
    late = await gathered(asks(Act.LATE), identity=AIKO)
    assert late.derived.order(IN_TRANSIT.order_id).days_late == -2


@in_virtual_time
async def test_a_guest_is_asked_to_sign_in_and_no_order_is_looked_up() -> None:
    store = FakeStore()
    evidence = await gathered(asks(Act.TRACK), store=store)
    assert (evidence.sign_in_needed, evidence.orders) == (True, ())


# --- cart ---


@in_virtual_time
async def test_a_cart_is_summed_and_measured_against_free_shipping() -> None:
    evidence = await gathered(asks(Act.CART_TOTAL), page=CART)
    assert evidence.derived.cart_total is not None
    assert evidence.derived.cart_total.amount == Decimal("29.97")
    assert evidence.derived.free_shipping is not None
    assert evidence.derived.free_shipping.missing == Decimal("5.03")
    assert evidence.products == ()


@in_virtual_time
async def test_the_cheapest_book_that_closes_the_gap_is_found_with_the_new_sum() -> None:
    filled = asks(Act.FREE_SHIPPING, reckoning=Reckoning(fills_up=True, cheapest=True))
    prices = STORE.prices | {UZUMAKI_1: replace(STORE.prices[UZUMAKI_1], current=Decimal("5.50"))}
    evidence = await gathered(filled, page=CART, store=FakeStore(data=replace(STORE, prices=prices)))
    (made,) = evidence.derived.variants
    assert (made.titles, made.total.amount) == (("Uzumaki",), Decimal("35.47"))
    assert not {known.asin for known in evidence.products} & set(CART.cart_asins)
    member = await gathered(filled, page=CART, identity=AIKO)
    assert (member.derived.variants, member.products) == ((), ())


@in_virtual_time
async def test_a_member_of_a_free_shipping_membership_misses_nothing() -> None:
    evidence = await gathered(asks(Act.FREE_SHIPPING), page=CART, identity=AIKO)
    assert evidence.derived.free_shipping is not None
    assert evidence.derived.free_shipping.by_membership


# --- offers ---


def promotion(promotion_id: str, *asins: str, **more: object) -> Promotion:
    given: dict[str, object] = {
        "promotion_id": promotion_id, "kind": "deal", "title": f"Deal {promotion_id}", "description": "", "asins": asins,
        "starts_at": NOW - timedelta(days=1), "ends_at": NOW + timedelta(days=6),
    }  # fmt: skip
    return Promotion(**given | more)


SPIRALS = promotion("spirals", "B0UZUMAKI1", title="Long nights", description="10 % off horror", code="NIGHT10")


def ids(evidence: object) -> list[str]:
    return [offer.promotion_id for offer in evidence.promotions]


def shop() -> FakeStore:
    return FakeStore(data=replace(STORE, promotions=(*STORE.promotions, SPIRALS)))


@pytest.mark.parametrize(
    ("meaning", "expected"),
    [
        (asks(Act.OFFERS), ["pirates", "spirals"]),
        (asks(Act.OFFER_ON, targets=of(UZUMAKI)), ["spirals"]),
        (asks(Act.OFFER_ON, targets=of(BERSERK)), []),
        (asks(Act.OFFER_ON), ["pirates", "spirals"]),  # of nothing: what runs is never denied
        (asks(Act.OFFERS, offer_words=("pirate",)), ["pirates"]),
        (asks(Act.OFFERS, offer_words=("student",)), []),
        (asks(Act.OFFER_ON, targets=of(BERSERK), offer_words=("pirate",)), ["pirates"]),
        (asks(Act.OFFER_ON, targets=of(BERSERK), offer_words=("pirate",), reckoning=Reckoning(whole=True)), []),
        (asks(Act.CODE, codes=("night10",)), ["spirals"]),
        (asks(Act.CODE, codes=("NOSUCH",)), ["pirates", "spirals"]),  # one that works is told in its place
        (asks(Act.OFFERS, sought=wish(genre("Horror"))), ["spirals"]),
    ],
    ids=str,
)
@in_virtual_time
async def test_an_offer_is_told_where_it_is_meant_or_covers_what_is_meant(
    meaning: Meaning, expected: list[str]
) -> None:
    assert ids(await gathered(meaning, store=shop())) == expected


@in_virtual_time
async def test_a_code_that_does_not_cover_the_book_says_so() -> None:
    evidence = await gathered(asks(Act.CODE, codes=("NIGHT10",), targets=of(BERSERK)), store=shop())
    (fit,) = evidence.derived.offers
    assert (fit.promotion_id, fit.covers) == ("spirals", False)


@in_virtual_time
async def test_offers_of_a_kind_show_what_they_cover_of_it() -> None:
    evidence = await gathered(asks(Act.OFFERS, sought=wish(genre("Horror"))), store=shop())
    assert titles(evidence) == ["Uzumaki"]


# --- what belongs to a series ---


@in_virtual_time
async def test_a_set_is_held_against_all_single_volumes_of_its_series() -> None:
    products = tuple(replace(one, series_volumes=3) if one.series_id == BERSERK else one for one in STORE.products)
    store = FakeStore(data=replace(STORE, products=products))
    evidence = await gathered(asks(Act.SET_OR_SINGLES, targets=of(BERSERK)), store=store)
    (found,) = evidence.derived.sets
    assert (found.set_price, found.singles_price) == (Decimal("49.99"), Decimal("29.97"))
    assert evidence.derived.cheapest_way is not None
    assert evidence.derived.cheapest_way.set_price == Decimal("29.97")


@in_virtual_time
async def test_a_question_of_editions_knows_one_book_of_each() -> None:
    evidence = await gathered(asks(Act.EDITION, targets=of(BERSERK)))
    assert set(titles(evidence)) == {"Berserk, Vol. 1", "Berserk Deluxe Edition, Vol. 1"}


@in_virtual_time
async def test_several_acts_are_answered_from_one_evidence() -> None:
    evidence = await gathered(asks(Act.RETURN, Act.RECOMMEND, sought=wish(genre("Horror"))), identity=AIKO)
    assert order_ids(evidence)[0] == DELIVERED.order_id
    assert UZUMAKI in {known.product.series_id for known in evidence.products}


@pytest.mark.parametrize("care", ["distress", "danger", "other_customer"])
@in_virtual_time
async def test_who_is_in_distress_is_sold_nothing_and_nobodys_data_is_looked_up(care: str) -> None:
    evidence = await gathered(replace(asks(Act.TRACK, Act.FIND, sought=wish()), care=care), identity=AIKO)
    assert (evidence.products, evidence.orders) == ((), ())
