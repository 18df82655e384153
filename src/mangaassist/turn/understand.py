"""From a screened message to its meaning: rules, then the model, then what it names and what it points at."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Entities, IntentGuess, Meaning
from mangaassist.turn.budget import Budget
from mangaassist.turn.demands import counts_volumes, demands_of
from mangaassist.turn.memory import Session
from mangaassist.turn.second_thoughts import CHOOSES, Said, reconsidered
from mangaassist.turn.wishes import telling, wish_of
from mangaassist.understanding.entities import EntityReader
from mangaassist.understanding.reading import Decision, IntentReader, texts_of
from mangaassist.understanding.references import Resolution, ShownProduct, resolve
from mangaassist.understanding.titles import TitleLexicon
from mangaassist.wire.page import PageContext

Floats = NDArray[np.float32]

MOST_READ = 2000
CLASSIFIER_DOWN = IntentGuess(Intent.FAQ, 0.0, "rules")
"""M-11: no rule fits and the model is away, so the knowledge base is asked."""


class Reading(Protocol):
    """What one pass of the encoder gives: unit vectors, float32 [texts, 384], and what the intent head reads, or None."""

    @property
    def vectors(self) -> Floats: ...

    @property
    def features(self) -> Floats | None: ...


class Encoder(Protocol):
    async def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors alone, float32 [texts, 384]: a little less work than ``read``."""
        ...

    async def read(self, texts: Sequence[str]) -> Reading: ...


class Speculation:
    """The message's pass through the encoder, on its way before anybody knows whether it is needed (M-9).

    It begins at the turn's first wait. What is known by then makes it smaller: rules that settled the intent need no
    features, and a plan without knowledge needs no pass at all. ``reading`` waits for it, at most until the budget's embed
    stage is over, and gives None when it failed or came late (M-11). Leave the block and what nobody asked for is cancelled.
    """

    def __init__(self, encoder: Encoder, message: str, budget: Budget) -> None:
        self._encoder = encoder
        self._message = message
        self._budget = budget
        self._is_settled = False
        self._task = asyncio.create_task(self._pass(), name="embed")
        self.used = False

    async def __aenter__(self) -> "Speculation":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.drop()
        await asyncio.gather(self._task, return_exceptions=True)

    def settle(self) -> None:
        """The intent is decided: the vector of the whole message is all that may still be asked for."""
        self._is_settled = True

    def drop(self) -> None:
        """Nobody needs it."""
        if not self._task.done():
            self._task.cancel()

    async def vector(self) -> Floats | None:
        """The unit vector of the whole message, float32 [384], or None."""
        reading = await self.reading()
        return None if reading is None else reading.vectors[0]

    async def reading(self) -> Reading | None:
        """What was read of the message and of each of its clauses, the message first; None when it failed or came late."""
        self.used = True
        with self._budget.timed("embed"):
            done, _ = await asyncio.wait({self._task}, timeout=self._budget.left_s("embed"))
        if not done or self._task.cancelled() or self._task.exception() is not None:
            return None
        return self._task.result()

    async def _pass(self) -> Reading:
        if self._is_settled:
            return _VectorsAlone(await self._encoder.encode([self._message]))
        return await self._encoder.read(texts_of(self._message))


class _VectorsAlone(msgspec.Struct, frozen=True, eq=False):
    vectors: Floats
    features: None = None


class Understanding:
    """What the turn knows how to ask of the understanding room."""

    def __init__(self, intents: IntentReader) -> None:
        self._intents = intents
        self._entities = EntityReader(TitleLexicon.from_titles(()))

    def learn(self, titles: TitleLexicon) -> None:
        """Know these series by name from now on."""
        self._entities = EntityReader(titles)

    async def guess(self, text: str, speculation: Speculation) -> Decision:
        """Stage 1, then stage 2 (M-2). The second value names two intents that are too close to call."""
        if (settled := self._intents.settled(text)) is not None:
            speculation.settle()
            return settled, None
        reading = await speculation.reading()
        if reading is None or reading.features is None:
            return self._intents.without_model(text) or CLASSIFIER_DOWN, None
        return self._intents.decide(text, reading.features)

    def series_in(self, text: str) -> tuple[str, ...]:
        """The ids of the series that a text of the store names, in its order."""
        return tuple(mention.series_id for mention in self._entities.read(text[:MOST_READ]).series)

    async def understand(self, text: str, session: Session, page: PageContext, speculation: Speculation) -> Meaning:
        guess, between = await self.guess(text, speculation)
        entities = self._entities.read(text)
        if counts_volumes(text):
            entities = msgspec.structs.replace(entities, volumes=())
        pointed = resolve(text, entities, _shown(session), page.current_asin, page.cart_asins)
        entities = _with_volume(entities, pointed.volume_change)
        subjects = _chosen_between(text, pointed, session)
        guess, between = _without_small_talk(guess, between, text)
        first = guess
        guess = reconsidered(guess, Said(text, entities, subjects, pointed.cheaper, _last_intent(session)))
        return Meaning(
            text=text,
            guess=guess,
            entities=entities,
            subjects=subjects,
            between=between if guess is first else None,
            cheaper=pointed.cheaper and guess.intent is not Intent.PRODUCT_QUESTION,
            needs_history=pointed.needs_history,
            wish="" if subjects else wish_of(text, entities),
            unwanted=demands_of(text).without,
        )


def _chosen_between(text: str, pointed: Resolution, session: Session) -> tuple[str, ...]:
    """ "Which is cheaper" is about all that was shown, not about the first."""
    if pointed.subjects and CHOOSES.search(text):
        return tuple(card.asin for card in session.last_shown()) or pointed.subjects
    return pointed.subjects


def _last_intent(session: Session) -> str:
    return session.turns[-1].intent if session.turns else ""


def _without_small_talk(
    guess: IntentGuess, between: tuple[Intent, Intent] | None, text: str
) -> tuple[IntentGuess, tuple[Intent, Intent] | None]:
    """Nobody is asked whether they want to chat: with words that tell something they want the other thing, else they do."""
    if between is None or Intent.CHITCHAT not in between:
        return guess, between
    other = next(intent for intent in between if intent is not Intent.CHITCHAT)
    return msgspec.structs.replace(guess, intent=other if telling(text) else Intent.CHITCHAT), None


def _with_volume(entities: Entities, volume: int | None) -> Entities:
    return entities if volume is None else msgspec.structs.replace(entities, volumes=(volume,))


def _shown(session: Session) -> tuple[ShownProduct, ...]:
    return tuple(ShownProduct(card.asin, card.title) for card in session.last_shown())
