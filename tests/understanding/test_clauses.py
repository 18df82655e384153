"""Several questions, wishes and readers in one message: each is heard, with what its own clause names."""

import pytest

from mangaassist.domain.acts import Act
from tests.understanding.talks import Talk, last_of, reader


def acts_of(text: str) -> set[Act]:
    return {heard.act for heard in last_of([text]).acts}


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("where is my order and do you have akira", {Act.TRACK, Act.CARRIES}),
        ("how much is shipping and can you suggest a good sports manga", {Act.SHIPPING_COST, Act.RECOMMEND}),
        ("do you have berserk, and whats a good horror manga", {Act.CARRIES, Act.FIND}),
        ("is akira finished and can you recommend something similar", {Act.FINISHED, Act.SIMILAR}),
    ],
)
def test_each_clause_is_heard(text: str, acts: set[Act]) -> None:
    assert acts <= acts_of(text)


def test_a_title_of_another_clause_names_no_order() -> None:
    meaning = last_of(["where is my order and do you have akira"])
    assert meaning.order_targets == ()
    assert meaning.order_items == ()
    assert [target.series_id for target in meaning.targets] == ["akira"]


def test_a_book_before_a_wish_for_somebody_else_is_asked_for_by_name() -> None:
    meaning = last_of(["naruto and also something for my mom who likes romance"])
    assert [heard.act for heard in meaning.acts] == [Act.CARRIES, Act.GIFT]
    [wish] = meaning.sought
    assert wish.values("genre") == ("Romance",)


def test_each_wish_has_the_reader_that_its_own_part_names() -> None:
    child, grown_up = last_of(
        ["one for a 6 year old girl who likes comedy and one for a 40 year old who likes crime"]
    ).sought or (None, None)
    assert child is not None and child.reader is not None and child.reader.age == 6
    assert grown_up is not None and grown_up.reader is not None and grown_up.reader.age == 40


def test_a_child_s_age_stays_with_the_childs_wish() -> None:
    first, *_ = last_of(["something for my 5 year old who likes comedy. also a gift for my boss, into crime"]).sought
    assert first.reader is not None and first.reader.age == 5


@pytest.mark.parametrize(
    ("text", "either"),
    [
        ("romance or comedy", True),
        ("present for my dad, he likes comedy and crime", True),
        ("romance comedy", False),
        ("something with romance and comedy", False),
    ],
)
def test_an_or_and_what_somebody_likes_are_alternatives(text: str, either: bool) -> None:
    assert last_of([text]).seeks.either is either


def test_a_limit_keeps_alternatives() -> None:
    assert last_of(["romance or comedy", "under $10"]).seeks.either


def test_what_is_refused_goes_on_after_an_or_though_the_first_is_unknown() -> None:
    wish = last_of(["horror but nothing with bugs or romance"]).seeks
    assert wish.values("genre") == ("Horror",)
    assert wish.refused("genre") == ("Romance",)
    assert "bugs" not in wish.words


def test_a_comma_ends_what_is_refused() -> None:
    wish = last_of(["i hate romance, something action"]).seeks
    assert wish.values("genre") == ("Action",)


def test_what_somebody_has_already_is_no_question() -> None:
    talk = Talk()
    talk.say("gift for my dad, he likes crime")
    meaning = talk.say("he already has monster")
    assert "monster" in meaning.avoid
    assert Act.CARRIES not in {heard.act for heard in meaning.acts}


def test_a_series_that_was_only_hated_is_not_what_it_shall_be_like() -> None:
    assert last_of(["i liked monster but hated the ending of naruto, what next"]).seeks.like == ("monster",)


def test_like_it_after_a_list_means_what_the_list_was_like() -> None:
    assert last_of(["something like vagabond", "something like it but happy"]).seeks.like == ("vagabond",)


def test_animals_are_no_anime() -> None:
    assert Act.ADAPTATION not in {heard.act for heard in reader().heard("cute animals or food for my 7yo").acts}
