"""T-2, T-7, T-10, K-2, G-5, M-5: what the contract says of intents and acts is in the tables."""

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import ACTS, MOVES, Act
from mangaassist.domain.dialogue import Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import Tier
from mangaassist.knowledge.index import ChunkFilter
from mangaassist.turn.act_needs import ACT_NEEDS
from mangaassist.turn.plans import MOST_CARDS, PLANS, plan_for
from mangaassist.turn.products.finder import _FINDERS
from mangaassist.turn.searches import SEARCHES
from tests.turn.asking import asks, genre, wish


def test_every_intent_has_a_plan_and_every_finder_exists() -> None:
    assert set(PLANS) == set(Intent)
    named = {finder for plan in PLANS.values() for finder in plan.finders}
    assert named | {needs.finder for needs in ACT_NEEDS.values() if needs.finder} <= set(_FINDERS)


def test_exactly_orders_and_returns_need_an_account() -> None:
    needing = {intent for intent, plan in PLANS.items() if plan.needs_account}
    assert needing == {Intent.ORDER_TRACKING, Intent.RETURN_REQUEST}


def test_policies_are_searched_for_precision_and_recommendations_for_diversity() -> None:
    faq, recommendation = PLANS[Intent.FAQ].knowledge, PLANS[Intent.RECOMMENDATION].knowledge
    assert faq is not None
    assert (faq.k, faq.ranker, faq.candidates) == (3, "precision", 10)
    assert set(faq.source_types) == {"faq", "policy"}
    assert recommendation is not None
    assert (recommendation.k, recommendation.ranker, recommendation.candidates) == (5, "mmr", 50)


@pytest.mark.parametrize("act", Act)
def test_what_each_act_searches_is_a_row_of_the_one_table(act: Act) -> None:
    """K-2: K, ranker and sources are nowhere but in the table of searches."""
    knowledge = plan_for(asks(act)).knowledge
    assert knowledge is None or knowledge in SEARCHES.values()


VAGABOND, VINLAND = (Target(series_id=one, title=one) for one in ("vagabond", "vinland-saga"))


@pytest.mark.parametrize(
    ("targets", "series_id"),
    [
        ((VAGABOND,), "vagabond"),
        ((VAGABOND, replace(VAGABOND, volume=3)), "vagabond"),
        ((), None),
        ((VAGABOND, VINLAND), None),
        ((Target(asin="B0ABCDEFGH"),), None),
        ((VAGABOND, Target(asin="B0ABCDEFGH")), None),
    ],
)
def test_what_readers_say_is_looked_for_in_the_one_series_that_is_talked_of(
    targets: tuple[Target, ...], series_id: str | None
) -> None:
    """K-2: and everywhere where it is not known which one that is."""
    plan = plan_for(replace(asks(Act.REVIEWS), targets=targets)).knowledge
    assert plan == replace(SEARCHES["readers"], only=ChunkFilter(series_id=series_id))
    about = plan_for(replace(asks(Act.ABOUT), targets=targets)).knowledge
    assert about == SEARCHES["opinions"], "guides belong to no series, and speak of books too"


def test_every_row_of_the_table_of_searches_is_asked_for() -> None:
    asked = [plan.knowledge for plan in PLANS.values()] + [needs.knowledge for needs in ACT_NEEDS.values()]
    witnesses = {"the page named", "the book witness", "the book recalled", "guides of a series", "the guide witness"}
    witnesses |= {"the guide named"}
    assert all(row in asked for name, row in SEARCHES.items() if name not in witnesses)


def test_scope_is_loose_where_an_order_is_talked_about_and_tight_where_something_is_recommended() -> None:
    assert PLANS[Intent.ORDER_TRACKING].strictness == PLANS[Intent.RETURN_REQUEST].strictness == "loose"
    assert PLANS[Intent.ESCALATION].strictness == "loose"
    assert PLANS[Intent.RECOMMENDATION].strictness == "tight"
    others = set(Intent) - {Intent.ORDER_TRACKING, Intent.RETURN_REQUEST, Intent.ESCALATION, Intent.RECOMMENDATION}
    assert {PLANS[intent].strictness for intent in others} == {"normal"}


def test_small_talk_and_escalation_ask_no_knowledge_and_show_no_cards() -> None:
    for intent in (Intent.CHITCHAT, Intent.ESCALATION):
        assert PLANS[intent].knowledge is None
        assert PLANS[intent].cards == 0


def test_what_is_recommended_is_looked_for_among_products_guides_and_reviews_and_facts_among_pages_too() -> None:
    for intent in (Intent.RECOMMENDATION, Intent.PRODUCT_DISCOVERY):
        assert set(PLANS[intent].knowledge.source_types) == {"product", "editorial", "reviews"}
    facts = PLANS[Intent.PRODUCT_QUESTION].knowledge
    assert facts is not None
    assert (facts.k, facts.ranker, facts.candidates) == (3, "precision", 10)
    assert set(facts.source_types) == {"product", "reviews", "faq", "editorial"}


def test_answers_on_returns_offers_the_checkout_and_the_store_rest_on_its_policies() -> None:
    resting = {intent for intent, plan in PLANS.items() if plan.knowledge == PLANS[Intent.FAQ].knowledge}
    assert resting == {Intent.FAQ, Intent.RETURN_REQUEST, Intent.PROMOTION, Intent.CHECKOUT_HELP}


def test_the_shopper_is_known_where_their_name_or_membership_matters() -> None:
    knowing = {intent for intent, plan in PLANS.items() if plan.profile}
    assert knowing == set(Intent) - {
        Intent.PRODUCT_DISCOVERY, Intent.PRODUCT_QUESTION, Intent.CHECKOUT_HELP, Intent.FAQ,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("intent", "cards"),
    [
        (Intent.PRODUCT_DISCOVERY, 5),
        (Intent.PRODUCT_QUESTION, 2),
        (Intent.RECOMMENDATION, 4),
        (Intent.PROMOTION, 3),
        (Intent.CHECKOUT_HELP, 1),
        (Intent.FAQ, 0),
        (Intent.ORDER_TRACKING, 0),
    ],
)
def test_no_answer_shows_more_cards_than_its_plan(intent: Intent, cards: int) -> None:
    assert PLANS[intent].cards == cards


@pytest.mark.parametrize(
    ("intent", "tier"),
    [
        (Intent.CHITCHAT, Tier.TEMPLATE),
        (Intent.ESCALATION, Tier.TEMPLATE),
        (Intent.ORDER_TRACKING, Tier.SMALL),
        (Intent.RETURN_REQUEST, Tier.SMALL),
        (Intent.PROMOTION, Tier.SMALL),
        (Intent.CHECKOUT_HELP, Tier.SMALL),
        (Intent.FAQ, Tier.SMALL),
        (Intent.PRODUCT_QUESTION, Tier.SMALL),
        (Intent.RECOMMENDATION, Tier.LARGE),
        (Intent.PRODUCT_DISCOVERY, Tier.LARGE),
    ],
)
def test_every_intent_has_its_tier(intent: Intent, tier: Tier) -> None:
    assert PLANS[intent].tier is tier


# ---- acts


def test_only_acts_that_can_be_asked_have_needs_of_their_own() -> None:
    assert set(ACT_NEEDS) <= set(ACTS) - MOVES


@pytest.mark.parametrize("act", [act for act in Act if act not in MOVES])
def test_every_act_can_be_planned(act: Act) -> None:
    plan = plan_for(asks(act))
    assert plan.cards <= MOST_CARDS
    assert bool(plan.cards) or not plan.finders or plan.cart


def test_a_price_needs_no_page_and_reading_order_a_guide() -> None:
    assert plan_for(asks(Act.PRICE)).knowledge is None
    guides = plan_for(asks(Act.READING_ORDER)).knowledge
    assert guides is not None
    assert guides.source_types == ("editorial",)


@pytest.mark.parametrize(
    ("act", "finders"),
    [
        pytest.param(Act.CART_TOTAL, ("targets",), id="of the cart, or of what would be put into it"),
        pytest.param(Act.FREE_SHIPPING, ("targets",), id="of the cart, or of what was just added up"),
    ],
)
def test_the_carts_sum_needs_cart_and_membership(act: Act, finders: tuple[str, ...]) -> None:
    plan = plan_for(asks(act))
    assert (plan.cart, plan.profile, plan.finders, plan.needs_account) == (True, True, finders, False)


def test_two_things_in_one_message_are_both_planned_for() -> None:
    plan = plan_for(asks(Act.RETURN, Act.RECOMMEND))
    assert (plan.orders, plan.returns, plan.finders, plan.needs_account) == (True, True, ("wish",), True)
    assert (plan.strictness, plan.tier) == ("loose", Tier.LARGE)
    assert plan.knowledge is not None
    assert {"faq", "policy", "product", "editorial"} <= set(plan.knowledge.source_types)


def test_as_many_cards_are_shown_as_are_asked_for() -> None:
    assert plan_for(asks(Act.RECOMMEND, sought=wish(count=1))).cards == 1
    assert plan_for(asks(Act.RECOMMEND, sought=wish(count=99))).cards == MOST_CARDS
    assert plan_for(asks(Act.RECOMMEND, sought=(wish(genre("A")), wish(genre("B")), wish(genre("C"))))).cards == 6


def test_what_is_described_in_words_is_looked_for_by_meaning_whatever_the_act() -> None:
    assert plan_for(asks(Act.CHEAPEST, sought=wish())).knowledge is None
    assert plan_for(asks(Act.CHEAPEST, sought=wish(words=("talking", "cats")))).knowledge is not None


@pytest.mark.parametrize("care", ["distress", "danger", "other_customer"])
def test_care_comes_before_everything(care: str) -> None:
    plan = plan_for(replace(asks(Act.TRACK, Act.RECOMMEND), care=care))
    assert (plan.finders, plan.orders, plan.knowledge, plan.tier) == ((), False, None, Tier.TEMPLATE)


def test_a_password_typed_in_does_not_keep_a_question_from_being_answered() -> None:
    assert plan_for(replace(asks(Act.TRACK), care="secret")).orders
