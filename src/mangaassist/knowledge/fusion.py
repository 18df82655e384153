"""Brings two ways of searching into one order, and keeps a list diverse: pure functions on scores and vectors (K-2)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def fuse(cosines: Floats, lexical: Floats, word_weight: float) -> Floats:
    """One score per candidate, float32 [candidates]: its cosine, and what its words add.

    ``lexical`` is 0 where no word matched. Both scores count as they are, not stretched over the candidates and not as
    ranks: a rare name that matches lifts a candidate far, an everyday word that many share hardly at all.
    """
    return (cosines + word_weight * lexical).astype(np.float32)


def best(scores: Floats, count: int) -> list[int]:
    """The places of the best scores, best first; equal ones in their given order."""
    return np.argsort(-scores, kind="stable")[:count].tolist()


def mmr(relevance: Floats, vectors: Floats, count: int, diversity: float) -> list[int]:
    """Choose places one by one, each relevant and unlike those already chosen (maximal marginal relevance).

    ``relevance`` float32 [candidates], on the scale of a cosine; ``vectors`` unit vectors, float32 [candidates,
    dimensions]; ``diversity`` 0 (relevance alone) to 1 (difference alone).
    """
    chosen: list[int] = []
    likeness = np.zeros(len(relevance), np.float32)
    open_places = np.ones(len(relevance), bool)
    while len(chosen) < min(count, len(relevance)):
        worth = np.where(open_places, (1 - diversity) * relevance - diversity * likeness, -np.inf)
        place = int(np.argmax(worth))
        chosen.append(place)
        open_places[place] = False
        likeness = np.maximum(likeness, vectors @ vectors[place])
    return chosen


def distinct(order: Sequence[int], vectors: Floats, count: int, alike: float) -> list[int]:
    """The first ``count`` of an order, without those whose cosine to an earlier one reaches ``alike``: they say the same."""
    chosen: list[int] = []
    for place in order:
        if len(chosen) == count:
            break
        if not chosen or float((vectors[chosen] @ vectors[place]).max()) < alike:
            chosen.append(place)
    return chosen
