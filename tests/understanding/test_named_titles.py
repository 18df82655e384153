"""A series that is named in a question about it is what the question is about, whatever it is called."""

import pytest

from mangastore.data.series import load_series
from tests.understanding.demo_lexicon import read

FRAMES = (
    "how many volumes of {} are out",
    "{} how many are out",
    "is {} ever going to be finished",
    "is {} finished",
    "is {} over yet",
    "when does the next {} come out",
    "how many volumes does {} have",
    "whats {} about",
    "do you have {}",
    "how much is {}",
    "which volumes of {} are out so far",
    "is {} still going",
    "will {} ever end",
    "has {} ended",
    "who wrote {}",
)


@pytest.mark.parametrize("frame", FRAMES)
def test_every_series_of_the_catalogue_is_what_a_question_that_names_it_is_about(frame: str) -> None:
    missed = [
        one.title
        for one in load_series()
        if one.id not in {target.series_id for target in read(frame.format(one.title.lower().rstrip("!?."))).targets}
    ]

    assert missed == []


def test_a_series_that_is_out_is_turned_down_by_nobody() -> None:
    assert read("vinland saga how many are out").targets
    assert [one.role for one in read("romance but horror is out").mentions] == ["wanted", "unwanted"]


@pytest.mark.parametrize("text", ["nana will love it, shes 80", "any given day is fine", "is x-mas over"])
def test_an_everyday_word_is_no_title_where_nobody_asks_about_one(text: str) -> None:
    assert read(text).targets == ()


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("something not japanese school setting. sick of schools", "School"),
        ("no boring romance", "Romance"),
        ("i am tired of dumb sports manga", "Sports"),
    ],
)
def test_what_is_refused_with_a_word_that_nobody_knows_is_not_wanted(text: str, refused: str) -> None:
    kinds = [one for one in read(text).mentions if one.value == refused]

    assert kinds
    assert all(one.role == "unwanted" for one in kinds)


def test_what_happens_to_a_refused_thing_belongs_to_the_refusal() -> None:
    assert read("scary but no kids getting hurt").refused_words == ("kids getting hurt",)
    assert read("no big villain please").refused_words == ("big villain",)


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("sports manga but about girls", "female lead"),
        ("any manga with old people as main characters", "elderly lead"),
        ("something about a grandpa", "elderly lead"),
        ("horror starring kids", "child lead"),
        ("fantasy that follows a woman", "female lead"),
    ],
)
def test_whom_a_story_is_about_is_its_main_character(text: str, mood: str) -> None:
    assert mood in [one.value for one in read(text).mentions if one.kind == "mood"]
