"""Which act a message has in its dialogue, as trained on whole conversations: its words' features beside signs (T-4, T-10)."""

from collections.abc import Iterable
from importlib import resources

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.acts import Act
from mangaassist.understanding.dialogue_signs import Sign

WEIGHTS = "weights/dialogue.npz"

Floats = NDArray[np.float32]


class DialogueHead(Struct, frozen=True, eq=False):
    """One hidden layer. ``words`` float32 [features, hidden], ``signs`` the rows of float32 [signs, hidden] by their names,
    ``inner`` float32 [hidden]; ``outer`` float32 [hidden, acts] and ``bias`` float32 [acts] are scaled so that softmax gives
    probabilities.
    """

    acts: tuple[Act, ...]
    places: dict[str, int]
    words: Floats
    signs: Floats
    inner: Floats
    outer: Floats
    bias: Floats

    @classmethod
    def load(cls) -> "DialogueHead":
        """The head that the package ships, trained by training/train_dialogue.py."""
        with resources.files("mangaassist.understanding").joinpath(WEIGHTS).open("rb") as file, np.load(file) as kept:
            return cls(
                tuple(Act(str(name)) for name in kept["acts"]),
                {str(name): place for place, name in enumerate(kept["names"])},
                *(
                    np.ascontiguousarray(kept[name], np.float32)
                    for name in ("words", "signs", "inner", "outer", "bias")
                ),
            )

    def probabilities(self, features: Floats, signs: Iterable[Sign]) -> dict[Act, float]:
        """Of each act that it is what the message asks; they sum to 1. ``features`` is float32 [features], of length 1; signs
        that it never met say nothing."""
        known = [(self.places[name], weight) for name, weight in signs if name in self.places]
        rows, weights = [place for place, _ in known], np.array([weight for _, weight in known], np.float32)
        hidden = features @ self.words + weights @ self.signs[rows] + self.inner
        scores = np.maximum(hidden, 0) @ self.outer + self.bias
        grown = np.exp(scores - scores.max())
        told: list[float] = (grown / grown.sum()).tolist()
        return dict(zip(self.acts, told, strict=True))
