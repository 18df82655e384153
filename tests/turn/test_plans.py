"""T-2, T-7, K-2, G-5: what the contract says of the intents is in the table."""

import pytest

from mangaassist.domain.intents import Intent
from mangaassist.turn.plans import PLANS, RATINGS_EXPLAINED
from mangaassist.turn.products.finder import _FINDERS


def test_every_intent_has_a_plan_and_every_finder_exists() -> None:
    assert set(PLANS) == set(Intent)
    assert {plan.finder for plan in PLANS.values()} <= set(_FINDERS)


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
        assert set(PLANS[intent].knowledge.source_types) == {"product", "editorial", "reviews"}  # type: ignore[union-attr]
    facts = PLANS[Intent.PRODUCT_QUESTION].knowledge
    assert facts is not None
    assert (facts.k, facts.ranker, facts.candidates) == (3, "precision", 10)
    assert set(facts.source_types) == {"product", "reviews", "faq", "editorial"}
    assert (RATINGS_EXPLAINED.k, RATINGS_EXPLAINED.ranker) == (1, "precision")
    assert set(RATINGS_EXPLAINED.source_types) == {"faq", "policy"}


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
