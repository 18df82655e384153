"""Which of the pages' answers a message asks for in its conversation, or none of them: a trained head (K-2, T-4)."""

from collections.abc import Iterable
from importlib import resources
from typing import Final

import numpy as np
from msgspec import Struct

from mangaassist.knowledge.answer_features import Floats
from mangaassist.turn.asked_signs import Sign

WEIGHTS: Final = "weights/asked.npz"


class AskedHead(Struct, frozen=True, eq=False):
    """Reads numbers [answers, numbers] and the signs of the message beside each other.

    ``signs`` float32 [signs, summary] and ``summary_bias`` make a short summary of the message; each answer is scored by a line
    through its numbers (``linear``) and by a hidden layer that sees the summary as well; that no answer is asked for is scored by a
    hidden layer over the signs, the best of each number and those of the nearest answer.
    """

    places: dict[str, int]
    mean: Floats
    spread: Floats
    signs: Floats
    summary_bias: Floats
    linear: Floats
    inner: Floats
    inner_bias: Floats
    outer: Floats
    none_inner: Floats
    none_bias: Floats
    none_outer: Floats
    none_last: Floats

    @classmethod
    def load(cls) -> "AskedHead":
        """The head that the package ships, trained by training/asked."""
        with resources.files("mangaassist.turn").joinpath(WEIGHTS).open("rb") as file, np.load(file) as kept:
            arrays = {name: np.ascontiguousarray(kept[name], np.float32) for name in kept.files if name != "names"}
            places = {str(name): place for place, name in enumerate(kept["names"])}
        return cls(places, **arrays)

    def probabilities(self, numbers: Floats, signs: Iterable[Sign]) -> tuple[float, Floats]:
        """That none is asked for, and of each answer that it is: they sum to 1. Signs that it never met say nothing."""
        said = np.zeros(len(self.places), np.float32)
        for name, weight in signs:
            if (place := self.places.get(name)) is not None:
                said[place] = weight
        rows = (numbers - self.mean) / self.spread
        summary = np.maximum(said @ self.signs + self.summary_bias, 0)
        both = np.column_stack([rows, np.broadcast_to(summary, (len(rows), len(summary)))])
        scores = rows @ self.linear + np.maximum(both @ self.inner + self.inner_bias, 0) @ self.outer
        whole = np.concatenate([said, rows.max(0), rows[0]])
        none = np.maximum(whole @ self.none_inner + self.none_bias, 0) @ self.none_outer + self.none_last[0]
        scores = np.concatenate([[none], scores])
        grown = np.exp(scores - scores.max())
        chances = (grown / grown.sum()).astype(np.float32)
        return float(chances[0]), chances[1:]
