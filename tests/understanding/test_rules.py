"""M-2, stage 1: the plain messages are settled by rules, and only those."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaassist.domain.intents import Intent
from mangaassist.understanding.rules import DECIDES, Rule, RuleBook, fold, shipped_rules

PLAIN = [
    ("Where's my order?", Intent.ORDER_TRACKING),
    ("WHERE IS MY PACKAGE", Intent.ORDER_TRACKING),
    ("what is the status of order 112-3344556-7788990", Intent.ORDER_TRACKING),
    ("I want a refund", Intent.RETURN_REQUEST),
    ("please cancel my order", Intent.RETURN_REQUEST),
    ("what payment methods do you accept", Intent.CHECKOUT_HELP),
    ("can i pay with paypal", Intent.CHECKOUT_HELP),
    ("any discounts today?", Intent.PROMOTION),
    ("is the one piece box set on sale", Intent.PROMOTION),
    ("can you recommend a good horror manga", Intent.RECOMMENDATION),
    ("something like Mushishi please", Intent.RECOMMENDATION),
    ("Show me Berserk deluxe 3", Intent.PRODUCT_DISCOVERY),
    ("how many volumes does Naruto have", Intent.PRODUCT_QUESTION),
    ("do you ship to Canada", Intent.FAQ),
    ("what’s your return policy", Intent.FAQ),
    ("I want to talk to a human", Intent.ESCALATION),
    ("agent please", Intent.ESCALATION),
    ("hello!", Intent.CHITCHAT),
    ("thanks so much for your help", Intent.CHITCHAT),
    ("tell me a joke", Intent.CHITCHAT),
]

NOT_PLAIN = [
    "one piece 104",
    "it says delivered",
    "are you a bot? give me a human",
    "what about the hardcover",
    "",
    "   ",
    "???",
    "do i get my coupon back when i return something",
]


@pytest.mark.parametrize(("text", "intent"), PLAIN)
def test_a_plain_message_is_settled_by_a_rule(text: str, intent: Intent):
    guess = RuleBook().decide(text)
    assert guess is not None
    assert (guess.intent, guess.stage, guess.secondary) == (intent, "rules", None)
    assert guess.confidence >= DECIDES


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_a_message_that_needs_reading_is_left_to_the_model(text: str):
    assert RuleBook().decide(text) is None


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("I want a refund, and can you recommend something better?", (Intent.RETURN_REQUEST, Intent.RECOMMENDATION)),
        ("where is my order? also do you ship to Canada", (Intent.ORDER_TRACKING, Intent.FAQ)),
        ("any discounts today and can i pay with paypal", (Intent.PROMOTION, Intent.CHECKOUT_HELP)),
    ],
)
def test_two_intents_in_two_clauses_are_both_named_the_first_one_first(text: str, intents: tuple[Intent, Intent]):
    guess = RuleBook().decide(text)
    assert guess is not None
    assert (guess.intent, guess.secondary) == intents


def test_two_intents_in_one_clause_are_left_to_the_model():
    assert RuleBook().decide("recommend me a discount code to talk to a manager about") is None


def test_a_rule_below_the_floor_does_not_decide():
    certain = shipped_rules()[0]
    weak = Rule(Intent.FAQ, DECIDES - 0.01, certain.pattern)
    text = "I want to talk to a human"
    assert RuleBook([weak]).decide(text) is None
    guess = RuleBook([weak]).decide(text, floor=0.5)
    assert guess is not None and guess.intent == Intent.FAQ


def test_every_shipped_rule_is_sure_enough_to_decide_or_says_so():
    assert all(0.5 <= rule.confidence <= 1 for rule in shipped_rules())
    assert {rule.intent for rule in shipped_rules()} == set(Intent)


def test_a_long_story_is_left_to_the_model():
    assert RuleBook().decide("where is my order? " + "it all began in March " * 20) is None


@given(st.text())
def test_folding_is_stable_and_gives_single_spaces(text: str):
    folded = fold(text)
    assert fold(folded) == folded
    assert "  " not in folded and folded == folded.strip()


@given(st.sampled_from(PLAIN), st.sampled_from(["  ", "\n", "\t "]))
def test_case_and_spacing_do_not_change_what_a_message_means(plain: tuple[str, Intent], space: str):
    text = space + plain[0].upper().replace(" ", space) + space
    guess = RuleBook().decide(text)
    assert guess is not None and guess.intent == plain[1]


FRAGMENTS = st.sampled_from(
    ["my ", "where is my ", "to ", "i ", "please ", "can you ", "talk ", "order ", "a", "i love ", "get me a ", "hi, ", "-", "'",
     "how long ", "thanks ", "not ", "received ", "the ", "is ", "0", "what ", "and ", "; "]
)  # fmt: skip


@given(st.lists(FRAGMENTS, min_size=1, max_size=3))
@settings(max_examples=25)
def test_no_rule_goes_back_and_forth_without_end(fragments: list[str]):
    """A pattern that tries everything in every way would not be done with this by the time at which any test is stopped."""
    text = ("".join(fragments) * 20_000)[:20_000]
    for rule in shipped_rules():
        for pattern in filter(None, (rule.pattern, rule.unless)):
            pattern.search(text)
