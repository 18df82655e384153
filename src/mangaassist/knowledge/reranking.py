"""The reranker (M-4): how likely a page answers a question, and which of its sentences does, read by a trained head.

A few thousand weights over ``answer_features``; trained by training/reranker, compared there with what was left out.
"""

from collections.abc import Sequence
from importlib import resources
from itertools import pairwise
from typing import Protocol

import numpy as np
from msgspec import Struct

from mangaassist.domain.encoding import Vector
from mangaassist.knowledge.answer_features import Features, Floats, Passage, features_of
from mangaassist.knowledge.answerable import AnswerableHead, Search
from mangaassist.knowledge.index import IndexHit
from mangaassist.knowledge.perceptron import Perceptron, logistic

WEIGHTS = "weights/answers.npz"
SCALE = 3.0
"""A sentence's score counts among the numbers of its page divided by this: of about the same size as the others."""


FUSED = 5.0
"""What the relevance of the fused search counts in the order beside the head's score; chosen on questions of other domains.

Where no page's sentences are kept, the order is the search's alone: what the head learnt to tell pages apart by is not there."""


class Judged(Struct, frozen=True):
    """``page``: the probability that the page answers. ``sentences``: of each sentence that it is the one; none where the page's
    sentences are not kept. ``rank``: the higher, the earlier; comparable among the pages of one question alone."""

    page: float
    sentences: tuple[float, ...]
    rank: float


class Reranker(Protocol):
    async def judge(
        self, text: str, vector: Vector, passages: Sequence[Passage], hits: Sequence[IndexHit] = ()
    ) -> Sequence[Judged]:
        """One judgement a passage, in their order. ``vector`` is the question's, of length 1; ``hits`` is all that was found, those
        pages among it, and empty where nothing was searched for. Raises ``ModelFailure``.
        """
        ...


class Scored(Struct, frozen=True, eq=False):
    """float32 [pages], and of each page float32 [sentences]."""

    pages: Floats
    sentences: list[Floats]


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

    def scored(self, features: Features) -> Scored:
        """The two scores as the networks give them: those of the pages with the best of their sentences among the numbers."""
        scores = self.sentences.score(features.sentences)
        starts = np.concatenate([[0], np.cumsum(features.counts)])
        parts = [scores[start:end] for start, end in pairwise(starts.tolist())]
        best = np.array([part.max() for part in parts], np.float32)
        return Scored(self.pages.score(np.column_stack([features.pages, best / SCALE])), parts)

    def judged(
        self, features: Features, scored: Scored, fused: Floats, answerable: float | None = None
    ) -> list[Judged]:
        """``fused``, float32 [pages], orders beside the scores, and alone where no sentences are kept.

        ``answerable``: the logit that the best page answers, which the others stand behind as far as they are scored behind it;
        None where the pages are judged by themselves.
        """
        logits = scored.pages * self.slope + self.offset
        chances = logistic(logits if answerable is None else logits - logits.max() + answerable)
        ordered = scored.pages + FUSED * fused if max(features.counts) > 1 else fused
        return [
            Judged(float(chance), tuple(logistic(part).tolist()), float(rank))
            for chance, part, rank in zip(chances, scored.sentences, ordered, strict=True)
        ]


class TrainedReranker:
    """In process: about a millisecond for ten pages, so that no turn needs to weigh whether it pays."""

    def __init__(self, head: AnswerHead, answerable: AnswerableHead | None = None) -> None:
        """``answerable`` None: each page is judged by itself alone."""
        self._head = head
        self._answerable = answerable

    @classmethod
    def load(cls) -> "TrainedReranker":
        """With the heads that the package ships."""
        return cls(AnswerHead.load(), AnswerableHead.load())

    async def judge(
        self, text: str, vector: Vector, passages: Sequence[Passage], hits: Sequence[IndexHit] = ()
    ) -> Sequence[Judged]:
        if not passages:
            return ()
        features = features_of(text, vector, passages)
        scored = self._head.scored(features)
        search = Search(text, vector, passages, features, scored.pages, hits)
        answerable = self._answerable.logit(search) if self._answerable and hits else None
        fused = np.array([one.fused if one.sentences is None else one.relevance for one in passages], np.float32)
        judged = self._head.judged(features, scored, fused, answerable)
        return [
            one if passage.sentences is not None else Judged(one.page, (), one.rank)
            for one, passage in zip(judged, passages, strict=True)
        ]
