"""The reranker (M-4): how likely a page answers a question, and which of its sentences does, read by a trained head.

A few thousand weights over ``answer_features``; trained by training/reranker, compared there with what was left out.
"""

from collections.abc import Mapping, Sequence
from importlib import resources
from itertools import pairwise
from typing import Protocol

import numpy as np
from msgspec import Struct

from mangaassist.domain.encoding import Vector
from mangaassist.knowledge.answer_features import PAGE_FEATURES, Features, Floats, Passage, features_of

WEIGHTS = "weights/answers.npz"
SCALE = 3.0
"""A sentence's score counts among the numbers of its page divided by this: of about the same size as the others."""


FUSED, FUSED_ALONE = 5.0, 45.0
"""What the relevance of the fused search counts in the order beside the head's score; the second where no sentences are kept.

The first was chosen on training questions of other domains. The second leaves the order almost to the search: it was chosen so that
none of five sets of other shops and a bank is worse than the search alone."""


class Judged(Struct, frozen=True):
    """``page``: the probability that the page answers. ``sentences``: of each sentence that it is the one; none where the page's
    sentences are not kept. ``rank``: the higher, the earlier; comparable among the pages of one question alone."""

    page: float
    sentences: tuple[float, ...]
    rank: float


class Reranker(Protocol):
    async def judge(self, text: str, vector: Vector, passages: Sequence[Passage]) -> Sequence[Judged]:
        """One judgement a passage, in their order. ``vector`` is the question's, of length 1. Raises ``ModelFailure``."""
        ...


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


class AnswerHead(Struct, frozen=True, eq=False):
    """The two trained scores and what makes probabilities of them: ``slope`` and ``offset`` for the best page (Platt)."""

    sentences: Perceptron
    pages: Perceptron
    slope: float
    offset: float

    @classmethod
    def load(cls) -> "AnswerHead":
        """The head that the package ships."""
        with resources.files("mangaassist.knowledge").joinpath(WEIGHTS).open("rb") as file, np.load(file) as kept:
            found = {name: kept[name] for name in kept.files}
        calibration: list[float] = found["calibration"].tolist()
        return cls(Perceptron.of(found, "sentences"), Perceptron.of(found, "pages"), *calibration)

    def judged(self, features: Features) -> list[Judged]:
        scores = self.sentences.score(features.sentences)
        starts = np.concatenate([[0], np.cumsum(features.counts)])
        parts = [scores[start:end] for start, end in pairwise(starts.tolist())]
        best = np.array([part.max() for part in parts], np.float32)
        ranks = self.pages.score(np.column_stack([features.pages, best / SCALE]))
        chances = _logistic(ranks * self.slope + self.offset)
        fused = FUSED if max(features.counts) > 1 else FUSED_ALONE
        ordered = ranks + fused * features.pages[:, PAGE_FEATURES.index("relevance")]
        return [
            Judged(float(chance), tuple(_logistic(part).tolist()), float(rank))
            for chance, part, rank in zip(chances, parts, ordered, strict=True)
        ]


class TrainedReranker:
    """In process: about half a millisecond for ten pages, so that no turn needs to weigh whether it pays."""

    def __init__(self, head: AnswerHead) -> None:
        self._head = head

    async def judge(self, text: str, vector: Vector, passages: Sequence[Passage]) -> Sequence[Judged]:
        if not passages:
            return ()
        judged = self._head.judged(features_of(text, vector, passages))
        return [
            one if passage.sentences is not None else Judged(one.page, (), one.rank)
            for one, passage in zip(judged, passages, strict=True)
        ]


def _logistic(values: Floats) -> Floats:
    return (1 / (1 + np.exp(-values))).astype(np.float32)
