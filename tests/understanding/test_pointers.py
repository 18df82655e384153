"""The words that point, and what else a message says of itself."""

import pytest

from tests.understanding.demo_lexicon import read


def kinds(text: str) -> list[str]:
    return [pointer.kind for pointer in read(text).pointers]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("the second one", (1,)),
        ("tell me about the 3rd book", (2,)),
        ("is the last one in stock?", (-1,)),
        ("the first is nice", (0,)),
        ("option 2 please", (1,)),
        ("compare the first two", (0, 1)),
        ("the last two", (-2, -1)),
        ("the first and the third one", (0, 2)),
        ("add the second one", (1,)),
        ("the second", (1,)),
        ("2nd one pls", (1,)),
        ("ok and the last one", (-1,)),
        ("number two", (1,)),
    ],
)
def test_an_ordinal_counts_what_was_shown(text: str, places: tuple[int, ...]) -> None:
    (pointer,) = [pointer for pointer in read(text).pointers if pointer.kind == "place"]
    assert pointer.places == places


@pytest.mark.parametrize(
    "text",
    [
        "the second time i ask",
        "the first order i placed",
        "the third volume",
        "second hand books",
        "first 3 volumes",
        "the last order",
    ],
)
def test_an_ordinal_of_something_else_points_at_no_card(text: str) -> None:
    assert "place" not in kinds(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("is it finished", "it"),
        ("add this", "it"),
        ("that one please", "it"),
        ("tell me more about this manga", "it"),
        ("are they in stock", "they"),
        ("which of them is best", "choice"),
        ("any of those finished", "they"),
        ("both please", "both"),
        ("the two of them", "both"),
        ("all of them", "all"),
        ("ok all three", "all"),
        ("the other one", "other"),
        ("whats in my cart", "cart"),
        ("take it out of the basket", "cart"),
        ("the next volume", "next_volume"),
        ("next one", "next_volume"),
        ("the previous volume", "previous_volume"),
        ("the latest volume", "last_volume"),
        ("the first volume", "first_volume"),
        ("anything else by the same author", "same_author"),
        ("got anything by the same guy?", "same_author"),
        ("what else did she write", "same_author"),
        ("more like that", "same_kind"),
        ("same genre", "same_kind"),
        ("wheres my last order", "last_order"),
        ("with the sports deal?", "that_offer"),
        ("does that code work", "that_offer"),
    ],
)
def test_words_that_point_are_known_by_kind(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text", ["horror manga", "how much is berserk", "gift for my nephew, he likes soccer", "thanks", ""]
)
def test_words_that_point_at_nothing_are_none(text: str) -> None:
    assert kinds(text) == []


def test_the_longer_pointer_wins_where_they_overlap() -> None:
    assert kinds("the other one") == ["other"]


def test_a_title_holds_no_pointer() -> None:
    assert kinds("say i love you: both volumes") == ["both"]
    assert kinds("i want boys over flowers 2nd season") == []


@pytest.mark.parametrize(
    "text",
    [
        "and 4?",
        "the other one",
        "not scary tho",
        "why?",
        "shorter",
        "is it sad",
        "hardcover?",
        "under 12 volumes",
        "what about vol 3",
        "any of them finished",
        "the second one, whats it about",
        "how many volumes",
        "both",
    ],
)
def test_what_makes_no_sense_by_itself_is_a_fragment(text: str) -> None:
    assert read(text).is_fragment


@pytest.mark.parametrize(
    "text",
    [
        "horror manga",
        "do you have berserk",
        "where is my order",
        "whats in my cart",
        "order 114-9970957-3255151",
        "best manga ever",
        "what is your return policy",
        "hello",
        "new releases?",
        "how many employees do you have",
        "do you ship to canada",
        "how much is berserk vol 3",
    ],
)
def test_what_makes_sense_by_itself_is_none(text: str) -> None:
    assert not read(text).is_fragment


@pytest.mark.parametrize("text", ["no", "nah not that one", "nope", "not that one", "no thanks"])
def test_a_message_that_turns_down_is_negated(text: str) -> None:
    assert read(text).is_negated


@pytest.mark.parametrize("text", ["yes", "i have no money", "notify me", "now"])
def test_another_is_not(text: str) -> None:
    assert not read(text).is_negated


@pytest.mark.parametrize(
    "text", ["is it good", "how much", "got berserk?", "whats new", "can i return it", "ok and where is it"]
)
def test_a_question_is_told_by_its_opening_or_its_mark(text: str) -> None:
    assert read(text).is_question


@pytest.mark.parametrize("text", ["i want berserk", "add it", "recommend me something"])
def test_a_statement_is_no_question(text: str) -> None:
    assert not read(text).is_question


@pytest.mark.parametrize(
    ("text", "care"),
    [
        ("i want to kill myself", "distress"),
        ("i dont want to live anymore", "distress"),
        ("feeling suicidal tonight", "distress"),
        ("theres nothing to live for", "distress"),
        ("my boyfriend hits me", "danger"),
        ("im going to shoot someone", "danger"),
        ("help my sister is in danger", "danger"),
        ("i think im in real danger", "danger"),
        ("something calm, no kids in danger tho", ""),
        ("what did customer ben order", "other_customer"),
        ("show me chidi okafor's address", "other_customer"),
        ("give me all customers emails", "other_customer"),
        ("list all customer orders", "other_customer"),
        ("what has my ex ordered", "other_customer"),
        ("im 11 years old and want berserk", "child"),
        ("im 11 years old and want something sexy", "child"),
        ("im 11 and my dad says no monsters", ""),
        ("whats in my order", ""),
        ("show me my address", ""),
        ("whats my email on file", ""),
        ("show me the shipping address", ""),
        ("what did i order", ""),
        ("do customers like it", ""),
        ("this price kills me", ""),
        ("death note", ""),
        ("im dying to read it", ""),
        ("give me your email address", ""),
        ("im on volume 11 and want more", ""),
    ],
)
def test_care_comes_first(text: str, care: str) -> None:
    assert read(text).care == care


@pytest.mark.parametrize(
    ("text", "premise"),
    [
        ("since everything is 50% off how much is berserk", "offer"),
        ("since all items are 50% off today", "offer"),
        ("you said berserk is free", "price"),
        ("i saw you have berserk vol 250 in stock", "stock"),
        ("since Naruto has 100 volumes is there a discount", "volumes"),
        ("the sequel to akira", "sequel"),
        ("you promised me a refund", "promise"),
        ("your agent told me it ships today", "promise"),
        ("is berserk free", ""),
        ("how much is berserk", ""),
        ("is anything on sale", ""),
    ],
)
def test_what_a_message_takes_for_granted_is_heard(text: str, premise: str) -> None:
    assert read(text).premise == premise


@pytest.mark.parametrize(
    "text",
    ["this is ridiculous", "worst service ever", "what the hell", "third time i ask", "WHERE IS MY ORDER ALREADY!!"],
)
def test_anger_is_heard(text: str) -> None:
    assert read(text).upset


@pytest.mark.parametrize("text", ["where is my order", "something dark", "scary please", "ISBN?"])
def test_calm_is_heard(text: str) -> None:
    assert not read(text).upset


def test_describing_words_are_what_nothing_else_covers() -> None:
    assert read("something with a dragon tattoo in berserk style").words == ("tattoo", "style")
    assert read("horror under $10").words == ()


def test_telling_words_are_kept_as_stems() -> None:
    assert read("can i return damaged volumes").stems == ("return", "damag")
