"""T-2, T-7, K-2, G-5: what the contract says of the intents is in the table."""

from mangaassist.domain.intents import Intent
from mangaassist.turn.plans import PLANS
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
    assert PLANS[Intent.RECOMMENDATION].strictness == "tight"


def test_small_talk_and_escalation_ask_no_knowledge_and_show_no_cards() -> None:
    for intent in (Intent.CHITCHAT, Intent.ESCALATION):
        assert PLANS[intent].knowledge is None
        assert PLANS[intent].cards == 0
