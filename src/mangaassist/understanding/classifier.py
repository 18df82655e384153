"""Stage 2 of understanding: a calibrated linear head on the encoder's reading of a message (M-2)."""

from importlib import resources

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.intents import Intent

WEIGHTS = "weights/intents.npz"

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
