"""A question about a book of which no act explains the words is answered by no other act, whatever a model takes it for (T-10)."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import NEW_DIALOGUE
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct
from mangaassist.understanding.coverage import coverage
from mangaassist.understanding.state import merge
from tests.understanding.talks import reader

FACTS = sorted(
    act
    for act, row in ACTS.items()
    if row.intent is Intent.PRODUCT_QUESTION and act not in (Act.DETAIL, Act.COMPARE, Act.NOTIFY, Act.SELECT)
)
UNKNOWN = (
    "does {} glow in moonlight",
    "can i wash {}",
    "which brush did they ink {} with",
    "does {} smell of vanilla",
    "is {} heavier than a brick",
    "will {} survive a bathtub",
    "does the hero of {} eat ramen",
    "which shampoo does the villain of {} use",
    "is {} allergic to cats",
    "does {} mention belgium",
    "was {} drawn in a garage",
    "how many punches are thrown in {}",
    "can parrots understand {}",
    "does {} teach karate",
    "is {} banned in france",
    "does {} have a hidden message",
    "is {} vegan",
    "what does the tattoo in {} symbolise",
    "does the moon explode in {}",
    "why does the hero of {} wear gloves",
    "is the glue of {} toxic",
    "can {} be laminated",
    "does {} come with perfume",
    "is there a theme park of {}",
)


@given(
    st.sampled_from(UNKNOWN),
    st.sampled_from(("berserk", "naruto", "vinland saga")),
    st.sampled_from(FACTS),
    st.floats(0.05, 0.89),
)
def test_what_no_act_explains_is_told_to_be_unknown_whatever_was_guessed(
    asked: str, title: str, guess: Act, sure: float
) -> None:
    utterance = reader().heard(asked.format(title))
    guessed = msgspec.structs.replace(utterance, acts=(HeardAct(guess, sure, "model"),))

    meaning = merge(NEW_DIALOGUE, guessed)

    assert meaning.act is Act.DETAIL
    assert meaning.left_over


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("is berserk vegan", "vegan"),
        ("does naruto have a hidden message in it", "hidden message"),
        ("was vinland saga drawn in a garage?", "drawn in a garage"),
    ],
)
def test_it_is_named_in_the_shoppers_words(asked: str, said: str) -> None:
    utterance = reader().heard(asked)

    meaning = merge(NEW_DIALOGUE, msgspec.structs.replace(utterance, acts=(HeardAct(Act.ABOUT, 0.5, "model"),)))

    assert meaning.left_over == said


@pytest.mark.parametrize(
    ("asked", "act", "sure"),
    [
        ("how much does naruto cost", Act.PRICE, 0.6),
        ("is berserk finished or not", Act.FINISHED, 0.6),
        ("do you have solo leveling", Act.CARRIES, 0.6),
        ("is naruto still available for my little brother", Act.STOCK, 0.95),
    ],
)
def test_what_an_act_explains_stays_its_own(asked: str, act: Act, sure: float) -> None:
    utterance = reader().heard(asked)

    assert merge(NEW_DIALOGUE, msgspec.structs.replace(utterance, acts=(HeardAct(act, sure, "model"),))).act is act


def test_the_words_of_a_question_are_explained_or_left_over() -> None:
    utterance = reader().heard("is naruto in spanish in a bathtub")

    told = coverage((Act.LANGUAGE,), utterance)

    assert told.left == ("bathtub",)
    assert told.explained == ("spanish",)
