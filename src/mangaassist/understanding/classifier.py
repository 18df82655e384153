"""Stage 2 of understanding: a calibrated linear head on the encoder's reading of a message (M-2)."""

from collections.abc import Sequence
from importlib import resources

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import IntentGuess

WEIGHTS = "weights/intents.npz"
FLOOR = 0.45
"""Under this probability the shopper is asked: on held-out messages the head is then right less often than not."""
SECOND = 0.7
"""What a clause must reach to count as a second wish: a wrong offer costs more than a missing one."""

Floats = NDArray[np.float32]
Scored = tuple[tuple[Intent, float], ...]


class IntentHead(Struct, frozen=True):
    """``weight`` float32 [features, intents] and ``bias`` float32 [intents] are scaled so that softmax gives probabilities."""

    intents: tuple[Intent, ...]
    weight: Floats
    bias: Floats

    @classmethod
    def load(cls) -> "IntentHead":
        """The head that the package ships, trained by training/train_intents.py."""
        with resources.files("mangaassist.understanding").joinpath(WEIGHTS).open("rb") as file, np.load(file) as kept:
            return cls(
                tuple(Intent(str(name)) for name in kept["intents"]),
                kept["weight"].astype(np.float32),
                kept["bias"].astype(np.float32),
            )

    def classify(self, vector: Floats) -> Scored:
        """Every intent with its probability, likeliest first; ``vector`` is float32 [features]."""
        scores = vector @ self.weight + self.bias
        grown = np.exp(scores - scores.max())
        probabilities = grown / grown.sum()
        order: list[int] = np.argsort(-probabilities).tolist()
        return tuple((self.intents[place], float(probabilities[place])) for place in order)

    def decide(self, vector: Floats, floor: float = FLOOR) -> tuple[IntentGuess, tuple[Intent, Intent] | None]:
        """The likeliest intent; under ``floor`` also the two that the shopper is asked to choose from."""
        (first, probability), (second, _), *_ = self.classify(vector)
        guess = IntentGuess(first, probability, "model")
        return guess, None if probability >= floor else (first, second)


def second_wish(first: Intent, parts: Sequence[Scored]) -> Intent | None:
    """The intent that one clause surely has and the message as a whole has not, if another clause bears the first one out.

    ``parts`` is what ``classify`` says of each clause. None when there is no such clause, or it is only small talk.
    """
    tops = [scored[0] for scored in parts]
    others = [(p, intent) for intent, p in tops if intent not in (first, Intent.CHITCHAT) and p >= SECOND]
    if not others or all(intent != first for intent, _ in tops):
        return None
    return max(others)[1]
