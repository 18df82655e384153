"""Rules and model decide together what is asked (M-2, T-10)."""

import msgspec

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import NEW_DIALOGUE, Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct
from mangaassist.domain.products import Format
from mangaassist.understanding.act_decision import decide
from mangaassist.understanding.state import merge
from mangaassist.understanding.utterance import Mention, Pointer, Utterance

OPEN = Utterance(text="hm", folded="hm", words=("hm",))
SURE = ((Intent.PRODUCT_QUESTION, 0.9), (Intent.FAQ, 0.1))


def test_rules_that_settle_win_over_the_model() -> None:
    ruled = msgspec.structs.replace(OPEN, acts=(HeardAct(Act.TRACK),), settled=True)

    decision = decide(ruled, {Act.PRICE: 0.99}, SURE)

    assert [heard.act for heard in decision.utterance.acts] == [Act.TRACK]


def test_the_act_that_act_head_and_intent_head_agree_on_is_asked() -> None:
    decision = decide(OPEN, {Act.STOCK: 0.7, Act.POLICY: 0.75}, SURE)

    assert decision.utterance.acts[0].act is Act.STOCK
    assert decision.utterance.acts[0].stage == "model"


def test_a_sure_second_act_is_asked_too_and_an_unsure_one_is_not() -> None:
    intents = ((Intent.PRODUCT_QUESTION, 0.95),)
    decision = decide(OPEN, {Act.STOCK: 0.9, Act.PRICE: 0.8, Act.PAGES: 0.2}, intents)

    assert [heard.act for heard in decision.utterance.acts] == [Act.STOCK, Act.PRICE]


def test_a_rule_that_does_not_settle_counts_beside_the_model() -> None:
    ruled = msgspec.structs.replace(OPEN, acts=(HeardAct(Act.STOCK, 0.93),))

    decision = decide(ruled, {Act.STOCK: 0.5, Act.PRICE: 0.6}, SURE)

    assert decision.utterance.acts[0].act is Act.STOCK
    assert decision.utterance.acts[0].stage == "rules"


def test_shipping_to_no_country_is_how_the_store_ships() -> None:
    decision = decide(OPEN, {Act.SHIPS_TO: 0.9}, ((Intent.FAQ, 0.9),))

    assert decision.utterance.acts[0].act is Act.POLICY


def test_a_code_need_not_be_named_to_be_asked_for() -> None:
    assert decide(OPEN, {Act.CODE: 0.9}, ((Intent.PROMOTION, 0.9),)).utterance.acts[0].act is Act.CODE


def test_other_goods_are_no_books() -> None:
    goods = Mention(kind="goods", value="figures", said="figures", start=0, end=7)
    utterance = msgspec.structs.replace(OPEN, mentions=(goods,))

    assert (
        decide(utterance, {Act.FIND: 0.9}, ((Intent.PRODUCT_DISCOVERY, 0.9),)).utterance.acts[0].act is Act.OTHER_GOODS
    )


def test_whoever_names_a_series_is_not_chatting() -> None:
    utterance = msgspec.structs.replace(OPEN, targets=(Target(series_id="berserk"),))

    assert decide(utterance, {Act.OFF_TOPIC: 0.8}, ((Intent.CHITCHAT, 0.8),)).utterance.acts[0].act is Act.CARRIES


def test_the_same_author_is_asked_for_whatever_the_model_says() -> None:
    utterance = msgspec.structs.replace(OPEN, pointers=(Pointer(kind="same_author"),))

    decided = decide(utterance, {Act.FIND: 0.8}, ((Intent.PRODUCT_DISCOVERY, 0.8),), has_focus=True)

    assert decided.utterance.acts[0].act is Act.BY_SAME_AUTHOR


CLOSE = ((Intent.FAQ, 0.3), (Intent.PROMOTION, 0.28))


def test_two_unsure_readings_of_different_intents_are_asked_back_about() -> None:
    decision = decide(OPEN, {Act.POLICY: 0.3, Act.OFFERS: 0.3}, CLOSE)

    assert decision.between == (Intent.FAQ, Intent.PROMOTION)


def test_nobody_is_asked_whether_they_want_to_chat() -> None:
    decision = decide(OPEN, {Act.POLICY: 0.3, Act.OFF_TOPIC: 0.3}, ((Intent.FAQ, 0.3), (Intent.CHITCHAT, 0.28)))

    assert decision.between is None


def test_what_is_talked_of_decides_between_two_readings() -> None:
    decision = decide(
        OPEN, {Act.ABOUT: 0.3, Act.OFFERS: 0.3}, ((Intent.PRODUCT_QUESTION, 0.3), (Intent.PROMOTION, 0.3))
    )
    state = msgspec.structs.replace(NEW_DIALOGUE, targets=(Target(series_id="berserk", title="Berserk"),))

    assert decision.between is not None
    assert merge(state, decision.utterance, between=decision.between).between is None


def test_an_intent_whose_acts_nobody_scored_has_its_usual_act() -> None:
    assert decide(OPEN, {}, ((Intent.ORDER_TRACKING, 0.9),)).utterance.acts[0].act is Act.TRACK


def test_rules_still_speak_where_the_model_is_away() -> None:
    ruled = msgspec.structs.replace(OPEN, acts=(HeardAct(Act.RETURN, 0.6),))

    assert merge(NEW_DIALOGUE, ruled).intent is Intent.RETURN_REQUEST


def test_a_rule_knows_better_than_a_model_that_looks_for_books_of_no_kind() -> None:
    named = msgspec.structs.replace(
        OPEN, words=(), targets=(Target(series_id="berserk"),), acts=(HeardAct(Act.EDITION, 0.93),)
    )

    decision = decide(named, {Act.FIND: 0.9, Act.EDITION: 0.1}, ((Intent.PRODUCT_DISCOVERY, 0.9),))

    assert decision.utterance.acts[0].act is Act.EDITION


def test_what_a_word_means_is_no_search_for_it() -> None:
    omnibus = Mention(kind="format", value="omnibus", said="omnibus", start=9, end=16, role="named")
    asked = msgspec.structs.replace(OPEN, words=(), mentions=(omnibus,), acts=(HeardAct(Act.POLICY, 0.93),))

    decision = decide(asked, {Act.FIND: 0.9, Act.POLICY: 0.1}, ((Intent.PRODUCT_DISCOVERY, 0.9),))

    assert [heard.act for heard in decision.utterance.acts] == [Act.POLICY]


def test_editions_in_general_are_compared_by_a_page() -> None:
    formats = (Format.OMNIBUS, Format.BOX_SET)
    mentions = tuple(Mention(kind="format", value=one, said=one, start=0, end=3, role="named") for one in formats)
    asked = msgspec.structs.replace(
        OPEN, words=(), mentions=mentions, formats=formats, acts=(HeardAct(Act.COMPARE, 0.93),)
    )

    decision = decide(asked, {Act.SET_OR_SINGLES: 0.9}, ((Intent.FAQ, 0.6), (Intent.PROMOTION, 0.4)))

    assert decision.utterance.acts[0].act is Act.POLICY


def test_who_says_more_than_hello_wants_more_than_hello() -> None:
    asked = msgspec.structs.replace(OPEN, acts=(HeardAct(Act.GREETING, 0.98),))

    decision = decide(
        asked, {Act.GREETING: 0.9, Act.TRACK: 0.4}, ((Intent.CHITCHAT, 0.6), (Intent.ORDER_TRACKING, 0.4))
    )

    assert decision.utterance.acts[0].act is Act.TRACK
