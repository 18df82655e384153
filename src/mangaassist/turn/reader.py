"""From a screened message to its meaning: rules, then the model, then what it names and what it points at."""

import msgspec

from mangaassist.domain.evidence import Degradation
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Entities, IntentGuess, Meaning
from mangaassist.turn.demands import counts_volumes, demands_of
from mangaassist.turn.memory import Session
from mangaassist.turn.second_thoughts import CHOOSES, IntentContext, reconsidered
from mangaassist.turn.speculation import Speculation
from mangaassist.turn.wishes import telling, wish_of
from mangaassist.understanding.entities import EntityReader
from mangaassist.understanding.intents import Decision, IntentReader
from mangaassist.understanding.references import Resolution, ShownProduct, resolve
from mangaassist.understanding.titles import TitleLexicon
from mangaassist.wire.page import PageContext

MOST_READ = 2000
CLASSIFIER_DOWN = IntentGuess(Intent.FAQ, 0.0, "rules")
"""M-11: no rule fits and the model is away, so the knowledge base is asked."""
NO_CLASSIFIER = Degradation("classifier", "understood by rules alone")


class Understanding:
    """What the turn knows how to ask of the understanding room."""

    def __init__(self, intents: IntentReader) -> None:
        self._intents = intents
        self._entities = EntityReader(TitleLexicon.from_titles(()))

    def learn(self, titles: TitleLexicon) -> None:
        """Know these series by name from now on."""
        self._entities = EntityReader(titles)

    def series_in(self, text: str) -> tuple[str, ...]:
        """The ids of the series that a text of the store names, in its order."""
        return tuple(mention.series_id for mention in self._entities.read(text[:MOST_READ]).series)

    async def understand(self, text: str, session: Session, page: PageContext, speculation: Speculation) -> Meaning:
        (guess, between), degraded = await self._decided(text, speculation)
        entities = self._entities.read(text)
        if counts_volumes(text):
            entities = msgspec.structs.replace(entities, volumes=())
        pointed = resolve(text, entities, _shown(session), page.current_asin, page.cart_asins)
        entities = _with_volume(entities, pointed.volume_change)
        subjects = _chosen_between(text, pointed, session)
        guess, between = _without_small_talk(guess, between, text)
        first = guess
        guess = reconsidered(guess, IntentContext(text, entities, subjects, pointed.cheaper, _last_intent(session)))
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
            degraded=degraded,
        )

    async def _decided(self, text: str, speculation: Speculation) -> tuple[Decision, tuple[Degradation, ...]]:
        """Stage 1, then stage 2 (M-2), and what could not be done for it."""
        if (settled := self._intents.settled(text)) is not None:
            speculation.settle()
            return (settled, None), ()
        encoded = await speculation.reading()
        if encoded is None or encoded.features is None:
            return (self._intents.without_model(text) or CLASSIFIER_DOWN, None), (NO_CLASSIFIER,)
        return self._intents.decide(text, encoded.features), ()


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
