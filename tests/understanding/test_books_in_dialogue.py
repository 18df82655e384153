"""Follow-ups on books and lists: the shorter one, volumes left out, the first list again, who made both (T-4, T-10)."""

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState, Shown, Target
from mangaassist.domain.products import Format
from mangaassist.understanding.scene import Scene
from mangaassist.understanding.state import merge
from tests.understanding.talks import card, last_of, reader

BOOKS = [
    (
        "which is funnier is asked of the two that were compared",
        "naruto or berserk / which is funnier",
        Act.COMPARE,
        [("naruto", None), ("berserk", None)],
    ),
    (
        "like another one that is named",
        "tell me about naruto / is it like haikyu",
        Act.COMPARE,
        [("naruto", None), ("haikyu", None)],
    ),
    (
        "held against one that is named",
        "tell me about naruto / is it sadder than berserk",
        Act.COMPARE,
        [("naruto", None), ("berserk", None)],
    ),
    (
        "two that are named are compared",
        "is naruto longer than berserk",
        Act.COMPARE,
        [("naruto", None), ("berserk", None)],
    ),
    (
        "volumes are left out of several",
        "do you have vinland saga vol 4, 5, 6, 7 / not 5, 6",
        Act.TOTAL,
        [("vinland", 4), ("vinland", 7)],
    ),
    (
        "only some of the volumes",
        "naruto 10, 11 and 13 how much / only 10 and 13",
        Act.PRICE,
        [("naruto", 10), ("naruto", 13)],
    ),
    ("the next one is the volume after it", "do you have naruto vol 3 / next one", Act.STOCK, [("naruto", 4)]),
    ("the one before is the volume before it", "do you have naruto vol 3 / prev one", Act.STOCK, [("naruto", 2)]),
    (
        "both are the volumes that were talked of",
        "naruto vol 3 price / next one / how much both",
        Act.TOTAL,
        [("naruto", 3), ("naruto", 4)],
    ),
    (
        "the first three of a series",
        "is naruto finished / ok and the first 3?",
        Act.CARRIES,
        [("naruto", 1), ("naruto", 2), ("naruto", 3)],
    ),
    (
        "from one number to another after a title are volumes and no money",
        "how much to get naruto from 5 to 7",
        Act.TOTAL,
        [("naruto", 5), ("naruto", 6), ("naruto", 7)],
    ),
    ("the colour of a book is in no catalog", "is naruto finished / is it in color", Act.DETAIL, [("naruto", None)]),
    (
        "how it ends is not whether it has ended",
        "is naruto finished / does it have a happy ending",
        Act.CONTENT,
        [("naruto", None)],
    ),
    ("a whole question repeats none", "is naruto finished / does it come sealed", Act.DETAIL, [("naruto", None)]),
    ("wrapping is asked of the store", "do you have naruto / will it come wrapped", Act.POLICY, [("naruto", None)]),
    ("how long is it is asked of the book", "who wrote monster / how long is it", Act.VOLUMES, [("monster", None)]),
    ("when a volume comes is no parcel", "is berserk 2 in stock / when does 45 come", Act.LATEST, [("berserk", None)]),
    (
        "the same author of two is who made each",
        "is naruto finished / and berserk / naruto and vagabond same author?",
        Act.AUTHOR,
        [("naruto", None), ("vagabond", None)],
    ),
    (
        "which is older is when each came out",
        "naruto vs berserk / which is older",
        Act.YEAR,
        [("naruto", None), ("berserk", None)],
    ),
    (
        "a reader's age after talk of a book asks whether it suits",
        "who wrote monster / ok for a 14 year old?",
        Act.AGE_FIT,
        [("monster", None)],
    ),
    ("the whole of what is talked of", "is naruto finished / how much to own it all", Act.TOTAL, [("naruto", None)]),
    (
        "the third one stays the third after talk of the first",
        "horror manga / is the first one scary / and the third?",
        Act.CONTENT,
        [("dungeon", 1)],
    ),
    (
        "which of them is scariest holds them against each other",
        "naruto vs berserk / which is scariest",
        Act.COMPARE,
        [("naruto", None), ("berserk", None)],
    ),
    ("the last of them is one of them", "horror manga / the last of them whats it about", Act.ABOUT, [("dungeon", 1)]),
]


@pytest.mark.parametrize(("messages", "act", "targets"), [row[1:] for row in BOOKS], ids=[row[0] for row in BOOKS])
def test_a_follow_up_on_books_is_asked_of_the_right_ones(
    messages: str, act: Act, targets: list[tuple[str, int | None]]
) -> None:
    meaning = last_of(messages.split(" / "))
    assert meaning.act is act
    assert [(one.series_id, one.volume) for one in meaning.targets] == targets


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ("nah seen all of those", Act.MORE),
        ("i know all of these", Act.MORE),
        ("and 3 of them", Act.FIND),
    ],
)
def test_a_list_is_compared_only_where_that_is_asked(said: str, act: Act) -> None:
    assert last_of(["horror manga", said]).act is act


def test_the_book_that_is_talked_of_is_no_other_one() -> None:
    assert last_of(["is naruto finished", "the other one"]).act is not Act.FINISHED


@pytest.mark.parametrize("said", ["naruto black edition", "do you have the naruto collectors edition"])
def test_a_special_edition_is_taken_for_granted_until_the_catalog_says_so(said: str) -> None:
    assert last_of([said]).premise == "edition"


@pytest.mark.parametrize(
    "said",
    [
        "why did you guys cancel naruto",
        "since you cancelled naruto halfway where do i read the rest",
        "they axed naruto",
    ],
)
def test_of_a_series_that_is_said_to_be_cancelled_it_is_asked_how_it_stands(said: str) -> None:
    """T-11: what a message takes for granted is held against the catalog before anything is built on it."""
    meaning = last_of([said])
    assert (meaning.act, meaning.premise) == (Act.FINISHED, "cancelled")


def test_the_first_list_is_shown_again() -> None:
    meaning = last_of(["horror manga", "more", "back to the first list"])
    assert meaning.act is Act.CARRIES
    assert [one.series_id for one in meaning.targets] == ["uzumaki", "monster", "dungeon"]


def test_the_shorter_one_is_measured_by_the_cards() -> None:
    shown = tuple(
        Shown(asin=f"B0{name}", series_id=name, title=name, series_title=name, volume=1, series_volumes=volumes)
        for name, volumes in (("naruto", 72), ("akira", 6))
    )
    state = DialogueState(acts=(Act.COMPARE,), shown=shown, targets=tuple(card.target() for card in shown))
    meaning = merge(state, reader().heard("ok whats the shorter one about"))
    assert (meaning.act, [one.series_id for one in meaning.targets]) == (Act.ABOUT, ["akira"])


def test_a_cheaper_one_than_a_deluxe_edition_is_another_edition() -> None:
    deluxe = Target(series_id="berserk", title="Berserk", volume=1, format=Format.OMNIBUS)
    meaning = merge(DialogueState(acts=(Act.PRICE,), targets=(deluxe,)), reader().heard("any cheaper one"))
    assert (meaning.act, [one.format for one in meaning.targets]) == (Act.EDITION, [None])


def test_what_may_be_a_title_that_the_catalog_lacks_is_told() -> None:
    assert last_of(["price of boruto vol 3"]).unknown == ("boruto",)
    assert last_of(["price of naruto vol 3"]).unknown == ()


def test_another_one_by_the_maker_is_held_against_the_book_that_was_talked_of() -> None:
    state = DialogueState(
        acts=(Act.BY_SAME_AUTHOR,),
        shown=(Shown(asin="B0PLUTO", series_id="pluto", title="Pluto, Vol. 1", series_title="Pluto", volume=1),),
        targets=(Target(series_id="monster", title="Monster"),),
    )
    meaning = merge(state, reader().heard("is that one darker"))
    assert (meaning.act, [one.series_id for one in meaning.targets]) == (Act.COMPARE, ["pluto", "monster"])
    assert meaning.aspect_than


@pytest.mark.parametrize("said", ["which is cheaper to finish", "whats cheapest to collect it"])
def test_what_is_cheaper_to_finish_asks_for_the_ways_to_own_it(said: str) -> None:
    assert last_of(["berserk deluxe", said]).act is Act.SET_OR_SINGLES


def test_a_volume_0_after_editions_is_looked_for() -> None:
    meaning = last_of(["is there a naruto box set", "ok volume 0 then"])
    assert (meaning.act, [one.volume for one in meaning.targets]) == (Act.CARRIES, [0])


@pytest.mark.parametrize("said", ["new releases december", "whats coming in december", "any december releases"])
def test_what_comes_out_in_a_month_stays_within_it(said: str) -> None:
    meaning = last_of([said, "any shojo"])
    assert (meaning.act, meaning.seeks.month, meaning.seeks.words) == (Act.PREORDERS, 12, ())


@pytest.mark.parametrize("said", ["old ones are fine", "i dont mind old ones", "older stuff is ok too"])
def test_what_is_let_in_keeps_the_wish(said: str) -> None:
    wanted = last_of(["horror manga", said]).seeks
    assert ([one.value for one in wanted.wanted], wanted.words) == (["Horror"], ())


def test_what_is_not_for_kids_names_no_child_and_what_is_not_scary_for_kids_does() -> None:
    assert last_of(["funny manga", "not gag humor for kids"]).seeks.reader is None
    reader_named = last_of(["nothing scary for kids"]).seeks.reader
    assert reader_named is not None and reader_named.is_child


CART = Scene(cart=("B0A", "B0B"))


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ("with shipping", Act.CART_TOTAL),
        ("what if i drop the second one", Act.CART_TOTAL),
        ("any deals on whats in my cart", Act.OFFER_ON),
        ("got a promo code?", Act.CODE),
    ],
)
def test_after_the_total_of_the_cart_it_is_still_the_cart(said: str, act: Act) -> None:
    assert last_of(["whats my total", said], CART).act is act


def test_a_used_copy_is_asked_of_the_store() -> None:
    assert last_of(["used?"]).store_question == "used"


def test_one_free_for_buying_some_is_asked_of_the_offers() -> None:
    meaning = last_of(["buy 2 get 1?"])
    assert (meaning.act, meaning.premise) == (Act.OFFERS, "multibuy")


def test_after_a_list_on_a_page_it_is_what_was_listed_and_no_more_the_page() -> None:
    page = card("berserk")
    scene = Scene(page=Target(series_id="berserk", title="Berserk", asin=page.asin), section="product")
    assert last_of(["is it gory"], scene).targets[0].series_id == "berserk"
    meaning = last_of(["manga like naruto", "how many volumes is that"], scene)
    assert [one.series_id for one in meaning.targets] == ["uzumaki"]


def test_where_nothing_was_shown_places_count_what_is_in_the_cart() -> None:
    scene = Scene(section="cart", cart=("B000000001", "B000000002"))
    assert [one.asin for one in last_of(["is the second one gory"], scene).targets] == ["B000000002"]


@pytest.mark.parametrize("messages", [["manga like naruto", "how long is it"], ["naruto, how long is that"]])
def test_how_long_it_is_asks_for_the_volumes_of_a_book_that_is_named_or_listed(messages: list[str]) -> None:
    assert last_of(messages).act is Act.VOLUMES


def test_what_is_described_and_not_found_is_not_the_first_of_the_list() -> None:
    meaning = last_of(["manga like naruto", "the bald guy one, how many volumes is it"])
    assert (meaning.act, meaning.targets) == (Act.VOLUMES, ())


@pytest.mark.parametrize("said", ["does volume 1 work by itself", "can i read it without the first", "is vol 2 needed"])
def test_whether_a_volume_stands_by_itself_asks_where_to_start(said: str) -> None:
    assert last_of(["tell me about naruto", said]).act is Act.START


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("vagabond or vinland saga, which one first", Act.COMPARE),
        ("where do i start with vagabond and vinland saga", Act.START),
    ],
)
def test_which_of_two_comes_first_is_no_question_where_each_begins(text: str, act: Act) -> None:
    assert last_of([text]).act is act
