"""Which acts a message holds, read off the features that the intents are read off (T-10, M-2)."""

from importlib import resources

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.acts import Act

WEIGHTS = "weights/acts.npz"
AGAINST = 0.5
"""How much of what speaks for any act speaks against each: as fitted in training/measures.py, which holds the same figure."""

Floats = NDArray[np.float32]


class ActHead(Struct, frozen=True):
    """A score for each act from ``weight`` float32 [features, acts] and ``bias`` float32 [acts].

    ``slope`` and ``offset``, float32 [acts], make a probability of it (Platt).
    """

    acts: tuple[Act, ...]
    weight: Floats
    bias: Floats
    slope: Floats
    offset: Floats

    @classmethod
    def load(cls) -> "ActHead":
        """The head that the package ships, trained by training/train_intents.py."""
        with resources.files("mangaassist.understanding").joinpath(WEIGHTS).open("rb") as file, np.load(file) as kept:
            return cls(
                tuple(Act(str(name)) for name in kept["acts"]),
                np.ascontiguousarray(kept["weight"], np.float32),
                kept["bias"].astype(np.float32),
                kept["slope"].astype(np.float32),
                kept["offset"].astype(np.float32),
            )

    def scores(self, features: Floats) -> dict[Act, float]:
        """Every act with the probability that the message holds it; ``features`` is float32 [features] of length 1.

        They do not sum to one: a message may hold several acts, or none that the words alone tell.
        """
        scores = features @ self.weight + self.bias
        most = scores.max()
        scores -= AGAINST * (most + np.log(np.exp(scores - most).sum()))
        probabilities: list[float] = (1 / (1 + np.exp(-(scores * self.slope + self.offset)))).tolist()
        return dict(zip(self.acts, probabilities, strict=True))
