"""M-2, T-4: what the intent head cannot know is put right; what a rule settled stands."""

from decimal import Decimal
from typing import Any

import pytest

from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Entities, IntentGuess, SeriesMention
from mangaassist.domain.products import Format
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


# ---- what each row needs


TEN_DOLLARS = Entities(price_ceiling=Decimal(10))
PLUSH = "do you have plushies"
LATEST = "show me the latest volume of berserk"


@pytest.mark.parametrize(
    ("text", "guess", "more"),
    [
        (PLUSH, Intent.PRODUCT_DISCOVERY, {"by_rule": True}),
        (PLUSH, Intent.PRODUCT_DISCOVERY, {"entities": BERSERK}),
        (PLUSH, Intent.PRODUCT_QUESTION, {}),
        ("is INK10 still active", Intent.PRODUCT_QUESTION, {"entities": BERSERK}),
        ("IS INK10 STILL ACTIVE", Intent.PRODUCT_QUESTION, {}),
        ("where is my parcel, do you ship it at all", Intent.ORDER_TRACKING, {"confidence": 0.9}),
        ("how long does shipping take", Intent.ORDER_TRACKING, {"by_rule": True}),
        ("How long does it take to ship MY ORDER", Intent.ORDER_TRACKING, {"confidence": 0.9}),
        (LATEST, Intent.RECOMMENDATION, {"entities": BERSERK}),
        (LATEST, Intent.PRODUCT_DISCOVERY, {}),
        ("berserk is great", Intent.FAQ, {"confidence": 0.6, "entities": BERSERK}),
        ("vol 3 instead", Intent.RETURN_REQUEST, {}),
        ("the second one", Intent.RETURN_REQUEST, {"subjects": SHOWN, "by_rule": True}),
        ("the second one", Intent.RETURN_REQUEST, {"subjects": SHOWN, "entities": Entities(genres=("Horror",))}),
        ("the second one", Intent.RETURN_REQUEST, {"subjects": SHOWN, "confidence": 0.9, "entities": BERSERK}),
        ("the second one", Intent.RETURN_REQUEST, {"subjects": SHOWN, "entities": Entities(formats=(Format.OMNIBUS,))}),
        ("the shorter one", Intent.CHITCHAT, {"subjects": (), "by_rule": True}),
        ("which is longer", Intent.FAQ, {"subjects": SHOWN}),
        ("more like these", Intent.RECOMMENDATION, {"subjects": BOTH}),
        ("the second one under $10", Intent.RECOMMENDATION, {"subjects": SHOWN, "entities": TEN_DOLLARS}),
        ("the second one, but shorter", Intent.RECOMMENDATION, {"subjects": SHOWN}),
        ("which is longer", Intent.FAQ, {"subjects": BOTH, "by_rule": True}),
        ("anything cheaper?", Intent.PROMOTION, {"cheaper": True}),
        ("is it less than 5 volumes", Intent.FAQ, {}),
        ("under $10 please", Intent.FAQ, {"entities": TEN_DOLLARS, "by_rule": True}),
        ("same author", Intent.FAQ, {}),
        ("and the other one?", Intent.CHITCHAT, {"confidence": 0.5, "last": "order_tracking"}),
        ("and the other one?", Intent.CHITCHAT, {"confidence": 0.3, "last": "faq"}),
        ("and the pirates?", Intent.CHITCHAT, {"confidence": 0.3, "last": "order_tracking"}),
        ("and the other one?", Intent.CHITCHAT, {"confidence": 0.3, "last": "order_tracking", "by_rule": True}),
    ],
)  # fmt: skip
def test_a_guess_stands_where_nothing_speaks_against_it(text: str, guess: Intent, more: dict[str, Any]) -> None:
    assert meant(text, guess, **more).intent is guess


@pytest.mark.parametrize(
    ("text", "guess", "more", "intent"),
    [
        *((PLUSH.replace("plushies", goods), Intent.PRODUCT_DISCOVERY, {}, Intent.FAQ)
          for goods in ("figures", "posters", "dvds", "gift cards", "light novels", "webtoons", "t-shirts")),
        *(("is INK10 still active", intent, {}, Intent.PROMOTION)
          for intent in (Intent.PRODUCT_DISCOVERY, Intent.CHITCHAT, Intent.FAQ)),
        ("how long does shipping take", Intent.ORDER_TRACKING, {"confidence": 0.9}, Intent.FAQ),
        ("what about germany", Intent.ORDER_TRACKING, {"confidence": 0.59}, Intent.FAQ),
        (LATEST, Intent.PRODUCT_DISCOVERY, {"entities": BERSERK}, Intent.PRODUCT_QUESTION),
        *(("berserk is great", intent, {"confidence": 0.59, "entities": BERSERK}, Intent.PRODUCT_QUESTION)
          for intent in (Intent.PROMOTION, Intent.CHECKOUT_HELP, Intent.FAQ, Intent.RETURN_REQUEST)),
        ("junji ito", Intent.CHITCHAT, {"entities": Entities(authors=("Junji Ito",))}, Intent.PRODUCT_DISCOVERY),
        ("junji ito", Intent.ESCALATION, {"entities": Entities(authors=("Junji Ito",))}, Intent.PRODUCT_DISCOVERY),
        ("B0UZUMAKI1", Intent.ESCALATION, {"entities": Entities(asins=("B0UZUMAKI1",))}, Intent.PRODUCT_DISCOVERY),
        ("an omnibus", Intent.CHITCHAT, {"entities": Entities(formats=(Format.OMNIBUS,))}, Intent.PRODUCT_DISCOVERY),
        ("which is longer", Intent.FAQ, {"subjects": BOTH}, Intent.PRODUCT_QUESTION),
        ("anything cheaper?", Intent.PROMOTION, {"subjects": SHOWN, "cheaper": True, "by_rule": True}, Intent.PRODUCT_DISCOVERY),
        *(("under $10 please", intent, {"confidence": 0.9, "entities": TEN_DOLLARS}, Intent.PRODUCT_DISCOVERY)
          for intent in (Intent.PROMOTION, Intent.CHECKOUT_HELP, Intent.FAQ, Intent.RETURN_REQUEST, Intent.CHITCHAT,
                         Intent.PRODUCT_QUESTION)),
        ("over $10 please", Intent.FAQ, {"entities": Entities(price_floor=Decimal(10))}, Intent.PRODUCT_DISCOVERY),
        ("less than 5 volumes", Intent.FAQ, {}, Intent.PRODUCT_DISCOVERY),
        ("a longer one", Intent.FAQ, {}, Intent.PRODUCT_DISCOVERY),
        ("same author", Intent.FAQ, {"subjects": SHOWN}, Intent.PRODUCT_DISCOVERY),
        ("and the other one?", Intent.CHITCHAT, {"confidence": 0.49, "last": "return_request"}, Intent.RETURN_REQUEST),
    ],
)  # fmt: skip
def test_a_guess_gives_way_to_what_the_message_names_points_at_or_limits(
    text: str, guess: Intent, more: dict[str, Any], intent: Intent
) -> None:
    changed = meant(text, guess, **more)
    assert changed.intent is intent
    assert changed.confidence == more.get("confidence", 0.5)


def test_a_second_question_about_nothing_is_none() -> None:
    about_it = {"intent": Intent.PRODUCT_DISCOVERY, "confidence": 0.9, "secondary": Intent.PRODUCT_QUESTION}
    assert meant("pirates, and how long?", **about_it).secondary is None  # type: ignore[arg-type]
    assert meant("and how long?", **about_it, subjects=SHOWN).secondary is Intent.PRODUCT_QUESTION  # type: ignore[arg-type]
    assert meant("berserk", **about_it, entities=BERSERK).secondary is Intent.PRODUCT_QUESTION  # type: ignore[arg-type]
    other = meant("pirates, and my order?", Intent.PRODUCT_DISCOVERY, 0.9, secondary=Intent.ORDER_TRACKING)
    assert other.secondary is Intent.ORDER_TRACKING
