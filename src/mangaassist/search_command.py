"""``mangaassist search``: what the knowledge base finds for a question, and why each passage came or did not (O-4, K-2)."""

from collections.abc import Sequence
from typing import Any, Final, get_args

import msgspec
from msgspec import Struct
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from mangaassist.assembly.encoders import opened_encoder
from mangaassist.assembly.knowledge import followed_index, retriever_of
from mangaassist.domain.chunks import SourceType
from mangaassist.errors import BadInput
from mangaassist.knowledge.explanation import Weighed
from mangaassist.knowledge.index import ANY_CHUNK, ChunkFilter
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.knowledge.reranking import TrainedReranker
from mangaassist.serving import Bars
from mangaassist.settings import Settings

CANDIDATES: Final = 20
PATIENCE: Final = 1000.0
"""Nobody waits for an answer: a stage may take this many times its allowance."""
SOURCES: Final[tuple[SourceType, ...]] = get_args(SourceType)
ANSWERS: Final = 0.5
"""Under it, nobody here knows."""
SHOWN: Final = 10
"""Passages in the terminal's table; ``--json`` tells all candidates."""
COLUMNS: Final = ("", "source", "dense", "lexical", "fused", "reranked", "answers", "floor")
EXCERPT: Final = 160
"""Characters of a passage of which no sentence is chosen."""


class Asked(Struct, frozen=True):
    """``by_words``: as while the encoder is away (M-11)."""

    text: str
    plan: RetrievalPlan
    by_words: bool = False


def planned(sources: Sequence[str], k: int, only: ChunkFilter = ANY_CHUNK) -> RetrievalPlan:
    """Of these source types, of all where none is named. Raises ``BadInput`` for one that there is not."""
    known: dict[str, SourceType] = {one: one for one in SOURCES}
    unknown = next((name for name in sources if name not in known), None)
    if unknown is not None:
        raise BadInput("unknown_source", f"There is no source {unknown!r}; there are {', '.join(SOURCES)}.")
    chosen: tuple[SourceType, ...] = tuple(known[name] for name in dict.fromkeys(sources)) or SOURCES
    return RetrievalPlan(source_types=chosen, k=k, ranker="precision", candidates=max(CANDIDATES, k), only=only)


async def search(settings: Settings, asked: Asked, as_json: bool, out: Console, err: Console) -> None:
    with Bars(err) as bars:
        async with opened_encoder(settings, bars) as encoder, followed_index(settings, encoder) as followed:
            await followed.refresh()
            vector = None if asked.by_words else (await encoder.encode([asked.text]))[0]
            retriever = retriever_of(followed.shown, TrainedReranker.load(), PATIENCE)
            found = await retriever.explained(asked.text, vector, asked.plan)
            by_words = not retriever.takes_vectors
    if as_json:
        out.file.write(msgspec.json.encode(told(asked, found)).decode() + "\n")
        return
    if by_words and not asked.by_words:
        out.print("Another encoder's knowledge answers, by words alone, until this one's is built.")
    out.print(shown(found[:SHOWN]) if found else "Nothing like it is known.", highlight=False)
    if found and found[0].place is None:
        out.print("Nothing that is known answers this.")
    elif (likely := likeliest(found)) is not None and likely < ANSWERS:
        out.print(f"No page of help answers this: the likeliest does by {likely:.0%}.")


def likeliest(found: Sequence[Weighed]) -> float | None:
    """The probability that a page of help answers; None where none was judged."""
    return max((one.answering for one in found if one.answering is not None), default=None)


def told(asked: Asked, found: Sequence[Weighed]) -> dict[str, Any]:
    """The whole answer of the command: the question, by what it was narrowed, and every candidate, those that are used first."""
    return {
        "question": asked.text,
        "sources": asked.plan.source_types,
        "only": {name: value for name, value in msgspec.structs.asdict(asked.plan.only).items() if value is not None},
        "answering": likeliest(found),
        "passages": [msgspec.to_builtins(one) for one in found],
    }


def shown(found: Sequence[Weighed]) -> Group:
    """A table of the scores, and below it each passage with what became of it and the sentence that would be quoted."""
    scores = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in COLUMNS:
        scores.add_column(name, justify="left" if name == "source" else "right", no_wrap=True)
    for number, one in enumerate(found, start=1):
        scores.add_row(
            str(number), one.chunk.source_type, *map(_figure, _scores(one)), style="" if one.place else "dim"
        )
    return Group(scores, *(_passage(number, one) for number, one in enumerate(found, start=1)))


def _scores(one: Weighed) -> tuple[float | None, ...]:
    return one.dense, one.lexical, one.fused, one.reranked, one.answering, one.floor


def _figure(score: float | None) -> str:
    return "-" if score is None else f"{score:.2f}"


def _passage(number: int, one: Weighed) -> Text:
    head = Text(f"{number:>2} ")
    head.append(one.chunk.title, "bold" if one.place else "dim bold")
    head.append(f"  {one.fate}", "green" if one.place else "dim")
    told = one.sentence or " ".join(one.chunk.content.split())[:EXCERPT]
    return head.append(f"\n   {told}" if told else "", "" if one.place else "dim")
