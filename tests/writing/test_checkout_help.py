"""Checkout help: the sum, what is missing to free shipping, the button that adds, and how one can pay."""

from decimal import Decimal

from msgspec.structs import replace

from benchmarks import evidence as demo
from mangaassist.domain.acts import Act
from mangaassist.domain.derived import Derived, FreeShipping, Line, Total, Variant
from mangaassist.domain.dialogue import Reckoning
from mangaassist.domain.evidence import Evidence, price_placeholder
from mangaassist.domain.products import Stock
from tests.writing.at_the_counter import AIKO, asked, every_way, noted, page, said, target

UZUMAKI = demo.product("uzumaki")
VINLAND = demo.product("vinland-saga")
TOTAL = Total(
    of="cart",
    lines=(
        Line(asin=UZUMAKI.asin, title=UZUMAKI.product.title, amount=Decimal("9.60")),
        Line(asin=VINLAND.asin, title=VINLAND.product.title, amount=Decimal("12.00"), quantity=2),
    ),
    amount=Decimal("33.60"),
    currency="USD",
)
SHORT = FreeShipping(
    limit=Decimal(35), subtotal=Decimal("33.60"), missing=Decimal("1.40"), currency="USD", fee=Decimal("3.99")
)
ENOUGH = replace(SHORT, subtotal=Decimal("40.00"), missing=Decimal(0))
CART = Evidence(cart=(UZUMAKI, VINLAND), derived=Derived(cart_total=TOTAL, free_shipping=SHORT))


def test_the_total_comes_first_and_shipping_is_added() -> None:
    for text in every_way(asked(Act.CART_TOTAL, evidence=CART)):
        assert "**$33.60**" in text.splitlines()[0]
        assert "$37.59" in text


def test_a_total_with_free_shipping_adds_nothing() -> None:
    evidence = replace(CART, derived=Derived(cart_total=TOTAL, free_shipping=ENOUGH))
    text = said(asked(Act.CART_TOTAL, evidence=evidence))
    assert "free" in text.splitlines()[-1]
    assert "$3.99" not in text


def test_a_member_s_total_is_theirs_and_labelled() -> None:
    total = replace(TOTAL, member=Decimal("30.24"))
    derived = Derived(cart_total=total, free_shipping=replace(SHORT, by_membership=True))
    text = said(asked(Act.CART_TOTAL, evidence=Evidence(cart=CART.cart, derived=derived, customer=AIKO)))
    assert "**$30.24**" in text.splitlines()[0]
    assert "member price" in text.splitlines()[0]


def test_the_cart_is_listed_with_prices_and_how_many() -> None:
    text = said(asked(Act.CART_CONTENTS, evidence=CART))
    assert f"- **Vinland Saga, Vol. 1** × 2: {price_placeholder(VINLAND.asin)}" in text
    assert "3 items" in text


def test_an_empty_cart_is_said_to_be_empty() -> None:
    for act in (Act.CART_CONTENTS, Act.CART_TOTAL):
        for text in every_way(asked(act)):
            assert "cart" in text
            assert "anything" in text or "empty" in text


def test_what_is_missing_to_free_shipping_is_the_answer() -> None:
    for text in every_way(asked(Act.FREE_SHIPPING, evidence=CART)):
        assert "**$1.40**" in text
        assert "$35" in text


def test_the_cheapest_book_that_is_enough_is_told_with_the_cart_as_it_would_be() -> None:
    berserk = demo.product("berserk")
    filled = replace(TOTAL, amount=Decimal("47.59"))
    variant = Variant(change="with", titles=(berserk.product.title,), total=filled)
    evidence = replace(CART, products=(berserk,), derived=replace(CART.derived, variants=(variant,)))
    task = asked(Act.FREE_SHIPPING, evidence=evidence, reckoning=Reckoning(fills_up=True, cheapest=True))
    for text in every_way(task):
        assert "**$1.40**" in text
        assert f"**{berserk.product.title}** ({price_placeholder(berserk.asin)})" in text
        assert "**$47.59**" in text


def test_a_cart_over_the_limit_ships_free() -> None:
    evidence = replace(CART, derived=Derived(cart_total=TOTAL, free_shipping=ENOUGH))
    for text in every_way(asked(Act.FREE_SHIPPING, evidence=evidence)):
        assert text.startswith("Yes")


def test_a_member_ships_free_whatever_the_cart_is() -> None:
    derived = Derived(free_shipping=replace(SHORT, by_membership=True))
    text = said(asked(Act.FREE_SHIPPING, evidence=Evidence(derived=derived, customer=AIKO)))
    assert text.startswith("Yes: as a member")


def test_without_a_cart_the_limit_is_told() -> None:
    text = said(asked(Act.FREE_SHIPPING))
    assert "free from $35" in text
    assert "$3.99" in text


def test_everything_that_is_meant_is_added_with_its_price_by_a_button() -> None:
    task = asked(
        Act.ADD_TO_CART,
        targets=(target(UZUMAKI), target(VINLAND)),
        evidence=Evidence(products=(UZUMAKI, VINLAND, demo.product("berserk"))),
    )
    for text in every_way(task):
        assert price_placeholder(UZUMAKI.asin) in text
        assert price_placeholder(VINLAND.asin) in text
        assert "button" in text
        assert "Berserk" not in text


def test_what_is_out_of_stock_is_not_offered_to_be_added() -> None:
    gone = replace(UZUMAKI, stock=Stock(asin=UZUMAKI.asin, state="out_of_stock"))
    text = said(asked(Act.ADD_TO_CART, targets=(target(gone),), evidence=Evidence(products=(gone,))))
    assert "out of stock" in text
    assert "button" not in text


def test_who_names_nothing_to_add_is_asked_which_book() -> None:
    task = asked(Act.ADD_TO_CART)
    assert said(task).endswith(("?", "several volumes.", "several."))
    assert noted(task).asked_for == "product"


def test_removing_is_done_in_the_cart_itself() -> None:
    for text in every_way(asked(Act.REMOVE_FROM_CART, targets=(target(UZUMAKI),), evidence=CART)):
        assert "**Uzumaki, Vol. 1**" in text
        assert "can't change it" in text


def test_a_way_to_pay_that_is_taken_is_confirmed() -> None:
    for text in every_way(asked(Act.PAYMENT_METHOD, about="do you take paypal")):
        assert text.startswith("Yes")
        assert "Visa" not in text


def test_a_way_to_pay_that_is_not_taken_is_refused_with_what_is() -> None:
    for text in every_way(asked(Act.PAYMENT_METHOD, about="cash on delivery ok?")):
        assert text.startswith("No")
        assert "PayPal" in text


def test_a_way_to_pay_that_nobody_listed_gets_both_lists() -> None:
    text = said(asked(Act.PAYMENT_METHOD, about="do you take bitcoin"))
    assert "PayPal" in text
    assert "cryptocurrency" in text


def test_cards_as_such_are_not_taken_for_gift_cards() -> None:
    text = said(asked(Act.PAYMENT_METHOD, about="can i pay by card"))
    assert "Visa" in text


def test_a_problem_is_answered_by_the_page_in_a_sentence_or_two() -> None:
    text = said(
        asked(Act.CHECKOUT_PROBLEM, about="my card was declined", evidence=Evidence(chunks=(page("card-declined"),)))
    )
    assert text.startswith("Most declines come from your bank")
    assert len(text.split()) < 80


def test_a_problem_that_no_page_knows_is_asked_about() -> None:
    for text in every_way(asked(Act.CHECKOUT_PROBLEM, about="the button does nothing")):
        assert "**Talk to a person**" in text
