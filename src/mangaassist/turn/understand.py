"""From a screened message to its meaning: rules, then the model, then what it names and what it points at."""

import asyncio
from typing import Protocol

import msgspec
import numpy as np

from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Entities, IntentGuess, Meaning
from mangaassist.turn.budget import Budget
from mangaassist.turn.memory import Session
from mangaassist.understanding.classifier import IntentHead
from mangaassist.understanding.entities import EntityReader
from mangaassist.understanding.references import Resolution, ShownProduct, resolve
from mangaassist.understanding.rules import RuleBook
from mangaassist.understanding.titles import TitleLexicon
from mangaassist.wire.page import PageContext

RULES_CLASSIFIER_DOWN = IntentGuess(Intent.FAQ, 0.0, "rules")
"""M-11: no rule fits and the model is away, so the knowledge base is asked."""


class Embedder(Protocol):
    async def encode(self, texts: list[str]) -> np.ndarray:
        """Unit vectors, float32 [n, 384]."""
        ...


class Speculation:
    """The message's embedding, begun before anybody knows whether it is needed (M-9).

    ``vector`` waits for it, at most until the budget's embed stage is over, and gives None when it failed or came late (M-11).
    Leave the block and what nobody asked for is cancelled.
    """

    def __init__(self, embedder: Embedder, text: str, budget: Budget) -> None:
        self._budget = budget
        self._task = asyncio.create_task(embedder.encode([text]), name="embed")
        self.used = False
        self.failed = False

    async def __aenter__(self) -> "Speculation":
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._task.done():
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def vector(self) -> np.ndarray | None:
        """The unit vector, float32 [384], or None."""
        self.used = True
        with self._budget.timed("embed"):
            done, _ = await asyncio.wait({self._task}, timeout=self._budget.left_s("embed"))
        if not done or self._task.cancelled() or self._task.exception() is not None:
            self.failed = True
            return None
        return self._task.result()[0]


class Understanding:
    """What the turn knows how to ask of the understanding room."""

    def __init__(self, rules: RuleBook, head: IntentHead) -> None:
        self._rules = rules
        self._head = head
        self._entities = EntityReader(TitleLexicon.from_titles(()))

    def learn(self, titles: TitleLexicon) -> None:
        """Know these series by name from now on."""
        self._entities = EntityReader(titles)

    async def guess(self, text: str, speculation: Speculation) -> tuple[IntentGuess, tuple[Intent, Intent] | None]:
        """Stage 1, then stage 2 (M-2). The second value names two intents that are too close to call."""
        if (ruled := self._rules.decide(text)) is not None:
            return ruled, None
        vector = await speculation.vector()
        if vector is None:
            return RULES_CLASSIFIER_DOWN, None
        return self._head.decide(vector)

    async def understand(self, text: str, session: Session, page: PageContext, speculation: Speculation) -> Meaning:
        guess, between = await self.guess(text, speculation)
        entities = self._entities.read(text)
        pointed = resolve(text, entities, _shown(session), page.current_asin, page.cart_asins)
        entities = _with_volume(entities, pointed.volume_change)
        guess = _reconsidered(guess, entities, pointed)
        return Meaning(
            text=text,
            guess=guess,
            entities=entities,
            subjects=pointed.subjects,
            between=between if guess.intent in (between or ()) else None,
            cheaper=pointed.cheaper,
            needs_history=pointed.needs_history,
        )


def _reconsidered(guess: IntentGuess, entities: Entities, pointed: Resolution) -> IntentGuess:
    """What the head cannot know: whoever names a series or an author is not chatting, and "cheaper" looks for others (T-4)."""
    names_goods = bool(entities.series or entities.authors or entities.asins or entities.formats)
    is_chat = guess.intent is Intent.CHITCHAT and guess.stage == "model"
    if (is_chat and names_goods) or (pointed.cheaper and pointed.subjects):
        return msgspec.structs.replace(guess, intent=Intent.PRODUCT_DISCOVERY)
    return guess


def _with_volume(entities: Entities, volume: int | None) -> Entities:
    return entities if volume is None else msgspec.structs.replace(entities, volumes=(volume,))


def _shown(session: Session) -> tuple[ShownProduct, ...]:
    return tuple(ShownProduct(card.asin, card.title) for card in session.last_shown())
