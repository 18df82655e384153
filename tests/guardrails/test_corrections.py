"""Edits become corrections of token frames (G-3, W-4)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.guardrails.corrections import CorrectionDraft, Exposure, Ledger
from mangaassist.guardrails.edits import Edit, EditedText, apply_edits

FRAMES = st.lists(st.text("abc ", max_size=5), min_size=1, max_size=12)


def ledger_of(frames: list[str], step: int = 1) -> Ledger:
    ledger = Ledger()
    for number, text in enumerate(frames):
        ledger.sent(10 + number * step, text)
    return ledger


def shown(frames: list[str], corrections: tuple[CorrectionDraft, ...], step: int = 1) -> str:
    """What a widget shows: frames by number, each correction in place of the frames that it replaces."""
    texts = {10 + number * step: text for number, text in enumerate(frames)}
    for correction in corrections:
        through = correction.through_seq or correction.replace_seq
        for seq in texts:
            if correction.replace_seq <= seq <= through:
                texts[seq] = correction.content if seq == correction.replace_seq else ""
    return "".join(texts.values())


@st.composite
def frames_and_edits(draw: st.DrawFn) -> tuple[list[str], list[Edit]]:
    frames = draw(FRAMES)
    length = len("".join(frames))
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return frames, [Edit(a, b, draw(st.text("XYZ", max_size=4)), "prices", "wrong_price") for a, b in pairs]


@given(frames_and_edits(), st.integers(1, 3))
def test_corrections_applied_to_the_frames_give_the_reviewed_text(
    case: tuple[list[str], list[Edit]], step: int
) -> None:
    frames, edits = case
    corrections = ledger_of(frames, step).corrections(edits)
    assert shown(frames, corrections, step) == apply_edits("".join(frames), edits)


@given(frames_and_edits())
def test_no_frame_is_corrected_twice(case: tuple[list[str], list[Edit]]) -> None:
    frames, edits = case
    corrections = ledger_of(frames).corrections(edits)
    ranges = [(c.replace_seq, c.through_seq or c.replace_seq) for c in corrections]
    assert all(before[1] < after[0] for before, after in pairwise(ranges))


@given(
    st.text("ab ", max_size=20),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6), st.text("XY", max_size=3)), max_size=6),
)
def test_the_edits_of_several_stages_are_told_in_the_first_texts_coordinates(
    text: str, rounds: list[tuple[int, int, str]]
) -> None:
    revision = EditedText(text)
    for start, length, replacement in rounds:
        now = revision.text
        begin = min(start, len(now))
        edit = Edit(begin, min(begin + length, len(now)), replacement, "pii", "PHONE")
        revision.apply([edit])
        assert revision.text == apply_edits(now, [edit])
    assert apply_edits(text, revision.edits()) == revision.text


def test_an_edit_inside_one_frame_corrects_that_frame_alone() -> None:
    drafts = ledger_of(["It is ", "$8.99", " now"]).corrections([Edit(6, 11, "$9.99", "prices", "wrong_price")])
    assert drafts == (CorrectionDraft(11, None, "$9.99", "prices"),)


def test_an_answer_without_edits_gets_no_correction() -> None:
    assert ledger_of(["fine"]).corrections([]) == ()


def test_frames_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="does not come after"):
        ledger_of(["a", "b"], step=-1)


def test_overlapping_edits_are_refused() -> None:
    edits = [Edit(0, 3, "x", "pii", "SSN"), Edit(2, 4, "y", "pii", "SSN")]
    with pytest.raises(ValueError, match="overlap"):
        ledger_of(["abcdef"]).corrections(edits)


def test_what_was_seen_wrong_is_told_with_its_stage_its_time_and_its_length() -> None:
    ledger = Ledger()
    for number, (text, at) in enumerate([("It is ", 1.0), ("$8.99 ", 1.5), ("now", 2.0)]):
        ledger.sent(number, text, at)
    edits = [Edit(6, 11, "$9.99", "prices", "wrong_price"), Edit(12, 12, "then ", "claims", "stock")]
    assert ledger.exposures(edits) == (Exposure("prices", 1.5, 5),)
