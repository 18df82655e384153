"""T-7, T-10, W-4: buttons offer what can be done, by what was asked and by what this turn knows."""

from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.customers import Order
from mangaassist.domain.evidence import Degradation, Evidence, OrderEvidence, ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.testing.store_data import DELIVERED, IN_TRANSIT, NOW, PLACED, STORE
from mangaassist.turn.buttons import buttons
from mangaassist.turn.plans import PLANS, plan_for
from mangaassist.wire.cards import Button
from tests.turn.asking import asks

PRODUCTS = {product.asin: product for product in STORE.products}
TALK = Button(label="Talk to a person", type="talk_to_human")


def known(asin: str, **more: Any) -> ProductEvidence:
    facts = {"price": STORE.prices[asin], "stock": STORE.stock[asin], "rating": STORE.ratings[asin]}
    return ProductEvidence(product=PRODUCTS[asin], **facts | more)


def owned(order: Order) -> OrderEvidence:
    return OrderEvidence(
        order=order,
        shipments=tuple(parcel for parcel in STORE.shipments if parcel.order_id == order.order_id),
        returns=next((one for one in STORE.returns if one.order_id == order.order_id), None),
    )


BERSERK, SOLD_OUT, UZUMAKI = known("B0BERSERK1"), known("B0BERSERK3"), known("B0UZUMAKI1")
ALL = ("B0BERSERK1", "B0BERSERK3", "B0UZUMAKI1")


def offered(intent: Intent, kept: tuple[str, ...] = ALL, **evidence: Any) -> list[Button]:
    return list(buttons(PLANS[intent].buttons, Evidence(**evidence), kept))


def offered_for(*acts: Act, **evidence: Any) -> list[Button]:
    return list(buttons(plan_for(asks(*acts)).buttons, Evidence(**evidence), ALL))


VIEW = Button(label="View product", type="view_product", asin="B0BERSERK1", url="http://store/p/B0BERSERK1")
ADD = Button(label="Add Berserk, Vol. 1 to cart", type="add_to_cart", asin="B0BERSERK1")
ADD_UZUMAKI = Button(label="Add Uzumaki to cart", type="add_to_cart", asin="B0UZUMAKI1")
VIEW_SOLD_OUT = Button(label="View product", type="view_product", asin="B0BERSERK3", url="http://store/p/B0BERSERK3")


@pytest.mark.parametrize(
    "intent", [Intent.PRODUCT_DISCOVERY, Intent.PRODUCT_QUESTION, Intent.RECOMMENDATION, Intent.PROMOTION]
)
def test_the_first_product_can_be_bought_and_looked_at(intent: Intent) -> None:
    assert offered(intent, products=(BERSERK, UZUMAKI)) == [ADD, VIEW]
    assert offered(intent) == []


def test_what_is_sold_out_is_not_offered_but_the_next_that_is_not() -> None:
    assert offered(Intent.RECOMMENDATION, products=(SOLD_OUT, UZUMAKI)) == [ADD_UZUMAKI, VIEW_SOLD_OUT]
    assert offered(Intent.RECOMMENDATION, products=(SOLD_OUT,)) == [VIEW_SOLD_OUT]


def test_what_nobody_knows_the_stock_of_may_be_bought() -> None:
    assert offered(Intent.RECOMMENDATION, products=(replace(BERSERK, stock=None),)) == [ADD, VIEW]


def test_what_costs_more_than_was_asked_for_is_not_offered() -> None:
    found = offered(Intent.RECOMMENDATION, products=(BERSERK, UZUMAKI), over_limit=frozenset({"B0BERSERK1"}))
    assert found == [ADD_UZUMAKI, VIEW]


def test_a_product_whose_card_is_not_shown_has_no_button() -> None:
    assert offered(Intent.RECOMMENDATION, ("B0UZUMAKI1",), products=(BERSERK, UZUMAKI))[0] == ADD_UZUMAKI
    assert offered(Intent.RECOMMENDATION, (), products=(BERSERK, UZUMAKI)) == []


def test_orders_on_their_way_can_be_tracked() -> None:
    track = Button(label=f"Track {IN_TRANSIT.order_id}", type="track_order", order_id=IN_TRANSIT.order_id,
                   url="http://paperwing.example/PW123456789")  # fmt: skip
    placed = Button(label=f"Track {PLACED.order_id}", type="track_order", order_id=PLACED.order_id)
    orders = (owned(PLACED), owned(IN_TRANSIT), owned(DELIVERED))
    assert offered(Intent.ORDER_TRACKING, orders=orders) == [placed, track]


def test_who_has_nothing_on_its_way_or_was_told_less_may_talk_to_a_person() -> None:
    assert offered(Intent.ORDER_TRACKING) == [TALK]
    assert offered(Intent.ORDER_TRACKING, orders=(owned(DELIVERED),)) == [TALK]
    degraded = (Degradation("shipping", "answered without"),)
    assert offered(Intent.ORDER_TRACKING, orders=(owned(IN_TRANSIT),), degraded=degraded)[1:] == [TALK]


def test_what_may_go_back_can_be_sent_back() -> None:
    give_back = Button(
        label=f"Return {DELIVERED.order_id}",
        type="start_return",
        order_id=DELIVERED.order_id,
        url=f"/returns#{DELIVERED.order_id}",
    )
    refused = replace(owned(DELIVERED), returns=replace(STORE.returns[0], eligible=False))
    assert offered(Intent.RETURN_REQUEST, orders=(owned(DELIVERED), owned(PLACED))) == [give_back, TALK]
    assert offered(Intent.RETURN_REQUEST, orders=(refused,)) == [TALK]


def test_without_the_returns_service_the_returns_centre_is_named() -> None:
    degraded = (Degradation("returns", "answered without"),)
    centre = Button(label="Returns centre", type="open_url", url="/returns")
    assert offered(Intent.RETURN_REQUEST, degraded=degraded) == [centre, TALK]


def test_at_the_checkout_the_cart_can_be_opened() -> None:
    cart = Button(label="Open cart", type="open_url", url="/cart")
    assert offered(Intent.CHECKOUT_HELP) == [cart, TALK]


def test_a_person_is_offered_where_one_is_asked_for_and_where_nothing_was_found() -> None:
    page = ScoredChunk(
        Chunk(chunk_id="c", document_id="d", title="Shipping", content="We ship.", source_type="faq", category="",
              last_updated=NOW, version=1),
        0.6,
    )  # fmt: skip
    assert offered(Intent.ESCALATION) == [TALK]
    assert offered(Intent.FAQ) == [TALK]
    assert offered(Intent.FAQ, chunks=(page,)) == [TALK]
    assert offered(Intent.CHITCHAT) == []


def test_who_must_sign_in_is_offered_that_and_nothing_of_an_account() -> None:
    sign_in = Button(label="Sign in", type="open_url", url="/sign-in")
    found = offered(Intent.ORDER_TRACKING, orders=(owned(IN_TRANSIT),), sign_in_needed=True)
    assert found == [sign_in, TALK]


def test_no_more_than_four_buttons_are_shown_and_none_twice() -> None:
    orders = tuple(owned(replace(PLACED, order_id=f"112-0000003-000000{n}")) for n in range(6))
    found = offered(Intent.ORDER_TRACKING, orders=(orders[0], *orders))
    assert [button.order_id for button in found] == [one.order.order_id for one in orders[:4]]


# ---- by acts


CART = Button(label="Open cart", type="open_url", url="/cart")


def test_everything_that_shall_go_into_the_cart_has_a_button_of_its_own() -> None:
    assert offered_for(Act.ADD_TO_CART, products=(BERSERK, UZUMAKI)) == [ADD, ADD_UZUMAKI, CART]


def test_a_parcel_that_never_came_is_looked_for_by_a_person() -> None:
    found = offered_for(Act.NOT_RECEIVED, orders=(owned(DELIVERED), owned(IN_TRANSIT)))
    assert [button.type for button in found] == ["track_order", "talk_to_human"]


def test_cancelling_leads_to_the_orders_where_the_store_says_where_they_are() -> None:
    orders = Button(label="Your orders", type="open_url", url="http://store/orders")
    this_one = replace(orders, url=f"http://store/orders#{PLACED.order_id}")
    facts = StoreFacts(orders_url="http://store/orders")
    assert offered_for(Act.CANCEL_ORDER, orders=(owned(PLACED),), facts=facts) == [this_one, TALK]
    assert offered_for(Act.CANCEL_ORDER, orders=(owned(PLACED), owned(IN_TRANSIT)), facts=facts) == [orders, TALK]
    assert offered_for(Act.CANCEL_ORDER, orders=(owned(PLACED),)) == [TALK]


def test_several_acts_have_the_buttons_of_each() -> None:
    found = offered_for(Act.RETURN, Act.RECOMMEND, orders=(owned(DELIVERED),), products=(BERSERK,))
    assert [button.type for button in found] == ["start_return", "talk_to_human", "add_to_cart", "view_product"]


def test_the_stores_own_addresses_count() -> None:
    facts = StoreFacts(cart_url="http://store/basket", sign_in_url="http://store/login")
    assert offered_for(Act.CART_TOTAL, facts=facts)[0].url == "http://store/basket"
    assert offered_for(Act.TRACK, facts=facts, sign_in_needed=True)[0].url == "http://store/login"


@pytest.mark.parametrize("care", ["distress", "danger"])
def test_who_is_in_distress_is_offered_a_person_and_nothing_to_buy(care: str) -> None:
    plan = plan_for(replace(asks(Act.RECOMMEND), care=care))
    assert list(buttons(plan.buttons, Evidence(products=(BERSERK,)), ALL)) == [TALK]


def test_a_person_whom_the_text_names_can_be_had_whatever_else_there_is() -> None:
    orders = tuple(owned(replace(IN_TRANSIT, order_id=f"{IN_TRANSIT.order_id[:-1]}{last}")) for last in range(5))
    made = PLANS[Intent.ORDER_TRACKING].buttons
    assert TALK not in buttons(made, Evidence(orders=orders), ALL, "It is on its way.")
    offered = buttons(made, Evidence(orders=orders), ALL, "It is late. **Talk to a person** below asks the carrier.")
    assert len(offered) == 4
    assert offered[-1] == TALK
