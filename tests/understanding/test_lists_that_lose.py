"""T-4, T-5: what a list shall be without, by which title it is measured, and what of a wish stays through it."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.products import Format
from mangaassist.domain.wishes import Label, Range, Reader, Recalled, Wish
from mangaassist.understanding.dialogue_after import after
from mangaassist.understanding.state import heard_in
from mangaassist.understanding.wishes_in_dialogue import wishes_of
from tests.understanding.demo_lexicon import read
from tests.understanding.talks import Talk, card, last_of

SAD = Wish(wanted=(Label("mood", "sad", "sad"),), volumes=Range(None, Decimal(10)))
LISTED = DialogueState(acts=(Act.FIND,), shown=tuple(map(card, ("pluto", "akira", "uzumaki"))), wish=SAD)


def after_the_list(message: str, state: DialogueState = LISTED) -> Wish:
    return Talk(state=state).say(message).seeks


def roles(text: str) -> set[tuple[str, str]]:
    return {(mention.value, mention.role) for mention in read(text).mentions}


def test_what_a_kind_is_not_about_leaves_its_mood_as_it_was() -> None:
    wish = after_the_list("not romance, vampires")
    assert ("mood", "sad") in {label.key for label in wish.wanted}


def test_a_no_that_refuses_nothing_begins_with_another_kind() -> None:
    assert ("mood", "sad") not in {label.key for label in after_the_list("no, horror").wanted}


@pytest.mark.parametrize(
    "said", ["drop anything with vampires", "take out the vampire ones", "get rid of everything about vampires"]
)
def test_a_list_loses_what_is_dropped_and_keeps_what_was_wished(said: str) -> None:
    wish = after_the_list(said)
    assert ("theme", "Vampires") in {label.key for label in wish.unwanted}
    assert (wish.wanted, wish.volumes) == (SAD.wanted, SAD.volumes)


def test_a_title_that_is_dropped_is_still_the_title() -> None:
    assert ("monster", "unwanted") not in roles("remove monster from my cart")


@pytest.mark.parametrize("said", ["anything as dark as berserk", "i want one as messed up as berserk"])
def test_as_much_as_a_title_measures_by_it(said: str) -> None:
    assert last_of([said]).seeks.like == ("berserk",)


@pytest.mark.parametrize(
    "said", ["is vagabond as dark as berserk", "is it as good as vagabond", "tell me as soon as berserk is back"]
)
def test_a_question_about_a_title_measures_nothing(said: str) -> None:
    assert "like" not in {one.role for one in read(said).mentions if one.kind == "series" and one.value == "berserk"}


@pytest.mark.parametrize("said", ["romance not longer than 8", "romance, skip the ones over 8 volumes"])
def test_a_length_that_is_left_out_bounds_from_the_other_side(said: str) -> None:
    assert read(said).limits.volumes == Range(None, Decimal(8))


def test_a_price_that_is_left_out_bounds_from_the_other_side() -> None:
    assert read("leave out horror and anything above 12 bucks").limits.price == Range(None, Decimal(12))


def test_when_somebody_read_a_title_is_no_year_of_the_wish() -> None:
    wish = last_of(["my husband read akira in the eighties, what would you get him"]).seeks
    assert (wish.like, wish.year) == (("akira",), Range())
    assert read("something like akira from the eighties").limits.year.least == 1980


def test_who_knows_everything_of_a_subject_asks_for_no_hidden_gem() -> None:
    assert read("she reads everything about vampires").limits.ordering is None
    assert read("she reads everything, any manga for her").limits.ordering == "underrated"


def test_all_day_long_is_no_length() -> None:
    assert read("she draws all day long").limits.volumes == Range()


def test_what_happens_to_kids_in_a_book_is_for_no_child() -> None:
    assert read("nothing with kids dying").limits.reader is None


def test_an_amount_by_itself_after_a_list_may_be_spent() -> None:
    assert after_the_list("20 dollars or so").price == Range(None, Decimal(20))


def test_what_one_person_likes_is_no_part_of_another_ones_wish() -> None:
    brother = Reader("brother", 12, is_child=True, is_self=False)
    state = replace(LISTED, acts=(Act.GIFT,), wish=Wish(like=("naruto",), reader=brother))
    assert after_the_list("his sister is 6 and loves vampires", state).like == ()


def test_the_price_of_the_first_one_after_a_page_is_that_of_the_book() -> None:
    told = replace(LISTED, acts=(Act.POLICY,), page="Do you offer gift wrap?", wish=Wish())
    meaning = Talk(state=told).say("great, how much is the first one")
    assert (meaning.act, meaning.targets[0].series_id) == (Act.PRICE, "pluto")


@pytest.mark.parametrize(("surety", "focus"), [("surely", ("monster",)), ("hardly", ())])
def test_of_a_recalled_plot_the_first_book_is_talked_of_where_it_is_likely(surety: str, focus: tuple[str, ...]) -> None:
    recalled = Recalled(series=("monster", "pluto"), surety=surety)  # type: ignore[arg-type]
    meaning = replace(last_of(["any horror"]), sought=(Wish(recalled=recalled),))
    state = after(DialogueState(), meaning, shown=tuple(map(card, ("monster", "pluto"))))
    assert tuple(one.series_id for one in state.targets) == focus


@pytest.mark.parametrize("said", ["sports but nothing new", "nothing too new please", "not the new releases, vampires"])
def test_nothing_new_bounds_the_year_and_asks_for_no_release(said: str) -> None:
    meaning = last_of([said])
    assert (meaning.act, meaning.seeks.year) == (Act.FIND, Range(None, Decimal(2014)))


def test_any_of_those_in_an_edition_asks_it_of_each() -> None:
    meaning = Talk(state=LISTED).say("are any of them available in hardcover")
    assert {(one.series_id, one.format) for one in meaning.targets} == {
        (series, Format.HARDCOVER) for series in ("pluto", "akira", "uzumaki")
    }


def test_what_is_refused_in_strange_words_beside_a_question_about_a_book_is_kept() -> None:
    hearing = heard_in(DialogueState(), read("is it light, no sickness"))
    (wish,) = wishes_of(hearing, (Act.CONTENT,), (), ())
    assert wish.unnamed == ("sickness",)


def test_what_cannot_be_found_of_a_named_title_turns_it_not_down() -> None:
    assert last_of(["do you have akira under another name, i can't find it"]).act is not Act.RECOMMEND
