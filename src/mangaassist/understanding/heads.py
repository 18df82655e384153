"""What the model says of one message: intents and acts, read off the features of the same encoder pass (M-2, M-3)."""

from collections.abc import Iterable

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.meaning import Care
from mangaassist.understanding.act_decision import ActScores, IntentScores
from mangaassist.understanding.act_head import ActHead
from mangaassist.understanding.care_head import CareHead
from mangaassist.understanding.classifier import IntentHead
from mangaassist.understanding.dialogue_head import DialogueHead
from mangaassist.understanding.dialogue_signs import Sign
from mangaassist.understanding.elsewhere_head import ElsewhereHead
from mangaassist.understanding.telling_head import TellingHead


class TrainedHeads(Struct, frozen=True):
    """The heads that the package ships. ``features`` are float32 [features], of length 1."""

    intents: IntentHead
    acts: ActHead
    dialogue: DialogueHead
    cares: CareHead
    strays: ElsewhereHead
    tellings: TellingHead

    @classmethod
    def load(cls) -> "TrainedHeads":
        return cls(
            IntentHead.load(),
            ActHead.load(),
            DialogueHead.load(),
            CareHead.load(),
            ElsewhereHead.load(),
            TellingHead.load(),
        )

    def act_scores(self, features: NDArray[np.float32]) -> ActScores:
        return self.acts.scores(features)

    def care(self, features: NDArray[np.float32], vector: NDArray[np.float32], named: Care = "") -> Care:
        return self.cares.care(features, vector, named)

    def elsewhere(self, features: NDArray[np.float32], vector: NDArray[np.float32]) -> float:
        return self.strays.chance(features, vector)

    def telling(self, features: NDArray[np.float32], vector: NDArray[np.float32]) -> tuple[float, ...]:
        return self.tellings.chances(features, vector)

    def in_dialogue(self, features: NDArray[np.float32], signs: Iterable[Sign]) -> ActScores:
        return self.dialogue.probabilities(features, signs)

    def intent_scores(self, features: NDArray[np.float32]) -> IntentScores:
        return self.intents.classify(features)
