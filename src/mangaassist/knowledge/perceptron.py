"""A small trained network over a few numbers: what reads the features of pages, of sentences and of a whole search (M-4)."""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from mangaassist.knowledge.answer_features import Floats


class Perceptron(Struct, frozen=True, eq=False):
    """A linear score and what two hidden layers add: ``inputs`` are brought to mean 0 and spread 1 first."""

    mean: Floats
    spread: Floats
    linear: Floats
    first: Floats
    first_bias: Floats
    second: Floats
    second_bias: Floats
    last: Floats
    bias: Floats

    @classmethod
    def of(cls, kept: Mapping[str, Floats], name: str) -> "Perceptron":
        return cls(*(np.ascontiguousarray(kept[f"{name}.{field}"], np.float32) for field in cls.__struct_fields__))

    def score(self, inputs: Floats) -> Floats:
        """float32 [rows] of float32 [rows, features]."""
        rows: Floats = (inputs - self.mean) / self.spread
        inner = np.maximum(rows @ self.first + self.first_bias, 0)
        outer = np.maximum(inner @ self.second + self.second_bias, 0)
        return (rows @ self.linear + outer @ self.last + self.bias).astype(np.float32)


def logistic(values: Floats) -> Floats:
    return (1 / (1 + np.exp(-values))).astype(np.float32)
