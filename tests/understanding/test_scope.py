"""Who asks about something else is led back, and nobody with an order or a return is sent away (G-3 stage 6, G-5)."""

import json
from pathlib import Path
from typing import Final

import pytest

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import NEW_DIALOGUE
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import ProvisionedEncoder
from mangaassist.understanding.heads import TrainedHeads
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.reader import MeaningReader
from tests.patience import PATIENCE

SAFETY = Path(__file__).parents[2] / "training" / "safety"


def written(name: str, of: str) -> list[str]:
    rows = map(json.loads, (SAFETY / f"{name}.jsonl").read_text("utf-8").splitlines())
    return [row["text"] for row in rows if row["of"] == of]


ORDERS, ELSEWHERE = written("scope", "orders"), written("scope", "elsewhere")
BY_STRANGERS = written("held_out_elsewhere", "elsewhere")
"""Of two hands that wrote neither rules nor what the heads learnt from."""
LED_BACK: Final = frozenset({Act.OFF_TOPIC, Act.JOKE, Act.BOT})
LEAST_OF_ORDERS, LEAST_LED_BACK, LEAST_OF_STRANGERS = 100, 0.9, 0.7


@pytest.fixture
async def encoder(provisioned: ProvisionedEncoder):
    opened = OnnxEncoder(provisioned, PATIENCE)
    yield opened
    await opened.close()


async def first_acts(encoder: OnnxEncoder, texts: list[str]) -> list[tuple[str, Act]]:
    reader, heads, found = MeaningReader(Lexicon()), TrainedHeads.load(), list[tuple[str, Act]]()
    for text in texts:
        heard = reader.heard(text)
        meaning = reader.settled(heard, NEW_DIALOGUE)
        if meaning is None:
            read = await encoder.read([text])
            assert read.features is not None
            features, vector = read.features[0], read.vectors[0]
            own = reader.with_model(heard, NEW_DIALOGUE, heads.act_scores(features), heads.intent_scores(features))
            meaning = reader.led_back(own, heard, NEW_DIALOGUE, heads.elsewhere(features, vector))
        found.append((text, meaning.acts[0].act))
    return found


async def test_nobody_with_an_order_or_a_return_is_sent_away_however_they_ramble(encoder: OnnxEncoder) -> None:
    assert len(ORDERS) >= LEAST_OF_ORDERS
    assert [text for text, act in await first_acts(encoder, ORDERS) if act is Act.OFF_TOPIC] == []


async def test_nearly_everybody_who_asks_about_something_else_is_led_back(encoder: OnnxEncoder) -> None:
    acts = await first_acts(encoder, ELSEWHERE)
    stray = [(text, act) for text, act in acts if act not in LED_BACK]
    assert len(stray) <= (1 - LEAST_LED_BACK) * len(ELSEWHERE), stray


async def test_most_of_what_strangers_ask_about_something_else_is_led_back(encoder: OnnxEncoder) -> None:
    acts = await first_acts(encoder, BY_STRANGERS)
    led = [text for text, act in acts if ACTS[act].topic == "talk"]
    assert len(led) >= LEAST_OF_STRANGERS * len(BY_STRANGERS)
