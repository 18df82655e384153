"""M-6, M-7, G-2, G-3: whole turns with a real model, which writes nonsense: none of it reaches a shopper unchecked."""

import re
from collections.abc import AsyncIterator

import pytest
from msgspec import structs

from mangaassist.domain.writing import Tier
from mangaassist.models import local
from mangaassist.models.profiles import profiles
from mangaassist.models.writers.chain import Writers
from mangaassist.models.writers.model_writer import ModelWriter
from mangaassist.models.writers.openai_compatible import OpenAiClient
from mangaassist.settings import Models, load
from mangaassist.turn.writing import Writing
from tests.turn.house import INLINE, OFFLINE, House

PATIENT_S = 300.0


@pytest.fixture
async def house(local_model: str) -> AsyncIterator[House]:
    settings = structs.replace(load(environment={}), models=local.behind_every_tier(Models(), local_model))
    known = {
        tier: structs.replace(profile, first_token_s=PATIENT_S, between_tokens_s=PATIENT_S, answer_tokens=40)
        for tier, profile in profiles(settings).items()
    }
    client = OpenAiClient(local.NAME, local_model, "")
    writers = {tier: ModelWriter(known[tier], client) for tier in (Tier.SMALL, Tier.LARGE)}
    house = House()
    yield house.without(writing=Writing(Writers(OFFLINE, writers, house.model_calls, known), INLINE))
    await client.close()


@pytest.mark.parametrize("question", ["recommend me something like Berserk", "is Berserk vol 1 in stock?"])
async def test_a_real_models_answer_ends_and_shows_no_placeholder_and_no_price_that_is_not_todays(
    question: str, house: House
) -> None:
    answered = await house.ask(question)
    told = answered.metadata
    assert told.model == local.NAME or [one.reason for one in told.failovers] == ["contract"], told
    assert answered.ending in ("whole", "broken")
    assert answered.text.strip()
    assert "{{" not in answered.text
    prices = {card.price for card in answered.products}
    assert set(re.findall(r"\$\d+(?:\.\d\d)?", answered.text)) <= prices
