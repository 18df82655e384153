"""From a screened message to its meaning: rules and dialogue, else the model; what they need of session and page (M-2, T-4)."""

import msgspec

from mangaassist.domain.dialogue import Target
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Meaning
from mangaassist.turn.memory import Session
from mangaassist.turn.speculation import Speculation
from mangaassist.understanding.act_decision import ActScorer, ActScores, decide
from mangaassist.understanding.intents import IntentReader
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.reader import MeaningReader
from mangaassist.understanding.scene import Scene
from mangaassist.understanding.titles import TitleLexicon
from mangaassist.understanding.utterance import Utterance
from mangaassist.wire.page import PageContext

MOST_READ = 2000
NO_CLASSIFIER = Degradation("classifier", "understood by rules alone")


class Understanding:
    """What the turn knows how to ask of the understanding room."""

    def __init__(self, intents: IntentReader, acts: ActScorer | None = None) -> None:
        self._intents = intents
        self._acts = acts
        self.learn(TitleLexicon.from_titles(()))

    def learn(self, titles: TitleLexicon) -> None:
        """Know these series by name, and the themes that they have, from now on."""
        self._reader = MeaningReader(Lexicon(titles, titles.themes), intent_of_text=self._ruled_intent)
        self._titles = dict(titles.titles)

    def series_in(self, text: str) -> tuple[str, ...]:
        """The ids of the series that a text of the store names, in its order."""
        return self._reader.series_in(text[:MOST_READ])

    async def understand(self, text: str, session: Session, page: PageContext, speculation: Speculation) -> Meaning:
        state, scene = session.dialogue, self._scene(session, page)
        utterance = self._reader.heard(text)
        if (meaning := self._reader.settled(utterance, state, scene)) is not None:
            speculation.settle()
            return meaning
        encoded = await speculation.reading()
        if encoded is None or encoded.features is None:
            alone = self._reader.without_model(self._by_intent_rules(utterance), state, scene)
            return msgspec.structs.replace(alone, degraded=(NO_CLASSIFIER,))
        acts: ActScores = self._acts.scores(encoded.features[0]) if self._acts is not None else {}
        return self._reader.with_model(utterance, state, acts, self._intents.scores(text, encoded.features), scene)

    def _scene(self, session: Session, page: PageContext) -> Scene:
        return Scene(
            page=Target(asin=page.current_asin) if page.current_asin else None,
            section=page.store_section or "",
            cart=page.cart_asins,
            is_guest=session.customer_id is None,
            titles=self._titles,
        )

    def _ruled_intent(self, text: str) -> Intent | None:
        """What the intent rules are sure of, where it is one intent."""
        ruled = self._intents.settled(text)
        return ruled.intent if ruled is not None and ruled.secondary is None else None

    def _by_intent_rules(self, utterance: Utterance) -> Utterance:
        """With the usual act of the intent that the rules guess at, where no act was heard (M-11)."""
        guess = self._intents.without_model(utterance.text)
        if utterance.acts or guess is None:
            return utterance
        return decide(utterance, {}, ((guess.intent, guess.confidence),)).utterance
