"""What a message names, and in which role."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.utterance_reader import UtteranceReader
from tests.understanding.demo_lexicon import read

Roles = set[tuple[str, str]]


def roles(text: str) -> Roles:
    """(value, role) of everything but numbers and volumes."""
    return {(mention.value, mention.role) for mention in read(text).mentions if mention.kind != "volume"}


def values(text: str, kind: str) -> set[str]:
    return {mention.value for mention in read(text).mentions if mention.kind == kind}


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("not Junji Ito or gore", {"Junji Ito", "gory"}),
        ("no romance please", {"Romance"}),
        ("without pirates", {"Pirates"}),
        ("anything but romance", {"Romance"}),
        ("everything but isekai", {"Isekai"}),
        ("not too scary", {"scary"}),
        ("nothing too gory", {"gory"}),
        ("dont want anything scary", {"scary"}),
        ("i dont like horror", {"Horror"}),
        ("she doesnt like romance", {"Romance"}),
        ("i'm not a fan of mecha", {"Mecha"}),
        ("im not really into sports", {"Sports"}),
        ("sick of isekai", {"Isekai"}),
        ("tired of high school stuff", {"School"}),
        ("i hate zombies", {"Zombies"}),
        ("he cant stand horror", {"Horror"}),
        ("no vampires or werewolves", {"Vampires"}),
        ("nothing with ghosts", {"Ghosts"}),
        ("no sad stuff", {"sad"}),
        ("no gore, romance or school", {"gory", "Romance", "School"}),
        ("except horror", {"Horror"}),
        ("avoid anything violent", {"violent"}),
        ("not in the mood for drama", {"Drama"}),
        ("horror is not my thing", {"Horror"}),
        ("not by urasawa", {"Naoki Urasawa"}),
        ("skip the romance", {"Romance"}),
        ("less violence", {"violent"}),
        ("nothing depressing", {"depressing"}),
        ("isnt scary", {"scary"}),
        ("thats too dark", {"dark"}),
    ],
)
def test_what_is_turned_down_is_unwanted(text: str, unwanted: set[str]) -> None:
    assert {value for value, role in roles(text) if role == "unwanted"} == unwanted


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("vampire stuff but not gory", {"Vampires"}, {"gory"}),
        ("something dark but not too depressing", {"dark"}, {"depressing"}),
        ("romance, no love triangles", {"Romance"}, {"Love triangle"}),
        ("no gore, romance please", {"Romance"}, {"gory"}),
        ("not basketball but volleyball", {"Volleyball"}, {"Basketball"}),
        ("horror without blood", {"Horror"}, {"gory"}),
        ("i want action but no romance", {"Action"}, {"Romance"}),
        ("cozy fantasy, nothing scary", {"cosy", "Fantasy"}, {"scary"}),
        ("samurai manga thats not too violent", {"Samurai"}, {"violent"}),
        ("comedy instead of drama", {"Comedy"}, {"Drama"}),
        ("i love horror but hate gore", {"Horror"}, {"gory"}),
        ("sci-fi, not mecha", {"Sci-Fi"}, {"Mecha"}),
        ("detective stories rather than romance", {"Mystery"}, {"Romance"}),
        ("he likes soccer not baseball", {"Soccer"}, {"Baseball"}),
    ],
)
def test_wanted_and_unwanted_are_told_apart_in_one_message(text: str, wanted: set[str], unwanted: set[str]) -> None:
    found = roles(text)
    assert {value for value, role in found if role == "wanted"} == wanted
    assert {value for value, role in found if role == "unwanted"} == unwanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("big fan of horror", {"Horror"}),
        ("im a huge fan of isekai", {"Isekai"}),
        ("cant get enough of romance", {"Romance"}),
        ("i dont mind gore", {"gory"}),
        ("not just romance", {"Romance"}),
        ("something cozy", {"cosy"}),
        ("isekai but the mc is a girl", {"Isekai", "female lead"}),
        ("manga about time travel", {"Time travel"}),
        ("she likes horses and adventure", {"horses", "Adventure"}),
        ("into dark souls and metal", {"Dark Souls", "metal"}),
        ("for someone who loves studio ghibli", {"Studio Ghibli"}),
        ("manga for fans of game of thrones", {"Game of Thrones"}),
        ("a good romcom", {"Romance", "Comedy"}),
        ("stuff like harry potter", {"Harry Potter"}),
        ("seinen psychological thriller", {"seinen", "Psychological", "Thriller"}),
        ("something to make me cry", {"sad"}),
        ("anything by junji ito", {"Junji Ito"}),
        ("manga about food", {"Food"}),
        ("feel good manga", {"wholesome"}),
        ("seinen, adult characters", {"seinen", "grown-up"}),
        ("horror, light", {"Horror", "light"}),
        ("found family fantasy", {"Found family", "Fantasy"}),
        ("any vampire manga", {"Vampires"}),
        ("spies", {"Espionage"}),
        ("enemies, yakuza and cats", {"Yakuza", "Cats"}),
    ],
)
def test_what_is_looked_for_is_wanted(text: str, wanted: set[str]) -> None:
    assert {value for value, role in roles(text) if role == "wanted"} == wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("like one piece but without pirates", {("one-piece", "like"), ("Pirates", "unwanted")}),
        ("something similar to berserk", {("berserk", "like")}),
        (
            "I loved Frieren and Witch Hat Atelier",
            {("frieren-beyond-journeys-end", "like"), ("witch-hat-atelier", "like")},
        ),
        ("if i enjoyed monster what else", {("monster", "like")}),
        ("cant get enough of naruto", {("naruto", "like")}),
        ("big fan of one piece", {("one-piece", "like")}),
        ("in the vein of vagabond", {("vagabond", "like")}),
        ("what should i read after spy x family", {("spy-x-family", "like")}),
        ("nothing like berserk", {("berserk", "unlike")}),
        ("not like naruto", {("naruto", "unlike")}),
        ("anything but naruto", {("naruto", "unwanted")}),
        ("stop recommending naruto to me", {("naruto", "unwanted")}),
        ("not berserk", {("berserk", "unwanted")}),
        ("i don't like one piece", {("one-piece", "unwanted")}),
        ("i've read naruto and bleach", {("naruto", "read"), ("bleach", "read")}),
        ("finished chainsaw man", {("chainsaw-man", "read")}),
        ("just finished vinland saga", {("vinland-saga", "read")}),
        ("no jjk i already read it", {("jujutsu-kaisen", "read")}),
        ("naruto, i've read that", {("naruto", "read")}),
        ("already own Delicious in Dungeon", {("delicious-in-dungeon", "owned")}),
        ("i have berserk already", {("berserk", "owned")}),
        ("she has one piece", {("one-piece", "owned")}),
        ("i already have naruto and bleach", {("naruto", "owned"), ("bleach", "owned")}),
        ("caught up on one piece", {("one-piece", "read")}),
    ],
)
def test_a_series_is_like_unlike_read_or_owned(text: str, expected: Roles) -> None:
    assert expected <= roles(text)


@pytest.mark.parametrize(
    "text",
    [
        "do you have berserk",
        "is berserk finished",
        "isnt berserk finished",
        "has berserk ended",
        "hasnt berserk arrived yet",
        "how do i read berserk",
        "should i read berserk",
        "i want to read berserk",
        "i would like berserk",
        "i want berserk",
        "berserk",
        "how much is berserk",
        "do i have berserk in my cart",
        "would i like berserk",
        "who has berserk",
        "i havent read berserk",
    ],
)
def test_a_series_that_is_only_spoken_of_is_named(text: str) -> None:
    assert ("berserk", "named") in roles(text)


@pytest.mark.parametrize(
    "text",
    [
        "is it sad",
        "is berserk scary?",
        "how gory is it",
        "is this scary",
        "the horror one",
        "with the sports deal?",
        "is naruto a romance",
    ],
)
def test_a_label_that_is_asked_about_or_describes_is_named(text: str) -> None:
    assert [mention.role for mention in read(text).mentions if mention.kind not in ("series", "volume")] == ["named"]


def test_two_kinds_that_are_asked_about_are_named() -> None:
    assert roles("whats the difference between shonen and seinen") == {("shonen", "named"), ("seinen", "named")}


@pytest.mark.parametrize(
    "text",
    [
        "i am moving to a new address",
        "you're cute lol",
        "does the code work",
        "how long is the time",
        "talk to a human",
        "my books are late",
        "no power at home",
        "i have an order",
        "its crazy that you charge that",
        "i am not happy with you",
        "any code i can use",
        "my card wont work",
        "are you a robot",
    ],
)
def test_an_everyday_word_is_no_taste(text: str) -> None:
    assert [mention for mention in read(text).mentions if mention.kind in ("theme", "mood", "medium", "goods")] == []


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("order 114-9970957-3255151 status", "order", {"114-9970957-3255151"}),
        ("where is 114 9970957 3255151", "order", {"114-9970957-3255151"}),
        ("add b0abcdefgh", "asin", {"B0ABCDEFGH"}),
        ("does code NARUTO50 work", "code", {"NARUTO50"}),
        ("does ink10 work on it", "code", {"INK10"}),
        ("i have a coupon SUMMER", "code", {"SUMMER"}),
        ("SAVE20", "code", {"SAVE20"}),
        ("does the code work", "code", set()),
        ("i want VOL3", "code", set()),
        ("do you sell funko pops", "goods", {"figures"}),
        ("any light novels", "goods", {"light novels"}),
        ("is there a kindle version", "goods", {"ebooks"}),
        ("do you have gift cards", "goods", {"gift cards"}),
        ("ship to north korea?", "country", {"KP"}),
        ("do you deliver to the uk", "country", {"GB"}),
        ("shipping to toronto", "country", {"CA"}),
        ("tell us about it", "country", set()),
        ("for my nephew", "person", {"nephew"}),
        ("gift for my gf", "person", {"girlfriend"}),
        ("my kids", "person", {"child"}),
        ("in hardcover", "format", {"hardcover"}),
        ("the 3-in-1", "format", {"omnibus"}),
        ("box sets", "format", {"box_set"}),
        ("berserk deluxe", "format", {"omnibus"}),
        ("naruto as one book", "format", {"omnibus"}),
        ("is it about boxing", "format", set()),
    ],
)
def test_other_things_are_named(text: str, kind: str, expected: set[str]) -> None:
    assert values(text, kind) == expected


def test_a_title_is_not_read_as_its_words() -> None:
    assert values("welcome to demon school iruma-kun", "genre") == set()


def test_a_misspelt_title_is_scored_below_one() -> None:
    (mention,) = read("one peice").mentions
    assert mention.value == "one-piece"
    assert mention.score < 1.0


def test_a_mention_says_what_was_typed_and_where() -> None:
    utterance = read("any Vampires in it?")
    (mention,) = utterance.mentions
    assert mention.said == utterance.folded[mention.start : mention.end] == "Vampires"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ホラー以外でおすすめありますか", {("Horror", "unwanted")}),
        ("ワンピースみたいな漫画ある？", {("one-piece", "like")}),
        ("ナルトはもう読んだ", {("naruto", "read")}),
        ("恋愛漫画、グロはなし", {("Romance", "wanted"), ("gory", "unwanted")}),
        ("busco algo de terror pero sin sangre", {("Horror", "wanted"), ("gory", "unwanted")}),
        ("quiero algo como berserk, no muy violento", {("berserk", "like"), ("gory", "unwanted")}),
        ("ya leí naruto y bleach", {("naruto", "read"), ("bleach", "read")}),
        ("hola, ya tengo one piece", {("one-piece", "owned")}),
        ("regalo para mi sobrina, le gusta el fútbol", {("niece", "named"), ("Soccer", "wanted")}),
    ],
)
def test_roles_are_read_in_japanese_and_spanish(text: str, expected: Roles) -> None:
    assert roles(text) == expected


def test_an_empty_catalog_leaves_everything_but_titles_and_authors() -> None:
    mentions = UtteranceReader(Lexicon()).read("scary vampire manga like berserk in hardcover").mentions
    assert [mention.value for mention in mentions] == ["scary", "Vampires", "hardcover"]


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    read(text)


WORDS = [
    "berzerk",
    "not",
    "titn",
    "one",
    "piece",
    "vol",
    "3",
    "$",
    "no",
    "under",
    "or",
    "gore",
    "1,",
    "-",
    "like",
    "the",
    "second",
]


@given(st.lists(st.sampled_from(WORDS), max_size=300))
def test_a_long_message_of_half_names_is_read(words: list[str]) -> None:
    assert len(read(" ".join(words)).mentions) <= 91


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "already read monster, 20th century boys and pluto",
            {("monster", "read"), ("20th-century-boys", "read"), ("pluto", "read")},
        ),
        ("im on vol 7 of frieren", {("frieren-beyond-journeys-end", "read")}),
        ("i have vol 1-4 of naruto", {("naruto", "owned")}),
        ("do you have vol 3 of naruto", {("naruto", "named")}),
        ("i want to return vol 1 of kingdom", {("kingdom", "named")}),
        ("don't give me any romance", {("Romance", "unwanted")}),
        ("I don't want anything by Junji Ito", {("Junji Ito", "unwanted")}),
        ("cute cat manga", {("wholesome", "wanted"), ("Cats", "wanted")}),
        ("i've seen the anime", set()),
    ],
)
def test_a_cue_reaches_over_volumes_and_small_words(text: str, expected: Roles) -> None:
    assert roles(text) == expected


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("please find me one, but not one in which a horse dies", {"animal deaths"}),
        ("nothing where there are zombies", {"Zombies"}),
        ("no romance stories where the cat dies", {"Romance", "animal deaths"}),
        ("i cant read anything where somebody is bullied", {"bullying"}),
        ("my daughter cant handle stories where pets die", {"animal deaths"}),
        ("not a manga whose hero fights demons", {"Action", "Demons"}),
        ("sick of kids with swords", {"Swords"}),
        ("fed up with guys who fight demons", {"Action", "Demons"}),
        ("can you suggest a book, nothing with zombies", {"Zombies"}),
        ("no more girls who fight demons", {"Action", "Demons"}),
    ],
)
def test_a_refusal_reaches_into_the_clause_that_tells_what_is_refused(text: str, unwanted: set[str]) -> None:
    assert {value for value, role in roles(text) if role == "unwanted"} == unwanted
    assert not {value for value, role in roles(text) if role == "wanted"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("something where the dog talks", {"dogs"}),
        ("why not something where ghosts haunt a school", {"Ghosts", "School"}),
        ("no something with ghosts", {"Ghosts"}),
        ("no, something with ghosts", {"Ghosts"}),
        ("i cant find anything with pirates", {"Pirates"}),
        ("dont you have anything with pirates", {"Pirates"}),
        ("i have not read anything with pirates", {"Pirates"}),
        ("is there nothing with pirates", {"Pirates"}),
        ("have you nothing by urasawa", {"Naoki Urasawa"}),
        ("not finding something with pirates", {"Pirates"}),
        ("no kids with swords please, something about cooking", {"Cooking"}),
        ("nothing where pets die but something with robots", {"Robots"}),
        ("a story without romance with pirates", {"Pirates"}),
        ("nothing where pets die but i want robots", {"Robots"}),
        ("i didnt say no romance", {"Romance"}),
        ("i want a manga where everything is magic", {"Magic"}),
        ("i loved naruto and bleach, they are all action", {"Action"}),
        ("i said vampires, vampires", {"Vampires"}),
    ],
)
def test_a_denial_of_something_else_turns_no_wish_round(text: str, wanted: set[str]) -> None:
    assert {value for value, role in roles(text) if role == "wanted"} == wanted


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("no, i never said mystery i said fantasy", {"Fantasy"}, {"Mystery"}),
        ("i didnt ask for war. i asked for cooking", {"Cooking"}, {"War"}),
        ("i never said i like mecha", set(), {"Mecha"}),
        ("who said anything about war", set(), {"War"}),
        ("you gave me horror but i asked for comedy", {"Comedy"}, {"Horror"}),
        ("this one is drama, i said comedy", {"Comedy"}, {"Drama"}),
        ("this is romance, i meant mystery", {"Mystery"}, {"Romance"}),
    ],
)
def test_what_was_heard_wrong_is_refused_and_what_was_said_is_wanted(
    text: str, wanted: set[str], unwanted: set[str]
) -> None:
    assert {value for value, role in roles(text) if role == "wanted"} == wanted
    assert {value for value, role in roles(text) if role == "unwanted"} == unwanted


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("ugh these are all romance", {"Romance"}),
        ("why is everything mecha", {"Mecha"}),
        ("everything is kids with swords, got anything else", {"Swords"}),
        ("you keep showing me horror", {"Horror"}),
        ("bored to death of pirates", {"Pirates"}),
        ("im done with zombies", {"Zombies"}),
        ("too many vampires", {"Vampires"}),
    ],
)
def test_a_complaint_of_what_is_shown_refuses_it(text: str, unwanted: set[str]) -> None:
    assert {value for value, role in roles(text) if role == "unwanted"} == unwanted
    assert not {value for value, role in roles(text) if role == "wanted"}


def test_a_question_of_what_is_shown_refuses_nothing() -> None:
    assert roles("these are all romance?") == {("Romance", "named")}
    assert ("naruto", "read") in roles("im done with naruto")


def test_the_words_of_a_correction_are_not_what_is_refused() -> None:
    assert read("i didnt say horror").refused_words == ("horror",)
