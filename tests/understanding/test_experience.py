"""T-4: while books are looked for, whoever tells what they did with a title asks nothing about it: they know it, or gave it up."""

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.wishes import Label, Wish
from mangaassist.understanding.wish_merging import merged
from tests.understanding.demo_lexicon import read
from tests.understanding.talks import last_of


@pytest.mark.parametrize(
    ("message", "refused"),
    [
        ("she tried berserk and got bored", True),
        ("we couldn't get into berserk", True),
        ("my brother dropped berserk after two books, too grim", True),
        ("he owns berserk", False),
        ("my sister finished berserk last week", False),
    ],
)
def test_what_somebody_did_with_a_title_turns_it_down_or_tells_that_it_is_known(message: str, refused: bool) -> None:
    meaning = last_of(["something dark", message])
    assert meaning.act in (Act.MORE, Act.FIND)
    assert ("berserk" in meaning.refused, "berserk" in meaning.read) == (refused, not refused)
    assert "berserk" in meaning.avoid
    assert not meaning.targets


@pytest.mark.parametrize(
    "message",
    [
        "does he know berserk",
        "i want berserk",
        "my friend recommended berserk",
        "i have never read berserk",
        "i heard of berserk",
    ],
)
def test_a_question_a_wish_and_hearsay_tell_of_no_experience(message: str) -> None:
    meaning = last_of(["something dark", message])
    assert "berserk" not in (*meaning.refused, *meaning.read)


def test_what_somebody_likes_less_is_refused_and_a_number_of_volumes_compares_nothing() -> None:
    assert last_of(["i like slow mysteries more than horror"]).seeks.refused("genre") == ("Horror",)
    assert last_of(["more than 20 volumes of horror"]).seeks.values("genre") == ("Horror",)


def test_what_is_turned_down_by_name_is_nothing_that_a_wish_is_like_any_more() -> None:
    old = Wish(like=("berserk", "vagabond"))
    assert merged(old, Wish(unwanted=(Label("series", "berserk"),))).like == ("vagabond",)


def test_of_two_that_were_compared_the_one_that_was_not_given_up_is_told_of() -> None:
    meaning = last_of(["berserk or vagabond", "i quit berserk after two books"])
    assert meaning.act is Act.WORTH_IT
    assert [one.series_id for one in meaning.targets] == ["vagabond"]


def test_whoever_adores_a_thing_wants_it() -> None:
    assert [one.value for one in read("my son adores robots").mentions if one.role == "wanted"] == ["Robots"]
