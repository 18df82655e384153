"""E-1: the assistant with another tier's model, or without a part of it, and how the two compare."""

import asyncio

import pytest
from msgspec.structs import replace

from mangaassist.errors import BadInput, ModelFailure
from mangaassist.evaluation.variants import INSTALLED, TIERS, WITHOUT, Chosen, compared, variants
from mangaassist.settings import Model, Models, Settings
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


def test_variants_are_compared_by_intent() -> None:
    def scores(right: int) -> dict[str, object]:
        counted = {"faq": {"n_turns": 4, "turns_right": right}}
        return {"share_right": right / 4, "written_by": {"m": 4}, "by_intent": counted}

    told = compared({"small": scores(3), "offline": scores(4)})
    assert told["share_right"] == {"small": 0.75, "offline": 1.0}
    assert told["by_intent"] == {"faq": {"small": "3 of 4", "offline": "4 of 4"}}
