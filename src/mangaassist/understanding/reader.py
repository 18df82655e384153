"""From a message to its meaning, without a model where rules and dialogue settle it, else with what the model says (M-2, T-4)."""

from itertools import pairwise
from typing import Final

import msgspec

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.meaning import ALONE, HeardAct, Meaning
from mangaassist.domain.reading import ModelReading
from mangaassist.domain.wishes import Reader
from mangaassist.understanding.act_decision import ActScores, IntentScores, decide
from mangaassist.understanding.act_in_dialogue import believed, heard_instead, of_topics
from mangaassist.understanding.acts import ActRules, act_rules
from mangaassist.understanding.analysis import analyse
from mangaassist.understanding.asking_clauses import asking_clauses
from mangaassist.understanding.descriptions import descriptions
from mangaassist.understanding.dialogue_acts import settled_by_dialogue
from mangaassist.understanding.led_back import led_back
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.model_reading import meaning_of
from mangaassist.understanding.references import focus
from mangaassist.understanding.scene import NO_SCENE, Scene
from mangaassist.understanding.state import heard_in, merge
from mangaassist.understanding.telling import told
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.utterance_reader import UtteranceReader
from mangaassist.understanding.vocabulary import LANGUAGES

ANY_WORD: Final = "a"
SURE: Final = 0.9
"""What a rule must be sure of, to be believed of a fragment without a model."""


class MeaningReader:
    """Pure: a new catalog is a new reader. A message is ``heard`` once; where ``settled`` is None, ``with_model`` decides."""

    def __init__(self, lexicon: Lexicon, rules: ActRules | None = None) -> None:
        self.titles = lexicon.titles.titles
        self._utterances = UtteranceReader(lexicon)
        self._rules = rules or act_rules()
        for language in LANGUAGES:  # Tables are read now: no message waits for them.
            self._utterances.read_analysis(analyse(ANY_WORD, language))

    def heard(self, text: str) -> Utterance:
        """What the message says by its own words, its acts by the rules included. Never raises."""
        utterance = self._by_itself(text)
        if descriptions(utterance):
            utterance = msgspec.structs.replace(utterance, describes_one=True)
        if clauses := asking_clauses(utterance, self._by_itself):
            utterance = msgspec.structs.replace(utterance, clauses=clauses)
        return msgspec.structs.replace(utterance, readers=self._readers(utterance)) if utterance.splits else utterance

    def _by_itself(self, text: str) -> Utterance:
        analysis = analyse(text)
        return self._rules.heard(self._utterances.read_analysis(analysis), analysis)

    def _readers(self, utterance: Utterance) -> tuple[Reader | None, ...]:
        """Each part by itself: an age in one says nothing of the other's reader."""
        edges = (0, *utterance.splits, len(utterance.folded))
        parts = (utterance.folded[start:end] for start, end in pairwise(edges))
        return tuple(self._utterances.read(part).limits.reader for part in parts)

    def series_in(self, text: str) -> tuple[str, ...]:
        """The ids of the series that a text names, in its order."""
        mentions = self._utterances.read(text).mentions
        return tuple(dict.fromkeys(mention.value for mention in mentions if mention.kind == "series"))

    def settled(self, utterance: Utterance, state: DialogueState, scene: Scene = NO_SCENE) -> Meaning | None:
        """The meaning, where no model is needed for it."""
        if utterance.settled or utterance.care in ALONE or self._carries_on(utterance, state, scene):
            return merge(state, utterance, scene)
        return None

    def with_model(
        self,
        utterance: Utterance,
        state: DialogueState,
        act_scores: ActScores,
        intent_scores: IntentScores,
        scene: Scene = NO_SCENE,
    ) -> Meaning:
        """The meaning by rules, dialogue and model together."""
        decision = decide(utterance, act_scores, intent_scores, has_focus=bool(focus(state, scene)))
        return merge(state, decision.utterance, scene, decision.between)

    def in_dialogue(
        self, own: Meaning, utterance: Utterance, state: DialogueState, scene: Scene, probabilities: ActScores
    ) -> Meaning:
        """The meaning once a trained reading of the dialogue has said how likely each act is; else ``own`` stands."""
        instead = heard_instead(own, probabilities, state, has_cart=bool(scene.cart))
        meaning = own if instead is None else merge(state, utterance, scene, decided=(instead,))
        return msgspec.structs.replace(
            meaning, in_dialogue=believed(meaning.acts[0].act, probabilities), likely=of_topics(probabilities)
        )

    def led_back(
        self, own: Meaning, utterance: Utterance, state: DialogueState, elsewhere: float, scene: Scene = NO_SCENE
    ) -> Meaning:
        """The meaning once a head has said how likely the message is about something else; else ``own`` stands."""
        instead = led_back(own, state, elsewhere)
        return own if instead is None else merge(state, utterance, scene, decided=(instead,))

    def only_told(
        self,
        own: Meaning,
        utterance: Utterance,
        state: DialogueState,
        chances: tuple[float, ...],
        scene: Scene = NO_SCENE,
    ) -> Meaning:
        """The meaning once a head has said how likely the message only tells something; else ``own`` stands."""
        kind = told(own, utterance, state, chances)
        if not kind:
            return own
        heard = HeardAct(Act.TELLING, 1 - chances[0], "model")
        return msgspec.structs.replace(merge(state, utterance, scene, decided=(heard,)), telling=kind)

    def as_decided(self, utterance: Utterance, state: DialogueState, act: HeardAct, scene: Scene = NO_SCENE) -> Meaning:
        """The meaning where a witness knows what is asked."""
        return merge(state, utterance, scene, decided=(act,))

    def without_model(self, utterance: Utterance, state: DialogueState, scene: Scene = NO_SCENE) -> Meaning:
        """The meaning when the model is away: by rules and dialogue, however unsure (M-11)."""
        return merge(state, utterance, scene)

    def by_model(
        self, reading: ModelReading, utterance: Utterance, state: DialogueState, scene: Scene = NO_SCENE
    ) -> Meaning:
        """The meaning as a small model reads the message, of which ``utterance`` are the words. Raises ``Ungrounded``."""
        return meaning_of(reading, utterance, self._utterances.read, state, scene)

    def _carries_on(self, utterance: Utterance, state: DialogueState, scene: Scene) -> bool:
        """Whether a fragment is decided by what was talked of. Own acts that rules are unsure of want the model."""
        if not utterance.is_fragment or not (state.acts or state.proposal or state.asked_for):
            return False
        hearing = heard_in(state, utterance, scene)
        sure = all(heard.confidence >= SURE for heard in hearing.ruled)
        return sure and bool(settled_by_dialogue(hearing))
