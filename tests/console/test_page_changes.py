"""K-5: what a draft changes in a page, as an approver reads it: nothing is left out and nothing made up."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mangaassist.console.page_changes import MOST_LINES, changes
from mangaassist.wire.console_knowledge import ChangePart
from mangaassist.wire.store_pages import PageText

PAGE = PageText(source_type="faq", title="When?", body="Orders leave us within two days.\n\nAsk us.")


def told(body: str) -> list[list[tuple[str, str]]]:
    lines = changes(PAGE, replace(PAGE, body=body))
    return [[(part.kind, part.text) for part in line] for line in lines if any(part.kind != "same" for part in line)]


def test_a_word_that_changed_is_shown_within_its_line() -> None:
    assert told(PAGE.body.replace("two days", "one day")) == [
        [
            ("same", "Orders leave us within "), ("removed", "two"), ("added", "one"), ("same", " "),
            ("removed", "days."), ("added", "day."),
        ]
    ]  # fmt: skip


def test_a_line_that_has_little_in_common_with_another_is_shown_whole() -> None:
    assert told("Nothing is sent today.\n\nAsk us.") == [
        [("removed", "Orders leave us within two days.")],
        [("added", "Nothing is sent today.")],
    ]


def test_a_new_page_is_new_as_a_whole_and_its_wordings_count() -> None:
    lines = changes(None, replace(PAGE, questions=("how soon",)))
    assert {part.kind for line in lines for part in line} == {"added"}
    assert (ChangePart(kind="added", text="asked as: how soon"),) in lines


@given(st.lists(st.sampled_from(["a b c", "a b", "d", "", "e f g h"]), max_size=6), st.integers(0, 5))
def test_both_texts_can_be_read_off_the_changes(lines: list[str], cut: int) -> None:
    before, after = replace(PAGE, body="\n".join(lines) + "."), replace(PAGE, body="\n".join(lines[cut:]) + "!")
    for page, other in ((before, "added"), (after, "removed")):
        read = ("".join(part.text for part in line if part.kind != other) for line in changes(before, after))
        assert [line for line in read if line][3:] == [line for line in page.body.splitlines() if line]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x\n" * 2000, "x\ny\n" * 1000),
        ("x\n\n" * 180, "x\n\ny\n" * 130),
        ("x " * 190, "x y " * 95),
        (("x y " * 40 + "\n") * 300, ("y x " * 40 + "\n") * 300),
    ],
)
def test_what_repeats_again_and_again_is_compared_in_bounded_work(before: str, after: str) -> None:
    made = 0

    def count(frame: object, event: str, _: object) -> None:
        nonlocal made
        made += event == "call"

    sys.setprofile(count)
    try:
        lines = changes(replace(PAGE, body=before), replace(PAGE, body=after))
    finally:
        sys.setprofile(None)
    assert made < 400_000
    read = ["".join(part.text for part in line if part.kind != "removed") for line in lines]
    assert [line for line in read if line][3:] == [line for line in after.splitlines() if line]


def test_where_too_much_has_changed_all_of_it_is_shown_as_it_was_and_as_it_is() -> None:
    count = MOST_LINES + 1
    before, after = (replace(PAGE, body="\n".join(f"{word} {n}" for n in range(count))) for word in ("old", "new"))
    kinds = [part.kind for line in changes(before, after) for part in line]
    assert kinds[3:] == ["removed"] * count + ["added"] * count


def test_a_long_page_with_one_changed_line_shows_that_line_alone() -> None:
    lines = [f"line {n}" for n in range(3 * MOST_LINES)]
    changed = [*lines[:900], "line nine hundred", *lines[901:]]
    told = changes(replace(PAGE, body="\n".join(lines)), replace(PAGE, body="\n".join(changed)))
    assert [line for line in told if any(part.kind != "same" for part in line)] == [
        (
            ChangePart(kind="same", text="line "),
            ChangePart(kind="removed", text="900"),
            ChangePart(kind="added", text="nine hundred"),
        )
    ]
