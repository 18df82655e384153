"""T-9: what a model thinks aloud within its answer reaches no shopper, however the answer is cut into pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.models.writers.thoughts import Thoughts

PARTS = st.lists(
    st.sampled_from(
        ["<think>", "</think>", "<THINK>", "</Thinking>", "<thinking>", "<", "</", "think", ">", "a < b", "**Berserk**", " ",
         "\n\n", "<b>", "{{price:B0EXAMPLE1}}", "<thin", "<thinker>", "[p1]"]
    ),
    max_size=25,
)  # fmt: skip


def said(*pieces: str) -> str:
    thoughts = Thoughts()
    return "".join([*map(thoughts.feed, pieces), thoughts.finish()])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<think>They want horror.</think>\n\nTry Uzumaki.", "Try Uzumaki."),
        ("Try Uzumaki. <think>Is it scary?</think>It is.", "Try Uzumaki. It is."),
        ("<Thinking>a</THINKING>b", "b"),
        ("<think>a<think>b</think>c</think>d", "d"),
        ("<think>it never ends", ""),
        ("It is 3 < 4 <b>and</b> <thinker>", "It is 3 < 4 <b>and</b> <thinker>"),
        ("Its end is torn <thin", "Its end is torn <thin"),
        ("a</think>b", "ab"),
        ("  Berserk", "Berserk"),
    ],
)
def test_a_thought_leaves_no_trace_and_everything_else_stays(text: str, shown: str) -> None:
    assert said(text) == shown
    assert said(*text) == shown


@given(PARTS, st.lists(st.integers(0, 200)))
def test_the_shopper_sees_the_same_however_the_text_is_cut(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in pairwise(places)]
    assert said(*pieces) == said(text)


@given(st.text(alphabet="ab <>/\n", max_size=30), st.text(alphabet="xyz <", max_size=10))
def test_no_thought_is_told_whatever_stands_around_it(before: str, after: str) -> None:
    assert "SECRET" not in said(f"{before}<think>SECRET</think>{after}")


def test_nothing_is_held_longer_than_it_may_become_a_tag() -> None:
    thoughts = Thoughts()
    assert thoughts.feed("It is <") == "It is "
    assert thoughts.feed("b>") == "<b>"
