"""Where what was trained on whole conversations is believed, and where rules and heads are (T-4, T-10)."""

import pytest

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import NEW_DIALOGUE, DialogueState, Reckoning
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.understanding.act_in_dialogue import believed, heard_instead, of_topics

AFTER_SHIPPING = DialogueState(acts=(Act.SHIPPING_COST,))


def own(act: Act, stage: str = "model", **more: object) -> Meaning:
    guess = IntentGuess(ACTS[act].intent, 0.5, "model")
    return Meaning(text="?", guess=guess, acts=(HeardAct(act, 0.5, stage),), **more)


def heard(
    meaning: Meaning, state: DialogueState = AFTER_SHIPPING, *, cart: bool = False, **chances: float
) -> Act | None:
    instead = heard_instead(meaning, {Act(name): chance for name, chance in chances.items()}, state, has_cart=cart)
    return None if instead is None else instead.act


def test_an_act_that_the_dialogue_makes_likely_is_heard_instead_of_one_that_it_makes_unlikely() -> None:
    assert heard(own(Act.FIND), delivery_time=0.7, find=0.02) is Act.DELIVERY_TIME


@pytest.mark.parametrize("chances", [{"delivery_time": 0.35, "find": 0.02}, {"delivery_time": 0.6, "find": 0.3}])
def test_our_own_reading_stands_where_the_dialogue_is_not_sure(chances: dict[str, float]) -> None:
    assert heard(own(Act.FIND), **chances) is None


def test_what_a_rule_heard_in_the_words_themselves_takes_more_to_be_doubted() -> None:
    assert heard(own(Act.TRACK, "rules"), policy=0.7, track=0.02) is None
    assert heard(own(Act.TRACK, "rules"), policy=0.9, track=0.02) is Act.POLICY


@pytest.mark.parametrize(
    "told", [{"tally": "sum"}, {"aspects": ("carrier",)}, {"reckoning": Reckoning(with_shipping=True)}]
)
def test_so_does_what_rests_on_a_word_that_rules_know(told: dict[str, object]) -> None:
    assert heard(own(Act.ORDER_LIST, "dialogue", **told), policy=0.7, order_list=0.02) is None


@pytest.mark.parametrize("told", [{"fills_up": True}, {"against": "dearest"}])
def test_the_cheapest_of_a_sum_is_no_cheapest_book(told: dict[str, object]) -> None:
    meaning = own(Act.TOTAL, "dialogue", reckoning=Reckoning(**told))
    assert heard(meaning, cheapest=0.99) is None


def test_which_kind_of_list_is_asked_for_is_left_to_what_is_named() -> None:
    assert heard(own(Act.SIMILAR), refine=0.6, find=0.3, similar=0.01) is None
    assert believed(Act.SIMILAR, {Act.REFINE: 0.6, Act.FIND: 0.3}) == pytest.approx(0.9)


def test_a_changed_wish_is_the_list_that_was_asked_for() -> None:
    after_gift = DialogueState(acts=(Act.GIFT,))
    assert heard(own(Act.CONTENT), after_gift, refine=0.8) is Act.GIFT
    assert heard(own(Act.CONTENT), NEW_DIALOGUE, refine=0.8) is Act.FIND


@pytest.mark.parametrize("name", ["yes", "no", "okay", "select"])
def test_answers_and_places_are_left_to_the_dialogues_rules(name: str) -> None:
    assert heard(own(Act.POLICY), **{name: 0.99}) is None


def test_nothing_is_asked_of_a_cart_that_is_not_there() -> None:
    assert heard(own(Act.TOTAL), cart_total=0.9) is None
    assert heard(own(Act.POLICY), cart=True, cart_total=0.9) is Act.CART_TOTAL


def test_how_likely_each_topic_is_comes_of_all_its_acts() -> None:
    likely = dict(of_topics({Act.POLICY: 0.5, Act.MEMBERSHIP: 0.2, Act.TRACK: 0.3}))
    assert likely == {"page": pytest.approx(0.7), "order": pytest.approx(0.3)}
