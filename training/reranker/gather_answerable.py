"""Searches an index for questions that a page answers and for those that none does, and keeps what each search looks like.

A question is also asked of an index without the pages that answer it: then it is close to much and answered by nothing, as most of
the questions are that a store's pages leave open.
"""

import asyncio
import pickle
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from gather import EPOCH, PATIENCE, PLAN, answers_of, asks, documents, foreseen, page_files, rows, wordings, written
from groups import Question, Row

from mangaassist.knowledge.answer_features import features_of
from mangaassist.knowledge.answerable import Search, whole_of
from mangaassist.knowledge.candidates import pages, passage_of, word_weight
from mangaassist.knowledge.documents import Document, upsert
from mangaassist.knowledge.index import IndexHit
from mangaassist.knowledge.plan import query_of
from mangaassist.knowledge.reranking import AnswerHead
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.knowledge.updates import BATCH, Pipeline
from mangaassist.knowledge.words import asked, stem
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import provision
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters

SAYS_THE_SAME = 0.6
"""The cosine of two sentences from which on the page of one may answer what the other answers: it leaves the index with it."""
ASKS = 2
"""Every second wording of an answer is asked."""
PLAIN_FROM = 4
"""A word in so many questions that pages answer, and on no page, is one that shoppers say without asking for it."""


class Shop:
    """An index of some pages, and what a search of it looks like with or without some of them."""

    def __init__(self, index: SqliteChunkIndex, encoder: OnnxEncoder, head: AnswerHead, plain: frozenset[str]) -> None:
        self.index, self.encoder, self.head, self.plain = index, encoder, head, plain
        self.retriever = Retriever(index)
        self.sentences: dict[str, np.ndarray] = {}

    async def row(self, question: Question, without: frozenset[str] = frozenset()) -> Row | None:
        [vector] = await self.encoder.encode([question.text])
        found = await self.retriever.hits(query_of(question.text, vector, PLAN))
        hits = pages([hit for hit in found if hit.stored.chunk.document_id not in without])
        best = await self.retriever.reranked(
            question.text, vector, await self.retriever.in_question(hits, question.text, vector, PLAN)
        )
        if not best:
            return None
        passages = [passage_of(one, word_weight(question.text)) for one in best]
        features = features_of(question.text, vector, passages)
        told: Sequence[IndexHit] = await self.retriever._told(hits)
        search = Search(question.text, vector, passages, features, self.head.scored(features).pages, told)
        return Row(
            question.text, question.kind, vector, whole_of(search, self.plain), bool(question.gold) and not without,
            bool(without), question.held,
        )  # fmt: skip

    async def lacking(self, question: Question) -> frozenset[str]:
        """The pages that answer it, and those that say much the same."""
        gold = self.sentences[question.gold[0]]
        if question.sentence is not None and question.sentence < len(gold):
            gold = gold[question.sentence][None, :]
        alike = {name for name, other in self.sentences.items() if float((other @ gold.T).max()) > SAYS_THE_SAME}
        return frozenset(name.partition("#")[0] for name in alike | set(question.gold))


async def filled(docs: Sequence[Document], encoder: OnnxEncoder, folder: str) -> SqliteChunkIndex:
    index = await SqliteChunkIndex.open(Path(folder), encoder.dimensions, encoder.digest, timeout_factor=PATIENCE)
    pipeline = Pipeline(index, encoder, MemoryDeadLetters())
    for start in range(0, len(docs), BATCH):
        await pipeline.apply([upsert("training", one, EPOCH) for one in docs[start : start + BATCH]])
    return index


async def gathered(
    docs: Sequence[Document], questions: Sequence[Question], encoder: OnnxEncoder, plain: frozenset[str]
) -> list[Row]:
    """A row a question, and one without its pages for each that has any."""
    found: list[Row | None] = []
    with tempfile.TemporaryDirectory() as folder:
        index = await filled(docs, encoder, folder)
        shop = Shop(index, encoder, AnswerHead.load(), plain)
        for one in docs:
            answers = [f"{one.document_id}#0={number}" for number in range(len(one.answers))]
            for name in (f"{one.document_id}#0", *answers):
                kept = await shop.retriever._answers([f"{name}!{number}" for number in range(40)])
                if not kept:
                    kept = await shop.retriever._answers([name])
                shop.sentences[name] = np.stack([stored.vector for stored in kept.values()])
        for question in questions:
            found.append(await shop.row(question))
            if question.gold:
                found.append(await shop.row(question, await shop.lacking(question)))
        await index.close()
    return [one for one in found if one is not None]


def plain_words(files: dict[str, dict[str, object]], questions: Sequence[Question]) -> frozenset[str]:
    """Stems of answered questions that no page holds."""
    said = Counter(word for one in questions if one.gold and not one.held for word in set(map(stem, asked(one.text))))
    told = {stem(word) for one in files.values() for word in asked_all(text_of(one))}
    return frozenset(word for word, count in said.items() if count >= PLAIN_FROM and word not in told)


def text_of(page: dict[str, object]) -> str:
    return " ".join([page["title"], page["body"], *(row["says"] for row in answers_of(page))])


def asked_all(text: str) -> list[str]:
    words = text.split()
    return [word for start in range(0, len(words), 20) for word in asked(" ".join(words[start : start + 20]))]


async def main(cache: Path) -> tuple[list[Row], frozenset[str]]:
    encoder = OnnxEncoder(provision(cache), PATIENCE)
    files = page_files()
    own, none, titles = written(files)
    open_ = [Question(r["question"], (), None, "open", False) for r in rows("open.jsonl")]
    plain = plain_words(files, own)
    whole = documents(files, list)
    found = await gathered(whole, [*own, *none, *open_, *titles], encoder, plain)
    told = [*wordings(files), *asks(files)[::ASKS], *none, *open_]
    found += await gathered(documents(files, foreseen), told, encoder, plain)
    await encoder.close()
    return found, plain


if __name__ == "__main__":
    random.seed(0)
    Path(sys.argv[2]).write_bytes(pickle.dumps(asyncio.run(main(Path(sys.argv[1])))))
