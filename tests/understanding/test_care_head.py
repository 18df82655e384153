"""Distress and danger that no phrase of ours names are heard from the encoder's pass (G-11)."""

from collections.abc import AsyncIterator

import numpy as np
import pytest

from mangaassist.domain.meaning import Care
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import ProvisionedEncoder
from mangaassist.understanding.care_head import CareHead

HEAD = CareHead.load()
PATIENCE = 1000.0


@pytest.fixture
async def encoder(provisioned: ProvisionedEncoder) -> AsyncIterator[OnnxEncoder]:
    opened = OnnxEncoder(provisioned, PATIENCE)
    yield opened
    await opened.close()


async def cared(encoder: OnnxEncoder, text: str, named: Care = "") -> Care:
    read = await encoder.read([text])
    assert read.features is not None
    return HEAD.care(read.features[0], read.vectors[0], named)


@pytest.mark.parametrize(
    "text",
    [
        "honestly feeling really low lately nothing helps just want to disappear",
        "i dont think i can do another day of this",
        "nobody would even notice if i was gone",
    ],
)
async def test_somebody_in_distress_is_heard_without_a_word_of_ours(encoder: OnnxEncoder, text: str) -> None:
    assert await cared(encoder, text) == "distress"


@pytest.mark.parametrize(
    "text",
    [
        "this cliffhanger is killing me",
        "i want something so sad that i cry for a week",
        "i feel a bit down today, something cozy?",
        "where is my order",
        "does the dog die",
    ],
)
async def test_exaggerations_sad_moods_and_plots_are_no_distress(encoder: OnnxEncoder, text: str) -> None:
    assert await cared(encoder, text) == ""


@pytest.mark.parametrize(
    ("text", "care"),
    [
        ("which one has suicide in it", ""),
        ("overdose on cute stuff pls", ""),
        ("i want to die", "distress"),
        ("i want to kill myself", "distress"),
    ],
)
async def test_what_a_phrase_names_stands_unless_surely_nothing_is_the_matter(
    encoder: OnnxEncoder, text: str, care: str
) -> None:
    assert await cared(encoder, text, named="distress") == care


def test_of_another_encoders_vector_nothing_is_told() -> None:
    assert HEAD.care(np.ones(384, np.float32), np.ones(1024, np.float32)) == ""
