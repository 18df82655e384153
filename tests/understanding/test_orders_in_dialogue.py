"""Talk of an order, a return or a code goes on about it, until something else is asked (T-4, T-10)."""

import pytest

from mangaassist.domain.acts import Act
from tests.understanding.talks import ORDER, last_of

GOES_ON = [
    ("a slip in what was typed is the address's", "i typed the wrong zip on my order", Act.CHANGE_ORDER),
    ("a title after an order is the order that holds it", "where is my order / for vinland saga", Act.TRACK),
    ("why asks for the reason of what was said of the order", "can i return vagabond / why not", Act.RETURN),
    ("what it costs after a list of orders was paid for the order", "show my orders / how much was it", Act.ORDER_CONTENTS),
    ("what it costs to send back is a page's to say", "can i return vagabond / how much is it", Act.POLICY),
    ("shipping of what is sent back is a page's to say", "i want to return vagabond / how much is shipping", Act.POLICY),
    ("the same of another code's book", "does code INK10 work / and on naruto?", Act.CODE),
    ("how long after a code is how long it is valid", "does code INK10 work / how long is it valid", Act.CODE),
    ("two codes at once are a page's to say", "can i use INK10 and SEINEN20", Act.POLICY),
    ("a total after adding is that of what was added", "add naruto 1 and 2 / whats my total", Act.TOTAL),
    ("the newest of the orders is no manga", "cancel my order / the most recent one", Act.CANCEL_ORDER),
    ("a state says which order", "can i change the address on my order / its the one thats not shipped yet", Act.CHANGE_ORDER),
    ("a state after a list asks for those", "show my orders / and cancelled?", Act.ORDER_LIST),
    ("yes to a change that only the shopper can make goes on about it", "cancel my order / yes", Act.CANCEL_ORDER),
    ("money for a missing parcel is of that parcel", "says delivered but not here / do i get my money back", Act.NOT_RECEIVED),
    ("a mistyped address is no other book", "i put the wrong apt number on my order", Act.CHANGE_ORDER),
    ("which comes first is asked of the orders", "where is my order / which one comes first", Act.TRACK),
    ("days of a sale ask for what is on first", "any black friday deals", Act.OFFERS),
    ("when they are back after a wish for a person is of the people", "can i talk to a person / when are they back", Act.CONTACT),
    ("a day after an order is when that comes", "where is my order / by saturday?", Act.ARRIVAL),
    ("a day for what is yet to be ordered", "how much is shipping / has to be here by friday", Act.DELIVERY_TIME),
    ("one that holds a book is an order", "change the address on my order / the one with nana in it", Act.CHANGE_ORDER),
    ("money of a cancelled order is what became of it", "why was my order cancelled / did i get my money back", Act.REFUND_STATUS),
    ("which one of what comes is the first of them", "is anything coming today / which one", Act.TRACK),
    ("a fault is told before the wish to send it back", "can i return vagabond, it showed up with water damage", Act.DAMAGED),
    ("another volume in the box is the wrong book", "ordered naruto vol 3 and got vol 30 in the parcel", Act.WRONG_ITEM),
    ("the cheapest way after shipping is of sending", "how much is shipping / whats the cheapest option", Act.SHIPPING_COST),
    ("to pay more after the days is for fewer", "how long does shipping take / and if i pay extra", Act.DELIVERY_TIME),
    ("a place at home after a country is told by its page", "do you ship to canada / whats with puerto rico", Act.POLICY),
    ("what no order tells is asked of the pages", "where is my order / does the driver carry it upstairs", Act.POLICY),
    ("a title after wanting to add one is put in by itself", "can i add another book to my order / akira 2", Act.ADD_TO_CART),
    ("a matter that is dropped is not told again", "cancel my order / nah forget about it", Act.OKAY),
    ("what is found is looked for no more", "where is my order / nvm found it", Act.OKAY),
    ("who asks beside it has dropped nothing", "cancel my order / nvm where is my order", Act.TRACK),
    ("what was opened after a page on returns is to go back", "whats your return policy / i took the plastic off", Act.RETURN),
    ("who ordered the wrong book got no wrong book", "i ordered the wrong volume", Act.RETURN),
]  # fmt: skip


@pytest.mark.parametrize(("messages", "act"), [row[1:] for row in GOES_ON], ids=[row[0] for row in GOES_ON])
def test_talk_of_orders_and_codes_goes_on(messages: str, act: Act) -> None:
    assert last_of(messages.split(" / ")).act is act


def test_a_title_beside_an_order_is_looked_for_among_all_orders() -> None:
    meaning = last_of(["my book arrived damaged", "the vagabond one"])

    assert meaning.act is Act.DAMAGED
    assert meaning.order_items == ("vagabond",)
    assert meaning.orders == ()


def test_a_number_that_is_typed_is_that_order_whatever_book_was_talked_of() -> None:
    meaning = last_of(["where is my vagabond order", f"where is my order {ORDER}"])

    assert meaning.orders == (ORDER,)
    assert meaning.order_items == ()


def test_nothing_named_stays_with_the_order_that_was_told() -> None:
    assert last_of(["where is my order", "is it late"]).orders == (ORDER,)


def test_a_short_question_about_a_return_asks_the_pages_of_returns() -> None:
    meaning = last_of(["i want to return vagabond", "do i have to pay to send it back"])

    assert meaning.act is Act.POLICY
    assert meaning.question.startswith("I want to return something")


def test_two_codes_ask_the_pages_about_combining() -> None:
    assert "combine" in last_of(["can i use INK10 and SEINEN20"]).question


def test_volumes_are_added_up_with_those_added_before() -> None:
    meaning = last_of(["add naruto 1", "add naruto 2", "how much is that together"])

    assert [(one.series_id, one.volume) for one in meaning.targets] == [("naruto", 1), ("naruto", 2)]


@pytest.mark.parametrize(
    ("text", "picks"),
    [
        ("whats the status of my last order", ("latest",)),
        ("cancel my newest order", ("latest",)),
        ("can i return the stuff from my oldest order", ("oldest",)),
        ("where is my preorder", ("preorder",)),
        ("where is my order", ()),
        ("my package says delivered but theres nothing here", ()),
    ],
)
def test_age_and_state_choose_among_orders(text: str, picks: tuple[str, ...]) -> None:
    assert last_of([text]).selection.picks == picks


def test_an_order_that_is_chosen_anew_is_not_the_one_in_focus() -> None:
    meaning = last_of(["where is my order", "the delivered one"])

    assert meaning.selection.picks == ("delivered",)
    assert meaning.orders == ()


def test_the_country_of_before_is_not_asked_about_where_a_place_at_home_is_named() -> None:
    meaning = last_of(["do you ship to canada", "what about hawaii"])

    assert meaning.countries == ()
    assert "canada" not in meaning.question.lower()


def test_a_long_story_of_a_fault_asks_the_pages_of_the_fault_alone() -> None:
    story = "second time asking, my book came damaged, took photos from all sides, sent two mails, card was charged, want my money"

    assert last_of([story]).question == last_of(["my book arrived damaged"]).question.partition(":")[0]


def test_whether_the_others_change_as_well_is_asked_of_the_order_that_is_changed() -> None:
    meaning = last_of(["can i change the address on my order", "does that count for the other orders too"])

    assert (meaning.act, meaning.aspects[:1]) == (Act.CHANGE_ORDER, ("others_too",))
