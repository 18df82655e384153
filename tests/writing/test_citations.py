"""K-6: a model cites by ids that no shopper sees, however its answer is cut into pieces."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.models.writers.citations import MOST_SPACES, Citations, Cited

GIVEN = {"p1": "faq/shipping#0", "p2": "policy/returns#1"}
PARTS = st.lists(
    st.sampled_from(
        ["Free", " from", " ", "  ", "\t", "\n", "[p1]", "(p2)", " [p1, p2]", "[P1]", "[p9]", "[", "(", "p1", "]", ")", ".", ",",
         "{{price:B0EXAMPLE1}}", "[p", "(p", "[p1", "**Berserk**", "(paperback)", "[1]", "p", "1"]
    ),
    max_size=25,
)  # fmt: skip

WHOLE = st.lists(
    st.sampled_from(
        ["Free", " ", "\n", "[p1]", "(p2)", " [p1, p2]", "[P1]", "[p9]", "p1", "]", ")", ".", "{{price:B0EXAMPLE1}}"]
    )
)
"""Nothing that opens a bracket but a mark: around one, another could be made of what is left."""


def said(*pieces: str) -> tuple[str, Cited]:
    citations = Citations(GIVEN)
    text = "".join([*map(citations.feed, pieces), citations.finish()])
    return text, citations.cited


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Shipping is free [p1].", "Shipping is free."),
        ("Shipping is free.[p1] You have 30 days. [p2]", "Shipping is free. You have 30 days."),
        ("[p1] Shipping is free.", "Shipping is free."),
        ("Yes:\n[p1] It is.\n- [p2] Thirty days.", "Yes:\nIt is.\n- Thirty days."),
        ("Free [p1][p2], always.", "Free, always."),
        ("Free [p1, p2] always", "Free always"),
        ("Free (P1; p2).", "Free."),
        ("Volume 1 (paperback) [sold out]", "Volume 1 (paperback) [sold out]"),
        ("{{price:B0EXAMPLE1}} (price) [1] p1", "{{price:B0EXAMPLE1}} (price) [1] p1"),
        ("It is free [p", "It is free"),
        ("It is free [p1, p", "It is free"),
        ("It is free (", "It is free ("),
        ("It is free. ", "It is free. "),
    ],
)
def test_marks_leave_no_trace_and_everything_else_stays(text: str, shown: str) -> None:
    assert said(text)[0] == shown
    assert said(*text)[0] == shown


@given(PARTS, st.lists(st.integers(0, 200)))
def test_the_shopper_sees_the_same_however_the_text_is_cut(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    assert said(*(text[start:end] for start, end in pairwise(places))) == said(text)
    assert said(*text) == said(text)


@given(WHOLE)
def test_what_has_left_is_never_taken_back_and_no_mark_is_in_it(parts: list[str]) -> None:
    text = "".join(parts)
    shown, _ = said(text)
    citations, left = Citations(GIVEN), ""
    for character in text:
        left += citations.feed(character)
        assert shown.startswith(left)
    assert not re.search(r"\[[pP][129]\]|\([pP][129]\)", shown)


@given(st.text(alphabet="abc .,\n\t(){}*1", max_size=60))
def test_a_text_without_marks_is_left_as_it_is(text: str) -> None:
    assert said(*text) == (text, Cited())


def test_what_was_cited_comes_once_and_in_its_order_and_an_id_that_was_not_given_is_counted() -> None:
    _, cited = said("Free [p2]", " and [p", "1, p7] so on [p2] [p0].")
    assert cited == Cited(("policy/returns#1", "faq/shipping#0"), unknown=2)


def test_words_leave_at_once_and_spaces_are_not_held_for_ever() -> None:
    citations = Citations(GIVEN)
    assert citations.feed("Berserk") == "Berserk"
    assert citations.feed(" is dark ") == " is dark"
    assert citations.feed("[") == ""
    assert citations.feed("sold out]") == " [sold out]"
    assert citations.feed(" " * (MOST_SPACES + 1)) == " " * (MOST_SPACES + 1)
