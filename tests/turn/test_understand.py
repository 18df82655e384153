"""M-2, M-9, M-11: who decides, and what happens when the model is away, late or not needed."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from mangaassist.domain.intents import Intent
from mangaassist.errors import ModelFailure
from mangaassist.turn.budget import Budget
from mangaassist.turn.memory import Session
from mangaassist.turn.understand import Speculation, Understanding
from mangaassist.understanding.classifier import IntentHead
from mangaassist.understanding.reading import IntentReader
from mangaassist.understanding.rules import RuleBook
from mangaassist.understanding.titles import SeriesTitle, TitleLexicon
from mangaassist.wire.page import NOWHERE

HARD = "hmm so about that thing we spoke of"
CLEAR = "where is my order?"


class Read:
    def __init__(self, texts: int) -> None:
        self.vectors = np.zeros((texts, 384), np.float32)
        self.features = np.zeros((texts, 384), np.float32)


class RecordingEncoder:
    """Answers with zeros and remembers what it was asked for."""

    def __init__(self, failure: Exception | None = None, hangs: bool = False) -> None:
        self.encoded: list[str] = []
        self.read_: list[str] = []
        self._failure = failure
        self._hangs = hangs

    async def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.encoded += texts
        await self._answer()
        return np.zeros((len(texts), 384), np.float32)

    async def read(self, texts: Sequence[str]) -> Read:
        self.read_ += texts
        await self._answer()
        return Read(len(texts))

    async def _answer(self) -> None:
        if self._failure:
            raise self._failure
        if self._hangs:
            await asyncio.Event().wait()


@pytest.fixture
def understanding() -> Understanding:
    return Understanding(IntentReader(RuleBook(), IntentHead.load()))


class SpentClock:
    """Every look at it is an hour later: no stage has any time left."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 3600
        return self.now


async def understand(understanding: Understanding, text: str, encoder: RecordingEncoder, clock=lambda: 0.0):
    async with Speculation(encoder, text, Budget(clock)) as speculation:
        return await understanding.understand(text, Session("s"), NOWHERE, speculation)


async def test_what_the_rules_settle_no_model_is_asked_for(understanding: Understanding) -> None:
    encoder = RecordingEncoder()
    meaning = await understand(understanding, CLEAR, encoder)
    assert (meaning.intent, meaning.guess.stage) == (Intent.ORDER_TRACKING, "rules")
    assert (encoder.read_, encoder.encoded) == ([], [])


async def test_one_pass_gives_the_intent_and_the_search_vector(understanding: Understanding) -> None:
    encoder = RecordingEncoder()
    async with Speculation(encoder, HARD, Budget(lambda: 0.0)) as speculation:
        meaning = await understanding.understand(HARD, Session("s"), NOWHERE, speculation)
        vector = await speculation.vector()
    assert meaning.guess.stage == "model"
    assert vector is not None
    assert encoder.read_ == [HARD]
    assert encoder.encoded == []


@pytest.mark.parametrize("encoder", [RecordingEncoder(ModelFailure("encoder", "gone")), RecordingEncoder(hangs=True)])
async def test_without_the_model_the_rules_decide_and_then_the_knowledge_base_is_asked(
    understanding: Understanding, encoder: RecordingEncoder
) -> None:
    meaning = await understand(understanding, HARD, encoder, SpentClock())
    assert (meaning.intent, meaning.guess.stage) == (Intent.FAQ, "rules")


async def test_a_pass_that_nobody_needs_is_cancelled(understanding: Understanding) -> None:
    encoder = RecordingEncoder(hangs=True)
    async with Speculation(encoder, CLEAR, Budget(lambda: 0.0)) as speculation:
        await understanding.understand(CLEAR, Session("s"), NOWHERE, speculation)
        speculation.drop()
        await asyncio.sleep(0)
    assert not speculation.used
    assert (encoder.read_, encoder.encoded) == ([], [])


async def test_a_series_learnt_later_is_known_by_name(understanding: Understanding) -> None:
    text = "is Dungeon Whiskers volume 2 in stock?"
    assert not (await understand(understanding, text, RecordingEncoder())).entities.series
    understanding.learn(
        TitleLexicon.from_titles([SeriesTitle(series_id="dw", title="Dungeon Whiskers", aliases=(), authors=())])
    )
    meaning = await understand(understanding, text, RecordingEncoder())
    assert [mention.series_id for mention in meaning.entities.series] == ["dw"]
    assert meaning.entities.volumes == (2,)
