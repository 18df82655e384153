"""A title that the shopper has ordered, said by them, may stand for the order (M-2, T-4)."""

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.understanding.own_titles import OwnTitle, as_kind, as_order, may_be_of_order, named_among, of_order
from tests.turn.asking import asks
from tests.understanding.demo_lexicon import read

KAMUY = OwnTitle(Target(series_id="golden-kamuy", title="Golden Kamuy", volume=1))
NANA = OwnTitle(Target(series_id="nana", title="Nana", volume=1))
SPY = OwnTitle(Target(series_id="spy-x-family", title="Spy x Family", volume=15), "preorder")
GUESS = (HeardAct(Act.CARRIES, 0.4, "model"),)


@pytest.mark.parametrize(
    ("said", "read_as"),
    [
        ("any word on golden kamuy yet", "any word on my order yet"),
        ("my golden kamuy 1 never turned up", "my order never turned up"),
        ("where are my nana and golden kamuy books", "where are my order and my order"),
    ],
)
def test_the_order_stands_in_the_place_of_the_title(said: str, read_as: str) -> None:
    assert as_order(read(said), (KAMUY, NANA)) == read_as


def test_what_waits_is_called_what_the_stores_pages_call_it() -> None:
    assert as_kind(read("when is spy x family 15 paid"), (SPY,)) == "when is my preorder paid"


def test_another_volume_of_a_series_is_not_the_one_that_was_ordered() -> None:
    assert named_among(read("spy x family 14"), (SPY,)) == ()
    assert named_among(read("spy x family 15"), (SPY,)) == (SPY,)
    assert named_among(read("spy x family"), (SPY,)) == (SPY,)


@pytest.mark.parametrize(
    ("own", "settled", "leans", "is_enough"),
    [
        (Act.ABOUT, False, 0.06, True),
        (Act.ABOUT, False, 0.04, False),
        (Act.ABOUT, True, 0.06, False),
        (Act.ABOUT, True, 0.11, True),
        (Act.POLICY, False, 0.4, False),
        (Act.POLICY, True, 0.4, False),
        (Act.POLICY, False, 0.5, True),
    ],
)
def test_the_surer_something_else_was_heard_the_more_must_lean_to_an_order(
    own: Act, settled: bool, leans: float, is_enough: bool
) -> None:
    said = replace(read("golden kamuy"), settled=settled)
    assert may_be_of_order(asks(own), said, {Act.TRACK: leans / 2, Act.LATE: leans / 2}) is is_enough


def test_what_reads_as_no_order_in_the_titles_place_is_none() -> None:
    assert of_order(GUESS, {Act.TRACK: 0.4, Act.ABOUT: 0.6}, {Act.TRACK: 0.1}, (KAMUY,)) is None


def test_both_readings_say_what_is_asked_of_the_order() -> None:
    heard = of_order(GUESS, {Act.LATE: 0.5, Act.TRACK: 0.6}, {Act.LATE: 0.4}, (KAMUY,))
    assert heard is not None and heard.act is Act.LATE


def test_what_makes_no_sense_of_an_order_as_it_stands_is_hardly_asked() -> None:
    there = OwnTitle(KAMUY.book, "order", frozenset({Act.RETURN}))
    heard = of_order(GUESS, {Act.CHANGE_ORDER: 0.5, Act.RETURN: 0.3}, {}, (there,))
    assert heard is not None and heard.act is Act.RETURN


def test_a_rule_that_hears_something_of_the_order_is_believed() -> None:
    ruled = (HeardAct(Act.MISSING_ITEM, 0.9, "rules"),)
    heard = of_order(ruled, {Act.LATE: 0.9}, {}, (KAMUY,))
    assert heard is not None and heard.act is Act.MISSING_ITEM


def test_a_gift_that_is_wrong_is_one_that_nobody_wanted() -> None:
    gift = OwnTitle(KAMUY.book, "order", frozenset({Act.WRONG_ITEM}), is_gift=True)
    heard = of_order(GUESS, {Act.WRONG_ITEM: 0.9}, {}, (gift,))
    assert heard is not None and heard.act is Act.RETURN


def test_a_day_by_which_it_is_needed_asks_when_it_comes() -> None:
    ruled = (HeardAct(Act.DELIVERY_TIME, 0.98, "rules"),)
    heard = of_order(ruled, {Act.LATE: 0.9}, {}, (KAMUY,))
    assert heard is not None and heard.act is Act.ARRIVAL


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_a_cancelled_title_is_the_order_where_that_was_cancelled(is_cancelled: bool) -> None:
    guess = IntentGuess(Intent.PRODUCT_QUESTION, 0.9, "rules")
    own = Meaning(text="", guess=guess, acts=(HeardAct(Act.FINISHED),), premise="cancelled")
    nana = OwnTitle(NANA.book, is_cancelled=is_cancelled)
    assert may_be_of_order(own, read("why was nana cancelled"), {}, (nana,)) is is_cancelled


@pytest.mark.parametrize(("said", "leans"), [("any news on golden kamuy 1", True), ("any news on golden kamuy", False)])
def test_the_very_volume_that_is_on_its_way_may_be_the_order(said: str, leans: bool) -> None:
    coming = OwnTitle(KAMUY.book, fitting=frozenset({Act.TRACK}))
    assert may_be_of_order(asks(Act.DETAIL), read(said), {}, (coming,)) is leans
