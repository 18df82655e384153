"""Whether a message only tells something, how a book moved somebody or what their day was like, and asks for nothing (T-10)."""

from importlib import resources
from typing import Final, Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.meaning import Telling

WEIGHTS: Final = "weights/telling.npz"
Floats = NDArray[np.float32]
KINDS: Final[tuple[Telling, ...]] = ("", "moved", "glad", "grumble", "life")
"""In the order of the weights' columns."""


class TellingHead(Struct, frozen=True, eq=False):
    """``weight`` float32 [features + dimensions, kinds] and ``bias`` float32 [kinds]: softmax gives probabilities."""

    weight: Floats
    bias: Floats

    @classmethod
    def load(cls) -> Self:
        """The head that the package ships, trained by training/train_telling.py."""
        with resources.files("mangaassist.understanding").joinpath(WEIGHTS).open("rb") as file, np.load(file) as kept:
            return cls(kept["weight"].astype(np.float32), kept["bias"].astype(np.float32))

    def chances(self, features: Floats, vector: Floats) -> tuple[float, ...]:
        """How likely each of ``KINDS`` is, of what one pass of the shipped encoder gives; of another encoder's vector it asks."""
        if len(features) + len(vector) != len(self.weight):
            return (1.0, *(0.0 for _ in KINDS[1:]))
        scores = np.concatenate([features, vector]) @ self.weight + self.bias
        grown = np.exp(scores - scores.max())
        return tuple((grown / grown.sum()).tolist())
