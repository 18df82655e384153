"""What messages ask by their own words: pairs that one pattern too many would mix up (T-10)."""

import pytest

from mangaassist.domain.acts import AMONG_SEVERAL, MOVES, Act
from mangaassist.understanding.acts import SETTLES, act_table
from mangaassist.understanding.vocabulary import LANGUAGES
from tests.understanding.talks import reader

HEARD = {
    Act.PRICE: ["hm so what does vol 3 of naruto cost", "price of berserk 1?", "how much r they"],
    Act.TOTAL: ["how much for all of vinland saga", "what would both cost together"],
    Act.STOCK: ["u got pluto 2 in stock", "is vagabond 4 available"],
    Act.RESTOCK: ["when will akira 3 be back in stock"],
    Act.NOTIFY: ["pls tell me when berserk 12 is back"],
    Act.VOLUMES: ["how many books are there of monster", "how long is naruto"],
    Act.LATEST: ["newest volume of one piece?"],
    Act.UPCOMING: ["when does the next volume of vinland saga come out", "any news on the next volume"],
    Act.WHICH_VOLUME: ["is this the first one", "which volume is this", "is monster 12 the newest"],
    Act.START: ["where do i begin with berserk", "which volume of vagabond should i start with"],
    Act.FINISHED: ["has vinland saga ended yet", "is berserk still going", "monster complete or ongoing?"],
    Act.AUTHOR: ["who drew uzumaki", "uzumaki author?"],
    Act.TRANSLATOR: ["who translated akira"],
    Act.ABOUT: ["whats uzumaki about", "tell me more about pluto"],
    Act.ADAPTATION: ["does monster have an anime"],
    Act.AGE_FIT: ["is naruto ok for a 9 year old", "would my daughter like yotsuba"],
    Act.CONTENT: ["how violent is berserk", "is vagabond sad"],
    Act.WORTH_IT: ["is akira any good", "worth reading berserk?"],
    Act.SET_OR_SINGLES: ["is the box set cheaper than buying naruto one by one"],
    Act.COMPARE: ["naruto vs one piece", "monster or pluto"],
    Act.CARRIES: ["got uzumaki?", "do you guys sell vagabond"],
    Act.SIMILAR: ["something like monster", "if i liked pluto what else"],
    Act.BY_SAME_AUTHOR: ["anything else by the same author"],
    Act.GIFT: ["need a present for my niece", "birthday gift for a friend who likes cooking"],
    Act.FROM_PURCHASES: ["what would you recommend based on my past orders"],
    Act.SURPRISE: ["surprise me"],
    Act.NEW_RELEASES: ["any new releases this month", "whats new"],
    Act.PREORDERS: ["what can i preorder"],
    Act.CHEAPEST: ["whats the cheapest thing you sell"],
    Act.DEAREST: ["what is the most expensive manga you have"],
    Act.BEST_RATED: ["your highest rated manga"],
    Act.TRACK: ["wheres my package", "track my order please"],
    Act.ARRIVAL: ["when will my parcel get here"],
    Act.LATE: ["my order is late", "my book still hasnt arrived"],
    Act.NOT_RECEIVED: ["it says delivered but i never got it"],
    Act.CANCEL_ORDER: ["please cancel my order"],
    Act.CHANGE_ORDER: ["i put in the wrong address on my order"],
    Act.ORDER_LIST: ["show me my past orders"],
    Act.RETURN: ["i'd like to send this back", "how do i return a book"],
    Act.REFUND_STATUS: ["where is my refund", "when do i get my money back"],
    Act.DAMAGED: ["my copy came with a ripped cover"],
    Act.WRONG_ITEM: ["you sent me the wrong volume"],
    Act.MISSING_ITEM: ["there is a book missing from my parcel"],
    Act.EXCHANGE: ["can i get a replacement for it"],
    Act.OFFERS: ["any deals today"],
    Act.OFFER_ON: ["is berserk on sale", "any discount on naruto"],
    Act.CODE: ["does MANGA15 still work", "do you have a coupon code"],
    Act.ADD_TO_CART: ["put vol 2 in my basket", "ill take it"],
    Act.REMOVE_FROM_CART: ["take akira out of my cart"],
    Act.CART_CONTENTS: ["whats in my basket"],
    Act.CART_TOTAL: ["how much is my cart"],
    Act.FREE_SHIPPING: ["how much more for free shipping"],
    Act.CHECKOUT_PROBLEM: ["my card keeps getting declined", "i was charged twice"],
    Act.PAYMENT_METHOD: ["can i pay with paypal", "what payment methods do you accept"],
    Act.SHIPS_TO: ["do u ship to germany"],
    Act.DELIVERY_TIME: ["how long does shipping take"],
    Act.SHIPPING_COST: ["how much is shipping"],
    Act.MEMBERSHIP: ["what are the perks of membership"],
    Act.CONTACT: ["whats your phone number"],
    Act.HUMAN: ["let me talk to a real person", "agent"],
    Act.CALLBACK: ["can somebody call me back"],
    Act.COMPLAINT: ["i want to file a complaint"],
    Act.GREETING: ["hey there"],
    Act.THANKS: ["thanks so much", "no thanks"],
    Act.BYE: ["ok bye"],
    Act.BOT: ["are you a robot"],
    Act.ABILITY: ["what can you do"],
    Act.UNSURE: ["idk"],
    Act.BORED: ["im so bored"],
    Act.FAVOURITE: ["what's your fave manga"],
}  # fmt: skip
SAID = [(act, text) for act, texts in HEARD.items() for text in texts]


@pytest.mark.parametrize(("act", "text"), SAID, ids=[text for _, text in SAID])
def test_a_message_asks_what_its_words_say(act: Act, text: str) -> None:
    assert reader().heard(text).acts[0].act is act


COURSES = (
    "why did the euro fall",
    "is dogecoin gonna climb",
    "what's a yen worth",
    "should i sell my crypto now",
    "hows ethereum doing",
    "is mastercard going up",
)
OF_PAYING = (
    "is bitcoin ok",
    "do you accept ethereum or crypto",
    "can i pay in euro when the dollar falls",
    "does klarna go up to 200",
)


@pytest.mark.parametrize("text", COURSES)
def test_how_a_currency_stands_is_no_question_to_a_store(text: str) -> None:
    assert reader().heard(text).acts[0].act is Act.OFF_TOPIC


@pytest.mark.parametrize("text", OF_PAYING)
def test_whether_a_currency_is_taken_is_one(text: str) -> None:
    assert Act.OFF_TOPIC not in {heard.act for heard in reader().heard(text).acts}


OTHER_LANGUAGES = [
    ("こんにちは", Act.GREETING),
    ("おすすめの漫画を教えて", Act.RECOMMEND),
    ("ホラー漫画を探しています", Act.FIND),
    ("在庫ありますか", Act.STOCK),
    ("いくらですか", Act.PRICE),
    ("注文した商品はどこですか", Act.TRACK),
    ("返品したいです", Act.RETURN),
    ("セールはありますか", Act.OFFERS),
    ("配送に何日かかりますか", Act.DELIVERY_TIME),
    ("スタッフと話したい", Act.HUMAN),
    ("ありがとうございます", Act.THANKS),
    ("hola buenas tardes", Act.GREETING),
    ("¿me recomiendas algo?", Act.RECOMMEND),
    ("busco un manga de terror", Act.FIND),
    ("¿cuánto cuesta Berserk 1?", Act.PRICE),
    ("¿está disponible este tomo?", Act.STOCK),
    ("¿dónde está mi pedido?", Act.TRACK),
    ("quiero devolver un libro", Act.RETURN),
    ("¿hay ofertas hoy?", Act.OFFERS),
    ("¿cuánto tarda el envío?", Act.DELIVERY_TIME),
    ("quiero hablar con una persona", Act.HUMAN),
    ("muchas gracias", Act.THANKS),
]


@pytest.mark.parametrize(("text", "act"), OTHER_LANGUAGES)
def test_the_commonest_acts_are_heard_in_japanese_and_spanish(text: str, act: Act) -> None:
    assert reader().heard(text).acts[0].act is act


def test_small_talk_before_a_question_comes_after_it() -> None:
    acts = [heard.act for heard in reader().heard("hi! where is my order").acts]

    assert acts[0] is Act.TRACK


def test_two_questions_are_two_acts_in_their_order() -> None:
    acts = [heard.act for heard in reader().heard("is vagabond finished? and how much is vol 1").acts]

    assert acts == [Act.FINISHED, Act.PRICE]


def test_a_telling_word_that_no_pattern_knows_leaves_the_message_open() -> None:
    assert reader().heard("where is my order").settled
    assert not reader().heard("where is my order of the phoenix screening").settled


def test_a_message_that_nothing_fits_is_open() -> None:
    utterance = reader().heard("purple elephants dance")

    assert not utterance.acts
    assert not utterance.settled


def test_the_words_of_an_act_describe_no_book() -> None:
    assert "gift" not in reader().heard("gift for my nephew who likes robots").words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_of_a_table_names_an_act_and_a_precision(language: str) -> None:
    rows = act_table(language).rows

    assert rows
    assert all(0 < row.confidence <= 1 and row.patterns for row in rows)


def test_english_hears_every_act_that_words_alone_can_tell() -> None:
    heard = {row.act for row in act_table("en").rows}

    assert set(Act) - heard - MOVES - AMONG_SEVERAL <= {Act.WORDLESS, Act.TELLING}
    assert any(row.confidence >= SETTLES for row in act_table("en").rows)


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("I need assistance to see the early termination charges", Act.POLICY),
        ("help me notify of an error with registration", Act.POLICY),
        ("could u please show me the allowed payment methods", Act.PAYMENT_METHOD),
        ("would you please tell me what your real name is", Act.BOT),
        ("help me lodge a consumer complaint", Act.COMPLAINT),
        ("im waiting for a refund of 20 dollars", Act.REFUND_STATUS),
    ],
)
def test_a_firm_pattern_settles_although_a_few_other_words_stand_beside_it(text: str, act: Act) -> None:
    heard = reader().heard(text)

    assert heard.settled
    assert act in [one.act for one in heard.acts]


@pytest.mark.parametrize(
    "text",
    [
        "where is my order and recommend me a funny manga",
        "the newsletter said something about artists signing books at your downtown anniversary party weekend",
    ],
)
def test_a_firm_pattern_beside_another_wish_or_a_story_settles_nothing(text: str) -> None:
    assert not reader().heard(text).settled


@pytest.mark.parametrize("said", ["ok thx", "okay thanks", "got it thank you"])
def test_thanks_for_an_answer_agree_to_nothing(said: str) -> None:
    assert [heard.act for heard in reader().heard(said).acts] == [Act.THANKS]
