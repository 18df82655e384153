"""``mangaassist search``: what the knowledge base finds for a question, and why each passage came or did not (O-4, K-2)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, get_args

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mangaassist.assembly import followed_index, opened_encoder, retriever_of
from mangaassist.domain.chunks import SourceType
from mangaassist.errors import BadInput
from mangaassist.knowledge.explanation import Weighed
from mangaassist.knowledge.index import ANY_CHUNK, ChunkFilter
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.knowledge.reranking import AnswerHead, TrainedReranker
from mangaassist.serving import Bars
from mangaassist.settings import Settings

CANDIDATES: Final = 20
PATIENCE: Final = 1000.0
"""Nobody waits for an answer: a stage may take this many times its allowance."""
SOURCES: Final[tuple[SourceType, ...]] = get_args(SourceType)
SHOWN: Final = 10
"""Passages in the terminal's table; ``--json`` tells all candidates."""
COLUMNS: Final = ("", "source", "passage", "dense", "lexical", "fused", "reranked", "answers", "floor", "")


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
            retriever = retriever_of(followed.shown, TrainedReranker(AnswerHead.load()), PATIENCE)
            found = await retriever.explained(asked.text, vector, asked.plan)
    if as_json:
        out.file.write(msgspec.json.encode(told(asked, found)).decode() + "\n")
        return
    out.print(table(found[:SHOWN]) if found else "Nothing like it is known.", highlight=False)
    if found and found[0].place is None:
        out.print("Nothing that is known answers this.")


def told(asked: Asked, found: Sequence[Weighed]) -> dict[str, Any]:
    """The whole answer of the command: the question, by what it was narrowed, and every candidate, those that are used first."""
    return {
        "question": asked.text,
        "sources": asked.plan.source_types,
        "only": {name: value for name, value in msgspec.structs.asdict(asked.plan.only).items() if value is not None},
        "passages": [msgspec.to_builtins(one) for one in found],
    }


def table(found: Sequence[Weighed]) -> Table:
    """A row for each passage with its scores, and the sentence that would be quoted below it."""
    shown = Table(title_justify="left", show_edge=False, pad_edge=False)
    for name in COLUMNS:
        is_number = name not in ("source", "passage", COLUMNS[-1])
        shown.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for one in found:
        shown.add_row(*_cells(one), style="" if one.place else "dim")
    return shown


def _cells(one: Weighed) -> Iterator[str | Text]:
    yield str(one.place or "")
    yield one.chunk.source_type
    yield Text(f"{one.chunk.title}\n{one.sentence or ' '.join(one.chunk.content.split())[:160]}")
    for score in (one.dense, one.lexical, one.fused, one.reranked, one.answering, one.floor):
        yield "-" if score is None else f"{score:.2f}"
    yield one.fate
