"""Which acts a message holds, read off the features that the intents are read off (T-10, M-2)."""

from importlib import resources

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.acts import Act

WEIGHTS = "weights/acts.npz"

Floats = NDArray[np.float32]


class ActHead(Struct, frozen=True):
    """``weight`` float32 [features, acts] and ``bias`` float32 [acts] are scaled so that the sigmoid gives probabilities."""

    acts: tuple[Act, ...]
    weight: Floats
    bias: Floats

    @classmethod
    def load(cls) -> "ActHead":
        """The head that the package ships, trained by training/train_intents.py."""
        with resources.files("mangaassist.understanding").joinpath(WEIGHTS).open("rb") as file, np.load(file) as kept:
            return cls(
                tuple(Act(str(name)) for name in kept["acts"]),
                np.ascontiguousarray(kept["weight"], np.float32),
                kept["bias"].astype(np.float32),
            )

    def scores(self, features: Floats) -> dict[Act, float]:
        """Every act with the probability that the message holds it; ``features`` is float32 [features] of length 1.

        They do not sum to one: a message may hold several acts, or none that the words alone tell.
        """
        probabilities: list[float] = (1 / (1 + np.exp(-(features @ self.weight + self.bias)))).tolist()
        return dict(zip(self.acts, probabilities, strict=True))
