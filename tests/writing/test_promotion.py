"""Promotion: whether an offer covers what is named, whether a code works on it, and what runs; kinds are told apart."""

from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from benchmarks import evidence as demo
from mangaassist.domain.acts import Act
from mangaassist.domain.derived import Derived, OfferFit
from mangaassist.domain.evidence import Degradation, Evidence, price_placeholder
from mangaassist.domain.products import Promotion
from mangaassist.domain.wishes import Label, Wish
from tests.writing.at_the_counter import INK10, LONG_NIGHTS, NOW, TRIO, asked, every_way, offer, page, said, target

UZUMAKI = demo.product("uzumaki")
VINLAND = demo.product("vinland-saga")
OFFERS = (LONG_NIGHTS, INK10, TRIO)


def fit(of: Promotion, *, covers: bool = True, **fields: object) -> OfferFit:
    return OfferFit(promotion_id=of.promotion_id, covers=covers, **fields)


def about(known: object, *fits: OfferFit) -> Evidence:
    return Evidence(products=(known,), promotions=OFFERS, derived=Derived(offers=fits))


ON_UZUMAKI = about(
    UZUMAKI,
    fit(LONG_NIGHTS, asins=(UZUMAKI.asin,), already_in_price=True, saves=Decimal("2.40")),
    fit(INK10, needs_amount=Decimal("20.40")),
    fit(TRIO, covers=False),
)
ON_VINLAND = about(
    VINLAND, fit(LONG_NIGHTS, covers=False), fit(INK10, needs_amount=Decimal("20.40")), fit(TRIO, covers=False)
)


def test_a_deal_on_a_book_is_confirmed_and_said_to_be_in_its_price() -> None:
    for text in every_way(asked(Act.OFFER_ON, targets=(target(UZUMAKI),), evidence=ON_UZUMAKI)):
        assert text.startswith("Yes")
        assert f"**Long Nights** is already in the price: {price_placeholder(UZUMAKI.asin)}" in text or (
            "With **Long Nights** the price is reduced already" in text
        )


def test_no_offer_that_does_not_cover_the_book_is_shown_for_it() -> None:
    for text in every_way(asked(Act.OFFER_ON, targets=(target(VINLAND),), evidence=ON_VINLAND)):
        assert text.startswith(("No", "There's no deal"))
        assert "Long Nights" not in text
        assert "Starter Trio" not in text


def test_where_nothing_covers_the_book_a_code_for_any_order_is_named_with_what_is_missing() -> None:
    for text in every_way(asked(Act.OFFER_ON, targets=(target(VINLAND),), evidence=ON_VINLAND)):
        assert "**INK10** (10% off)" in text
        assert "$20.40 more" in text


def test_an_offer_that_needs_more_books_is_no_plain_yes_and_says_which() -> None:
    evidence = about(UZUMAKI, fit(TRIO, needs_items=2))
    for text in every_way(asked(Act.OFFER_ON, targets=(target(UZUMAKI),), evidence=evidence)):
        assert text.startswith("Not")
        assert "2 more books" in text
        assert "All three volumes of the same series" in text


def test_a_code_that_works_on_the_cart_says_what_it_saves() -> None:
    evidence = Evidence(
        cart=(UZUMAKI, VINLAND), promotions=OFFERS, derived=Derived(offers=(fit(INK10, saves=Decimal("8.53")),))
    )
    for text in every_way(asked(Act.CODE, codes=("INK10",), evidence=evidence)):
        assert text.startswith(("Yes", "It does"))
        assert "your cart" in text
        assert "$8.53" in text


def test_a_code_whose_condition_is_not_met_says_what_is_missing() -> None:
    evidence = Evidence(
        cart=(UZUMAKI,), promotions=OFFERS, derived=Derived(offers=(fit(INK10, needs_amount=Decimal("20.40")),))
    )
    for text in every_way(asked(Act.CODE, codes=("ink10",), evidence=evidence)):
        assert text.startswith("Not yet")
        assert "$20.40 more" in text


def test_a_code_that_does_not_cover_the_book_is_refused_for_it() -> None:
    crush = offer("coupon", "FIRSTCRUSH: 12% off romance from $25", code="FIRSTCRUSH", percent_off=12)
    evidence = Evidence(products=(UZUMAKI,), promotions=(crush,), derived=Derived(offers=(fit(crush, covers=False),)))
    for text in every_way(asked(Act.CODE, codes=("FIRSTCRUSH",), targets=(target(UZUMAKI),), evidence=evidence)):
        assert "**FIRSTCRUSH**" in text
        assert "not for **Uzumaki, Vol. 1**" in text or "doesn't cover **Uzumaki, Vol. 1**" in text


def test_an_unknown_code_is_refused_plainly_and_one_that_works_is_named() -> None:
    for text in every_way(asked(Act.CODE, codes=("SAVE50",), evidence=Evidence(promotions=OFFERS))):
        assert "**SAVE50** isn't a code of ours" in text or "**SAVE50** doesn't work here" in text
        assert "INK10" in text


def test_a_code_that_has_ended_is_none_of_ours_any_more() -> None:
    over = replace(INK10, ends_at=NOW - timedelta(days=1))
    text = said(asked(Act.CODE, codes=("INK10",), evidence=Evidence(promotions=(over,))))
    assert "valid" not in text


def test_any_code_for_the_cart_is_the_one_that_saves_most() -> None:
    crush = offer("coupon", "FIRSTCRUSH: 12% off romance from $25", code="FIRSTCRUSH", percent_off=12)
    fits = (fit(INK10, saves=Decimal("3.00")), fit(crush, saves=Decimal("3.60")))
    evidence = Evidence(cart=(UZUMAKI,), promotions=(INK10, crush), derived=Derived(offers=fits))
    text = said(asked(Act.CODE, evidence=evidence))
    assert text.index("FIRSTCRUSH") < text.index("INK10")
    assert "saves $3.60" in text


def test_at_most_three_offers_are_listed_and_the_rest_counted() -> None:
    many = (*OFFERS, *(offer("deal", f"Deal {n}: 5% off") for n in range(4)))
    text = said(asked(Act.OFFERS, evidence=Evidence(promotions=many)))
    assert sum(line.startswith("- ") for line in text.splitlines()) == 3
    assert "4 more" in text


def test_deals_codes_and_bundles_are_told_apart() -> None:
    text = said(asked(Act.OFFERS, evidence=Evidence(promotions=OFFERS)))
    assert "Code **INK10**" in text
    assert "already taken off the price" in text
    assert "a bundle" in text


@pytest.mark.parametrize(
    "meant", [{"offer_words": ("horror",)}, {"sought": (Wish(wanted=(Label("genre", "Horror"),)),)}]
)
def test_offers_of_a_kind_come_alone(meant: dict[str, object]) -> None:
    text = said(asked(Act.OFFERS, evidence=Evidence(promotions=OFFERS), **meant))
    assert "Long Nights" in text
    assert "INK10" not in text


def test_a_discount_that_a_page_speaks_of_is_answered_by_the_page() -> None:
    evidence = Evidence(promotions=OFFERS, chunks=(page("student-military-discount"),))
    text = said(asked(Act.OFFERS, about="student discount", offer_words=("student",), evidence=evidence))
    assert text.startswith("No, we have no separate student")


def test_an_offer_that_does_not_exist_is_denied_before_what_does_run() -> None:
    for text in every_way(asked(Act.OFFERS, offer_words=("cyber", "monday"), evidence=Evidence(promotions=OFFERS))):
        assert "cyber monday" in text.splitlines()[0]
        assert "INK10" in text


def test_words_that_any_offer_answers_to_deny_nothing() -> None:
    text = said(asked(Act.OFFERS, offer_words=("good", "week"), evidence=Evidence(promotions=OFFERS)))
    assert "INK10" in text
    assert "“" not in text


def test_a_wrong_premise_is_set_right_first() -> None:
    for text in every_way(asked(Act.OFFER_ON, premise="offer", targets=(target(UZUMAKI),), evidence=ON_UZUMAKI)):
        assert text.startswith(("No, not everything", "That's not so today"))


def test_offers_that_could_not_be_looked_up_are_not_denied() -> None:
    down = Evidence(degraded=(Degradation("promotions", "done without"),))
    for act in (Act.OFFERS, Act.OFFER_ON, Act.CODE):
        assert "can't look up" in said(asked(act, evidence=down))
    assert "can't check the code" in said(asked(Act.CODE, codes=("INK10",), evidence=down))
