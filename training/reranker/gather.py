"""Searches an index for every question of the reranker's data, as a turn does, and keeps what speaks for each candidate.

Pages of the demo store are indexed three times: with all their wordings and answers, without every fourth wording of a page and
of an answer (so that those are questions that nobody foresaw: the encoder's layers did not learn from them either), and with
none. What is right is a chunk: a page as a whole, or one of its answers. Groups of other shops' messages are questions about
each other: what carries the same label.
"""

import asyncio
import json
import pickle
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import yaml
from groups import Group, Question

from mangaassist.knowledge.answer_features import features_of
from mangaassist.knowledge.candidates import Candidate, pages, passage_of, word_weight
from mangaassist.knowledge.chunking import is_answer, page_chunk_id
from mangaassist.knowledge.documents import Answer, Document, upsert
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
FOURTH = 4
"""Every fourth wording is one that nobody foresaw."""
PATIENCE = 1000.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


Known = Callable[[Sequence[str]], Sequence[str]]
"""Which of a list of wordings an index holds."""


def foreseen(wordings: Sequence[str]) -> list[str]:
    return [one for place, one in enumerate(wordings) if place % FOURTH != FOURTH - 1]


def unforeseen(wordings: Sequence[str]) -> Sequence[str]:
    return wordings[FOURTH - 1 :: FOURTH]


def rows(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


ASKS = [json.loads(line) for line in (HERE.parent / "search" / "asks.jsonl").read_text(encoding="utf-8").splitlines()]


def page_files() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for path in sorted([*CONTENT.glob("faq/*.md"), *CONTENT.glob("policy/*.md")]):
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        head = yaml.safe_load(front)
        if head["status"] == "approved":
            found[head["id"]] = {**head, "kind": path.parent.name, "body": body.strip()}
    return found


def documents(files: dict[str, dict[str, object]], known: Known | None) -> list[Document]:
    """The pages with those of their wordings and answers' wordings that are ``known``; None: with neither wordings nor answers."""
    return [
        document(
            name,
            one["title"],
            one["body"],
            one["kind"],
            known(one.get("questions") or []) if known else (),
            [Answer(says=row["says"], asks=tuple(known(row["asks"]))) for row in answers_of(one)] if known else (),
        )
        for name, one in files.items()
    ]


def answers_of(page: dict[str, object]) -> list[dict[str, object]]:
    return page.get("answers") or []


def document(
    name: str,
    title: str,
    body: str,
    kind: str = "faq",
    questions: Iterable[str] = (),
    answers: Iterable[Answer] = (),
) -> Document:
    return Document(
        document_id=name, title=title, body=body, source_type=kind, version=1, updated_at=EPOCH, questions=tuple(questions),
        answers=tuple(answers),
    )  # fmt: skip


def page_of(name: str) -> str:
    """The chunk that the page as a whole is."""
    return f"{name}#0"


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
    best = await retriever.reranked(
        question.text, vector, await retriever.in_question(hits, question.text, vector, PLAN)
    )
    found = not question.gold or any(one.hit.stored.chunk.chunk_id in question.gold for one in best)
    if not found and not question.held and not question.is_of_answer:
        [stored] = await index.fetch(question.gold[:1])
        hit = IndexHit(stored, float(stored.vector @ vector), 0.0)
        best = await retriever.reranked(
            question.text, vector, [*best[: PLAN.candidates - 1], Candidate(hit, max(0.0, hit.cosine))]
        )
    passages = [passage_of(one, word_weight(question.text)) for one in best]
    kept = await index.fetch([f"{question.gold[0]}!{question.sentence}"]) if question.sentence is not None else ()
    likeness = [_likeness(one.sentences, kept[0].vector if kept else None) for one in passages]
    names = [one.chunk.chunk_id for one in passages]
    says_it = [bool((near > SAME_FACT).any()) for near in likeness]
    question = question._replace(gold=(*question.gold, *_as_right(question, names, says_it)))
    own = {page_chunk_id(name) for name in question.gold} if question.is_of_page else ()
    right = (
        [
            name == question.gold[0] and bool(kept) and place == question.sentence
            for name, near in zip(names, likeness, strict=True)
            for place in range(len(near))
        ]
        if question.gold
        else np.zeros(sum(map(len, likeness)))
    )
    same = np.concatenate([np.zeros(0), *likeness]) > SAME_FACT
    return Group(
        question,
        tuple(names),
        features_of(question.text, vector, passages),
        np.array([same or page_chunk_id(name) in own for name, same in zip(names, says_it, strict=True)]),
        np.array(right, bool),
        same & ~np.array(right, bool),
        found or not (question.held or question.is_of_answer) or any(name in question.gold for name in names),
    )


def _as_right(question: Question, names: Sequence[str], says_it: Sequence[bool]) -> list[str]:
    """Answers that say the same as the sentence of a page that is asked for: they are right as well."""
    of_sentence = question.sentence is not None and not question.is_of_page
    return [
        name
        for name, same in zip(names, says_it, strict=True)
        if of_sentence and same and is_answer(name) and name not in question.gold
    ]


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
    """Our own questions: of pages, their sentences and answers, of no page, and by the title alone."""

    def sentence(row: dict[str, object]) -> int | None:
        """Who asks for a faq page itself is answered by how it begins."""
        return row.get("sentence", 0 if files[str(row["page"])]["kind"] == "faq" else None)

    of_answers = [
        Question(r["question"], (f"{page_of(r['page'])}={r['answer']}",), 0, "ask", is_held(files, r["page"]))
        for r in rows("questions.jsonl")
        if "answer" in r
    ]
    own = [
        Question(
            r["question"],
            (page_of(r["page"]),),
            sentence(r),
            "sentence" if "sentence" in r else "page",
            is_held(files, r["page"]),
        )
        for r in rows("questions.jsonl")
        if "answer" not in r
    ]
    none = [Question(r["question"], (), None, "none", r.get("held", False)) for r in rows("unanswered.jsonl")]
    titles = [Question(r["question"], (page_of(r["page"]),), None, "title", True) for r in rows("titles.jsonl")]
    return [*own, *of_answers], none, titles


def wordings(files: dict[str, dict[str, object]]) -> list[Question]:
    """The wordings that pages keep, those that an index of the foreseen ones does not hold."""
    return [
        Question(wording, (page_of(name),), None, "wording", is_held(files, name))
        for name, one in files.items()
        for wording in unforeseen(one.get("questions") or [])
    ]


def asks(files: dict[str, dict[str, object]]) -> list[Question]:
    """The wordings of answers that such an index does not hold; every second one also behind its page's title.

    And what another hand wrote for the same answers, of each what the encoder's layers did not learn from."""
    found = [
        (ask, one["title"], Question(ask, (f"{name}#0={number}",), 0, "ask", is_held(files, name)))
        for name, one in files.items()
        for number, row in enumerate(answers_of(one))
        for ask in unforeseen(row["asks"])
    ]
    by_others = [
        (
            text,
            files[row["page"]]["title"],
            Question(text, (f"{row['page']}#0={row['answer']}",), 0, kind, is_held(files, row["page"])),
        )
        for row in ASKS
        for kind, text in (("told", row["alone"][-1]), ("fragment", row["follow"][-1]))
    ]
    joined = [
        question._replace(text=f"{title.rstrip(' ?.')}: {ask}", kind="joined ask")
        for ask, title, question in (*found[::2], *(one for one in by_others if one[2].kind == "fragment"))
    ]
    alone = [question._replace(kind="ask") for _, _, question in by_others if question.kind == "told"]
    return [*(question for _, _, question in found), *alone, *joined]


async def main(public: Path, cache: Path) -> list[Group]:
    encoder = OnnxEncoder(provision(cache), PATIENCE)
    files = page_files()
    own, none, titles = written(files)
    groups = await gathered(documents(files, list), [*own, *none, *titles], encoder)
    groups += await gathered(documents(files, foreseen), [*wordings(files), *asks(files)], encoder)
    of_pages = [one for one in own if not one.gold or not is_answer(one.gold[0])]
    plain = [one._replace(kind=f"{one.kind}, no wordings", sentence=None) for one in (*of_pages[::3], *none, *titles)]
    groups += await gathered(documents(files, None), plain, encoder)
    for source, most in (TRAINING_SOURCES | HELD_SOURCES).items():
        docs, asked = labelled(public, source, most)
        questions = [
            Question(
                text,
                tuple(page_of(one.document_id) for one in docs if one.document_id.rpartition("-")[0] == label),
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
    *inputs, kept = map(Path, sys.argv[1:4])
    kept.write_bytes(pickle.dumps(asyncio.run(main(*inputs))))
