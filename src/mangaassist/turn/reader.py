"""From a screened message to its meaning: by rules and dialogue where they settle it, else with what the encoder's pass tells."""

from collections.abc import Callable
from functools import cached_property

from msgspec.structs import replace

from mangaassist.domain.dialogue import DialogueState, Target
from mangaassist.domain.encoding import Encoded, Vector
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.meaning import ALONE, HeardAct, Meaning
from mangaassist.domain.reading import ModelReading, ReadingTask
from mangaassist.domain.store_facts import NO_FACTS, StoreFacts
from mangaassist.turn.foreseen import foreseen
from mangaassist.turn.memory import Session
from mangaassist.turn.speculation import Speculation
from mangaassist.understanding.act_decision import Heads, decide
from mangaassist.understanding.asked_of import with_titles
from mangaassist.understanding.care_head import CARED_FOR
from mangaassist.understanding.dialogue_signs import signs_of
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.own_titles import (
    OwnTitle,
    as_kind,
    as_order,
    is_of_pages,
    may_be_of_order,
    named_among,
    of_order,
)
from mangaassist.understanding.reader import MeaningReader
from mangaassist.understanding.references import focus
from mangaassist.understanding.scene import Scene
from mangaassist.understanding.utterance import Utterance
from mangaassist.wire.page import PageContext

MOST_READ = 2000
MOST_TEXTS = 2000
"""Texts of the store of which it is kept which series they name."""
TRAINED_ON = "en"
"""The language of the conversations that a reading of dialogues was trained on."""
NO_CLASSIFIER = Degradation("classifier", "understood by rules alone")


class Understanding:
    """What the turn knows how to ask of the understanding room. ``learn`` makes it know another catalog."""

    def __init__(self, heads: Heads, facts: Callable[[], StoreFacts] = lambda: NO_FACTS) -> None:
        """``facts``: the store's, as it last told them."""
        self._heads = heads
        self._facts = facts
        self._named: dict[str, tuple[str, ...]] = {}
        self._books: dict[str, tuple[Target, ...]] = {}

    @cached_property
    def _reader(self) -> MeaningReader:
        """Of a store without a catalog, until one is learnt: mostly that is before anybody asks."""
        return MeaningReader(Lexicon())

    def learn(self, lexicon: Lexicon) -> None:
        """Know these series, authors and themes by name from now on."""
        self._reader = MeaningReader(lexicon)
        self._named.clear()
        self._books.clear()

    def heard(self, text: str) -> Utterance:
        """What a message says by its own words, whatever was said before."""
        return self._reader.heard(text)

    def title_of(self, series_id: str) -> str:
        return self._reader.titles.get(series_id, "")

    def series_in(self, text: str) -> tuple[str, ...]:
        """The ids of the series that a text of the store names, in its order; its guides are read once."""
        if text not in self._named:
            if len(self._named) >= MOST_TEXTS:
                self._named.clear()
            self._named[text] = self._series_in(text)
        return self._named[text]

    def books_in(self, text: str) -> tuple[Target, ...]:
        """The volumes that a text of the store names, such as an order's line; each text is read once."""
        if text not in self._books:
            if len(self._books) >= MOST_TEXTS:
                self._books.clear()
            self._books[text] = self._reader.heard(text[:MOST_READ]).targets
        return self._books[text]

    def _series_in(self, text: str) -> tuple[str, ...]:
        named = (one.value for one in self._reader.heard(text[:MOST_READ]).mentions if one.kind == "series")
        return tuple(dict.fromkeys(named))

    async def understand(
        self,
        utterance: Utterance,
        session: Session,
        page: PageContext,
        speculation: Speculation,
        typed_secret: bool = False,
    ) -> Meaning:
        """Complete without what came before it (T-4). Where the model is away, rules and dialogue decide alone (M-11)."""
        state, scene = session.dialogue, self._scene(session, page, typed_secret)
        own = self._reader.settled(utterance, state, scene)
        by_words = utterance.settled or utterance.language != TRAINED_ON or not state.acts
        may_be_harmless = utterance.care in CARED_FOR and utterance.language == TRAINED_ON
        if own is not None and (by_words or own.care in ALONE) and not may_be_harmless:
            speculation.settle()
            return own
        if speculation.is_far:  # what rules make of it mostly asks for the texts that a model will ask for
            speculation.expect(foreseen(own or self._reader.without_model(utterance, state, scene), state))
        encoded = await speculation.reading()
        if encoded is None or encoded.features is None:
            return own or replace(self._reader.without_model(utterance, state, scene), degraded=(NO_CLASSIFIER,))
        features = encoded.features[0]
        if may_be_harmless:
            utterance = replace(utterance, care=self._heads.care(features, encoded.vectors[0], utterance.care))
            own = self._reader.settled(utterance, state, scene)
            if own is not None and own.care in ALONE:
                return own
        if own is None:
            scores = self._heads.act_scores(features), self._heads.intent_scores(features)
            own = self._reader.with_model(utterance, state, *scores, scene)
        meaning = self.in_dialogue(own, utterance, features, state, scene)
        if utterance.language == TRAINED_ON:
            elsewhere = self._heads.elsewhere(features, encoded.vectors[0])
            meaning = self._reader.led_back(meaning, utterance, state, elsewhere, scene)
            telling = self._heads.telling(features, encoded.vectors[0])
            meaning = self._reader.only_told(meaning, utterance, state, telling, scene)
        if meaning.care or meaning.titles or utterance.language != TRAINED_ON or not features.any():
            return meaning  # of a book that is named its plot is told
        return replace(meaning, care=self._heads.care(features, encoded.vectors[0]))

    async def of_own_order(
        self,
        own: Meaning,
        utterance: Utterance,
        session: Session,
        page: PageContext,
        owned: tuple[OwnTitle, ...],
        speculation: Speculation,
    ) -> Meaning:
        """``own``, or what is asked of the order that holds an ``owned`` book, where the message reads so with it in its place."""
        named = named_among(utterance, owned)
        if not named:
            return own
        spoken = as_order(utterance, named)
        encoded = await speculation.reading_of((utterance.text, spoken))
        act = None if encoded is None else self._read_as_order(own, utterance, spoken, encoded, named)
        if act is not None:
            return self._reader.as_decided(utterance, session.dialogue, act, self._scene(session, page))
        kind = as_kind(utterance, named)
        return replace(own, own_question=kind, question=kind, targets=()) if is_of_pages(own, named) else own

    def _read_as_order(
        self, own: Meaning, utterance: Utterance, spoken: str, encoded: Encoded, owned: tuple[OwnTitle, ...]
    ) -> HeardAct | None:
        """What is asked of the order, as ``encoded`` tells of the message and of it with the order in the title's place."""
        if encoded.features is None:
            return None
        as_it_is, as_of_order = map(self._heads.act_scores, encoded.features)
        if not may_be_of_order(own, utterance, as_it_is, owned):
            return None
        decided = decide(self._reader.heard(spoken), as_of_order, self._heads.intent_scores(encoded.features[1]))
        return of_order(decided.utterance.acts, as_of_order, as_it_is, owned)

    def in_dialogue(
        self, own: Meaning, utterance: Utterance, features: Vector, state: DialogueState, scene: Scene
    ) -> Meaning:
        """Our ``own`` reading by rules and heads, held against what was trained on whole conversations."""
        if utterance.language != TRAINED_ON or not features.any():
            return own
        signs = signs_of(utterance, state, scene, own.acts)
        return self._reader.in_dialogue(own, utterance, state, scene, self._heads.in_dialogue(features, signs))

    def task(self, text: str, session: Session, page: PageContext) -> ReadingTask:
        """What a model is shown, to read the message."""
        state, scene = session.dialogue, self._scene(session, page)
        return ReadingTask(
            text=text,
            state=state,
            focus=with_titles(focus(state, scene), scene),
            page=scene.page,
            section=scene.section,
            cart=len(scene.cart),
        )

    def by_model(
        self, reading: ModelReading, text: str, session: Session, page: PageContext, typed_secret: bool = False
    ) -> Meaning:
        """The message as a model reads it. Raises ``Ungrounded``: it names what is not there."""
        scene = self._scene(session, page, typed_secret)
        return self._reader.by_model(reading, self._reader.heard(text), session.dialogue, scene)

    def _scene(self, session: Session, page: PageContext, typed_secret: bool = False) -> Scene:
        return Scene(
            page=_on_page(session.dialogue, page.current_asin) if page.current_asin else None,
            section=page.store_section or "",
            cart=page.cart_asins,
            is_guest=session.customer_id is None,
            titles=self._reader.titles,
            typed_secret=typed_secret,
            store=self._facts(),
        )


def _on_page(state: DialogueState, asin: str) -> Target:
    """The product of the page: what is known of it where the conversation has met it, else its ASIN."""
    met = (*(card.target() for card in state.shown), *state.targets, *state.talked_of)
    return next((one for one in met if one.asin == asin), Target(asin=asin))
