"""What is searched for, and how the best of it is chosen (K-2): the shape of a row of ``turn/searches.py``."""

from typing import Final, Literal

from msgspec import Struct

from mangaassist.domain.chunks import SourceType
from mangaassist.domain.encoding import Vector
from mangaassist.knowledge.index import ANY_CHUNK, ChunkFilter, IndexQuery

Ranker = Literal["precision", "mmr"]

DEPTH = 30
"""Hits that each way of searching gives at least; fusion needs to see past the candidates that it will keep."""
PER_FAMILY: Final[dict[Ranker, int]] = {"precision": 2, "mmr": 1}


class RetrievalPlan(Struct, frozen=True, kw_only=True):
    """What an intent asks of the knowledge.

    ``k`` chunks are given out of ``candidates``. ``precision`` gives the best, ``mmr`` a diverse list with one chunk of
    each family, ``diversity`` 0 (relevance alone) to 1 (difference alone). Chunks whose cosine is under ``floor``, None for the one
    of their source type, are not used; those that do not pass ``only`` are not looked for.
    """

    source_types: tuple[SourceType, ...]
    k: int
    ranker: Ranker
    candidates: int = 10
    floor: float | None = None
    diversity: float = 0.3
    only: ChunkFilter = ANY_CHUNK


def query_of(text: str, vector: Vector | None, plan: RetrievalPlan) -> IndexQuery:
    """What the index is asked: by words alone for no more than is used, else deep enough for fusion to choose from."""
    return IndexQuery(
        text=text,
        vector=vector,
        source_types=plan.source_types,
        depth=plan.candidates if vector is None else max(DEPTH, plan.candidates),
        per_family=PER_FAMILY[plan.ranker],
        only=plan.only,
    )
