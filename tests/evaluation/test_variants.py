"""E-1: the assistant with another tier's model, or without a part of it, and how the two compare."""

import asyncio

import pytest
from msgspec.structs import replace

from mangaassist.errors import BadInput, ModelFailure
from mangaassist.evaluation.dialogues import Dialogue, Judged, Turn
from mangaassist.evaluation.expectations import Expectation, Heard
from mangaassist.evaluation.variants import INSTALLED, TIERS, WITHOUT, Chosen, compared, variants
from mangaassist.settings import Model, Models, Settings, Understanding
from mangaassist.testing.word_encoder import WordEncoder

SMALL = Model(provider="openai", model="little")
LARGE = Model(provider="bedrock", model="big")


def models(variant: str, small: Model = SMALL, large: Model = LARGE) -> tuple[Model, Model]:
    settings = replace(Settings(), models=Models(small=small, large=large))
    changed = {**TIERS, **WITHOUT, "installed": INSTALLED}[variant].settings(settings).models
    return changed.small, changed.large


@pytest.mark.parametrize(
    ("variant", "small", "large"),
    [
        ("installed", SMALL, LARGE),
        ("small", SMALL, SMALL),
        ("large", LARGE, LARGE),
        ("offline", Model(), Model()),
        ("model", Model(), Model()),
        ("encoder", SMALL, LARGE),
    ],
)
def test_a_tier_stands_behind_all_that_models_write(variant: str, small: Model, large: Model) -> None:
    assert models(variant) == (small, large)


def test_where_the_large_tier_has_no_model_its_answers_are_the_small_ones() -> None:
    assert models("large", large=Model()) == (SMALL, SMALL)


def test_without_a_choice_the_assistant_is_as_it_is_installed() -> None:
    assert variants(Chosen()) == [INSTALLED]
    chosen = Chosen(("offline", "small"), ("encoder",))
    assert [one.name for one in variants(chosen)] == ["offline", "small", "without encoder"]


def test_a_part_left_out_is_compared_with_the_whole() -> None:
    assert [one.name for one in variants(Chosen(without=("encoder",)))] == ["installed", "without encoder"]
    [installed, without] = variants(Chosen(without=("reranker",)))
    assert (installed.reranks, without.reranks) == (True, False)


def test_a_variant_that_there_is_not_is_refused_by_its_name() -> None:
    with pytest.raises(BadInput, match="no part 'rerankers'"):
        variants(Chosen(without=("rerankers",)))


def test_without_the_encoder_no_message_is_read_and_without_the_classifier_none_is_told_apart() -> None:
    async def read() -> None:
        whole = WordEncoder()
        assert (await whole.read(["a book"])).features is not None
        told = await WITHOUT["classifier"].encoder(whole).read(["a book"])
        assert told.features is None
        assert (told.vectors == await whole.encode(["a book"])).all()
        left_out = WITHOUT["encoder"].encoder(whole)
        for reading in (left_out.read, left_out.encode):
            with pytest.raises(ModelFailure):
                await reading(["a book"])
        assert left_out.digest == whole.digest

    asyncio.run(read())


def judged(heard_intent: str, *, right: bool, expected: str | None = None) -> Judged:
    turn = Turn("a message", expect=Expectation(intent=expected))
    heard = Heard(text="", intent=heard_intent, model="m")
    return Judged(Dialogue("one", (turn,)), 1, turn.message, heard, () if right else ("not said: a",))


def test_without_the_reader_our_own_reading_stands_alone() -> None:
    """M-2."""
    reads = replace(Settings(), understanding=Understanding(reader="model"))
    assert WITHOUT["reader"].settings(reads).understanding.reader == "own"


def test_variants_are_compared_by_the_intent_of_the_turn_whatever_one_of_them_makes_of_it() -> None:
    """E-1: a message that one variant misunderstands stays in its line."""
    whole = [judged("faq", right=True), judged("faq", right=True), judged("chitchat", right=True, expected="promotion")]
    part = [judged("faq", right=True), judged("chitchat", right=False), judged("promotion", right=False)]
    told = compared({"installed": whole, "without encoder": part})
    assert told["share_right"] == {"installed": 1.0, "without encoder": 0.3333}
    assert told["written_by"] == {"installed": {"m": 3}, "without encoder": {"m": 3}}
    assert told["by_intent"] == {
        "faq": {"n_turns": 2, "installed": 2, "without encoder": 1},
        "promotion": {"n_turns": 1, "installed": 1, "without encoder": 0},
    }
