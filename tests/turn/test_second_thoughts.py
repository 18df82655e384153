"""M-2, T-4: what the intent head cannot know is put right; what a rule settled stands."""

from decimal import Decimal

import pytest

from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Entities, IntentGuess, SeriesMention
from mangaassist.turn.second_thoughts import IntentContext, reconsidered

BERSERK = Entities(series=(SeriesMention("berserk", "Berserk", 1.0),))
SHOWN = ("B0AAAAAAA1",)
BOTH = ("B0AAAAAAA1", "B0AAAAAAA2")


def meant(
    text: str,
    intent: Intent,
    confidence: float = 0.5,
    entities: Entities = Entities(),  # noqa: B008
    subjects: tuple[str, ...] = (),
    *,
    cheaper: bool = False,
    last: str = "",
    by_rule: bool = False,
    secondary: Intent | None = None,
) -> IntentGuess:
    guess = IntentGuess(intent, confidence, "rules" if by_rule else "model", secondary)
    return reconsidered(guess, IntentContext(text, entities, subjects, cheaper, last))


@pytest.mark.parametrize(("intent", "sure"), [(Intent.ESCALATION, 0.64), (Intent.CHITCHAT, 0.9)])
def test_whoever_names_a_series_wants_it_rather_than_a_person_or_a_chat(intent: Intent, sure: float) -> None:
    assert meant("進撃の巨人はありますか", intent, sure, BERSERK).intent is Intent.PRODUCT_DISCOVERY


def test_a_person_who_is_surely_asked_for_is_called() -> None:
    assert meant("berserk is torn, get me someone", Intent.ESCALATION, 0.93, BERSERK).intent is Intent.ESCALATION
    assert meant("a human about berserk", Intent.ESCALATION, 0.5, BERSERK, by_rule=True).intent is Intent.ESCALATION


def test_a_rant_about_a_box_is_no_search_for_box_sets() -> None:
    boxes = Entities(formats=("box_set",))  # pyright: ignore[reportArgumentType]
    assert meant("the box is still not here", Intent.ESCALATION, 0.7, boxes).intent is Intent.ESCALATION


@pytest.mark.parametrize("text", ["the second one", "vol 3 instead", "tell me more about it"])
@pytest.mark.parametrize("intent", [Intent.RETURN_REQUEST, Intent.CHITCHAT, Intent.RECOMMENDATION])
def test_pointing_is_about_what_is_pointed_at(text: str, intent: Intent) -> None:
    assert meant(text, intent, 0.93, subjects=SHOWN).intent is Intent.PRODUCT_QUESTION


def test_more_like_it_is_not_about_it() -> None:
    assert meant("more like the second one", Intent.RECOMMENDATION, subjects=SHOWN).intent is Intent.RECOMMENDATION


def test_cheaper_looks_for_others_and_which_is_cheaper_compares() -> None:
    asked = ("anything cheaper?", Intent.PROMOTION, 0.9, Entities())
    assert meant(*asked, SHOWN, cheaper=True).intent is Intent.PRODUCT_DISCOVERY
    assert meant("which is cheaper", Intent.PRODUCT_DISCOVERY, 0.8, subjects=BOTH, cheaper=True).intent is (
        Intent.PRODUCT_QUESTION
    )


def test_a_limit_alone_narrows_what_was_shown() -> None:
    limit = Entities(price_ceiling=Decimal(10))
    assert meant("under $10 please", Intent.FAQ, 0.28, limit).intent is Intent.PRODUCT_DISCOVERY
    assert meant("free shipping under $10", Intent.FAQ, 0.28, limit).intent is Intent.FAQ


def test_after_an_order_the_other_one_is_an_order() -> None:
    guess = meant("and the other one?", Intent.PRODUCT_DISCOVERY, 0.3, last="order_tracking")
    assert guess.intent is Intent.ORDER_TRACKING


def test_shipping_that_is_nobodys_order_is_a_question_to_the_store() -> None:
    assert meant("shipping to germany how long and how much", Intent.ORDER_TRACKING, 0.54).intent is Intent.FAQ
    assert meant("where is my parcel", Intent.ORDER_TRACKING, 0.54).intent is Intent.ORDER_TRACKING


def test_a_code_is_asked_of_the_offers() -> None:
    assert meant("is INK10 still active", Intent.PRODUCT_QUESTION, 0.53).intent is Intent.PROMOTION


def test_a_question_that_names_a_book_has_no_second_wish_to_find_it() -> None:
    guess = meant("compare berserk", Intent.PRODUCT_QUESTION, 0.9, BERSERK, secondary=Intent.PRODUCT_DISCOVERY)
    assert guess.secondary is None
    horror = Entities(series=BERSERK.series, genres=("Horror",))
    kept = meant(
        "how long is it, and any horror?", Intent.PRODUCT_QUESTION, 0.9, horror, secondary=Intent.PRODUCT_DISCOVERY
    )
    assert kept.secondary is Intent.PRODUCT_DISCOVERY
