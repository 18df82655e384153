"""How likely a sentence of an answer is about something else than a store's matters: a head on the encoder's pass (G-3)."""

from importlib import resources
from typing import Final, Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.encoding import Encoded

WEIGHTS: Final = "weights/scope.npz"


class ScopeHead(Struct, frozen=True):
    """``weight`` float32 [views] and ``bias``: their sigmoid is a probability."""

    weight: NDArray[np.float32]
    bias: float

    @classmethod
    def load(cls) -> Self:
        """The head that the package ships, trained by training/train_scope.py."""
        with resources.files("mangaassist.guardrails").joinpath(WEIGHTS).open("rb") as file, np.load(file) as kept:
            return cls(np.ascontiguousarray(kept["weight"], np.float32), float(kept["bias"]))

    def elsewhere(self, encoded: Encoded) -> list[float] | None:
        """0 to 1 for each text; None where the pass is not one of the packaged encoder's."""
        seen = views(encoded)
        if seen is None or seen.shape[1] != len(self.weight):
            return None
        return (1 / (1 + np.exp(-(seen @ self.weight + self.bias)))).tolist()


def views(encoded: Encoded) -> NDArray[np.float32] | None:
    """What the head reads, float32 [texts, views]: what intents are told by, and what is searched with."""
    return None if encoded.features is None else np.hstack([encoded.features, encoded.vectors])
