"""T-4, T-5, T-12: what a list that was shown makes of the next wish, and what is never suggested again."""

from decimal import Decimal

import msgspec
import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.wishes import Label, Range, Wish
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.titles import SeriesTitle
from mangaassist.understanding.utterance_reader import UtteranceReader
from tests.understanding.talks import Talk, card, last_of

SHOWN = tuple(
    msgspec.structs.replace(card(series), series_volumes=volumes, price=Decimal(price))
    for series, volumes, price in (("uzumaki", 3, "9.60"), ("monster", 18, "11.99"), ("dungeon", 14, "11.70"))
)
HORROR = Wish(wanted=(Label("genre", "Horror", "horror"),))
AFTER_A_LIST = DialogueState(acts=(Act.FIND,), shown=SHOWN, wish=HORROR)


def after_a_list(message: str) -> Wish:
    return Talk(state=AFTER_A_LIST).say(message).seeks


def test_shorter_is_shorter_than_everything_that_was_shown() -> None:
    assert after_a_list("something shorter").volumes == Range(None, Decimal(2))


def test_longer_is_longer_than_everything_that_was_shown() -> None:
    assert after_a_list("longer ones").volumes == Range(Decimal(19), None)


def test_cheaper_is_cheaper_than_everything_that_was_shown() -> None:
    assert after_a_list("anything cheaper").price == Range(None, Decimal("9.59"))


def test_shorter_than_a_place_among_the_cards_is_shorter_than_that_one() -> None:
    assert after_a_list("shorter than the second one").volumes == Range(None, Decimal(17))


def test_after_the_dearest_of_the_shop_the_cheapest_is_asked_of_the_shop_as_well() -> None:
    meaning = last_of(["whats your most expensive horror manga", "and the cheapest"])
    assert meaning.act is Act.CHEAPEST
    assert (meaning.targets, meaning.seeks.values("genre")) == ((), ("Horror",))


def test_the_order_of_new_releases_is_not_that_of_the_next_wish() -> None:
    assert last_of(["any new releases", "show me horror manga"]).seeks.ordering is None


def test_the_newest_of_a_kind_are_new_releases_and_no_volume() -> None:
    assert last_of(["what are your newest horror manga"]).act is Act.NEW_RELEASES


def test_whoever_has_read_several_series_wants_another_one_and_no_volume_of_them() -> None:
    meaning = last_of(["already read naruto and vagabond, whats next"])
    assert meaning.act in (Act.RECOMMEND, Act.SIMILAR)
    assert {"naruto", "vagabond"} <= set(meaning.avoid)


def test_what_was_measured_by_does_not_come_with_the_next_wish_either() -> None:
    assert "monster" in last_of(["something like monster", "and like pluto too"]).avoid


READER = UtteranceReader(
    Lexicon.with_catalog([SeriesTitle("monster", "Monster", authors=("Naoki Urasawa",))], ["Monsters", "Dungeons"])
)


@pytest.mark.parametrize(("text", "kind"), [("monster manga", "theme"), ("monster stuff pls", "theme")])
def test_an_everyday_word_before_manga_is_a_kind(text: str, kind: str) -> None:
    assert {mention.kind for mention in READER.read(text).mentions} == {kind}


def test_the_monster_manga_is_one_book() -> None:
    assert [one.kind for one in READER.read("the monster manga").mentions] == ["series"]


def test_not_the_dungeon_one_turns_down_what_it_describes() -> None:
    roles = {mention.value: mention.role for mention in READER.read("not the dungeon one").mentions}
    assert roles["Dungeons"] == "unwanted"


def test_whoever_has_everything_by_an_author_wants_none_of_that_author() -> None:
    [author] = [one for one in READER.read("he has everything by naoki urasawa").mentions if one.kind == "author"]
    assert author.role == "unwanted"


def test_a_short_one_shot_is_a_one_shot() -> None:
    assert READER.read("short horror one shot").limits.volumes == Range(None, Decimal(1))


def test_two_bounds_of_a_price_may_stand_apart() -> None:
    assert READER.read("comedy under 10 bucks but over 5").limits.price == Range(Decimal(5), Decimal("9.99"))


def test_words_of_the_place_describe_no_book() -> None:
    assert READER.read("most expensive thing in the whole shop").words == ()


@pytest.mark.parametrize("text", ["comics for kids", "any comic books?", "what comics do you have"])
def test_comics_are_manga_and_no_comedies(text: str) -> None:
    assert not [one for one in READER.read(text).mentions if one.kind in ("mood", "genre", "goods")]


@pytest.mark.parametrize("text", ["for a boy 12", "it's for a girl of 12", "a gift for a lad aged 12"])
def test_a_boy_or_girl_of_an_age_is_a_reader(text: str) -> None:
    reader = READER.read(text).limits.reader
    assert reader is not None
    assert (reader.age, reader.is_child, reader.is_self) == (12, True, False)


@pytest.mark.parametrize("text", ["like monster but hate how long it is", "love monster but it's way too long"])
def test_whoever_minds_the_length_wants_a_shorter_one(text: str) -> None:
    assert READER.read(text).limits.comparative == "shorter"


@pytest.mark.parametrize(
    ("text", "in_full"),
    [
        ("under $40 for the whole series", True),
        ("under $40", False),
        ("the whole finished run of something for under $55", True),
        ("an entire completed romance series for at most 75 dollars", True),
        ("a whole lot of manga under $10", False),
        ("a whole new series under $10", False),
        ("manga for the whole family under $12", False),
        ("the whole romance shelf below 10 dollars", False),
        ("a finished series under $15", False),
    ],
)
def test_a_price_may_be_one_of_a_whole_series(text: str, *, in_full: bool) -> None:
    assert READER.read(text).limits.in_full is in_full


@pytest.mark.parametrize(
    "text", ["a single volume below 250 pages", "a book over 500 pages", "at least 400 pages long"]
)
def test_pages_are_no_volumes(text: str) -> None:
    assert READER.read(text).limits.volumes.is_open


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("a mystery with no more than 220 pages", "no more than 220 pages"),
        ("180 pages or less please", "180 pages or less"),
        ("is page 200 missing", ""),
        ("how many pages has it", ""),
    ],
)
def test_a_limit_on_pages_is_kept_as_it_was_said(text: str, pages: str) -> None:
    assert READER.read(text).limits.pages == pages


def test_a_limit_on_pages_of_no_book_looks_for_one() -> None:
    meaning = last_of(["something at least 400 pages long"])
    assert meaning.act is Act.FIND
    assert meaning.seeks.pages == "at least 400 pages long"


def test_a_limit_on_pages_stays_in_the_wish() -> None:
    assert last_of(["horror under 220 pages", "and finished please"]).seeks.pages == "under 220 pages"


def test_another_age_is_that_of_another_reader() -> None:
    reader = last_of(["a gift for my son 8", "actually for a girl 15"]).seeks.reader
    assert reader is not None
    assert (reader.said, reader.age) == ("a girl", 15)


@pytest.mark.parametrize(
    "message",
    [
        "which one would u pick",
        "which would you go for",
        "which one is better",
        "what would be your choice",
    ],
)
def test_who_leaves_the_choice_to_us_gets_a_verdict_on_what_was_shown(message: str) -> None:
    meaning = Talk(state=AFTER_A_LIST).say(message)
    assert meaning.act is Act.COMPARE
    assert meaning.chooses
    assert len(meaning.targets) == len(SHOWN)


def test_what_stands_beside_a_gift_is_what_may_be_spent() -> None:
    assert Talk().say("need a gift for my sister, 20 dollars").seeks.price == Range(None, Decimal(20))


def test_seen_those_turns_the_whole_list_down() -> None:
    assert set(Talk(state=AFTER_A_LIST).say("nah seen those").refused) == {one.series_id for one in SHOWN}


def test_complete_in_one_volume_is_a_length_and_no_edition() -> None:
    wish = Talk().say("horror complete in one volume").seeks
    assert wish.volumes == Range(None, Decimal(1))
    assert not wish.values("format")


def test_a_refusal_that_no_label_covers_is_kept_in_its_words() -> None:
    assert Talk().say("horror with no zeppelins").seeks.unnamed == ("zeppelins",)


def test_words_alone_are_no_wish_for_books_while_something_else_is_talked_of() -> None:
    sent_back = Talk(state=DialogueState(acts=(Act.RETURN,), topic="return"))

    assert sent_back.say("i just didnt like it").acts[0].act is not Act.RECOMMEND
    assert not sent_back.say("it was kinda meh honestly").sought


def test_who_is_refused_by_a_pronoun_is_the_author_of_the_wish_so_far() -> None:
    by_ito = Wish(wanted=(Label("genre", "Horror", "horror"), Label("author", "Junji Ito", "junji ito")))
    wish = Talk(state=DialogueState(acts=(Act.FIND,), shown=SHOWN, wish=by_ito)).say("not by him").seeks

    assert wish.values("author") == ()
    assert wish.refused("author") == ("Junji Ito",)


def test_a_bound_after_a_list_goes_on_with_its_wish() -> None:
    wish = after_a_list("over 10 volumes is fine")

    assert wish.values("genre") == ("Horror",)
    assert wish.volumes.least == Decimal(11)


def test_about_an_amount_is_what_may_be_spent_on_somebody_else() -> None:
    assert last_of(["something for my niece about $20"]).seeks.price == Range(None, Decimal("20.00"))


def test_whoever_knows_nothing_of_comics_and_asks_for_suggestions_is_told_of_no_book() -> None:
    acts = [
        one.act for one in last_of(["I know nothing about these comics. What would you suggest for my niece?"]).acts
    ]
    assert Act.ABOUT not in acts


@pytest.mark.parametrize(
    "message", ["im 11 n i want something with romance", "im 11 and i need something about sports"]
)
def test_what_a_child_wants_behind_its_age_is_for_that_age(message: str) -> None:
    meaning = last_of([message])
    assert len(meaning.sought) <= 1
    reader = meaning.would_seek.reader
    assert reader is not None
    assert reader.age == 11
    assert meaning.would_seek.wanted
