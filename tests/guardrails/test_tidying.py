"""Corrections are few and readable: one a sentence, no doubled space, no list that falls apart (G-3)."""

from hypothesis import given
from hypothesis import strategies as st

from mangaassist.guardrails.edits import Edit, apply_edits
from mangaassist.guardrails.tidying import tidied

TEXT = (
    "Berserk is dark. It has 380 chapters. Vinland Saga is cold.\n- **Akira** is loud. It is red.\n- **Pluto** is sad."
)


def without(text: str, *gone: str, words: str = "") -> tuple[str, int]:
    edits = [Edit(text.index(one), text.index(one) + len(one), words, "claims", "volumes") for one in gone]
    done = tidied(text, edits)
    return apply_edits(text, done), len(done)


def test_two_edits_of_one_sentence_become_one() -> None:
    assert without("It is $1 or $2 today. Fine.", "$1", "$2", words="$3") == ("It is $3 or $3 today. Fine.", 1)


def test_edits_of_two_sentences_stay_two() -> None:
    assert without("It is $1. Or $2. Fine.", "$1", "$2", words="$3") == ("It is $3. Or $3. Fine.", 2)


def test_a_sentence_taken_out_leaves_one_space() -> None:
    assert without(TEXT, "It has 380 chapters. ")[0].startswith("Berserk is dark. Vinland")
    assert without(TEXT, "It has 380 chapters.")[0].startswith("Berserk is dark. Vinland")
    assert without("Berserk is dark. It has 380 chapters.", "It has 380 chapters.")[0] == "Berserk is dark."
    assert without("Buy it (B0BERSERK1).", " (B0BERSERK1)")[0] == "Buy it."
    assert without("Buy B0BERSERK1 , now", "B0BERSERK1 ")[0] == "Buy, now"


def test_the_end_of_a_line_stays_when_its_last_sentence_goes() -> None:
    assert without(TEXT, "It is red.\n")[0].endswith("- **Akira** is loud.\n- **Pluto** is sad.")


def test_a_whole_line_of_a_list_goes_with_its_break() -> None:
    assert without(TEXT, "- **Akira** is loud. It is red.\n")[0].endswith("is cold.\n- **Pluto** is sad.")


def test_a_promise_s_place_is_taken_without_a_space_at_the_end() -> None:
    assert without("I refunded you.", "I refunded you.", words="I can't. ") == ("I can't.", 1)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text("ab .,\n!", max_size=40))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return text, [Edit(a, b, draw(st.text("XY .", max_size=3)), "claims", "stock") for a, b in pairs]


@given(edited())
def test_nothing_but_space_is_changed_beyond_the_edits(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    done = tidied(text, edits)
    assert len(done) <= len(edits)
    assert "".join(apply_edits(text, done).split()) == "".join(apply_edits(text, edits).split())
