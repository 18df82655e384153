"""How likely a message is about something else than a store's matters, read off the encoder's pass (G-3, G-5)."""

from importlib import resources
from typing import Final, Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

WEIGHTS: Final = "weights/elsewhere.npz"
Floats = NDArray[np.float32]


class ElsewhereHead(Struct, frozen=True, eq=False):
    """``weight`` float32 [features + dimensions] and ``bias``: their sigmoid is a probability."""

    weight: Floats
    bias: float

    @classmethod
    def load(cls) -> Self:
        """The head that the package ships, trained by training/train_elsewhere.py."""
        with resources.files("mangaassist.understanding").joinpath(WEIGHTS).open("rb") as file, np.load(file) as kept:
            return cls(np.ascontiguousarray(kept["weight"], np.float32), float(kept["bias"]))

    def chance(self, features: Floats, vector: Floats) -> float:
        """0 to 1, of what one pass of the shipped encoder gives, float32 and of length 1; 0 of another encoder's."""
        if len(features) + len(vector) != len(self.weight):
            return 0.0
        half = len(features)
        score = features @ self.weight[:half] + vector @ self.weight[half:] + self.bias
        return float(1 / (1 + np.exp(-score)))
