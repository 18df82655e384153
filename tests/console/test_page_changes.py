"""K-5: what a draft changes in a page, as an approver reads it: nothing is left out and nothing made up."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mangaassist.console.page_changes import changes
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
