"""Scores retrieval on anybody's questions, documents and judgements (E-1): by meaning alone, and as the assistant searches."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta, Struct

from mangaassist.domain.chunks import SourceType
from mangaassist.domain.encoding import Encoder, Vector
from mangaassist.errors import BadInput
from mangaassist.evaluation.datasets import read_jsonl
from mangaassist.knowledge.building import silent
from mangaassist.knowledge.candidates import Candidate, fused
from mangaassist.knowledge.documents import Document, upsert
from mangaassist.knowledge.index import ChunkIndex, IndexQuery
from mangaassist.knowledge.reranking import TrainedReranker
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.knowledge.updates import BATCH, Pipeline

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done and how much there is in all."""

AT = 10
DEPTH = 100
"""Chunks that each way of searching gives: several may be of one document."""
RERANKED = 10
"""Candidates that are judged, as in a turn; those behind them keep their order."""
PATIENCE = 1000.0
"""Nobody waits: judging may take this many times what a turn allows."""
KIND: SourceType = "faq"
"""The documents of a judged set are of one kind, so one partition holds them all."""


TITLE_CHARACTERS, TITLE_LIMIT = 120, 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Query(Struct, frozen=True):
    id: str
    text: Annotated[str, Meta(min_length=1)]


class _Doc(Struct, frozen=True):
    id: Annotated[str, Meta(min_length=1, max_length=190)]
    text: str
    title: str | None = None


class _Judgement(Struct, frozen=True):
    query_id: str
    doc_id: str
    gain: float


class JudgedSet(Struct, frozen=True):
    """Queries with text by id, documents, and the gain of each judged document by query. Queries without a gain are left out."""

    queries: dict[str, str]
    documents: tuple[Document, ...]
    gains: dict[str, dict[str, float]]


def read_judged_set(folder: Path) -> JudgedSet:
    """Read ``queries.jsonl``, ``docs.jsonl`` and ``qrels.jsonl``. Raises ``BadInput`` naming file and line."""
    gains: dict[str, dict[str, float]] = {}
    for _, judgement in read_jsonl(folder / "qrels.jsonl", _Judgement):
        gains.setdefault(judgement.query_id, {})[judgement.doc_id] = judgement.gain
    gains = {query: found for query, found in gains.items() if max(found.values()) > 0}
    rows = read_jsonl(folder / "queries.jsonl", _Query)
    queries = {query.id: query.text for _, query in rows if query.id in gains}
    documents = tuple(_document(number, doc) for number, doc in read_jsonl(folder / "docs.jsonl", _Doc))
    if not (queries and documents):
        raise BadInput("no_data", f"{folder.name}: there is no query with a relevant document")
    return JudgedSet(queries, documents, gains)


def _document(number: int, doc: _Doc) -> Document:
    """A document without a title is known by how it begins, which is not embedded twice."""
    text = doc.text.strip()
    title = (doc.title or "").strip() or text[:TITLE_CHARACTERS].strip() or "-"
    page = {
        "document_id": doc.id,
        "title": title[:TITLE_LIMIT],
        "body": "" if text == title else text,
        "source_type": KIND,
        "version": 1,
        "updated_at": EPOCH,
    }
    try:
        return msgspec.convert(page, Document)
    except msgspec.ValidationError as error:
        raise BadInput("bad_line", f"docs.jsonl, line {number}: {error}") from error


async def evaluate_retrieval(
    folder: Path, encoder: Encoder, pipeline: Pipeline, progress: Progress = silent
) -> dict[str, Any]:
    """Score a judged set: ``n_queries, dense{}, hybrid{}, reranked{}, p50_ms, p99_ms``.

    ``pipeline`` writes to an empty index, which is filled. Times are of a whole query, from text to reranked candidates. Raises
    ``BadInput`` on files that do not fit.
    """
    judged = read_judged_set(folder)
    index = pipeline.index
    await _fill(pipeline, judged.documents, progress)
    retriever = Retriever(index, reranker=TrainedReranker.load(), timeout_factor=PATIENCE)
    dense: list[_Scores] = []
    hybrid: list[_Scores] = []
    reranked: list[_Scores] = []
    took: list[float] = []
    for number, (query, text) in enumerate(judged.queries.items(), start=1):
        began = time.perf_counter()
        [vector] = await encoder.encode([text])
        candidates = await _candidates(text, vector, index)
        best = await retriever.reranked(text, vector, candidates[:RERANKED])
        took.append((time.perf_counter() - began) * 1000)
        gains = judged.gains[query]
        hybrid.append(_scores(_ranking(candidates), gains))
        reranked.append(_scores(_ranking([*best, *candidates[RERANKED:]]), gains))
        dense.append(_scores(_ranking(sorted(candidates, key=lambda one: -one.cosine)), gains))
        progress("queries", number, len(judged.queries))
    return {
        "n_queries": len(judged.queries),
        "dense": _means(dense),
        "hybrid": _means(hybrid),
        "reranked": _means(reranked),
        "p50_ms": round(float(np.percentile(took, 50)), 3),
        "p99_ms": round(float(np.percentile(took, 99)), 3),
    }


async def _fill(pipeline: Pipeline, documents: Sequence[Document], progress: Progress) -> None:
    for start in range(0, len(documents), BATCH):
        part = documents[start : start + BATCH]
        await pipeline.apply([upsert("evaluation", document, document.updated_at) for document in part])
        progress("documents", start + len(part), len(documents))


async def _candidates(text: str, vector: Vector, index: ChunkIndex) -> list[Candidate]:
    hits = await index.search(IndexQuery(text=text, vector=vector, source_types=(KIND,), depth=DEPTH))
    return fused(hits, text)


def _ranking(candidates: Sequence[Candidate]) -> list[str]:
    """Documents in order of their best chunk."""
    return list(dict.fromkeys(candidate.hit.stored.chunk.document_id for candidate in candidates))[:AT]


class _Scores(Struct, frozen=True):
    ndcg: float
    recall: float
    mrr: float


def _scores(ranking: Sequence[str], gains: Mapping[str, float]) -> _Scores:
    """Gains count linearly and are discounted by the logarithm of the rank; relevant is what has any gain."""
    found = [gains.get(document_id, 0.0) for document_id in ranking]
    relevant = sum(gain > 0 for gain in gains.values())
    first = next((rank for rank, gain in enumerate(found, start=1) if gain > 0), None)
    return _Scores(
        ndcg=_discounted(found) / _discounted(sorted(gains.values(), reverse=True)[:AT]),
        recall=sum(gain > 0 for gain in found) / relevant,
        mrr=1 / first if first else 0.0,
    )


def _discounted(gains: Sequence[float]) -> float:
    return sum(max(gain, 0.0) / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _means(scores: Sequence[_Scores]) -> dict[str, float]:
    columns = {f"{name}@{AT}": [getattr(one, name) for one in scores] for name in _Scores.__struct_fields__}
    return {name: round(sum(values) / len(values), 4) for name, values in columns.items()}
