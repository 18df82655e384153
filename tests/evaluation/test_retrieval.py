"""E-1 ``eval retrieval``: figures that can be worked out by hand, and files that do not fit."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mangaassist.domain.encoding import Vector
from mangaassist.errors import BadInput
from mangaassist.evaluation.retrieval import evaluate_retrieval, read_judged_set
from mangaassist.knowledge.updates import Pipeline
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.word_encoder import WordEncoder
from tests.patience import PATIENCE

AXES = ("refund", "pirate", "password", "gift")


class AxisEncoder(WordEncoder):
    """A text points along the first of four words that it holds; others point nowhere in particular."""

    def __init__(self) -> None:
        super().__init__(dimensions=5)

    def vector(self, text: str) -> Vector:
        return np.eye(5, dtype=np.float32)[next((n for n, word in enumerate(AXES) if word in text), 4)]


def write(folder: Path, queries: list[Any], docs: list[Any], qrels: list[Any]) -> Path:
    for name, rows in (("queries", queries), ("docs", docs), ("qrels", qrels)):
        text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def judged(folder: Path) -> Path:
    return write(
        folder,
        [{"id": "q1", "text": "refund", "lang": "en"}, {"id": "q2", "text": "gift"}, {"id": "unjudged", "text": "x"}],
        [
            {"id": "a", "text": "refund one"}, {"id": "b", "title": "refund", "text": "two"},
            {"id": "c", "text": "pirate"}, {"id": "d", "title": "gift", "text": ""},
        ],
        [
            {"query_id": "q1", "doc_id": "a", "gain": 1}, {"query_id": "q1", "doc_id": "c", "gain": 2},
            {"query_id": "q2", "doc_id": "d", "gain": 1}, {"query_id": "unjudged", "doc_id": "a", "gain": 0},
        ],
    )  # fmt: skip


def filling(index: SqliteChunkIndex) -> Pipeline:
    return Pipeline(index, AxisEncoder(), MemoryDeadLetters())


async def evaluated(folder: Path, tmp_path: Path) -> dict[str, Any]:
    index = await SqliteChunkIndex.open(tmp_path / "index", 5, "axes", timeout_factor=PATIENCE)
    try:
        return await evaluate_retrieval(folder, AxisEncoder(), filling(index))
    finally:
        await index.close()


async def test_the_keys_are_those_of_the_contract(tmp_path: Path) -> None:
    result = await evaluated(judged(tmp_path), tmp_path)
    assert list(result) == ["n_queries", "dense", "hybrid", "reranked", "p50_ms", "p99_ms"]
    assert (
        list(result["dense"])
        == list(result["hybrid"])
        == list(result["reranked"])
        == ["ndcg@10", "recall@10", "mrr@10"]
    )
    assert 0 < result["p50_ms"] <= result["p99_ms"]
    json.dumps(result)


async def test_the_figures_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    result = await evaluated(judged(tmp_path), tmp_path)
    assert result["n_queries"] == 2
    # q1 ranks a and b before the others, which are equally far: every document is found, c third or fourth.
    assert result["dense"]["recall@10"] == 1.0
    assert result["dense"]["mrr@10"] in (1.0, 0.75)
    ideal = 2 / np.log2(2) + 1 / np.log2(3)
    possible = [
        ((1 / np.log2(a + 1) + 2 / np.log2(c + 1)) / ideal + 1) / 2 for a in (1, 2) for c in (3, 4)
    ]  # fmt: skip
    assert any(result["dense"]["ndcg@10"] == pytest.approx(value, abs=1e-3) for value in possible)


async def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    index = await SqliteChunkIndex.open(tmp_path / "index", 5, "axes", timeout_factor=PATIENCE)
    await evaluate_retrieval(judged(tmp_path), AxisEncoder(), filling(index), lambda *step: told.append(step))
    await index.close()
    assert told == [("documents", 4, 4), ("queries", 1, 2), ("queries", 2, 2)]


@pytest.mark.parametrize(
    ("name", "row", "words"),
    [
        ("docs", "{", "docs.jsonl, line 2"),
        ("docs", {"id": "x"}, "docs.jsonl, line 2"),
        ("docs", {"id": "x", "text": "a\u0000b"}, "docs.jsonl, line 2"),
        ("queries", {"id": "q9", "text": 7}, "queries.jsonl, line 2"),
        ("qrels", {"query_id": "q1", "doc_id": "a", "gain": "much"}, "qrels.jsonl, line 2"),
    ],
)
def test_a_bad_line_is_named_by_its_number(tmp_path: Path, name: str, row: Any, words: str) -> None:
    judged(tmp_path)
    file = tmp_path / f"{name}.jsonl"
    first, *rest = file.read_text().splitlines()
    file.write_text("\n".join([first, row if isinstance(row, str) else json.dumps(row), *rest]))
    with pytest.raises(BadInput, match=words):
        read_judged_set(tmp_path)


def test_a_folder_without_judgements_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [{"id": "q", "text": "x"}], [{"id": "d", "text": "x"}], [])
    with pytest.raises(BadInput, match="no query"):
        read_judged_set(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="qrels"):
        read_judged_set(tmp_path)


async def test_a_long_document_is_ranked_once(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        [{"id": "q", "text": "refund"}],
        [{"id": "long", "text": "refund word. " * 1000}, {"id": "short", "text": "refund"}],
        [{"query_id": "q", "doc_id": "short", "gain": 1}],
    )
    result = await evaluated(folder, tmp_path)
    assert result["hybrid"]["mrr@10"] >= 0.5
