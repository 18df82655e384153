# ruff: noqa: E501 -- tables: one conversation a line
"""Fragments and follow-ups are heard as parts of a conversation (T-4, T-10, T-12)."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mangaassist.domain.acts import MOVES, Act
from mangaassist.domain.dialogue import NEW_DIALOGUE, DialogueState, Proposal, Target
from mangaassist.domain.meaning import HeardAct
from mangaassist.domain.products import Format
from mangaassist.domain.wishes import Label, Range, Wish
from mangaassist.domain.writing import NO_NOTES, WritingNotes
from mangaassist.understanding.dialogue_after import after
from mangaassist.understanding.scene import Scene
from mangaassist.understanding.state import merge
from mangaassist.understanding.utterance import Limits, Mention, Pointer, Utterance
from tests.understanding.talks import ORDER, Talk, card, last_of

BOOKS = [
    ("another volume keeps the question", "how much is berserk 1 / and 3?", Act.PRICE, [("berserk", 3)]),
    ("a bare number after a price is a volume", "price of naruto vol 7 / 8", Act.PRICE, [("naruto", 8)]),
    ("another series keeps the question", "is monster finished / what about pluto", Act.FINISHED, [("pluto", None)]),
    ("a named volume after the series", "do you have vagabond / vol 2?", Act.CARRIES, [("vagabond", 2)]),
    ("all three are those talked of", "naruto 1 price / 2? / 3? / whats the total for all three", Act.TOTAL, [("naruto", 1), ("naruto", 2), ("naruto", 3)]),
    ("the newest of a series keeps the question", "how much is vinland saga 4 / and the latest one", Act.LATEST, [("vinland", None)]),
    ("what is asked without a name is asked of what was talked of", "who wrote monster / how many volumes", Act.VOLUMES, [("monster", None)]),
    ("the next few are those after what is read", "i read up to 12 of naruto, get me the next 3", Act.TOTAL, [("naruto", 13), ("naruto", 14), ("naruto", 15)]),
    ("the next few are those after what is owned", "i have naruto 1-5, i want the next two", Act.TOTAL, [("naruto", 6), ("naruto", 7)]),
    ("a place among the cards", "horror manga / whats the second one about", Act.ABOUT, [("monster", 1)]),
    ("a bare place among the cards tells about it", "romance manga / the third one", Act.ABOUT, [("dungeon", 1)]),
    ("they are all the cards", "mystery manga / are any of them finished", Act.FINISHED, [("uzumaki", 1), ("monster", 1), ("dungeon", 1)]),
    ("the cheapest one is one of the cards", "fantasy manga / the cheapest one", Act.CHEAPEST, [("uzumaki", 1), ("monster", 1), ("dungeon", 1)]),
    ("several volumes stay together", "do you have haikyu / volumes 1-3 / are they all in stock", Act.STOCK, [("haikyu", 1), ("haikyu", 2), ("haikyu", 3)]),
    ("a purchase is of what was talked of", "got berserk 2? / add it", Act.ADD_TO_CART, [("berserk", 2)]),
    ("thanks in between changes nothing", "naruto 1 price / thx / and 2?", Act.PRICE, [("naruto", 2)]),
    ("why is about what was suggested", "recommend me something / why", Act.WHY, [("uzumaki", 1), ("monster", 1), ("dungeon", 1)]),
    ("which one is longer is asked of the two that were talked of", "is naruto finished / and vagabond / which one is longer", Act.LONGEST, [("naruto", None), ("vagabond", None)]),
    ("the shortest of a list is one of the cards", "fantasy manga / which one is the shortest", Act.SHORTEST, [("uzumaki", 1), ("monster", 1), ("dungeon", 1)]),
    ("the winner of a verdict is what is talked of", "fantasy manga / the cheapest one / add it to my cart", Act.ADD_TO_CART, [("uzumaki", 1)]),
    ("a bare number after how much is a volume", "do you have naruto / how much is 4", Act.PRICE, [("naruto", 4)]),
    ("not the second but the third is the third", "romance manga / not the second, the third", Act.ABOUT, [("dungeon", 1)]),
    ("a word of one title alone picks that one", "horror manga / the dungeon one", Act.CARRIES, [("dungeon", None)]),
    ("the first three of a series are its volumes", "how much is naruto / first three together?", Act.TOTAL, [("naruto", 1), ("naruto", 2), ("naruto", 3)]),
    ("more after a book tells more of it", "whats berserk about / more", Act.REVIEWS, [("berserk", None)]),
    ("both in the cart are put there", "is naruto 3 in stock / and 4 / both in the cart please", Act.ADD_TO_CART, [("naruto", 3), ("naruto", 4)]),
    ("the volume that was stopped at has one after it", "do you have one piece / i stopped at 98", Act.NEXT_VOLUME, [("one-piece", 98)]),
    ("the next volume is the one after that in focus", "do you have one piece 5 / next volume", Act.STOCK, [("one-piece", 6)]),
    ("a bare next after a volume is the one after it", "how much is one piece 5 / next", Act.CARRIES, [("one-piece", 6)]),
    ("the same author is that of the book in focus", "is berserk sad / anything else by the same guy", Act.BY_SAME_AUTHOR, [("berserk", None)]),
]  # fmt: skip


@pytest.mark.parametrize(("messages", "act", "targets"), [row[1:] for row in BOOKS], ids=[row[0] for row in BOOKS])
def test_a_follow_up_is_asked_of_the_right_books(
    messages: str, act: Act, targets: list[tuple[str, int | None]]
) -> None:
    meaning = last_of(messages.split(" / "))

    assert meaning.act is act
    assert [(one.series_id, one.volume) for one in meaning.targets] == targets


WISHES = [
    ("a genre is searched for", "horror", {"Horror"}, set()),
    ("what is unwanted is added", "horror manga / not gory tho", {"Horror"}, {"gory"}),
    ("a description narrows the list", "romance / seinen", {"Romance", "seinen"}, set()),
    ("another genre alone is another idea", "horror / romance", {"Romance"}, set()),
    ("instead replaces", "horror manga please / actually romance instead", {"Romance"}, set()),
    ("what was refused stays refused in the next wish", "horror, no gore / show me some romance manga", {"Romance"}, {"gory"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("messages", "wanted", "unwanted"), [row[1:] for row in WISHES], ids=[row[0] for row in WISHES]
)
def test_a_wish_grows_with_what_is_said(messages: str, wanted: set[str], unwanted: set[str]) -> None:
    wish = last_of(messages.split(" / ")).seeks

    assert {label.value for label in wish.wanted} == wanted
    assert {label.value for label in wish.unwanted} == unwanted


def test_a_title_that_is_an_everyday_word_is_turned_down_as_a_title() -> None:
    meaning = last_of(["horror manga", "not monster, i own it"])

    assert "monster" in meaning.refused
    assert "Monsters" not in meaning.seeks.refused("theme")


def test_a_wish_for_somebody_else_begins_anew() -> None:
    talk = Talk()
    talk.say("romance manga for my niece, she is 7")
    wish = talk.say("and for me something dark").seeks

    assert wish.values("genre") == ()
    assert wish.reader is None or wish.reader.age is None


def test_an_edition_that_is_not_there_is_forgotten() -> None:
    meaning = last_of(["do you have naruto", "hardcover?", "how much is 4"])

    assert meaning.targets[0].format is not Format.HARDCOVER


def test_until_when_after_an_offer_is_about_the_offer() -> None:
    meaning = last_of(["any offers on horror", "until when"])

    assert meaning.act is Act.OFFERS
    assert meaning.seeks.values("genre") == ("Horror",)


def test_limits_of_several_messages_all_hold() -> None:
    wish = last_of(["romance", "finished", "under 12 volumes", "max $10"]).seeks

    assert wish.finished is True
    assert wish.volumes == Range(None, Decimal(11))
    assert wish.price == Range(None, Decimal(10))


def test_the_reader_of_a_gift_stays_when_tastes_follow() -> None:
    talk = Talk()
    talk.say("gift for my nephew, he is 10")
    wish = talk.say("he likes adventure").seeks

    assert wish.reader is not None
    assert wish.reader.age == 10
    assert "Adventure" in wish.values("genre")


def test_what_was_read_already_is_avoided_and_the_wish_kept() -> None:
    talk = Talk()
    talk.say("horror manga")
    meaning = talk.say("already read the first one")

    assert meaning.act is Act.MORE
    assert "uzumaki" in meaning.refused
    assert "Horror" in meaning.seeks.values("genre")


def test_more_avoids_what_was_shown() -> None:
    meaning = last_of(["fantasy manga", "show me more"])

    assert meaning.act is Act.MORE
    assert {"uzumaki", "monster", "dungeon"} <= set(meaning.avoid)


def test_more_without_a_wish_asks_for_suggestions() -> None:
    assert last_of(["more please"]).act in (Act.MORE, Act.RECOMMEND)


def test_yes_does_what_was_proposed() -> None:
    talk = Talk()
    berserk = Target(series_id="berserk", title="Berserk", volume=1)
    talk.say("is berserk sad", WritingNotes(proposal=Proposal(Act.ADD_TO_CART, targets=(berserk,))))
    meaning = talk.say("yes please")

    assert meaning.act is Act.ADD_TO_CART
    assert meaning.targets == (berserk,)


def test_no_does_not_do_what_was_proposed() -> None:
    talk = Talk()
    talk.say("is berserk sad", WritingNotes(proposal=Proposal(Act.ADD_TO_CART)))

    assert talk.say("no").act is Act.UNSURE
    assert talk.state.proposal is None


def test_a_proposal_is_forgotten_after_one_message() -> None:
    talk = Talk()
    talk.say("is berserk sad", WritingNotes(proposal=Proposal(Act.ADD_TO_CART)))
    talk.say("how many volumes")

    assert talk.say("yes").act is not Act.ADD_TO_CART


def test_an_edition_after_a_price_is_its_price() -> None:
    meaning = last_of(["how much is akira 1", "and in hardcover?"])

    assert [(one.series_id, one.volume, one.format) for one in meaning.targets] == [("akira", 1, Format.HARDCOVER)]


def test_late_is_asked_of_the_order_that_was_told() -> None:
    meaning = last_of([f"where is my order {ORDER}", "thats late isnt it"])

    assert meaning.act is Act.LATE
    assert meaning.orders == (ORDER,)


def test_books_after_an_order_are_books() -> None:
    meaning = last_of(["where is my order", "horror manga"])

    assert meaning.act is Act.FIND
    assert meaning.orders == ()


def test_a_page_goes_on_with_its_topic() -> None:
    talk = Talk()
    talk.say("do you offer gift wrap", page="Gift wrapping")
    meaning = talk.say("how much is it")

    assert meaning.wants_page == "Gift wrapping"
    assert meaning.question == "gift wrap: how much is it"


def test_what_goes_on_about_the_membership_is_asked_of_all_its_pages() -> None:
    talk = Talk()
    talk.say("how do i cancel circle", page="Cancelling the Circle")
    meaning = talk.say("do i get my money back")

    assert meaning.act is Act.MEMBERSHIP
    assert meaning.question == "The membership: do i get my money back"


def test_how_long_after_a_person_was_asked_for_is_no_delivery() -> None:
    meaning = last_of(["can i talk to a human", "how long will it take"])

    assert meaning.act is Act.WAIT


def test_the_page_that_the_shopper_went_to_beats_what_was_talked_of() -> None:
    talk = Talk()
    talk.say("is berserk sad")
    talk.scene = Scene(page=card("yotsuba").target())

    assert [one.series_id for one in talk.say("is it finished").targets] == ["yotsuba"]


def test_the_page_that_the_shopper_was_on_all_along_does_not() -> None:
    talk = Talk(Scene(page=card("yotsuba").target()))
    talk.say("is it finished")
    talk.say("do you have berserk")

    assert [one.series_id for one in talk.say("how many volumes").targets] == ["berserk"]


def test_this_and_another_volume_are_two_things() -> None:
    meaning = last_of(["add this and vol 2"], Scene(page=card("akira").target()))

    assert [(one.series_id, one.volume) for one in meaning.targets] == [("akira", 1), ("akira", 2)]


def test_an_offer_is_meant_by_its_words() -> None:
    meaning = last_of(["do you have haikyu", "volumes 1-2", "with the sports deal?"])

    assert meaning.act is Act.OFFER_ON
    assert "sports" in meaning.offer_words
    assert len(meaning.targets) == 2


def test_two_wishes_in_one_message_are_two() -> None:
    meaning = last_of(["a mystery manga for me and also something about cooking for my girlfriend"])

    assert len(meaning.sought) == 2


def test_the_question_of_a_follow_up_stands_alone() -> None:
    assert last_of(["how much is berserk 1", "and 3?"]).question == "How much is Berserk, Vol. 3?"


def test_the_question_of_a_complete_message_is_the_message() -> None:
    assert last_of(["is vinland saga finished"]).question == "is vinland saga finished"


_LABELS = st.builds(Label, st.sampled_from(("genre", "mood", "demographic")), st.sampled_from(("a", "b", "c", "d")))
_MENTIONS = st.builds(
    Mention,
    kind=st.sampled_from(("genre", "mood", "series", "author", "order", "code", "country", "goods", "format")),
    value=st.sampled_from(("berserk", "akira", "x", "hardcover")),
    said=st.just("x"),
    start=st.integers(0, 50),
    end=st.integers(0, 50),
    role=st.sampled_from(("named", "wanted", "unwanted", "read", "owned", "like", "unlike")),
)
_TARGETS = st.builds(
    Target,
    series_id=st.sampled_from((None, "berserk", "akira")),
    volume=st.sampled_from((None, 1, 2)),
    asin=st.sampled_from((None, "B000000001")),
)
_POINTERS = st.builds(
    Pointer,
    kind=st.sampled_from(
        ("it", "they", "place", "both", "all", "other", "page", "cart", "next_volume", "last_volume", "same_author")
    ),
    places=st.lists(st.integers(-2, 5), max_size=3).map(tuple),
)
_UTTERANCES = st.builds(
    Utterance,
    text=st.text(max_size=20),
    folded=st.just(""),
    mentions=st.lists(_MENTIONS, max_size=4).map(tuple),
    targets=st.lists(_TARGETS, max_size=3).map(tuple),
    volumes=st.lists(st.integers(1, 99), max_size=3).map(tuple),
    formats=st.sampled_from(((), (Format.HARDCOVER,))),
    limits=st.builds(Limits, comparative=st.sampled_from(("", "shorter", "lighter", "cheaper")), ordering=st.sampled_from((None, "cheapest"))),
    pointers=st.lists(_POINTERS, max_size=3).map(tuple),
    acts=st.lists(st.builds(HeardAct, st.sampled_from(Act), st.floats(0, 1), st.sampled_from(("rules", "model"))), max_size=3).map(tuple),
    words=st.lists(st.sampled_from(("dragons", "sad")), max_size=2).map(tuple),
    is_fragment=st.booleans(),
    is_negated=st.booleans(),
    is_instead=st.booleans(),
    splits=st.lists(st.integers(1, 40), max_size=2, unique=True).map(sorted).map(tuple),
)  # fmt: skip
_STATES = st.builds(
    DialogueState,
    acts=st.lists(st.sampled_from([act for act in Act if act not in MOVES]), max_size=2).map(tuple),
    targets=st.lists(_TARGETS, max_size=3).map(tuple),
    talked_of=st.lists(_TARGETS, max_size=3).map(tuple),
    shown=st.sampled_from(((), (card("akira"),), (card("akira"), card("berserk"), card("pluto")))),
    wish=st.builds(Wish, wanted=st.lists(_LABELS, max_size=3).map(tuple), unwanted=st.lists(_LABELS, max_size=3).map(tuple)),
    read=st.lists(st.sampled_from(("r1", "r2")), max_size=2, unique=True).map(tuple),
    refused=st.lists(st.sampled_from(("x1", "x2")), max_size=2, unique=True).map(tuple),
    orders=st.sampled_from(((), (ORDER,))),
    page=st.sampled_from(("", "A page")),
    proposal=st.sampled_from((None, Proposal(Act.FIND), Proposal(Act.PRICE))),
    asked_for=st.sampled_from(("", "taste", "order", "product", "reader", "which")),
)  # fmt: skip


@given(_STATES, _UTTERANCES)
def test_merging_is_total_and_bounded_whatever_was_said(state: DialogueState, utterance: Utterance) -> None:
    meaning = merge(state, utterance)
    new = after(state, meaning, (card("naruto"),), (ORDER,), "Page", NO_NOTES)

    assert meaning.acts
    assert not {heard.act for heard in meaning.acts} & MOVES
    assert len(meaning.targets) <= 50
    assert len(new.talked_of) <= 8
    assert len(new.shown_series) <= 60
    assert len(new.orders) <= 8


@given(_STATES, _UTTERANCES)
def test_nothing_refused_or_read_is_forgotten_unless_it_is_asked_for_by_name(
    state: DialogueState, utterance: Utterance
) -> None:
    meaning = merge(state, utterance)
    asked = {(mention.kind, mention.value) for mention in utterance.mentions} | {("mood", "light"), ("mood", "dark")}
    new = after(state, meaning)

    assert set(state.read) <= set(new.read)
    assert set(state.refused) <= set(new.refused)
    if len(meaning.sought) == 1 and state.proposal is None:
        still = {label.key for label in meaning.sought[0].unwanted}
        assert {label.key for label in state.wish.unwanted} - asked <= still


@given(_STATES)
@example(DialogueState(acts=(Act.OFFERS, Act.ORDER_CONTENTS)))
@example(DialogueState(acts=(Act.CHECKOUT_PROBLEM,)))
def test_an_empty_message_changes_the_state_once_and_never_again(state: DialogueState) -> None:
    empty = Utterance(text="", folded="")
    once = after(state, merge(state, empty))

    assert after(once, merge(once, empty)) == once


def test_nothing_said_at_all_is_wordless() -> None:
    assert merge(NEW_DIALOGUE, Utterance(text="???", folded="")).act is Act.WORDLESS


def test_a_limit_of_price_counts_for_a_book_that_is_named() -> None:
    meaning = last_of(["do you have berserk under $20"])

    assert [one.series_id for one in meaning.targets] == ["berserk"]
    assert meaning.seeks.price.most == Decimal("19.99")


@pytest.mark.parametrize(
    ("message", "editions"),
    [
        ("price of vagabond omnibus and naruto", [Format.OMNIBUS, None]),
        ("price of naruto and the vagabond omnibus", [None, Format.OMNIBUS]),
        ("price of vagabond omnibus 2", [Format.OMNIBUS]),
    ],
)
def test_an_edition_belongs_to_the_series_that_it_is_named_with(message: str, editions: list[Format | None]) -> None:
    assert [one.format for one in last_of([message]).targets] == editions


@pytest.mark.parametrize(
    ("message", "works"),
    [
        ("do you have harry potter", ("harry potter",)),
        ("do you have any cosy manga like harry potter", ()),
        ("do you have berserk", ()),
    ],
)
def test_a_work_of_another_medium_is_asked_for_where_nothing_else_is(message: str, works: tuple[str, ...]) -> None:
    assert last_of([message]).other_works == works
