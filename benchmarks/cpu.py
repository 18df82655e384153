"""The processor time that a turn costs in each room by itself: ``python -m benchmarks.cpu``.

Time of the processor, not of the clock: what else runs on the machine changes it little. Each figure is the mean over the mixed
questions of the median over many repetitions, so that the rooms add up to a turn without its services, socket and disk.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import fmean, median
from typing import Final, TypeVar

import numpy as np
import uvloop
from msgspec import Struct

from benchmarks import evidence
from benchmarks.measuring import Row, at_most, show
from benchmarks.questions import QUESTIONS
from benchmarks.system import running
from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState, Shown
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import WritingTask
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.intake import Intake
from mangaassist.guardrails.review import Review, Reviewed
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.knowledge.retrieval import Retriever, Vector
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import provision
from mangaassist.models.writers.offline.composing import OfflineWriter
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.turn.plans import COMPOSERS, PLANS
from mangaassist.understanding.heads import TrainedHeads
from mangaassist.understanding.utterance import Utterance

T = TypeVar("T")

ROUNDS: Final = 15
TALKED: Final = DialogueState(
    acts=(Act.FIND,),
    shown=(
        Shown(asin="B0AAAAAAA1", series_id="berserk", title="Berserk, Vol. 3", series_title="Berserk", volume=3),
        Shown(asin="B0AAAAAAA2", series_id="monster", title="Monster, Vol. 1", series_title="Monster", volume=1),
    ),
)
"""Two books were shown: every message is read as one that may go on about them."""


class Asked(Struct, frozen=True, kw_only=True, eq=False):
    """One question with everything that the rooms after understanding are given for it."""

    text: str
    intent: Intent
    task: WritingTask
    sent: str
    """The answer as it has left: what the review reads."""


class Search(Struct, frozen=True, eq=False):
    text: str
    vector: Vector
    plan: RetrievalPlan


def rooms(data: Path) -> list[Row]:
    """Every room, milliseconds of processor time a turn. ``data`` is a system's folder; it is filled when it is empty."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_rooms(data))


async def _rooms(data: Path) -> list[Row]:
    asked = [await _asked(text, intent) for intent, texts in QUESTIONS.items() for text in texts]
    rows = [*_reading(asked), *await _answering(asked)]
    async with _opened(data) as (encoder, retriever):
        rows += await _searching(asked, encoder, retriever)
    return [*rows, Row(what="all of these together", value=sum(row.value for row in rows), unit="ms")]


def _reading(asked: Sequence[Asked]) -> list[Row]:
    intake, reader, heads = Intake(), evidence.reader(), TrainedHeads.load()
    texts = [one.text for one in asked]
    heard = [reader.heard(text) for text in texts]
    features = np.full(heads.intents.weight.shape[0], heads.intents.weight.shape[0] ** -0.5, np.float32)

    def decided(utterance: Utterance) -> None:
        """By rules and dialogue where they settle it, else with what the model says: its pass is counted elsewhere."""
        if reader.settled(utterance, TALKED) is None:
            reader.with_model(utterance, TALKED, heads.act_scores(features), heads.intent_scores(features))

    return [
        _row("intake", _alone(intake.screen, texts)),
        at_most("understanding: words and rules", fmean(_alone(reader.heard, texts).values()), "ms", 1),
        _row("understanding: heads and dialogue", _alone(decided, heard)),
    ]


async def _answering(asked: Sequence[Asked]) -> list[Row]:
    rules, review = InlineRules.load(), Review.load()

    async def written(one: Asked) -> None:
        await _written(one.task, rules)

    async def reviewed(one: Asked) -> None:
        known = one.task.evidence
        plan = PLANS[one.intent]
        cards = tuple(product.asin for product in known.products[: plan.cards])
        draft = Reviewed(
            text=one.sent, cards=cards, evidence=known, meaning=one.task.meaning, strictness=plan.strictness
        )
        await review.run(draft, _all_sold)

    return [
        _row("offline writer and inline filter", await _awaited(written, asked)),
        _row("review", await _awaited(reviewed, asked)),
    ]


async def _searching(asked: Sequence[Asked], encoder: OnnxEncoder, retriever: Retriever) -> list[Row]:
    """Threads and the change between them included: the time of the whole process."""
    reader = evidence.reader()
    heard = {one.text: reader.heard(one.text) for one in asked}
    searched = [one for one in asked if PLANS[one.intent].knowledge is not None]
    vectors = await encoder.encode_many([one.text for one in searched])
    searches = [
        Search(one.text, vector, plan)
        for one, vector in zip(searched, vectors, strict=True)
        if (plan := PLANS[one.intent].knowledge) is not None
    ]

    async def encoded(one: Asked) -> None:
        if reader.settled(heard[one.text], TALKED) is None:
            await encoder.read([one.text])
        elif PLANS[one.intent].knowledge is not None:
            await encoder.encode([one.text])

    async def found(one: Search) -> None:
        await retriever.search(one.text, one.vector, one.plan)

    settling = fmean(_alone(lambda one: reader.settled(heard[one.text], TALKED), asked).values())
    passes = await _awaited(encoded, asked)
    return [
        Row(what="encoder pass", value=fmean(passes.values()) - settling, unit="ms"),
        # Not every question searches: the share of those that do counts.
        Row(
            what="index search",
            value=fmean((await _awaited(found, searches)).values()) * len(searches) / len(asked),
            unit="ms",
        ),
    ]


async def _asked(text: str, intent: Intent) -> Asked:
    task = evidence.typical(text, intent)
    return Asked(text=text, intent=intent, task=task, sent=await _written(task, InlineRules.load()))


async def _written(task: WritingTask, rules: InlineRules) -> str:
    checks = rules.filter_for(task.evidence)
    leaving = [checks.feed(piece) async for piece in OfflineWriter(COMPOSERS).write(task)]
    return "".join((*leaving, checks.finish()))


async def _all_sold(asins: Iterable[str]) -> frozenset[str]:
    return frozenset(asins)


def _alone(work: Callable[[T], object], given: Sequence[T]) -> Mapping[int, float]:
    """Milliseconds by place: the median over all rounds of this thread's time."""
    took: list[list[float]] = [[] for _ in given]
    for _ in range(ROUNDS):
        for place, one in enumerate(given):
            began = time.thread_time()
            work(one)
            took[place].append((time.thread_time() - began) * 1000)
    return dict(enumerate(map(median, took)))


async def _awaited(work: Callable[[T], Awaitable[object]], given: Sequence[T]) -> Mapping[int, float]:
    """Milliseconds by place: the median over all rounds of the time of all threads."""
    took: list[list[float]] = [[] for _ in given]
    for _ in range(ROUNDS):
        for place, one in enumerate(given):
            began = time.process_time()
            await work(one)
            took[place].append((time.process_time() - began) * 1000)
    return dict(enumerate(map(median, took)))


def _row(what: str, took: Mapping[int, float]) -> Row:
    return Row(what=what, value=fmean(took.values()), unit="ms")


@asynccontextmanager
async def _opened(data: Path) -> AsyncGenerator[tuple[OnnxEncoder, Retriever]]:
    """The encoder and the index of a system's folder, which a first start fills with the store's knowledge."""
    cache = data / "cache"
    if not (cache / "knowledge" / "built").exists():
        with running(data):
            pass
    encoder = OnnxEncoder(provision(cache))
    await encoder.warm_up()
    index = await SqliteChunkIndex.open(cache / "knowledge", encoder.dimensions, encoder.digest)
    try:
        yield encoder, Retriever(index)
    finally:
        await index.close()
        await encoder.close()


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.cpu", description=__doc__)
    options.add_argument(
        "--data", type=Path, required=True, help="a system's data folder; it is filled when it is empty"
    )
    show("Processor time of a turn, by room", rooms(options.parse_args().data))


if __name__ == "__main__":
    main()
