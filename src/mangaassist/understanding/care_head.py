"""Whether somebody who writes is in distress or danger, where no phrase of ours says it: read off the encoder's pass (G-11)."""

from importlib import resources
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.meaning import Care

WEIGHTS = "weights/care.npz"
Floats = NDArray[np.float32]

LIKELY: Final = 0.7
HARMLESS: Final = 0.05
"""How likely distress and danger together must be, and how likely at most that nothing is the matter: a help line in answer to a
joke puts nobody in danger, but is not taken seriously the next time. training/safety/CARE.md tells what both catch and cost."""
SURELY_HARMLESS: Final = 0.99
"""How likely nothing is the matter, from which on a phrase is not believed ("this cliffhanger is killing me"). Of the written
messages that a phrase named, trained and scored in five folds, none of 81 in distress or danger reached it, and 22 of 39 others."""
CARES: Final[tuple[Care, ...]] = ("", "distress", "danger", "sorrow")
"""In the order of the weights' columns."""
CARED_FOR: Final[tuple[Care, ...]] = ("distress", "danger")


class CareHead(Struct, frozen=True, eq=False):
    """``weight`` float32 [features + dimensions, cares] and ``bias`` float32 [cares]: softmax gives probabilities."""

    weight: Floats
    bias: Floats

    @classmethod
    def load(cls) -> "CareHead":
        """The head that the package ships, trained by training/train_care.py."""
        with resources.files("mangaassist.understanding").joinpath(WEIGHTS).open("rb") as file, np.load(file) as kept:
            return cls(kept["weight"].astype(np.float32), kept["bias"].astype(np.float32))

    def care(self, features: Floats, vector: Floats, named: Care = "") -> Care:
        """What a message surely calls for; empty where nothing does.

        ``named`` is what a phrase of it calls for: that stands, unless surely nothing is the matter. The others are what one pass
        of the shipped encoder gives, float32 and of length 1; of another encoder's vector nothing is told.
        """
        if len(features) + len(vector) != len(self.weight):
            return named
        scores = np.concatenate([features, vector]) @ self.weight + self.bias
        grown = np.exp(scores - scores.max())
        told: list[float] = (grown / grown.sum()).tolist()
        chances: dict[Care, float] = dict(zip(CARES, told, strict=True))
        if named:
            return "" if chances[""] >= SURELY_HARMLESS else named
        if chances[""] > HARMLESS or sum(chances[care] for care in CARED_FOR) < LIKELY:
            return ""
        return max(CARED_FOR, key=lambda care: chances[care])
