"""Searches an index for every question of the reranker's data, as a turn does, and keeps what speaks for each candidate.

Pages of the demo store are indexed four times: with all their wordings, with every second one (so that the others are questions
that nobody foresaw), and with none. Groups of other shops' messages are questions about each other: what carries the same label.
"""

import asyncio
import json
import pickle
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import yaml
from groups import Group, Question

from mangaassist.knowledge.answer_features import features_of
from mangaassist.knowledge.candidates import Candidate, candidates, pages, passage_of, word_weight
from mangaassist.knowledge.documents import Document, upsert
from mangaassist.knowledge.index import IndexHit
from mangaassist.knowledge.plan import RetrievalPlan, query_of
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.knowledge.updates import BATCH, Pipeline
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import provision
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters

HERE = Path(__file__).parent
CONTENT = HERE.parents[1] / "src" / "mangastore" / "content"
PLAN = RetrievalPlan(source_types=("faq", "policy"), k=10, ranker="precision", candidates=10)
HELD_CATEGORIES = frozenset({"gift", "privacy", "orders"})
"""Pages of these never train: 34 of 160, with all their questions and wordings."""
TRAINING_SOURCES = {"bitext": (3, 15), "clinc150": (3, 15)}
HELD_SOURCES = {"hint3/curekart": (2, 10), "hint3/sofmattress": (2, 10)}
"""How many messages of a label are documents, and how many others ask for them."""
SAME_FACT = 0.72
"""The cosine at which another sentence says the same as the right one: it is no wrong answer."""
PATIENCE = 1000.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rows(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def page_files() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for path in sorted([*CONTENT.glob("faq/*.md"), *CONTENT.glob("policy/*.md")]):
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        head = yaml.safe_load(front)
        if head["status"] == "approved":
            found[head["id"]] = {**head, "kind": path.parent.name, "body": body.strip()}
    return found


def documents(files: dict[str, dict[str, object]], every: slice | None) -> list[Document]:
    return [
        document(name, one["title"], one["body"], one["kind"], (one.get("questions") or [])[every] if every else ())
        for name, one in files.items()
    ]


def document(name: str, title: str, body: str, kind: str = "faq", questions: Iterable[str] = ()) -> Document:
    return Document(
        document_id=name, title=title, body=body, source_type=kind, version=1, updated_at=EPOCH, questions=tuple(questions)
    )  # fmt: skip


async def gathered(docs: Sequence[Document], questions: Sequence[Question], encoder: OnnxEncoder) -> list[Group]:
    with tempfile.TemporaryDirectory() as folder:
        index = await SqliteChunkIndex.open(Path(folder), encoder.dimensions, encoder.digest, timeout_factor=PATIENCE)
        pipeline = Pipeline(index, encoder, MemoryDeadLetters())
        for start in range(0, len(docs), BATCH):
            await pipeline.apply([upsert("training", one, EPOCH) for one in docs[start : start + BATCH]])
        retriever = Retriever(index)
        groups = [await group(one, retriever, index, encoder) for one in questions]
        await index.close()
    return groups


async def group(question: Question, retriever: Retriever, index: SqliteChunkIndex, encoder: OnnxEncoder) -> Group:
    [vector] = await encoder.encode([question.text])
    hits = pages(await retriever.hits(query_of(question.text, vector, PLAN)))
    best = await retriever.reranked(question.text, vector, candidates(hits, question.text, PLAN))
    names = [one.hit.stored.chunk.document_id for one in best]
    found = not question.gold or bool(set(names) & set(question.gold))
    if not found and not question.held:
        [stored] = await index.fetch([f"{question.gold[0]}#0"])
        hit = IndexHit(stored, float(stored.vector @ vector), 0.0)
        best = await retriever.reranked(
            question.text, vector, [*best[: PLAN.candidates - 1], Candidate(hit, max(0.0, hit.cosine))]
        )
        names = [one.hit.stored.chunk.document_id for one in best]
    passages = [passage_of(one, word_weight(question.text)) for one in best]
    gold = None
    if question.sentence is not None and question.gold:
        kept = await index.fetch([f"{question.gold[0]}#0!{question.sentence}"])
        gold = kept[0].vector if kept else None
    features = features_of(question.text, vector, passages)
    likeness = [_likeness(one.sentences, gold) for one in passages]
    right = [
        name in question.gold and gold is not None and place == question.sentence
        for name, near in zip(names, likeness, strict=True)
        for place in range(len(near))
    ]
    same = np.concatenate([np.zeros(0), *likeness]) > SAME_FACT
    return Group(
        question,
        tuple(names),
        features,
        np.array([bool((near > SAME_FACT).any()) for near in likeness]),
        np.array(right, bool),
        same & ~np.array(right, bool),
        found or not question.held,
    )


def _likeness(sentences: np.ndarray | None, gold: np.ndarray | None) -> np.ndarray:
    count = 1 if sentences is None else len(sentences)
    return np.zeros(count) if sentences is None or gold is None else sentences @ gold


def labelled(path: Path, source: str, most: tuple[int, int]) -> tuple[list[Document], list[tuple[str, str]]]:
    """Documents and questions of a source: messages by their label, the first few of each as what the others ask for."""
    by_label: dict[str, set[str]] = defaultdict(set)
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["source"] == source:
            by_label[row["native"]].add(row["text"].strip())
    rng = random.Random(0)
    docs: list[Document] = []
    asked: list[tuple[str, str]] = []
    for label, texts in sorted(by_label.items()):
        shuffled = rng.sample(sorted(texts), len(texts))
        if len(shuffled) >= most[0] + 2:
            docs += [document(f"{label}-{n}", text, "") for n, text in enumerate(shuffled[: most[0]])]
            asked += [(text, label) for text in shuffled[most[0] : sum(most)]]
    return docs, asked


def is_held(files: dict[str, dict[str, object]], page: object) -> bool:
    return files[str(page)]["category"] in HELD_CATEGORIES


def written(files: dict[str, dict[str, object]]) -> tuple[list[Question], list[Question], list[Question]]:
    """Our own questions: of pages and their sentences, of no page, and by the title alone."""

    def sentence(row: dict[str, object]) -> int | None:
        """Who asks for a faq page itself is answered by how it begins."""
        return row.get("sentence", 0 if files[str(row["page"])]["kind"] == "faq" else None)

    own = [
        Question(
            r["question"],
            (r["page"],),
            sentence(r),
            "sentence" if "sentence" in r else "page",
            is_held(files, r["page"]),
        )
        for r in rows("questions.jsonl")
    ]
    none = [
        Question(r["question"], (), None, "none", place % 2 == 0) for place, r in enumerate(rows("unanswered.jsonl"))
    ]
    titles = [Question(r["question"], (r["page"],), None, "title", True) for r in rows("titles.jsonl")]
    return own, none, titles


def wordings(files: dict[str, dict[str, object]], half: int) -> list[Question]:
    """The wordings that pages keep, those that an index of the other half does not hold."""
    return [
        Question(wording, (name,), None, "wording", is_held(files, name))
        for name, one in files.items()
        for wording in (one.get("questions") or [])[1 - half :: 2]
    ]


async def main(public: Path, cache: Path, model: Path) -> list[Group]:
    encoder = OnnxEncoder(provision(cache, model), PATIENCE)
    files = page_files()
    own, none, titles = written(files)
    groups = await gathered(documents(files, slice(None)), [*own, *none, *titles], encoder)
    for half in (0, 1):
        groups += await gathered(documents(files, slice(half, None, 2)), wordings(files, half), encoder)
    plain = [one._replace(kind=f"{one.kind}, no wordings", sentence=None) for one in (*own[::3], *none, *titles)]
    groups += await gathered(documents(files, None), plain, encoder)
    for source, most in (TRAINING_SOURCES | HELD_SOURCES).items():
        docs, asked = labelled(public, source, most)
        questions = [
            Question(
                text,
                tuple(one.document_id for one in docs if one.document_id.rpartition("-")[0] == label),
                None,
                source,
                source in HELD_SOURCES,
            )
            for text, label in asked
        ]
        groups += await gathered(docs, questions, encoder)
    await encoder.close()
    return groups


if __name__ == "__main__":
    *inputs, kept = map(Path, sys.argv[1:5])
    kept.write_bytes(pickle.dumps(asyncio.run(main(*inputs))))
