"""Meanings made by hand, and the evidence for them from a fake store: what tests of plans, products and orders share."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.chunks import Chunk, ScoredChunk, SourceType
from mangaassist.domain.customers import GUEST, Identity
from mangaassist.domain.dialogue import Target
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.wishes import Label, Wish
from mangaassist.testing.fake_store import FakeStore
from mangaassist.testing.store_data import NOW
from mangaassist.turn.budget import Budget
from mangaassist.turn.evidence import Gathering, Sources
from mangaassist.turn.plans import plan_for
from mangaassist.turn.products.lookups import Tastes, taste_of
from mangaassist.wire.page import NOWHERE, PageContext

BERSERK, ONE_PIECE, UZUMAKI = "berserk", "one-piece", "uzumaki"


def chunk(asin: str, content: str, source_type: SourceType = "product", score: float = 0.6) -> ScoredChunk:
    made = Chunk(
        chunk_id=f"chunk-{asin}", document_id=asin, content=content, source_type=source_type, asin=asin or None,
        title=content, category="", last_updated=NOW, version=1,
    )  # fmt: skip
    return ScoredChunk(made, score)


class Knowledge:
    """Gives the same chunks to everybody, or fails; what it was asked is kept."""

    def __init__(self, *chunks: ScoredChunk, failure: Exception | None = None) -> None:
        self.chunks, self.failure = chunks, failure
        self.asked: list[tuple[str, Any]] = []

    async def search(self, text: str, vector: Any, plan: Any) -> tuple[ScoredChunk, ...]:
        self.asked.append((text, vector))
        if self.failure:
            raise self.failure
        return self.chunks

    async def compared(self, found: ScoredChunk, text: str, vector: Any) -> ScoredChunk:
        return found

    async def answers_of(self, page: ScoredChunk) -> tuple[ScoredChunk, ...]:
        return ()

    async def whole(self, found: ScoredChunk) -> ScoredChunk:
        """Of an answer the first chunk that is none."""
        pages = (one for one in self.chunks if not one.chunk.is_answer)
        page = next(pages, found) if found.chunk.is_answer else found
        return ScoredChunk(page.chunk, found.score)

    async def told(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        kept = {one.chunk.chunk_id: one.chunk for one in self.chunks}
        return [kept[chunk_id] for chunk_id in chunk_ids if chunk_id in kept]


class Encoded:
    """The encoder's pass, or that it did not come."""

    def __init__(self, comes: bool = True) -> None:
        self._comes = comes

    async def vector_of(self, text: str) -> Any:
        return np.ones(384, np.float32) if self._comes else None


def asks(*acts: Act, **more: Any) -> Meaning:
    """A message with these acts. ``targets`` and ``sought`` may be single ones."""
    guess = IntentGuess(ACTS[acts[0]].intent, 1.0, "rules")
    for name in ("targets", "sought"):
        if name in more and not isinstance(more[name], tuple):
            more[name] = (more[name],)
    heard = tuple(HeardAct(act) for act in acts)
    return Meaning(**{"text": "?", "question": "?", "guess": guess, "acts": heard} | more)


def of(series_id: str, volume: int | None = None, **more: Any) -> Target:
    title = series_id.replace("-", " ").title()
    return Target(series_id=series_id, title=title, volume=volume, **more)


def wish(*wanted: Label, **more: Any) -> Wish:
    return Wish(wanted=wanted, **more)


def genre(value: str, said: str = "") -> Label:
    return Label("genre", value, said)


def theme(value: str, said: str = "") -> Label:
    return Label("theme", value, said)


async def gathered(
    meaning: Meaning,
    knowledge: Knowledge | None = None,
    *,
    store: FakeStore | None = None,
    identity: Identity = GUEST,
    page: PageContext = NOWHERE,
    encoded: Encoded | None = None,
    series_in: Callable[[str], tuple[str, ...]] = lambda _: (),
    tastes: Tastes = taste_of,
) -> Evidence:
    shop = store or FakeStore()
    budget = Budget(shop.clock)
    sources = Sources(
        services=shop.services.for_turn(identity).within(budget.deadline("services")),
        retriever=knowledge or Knowledge(),
        speculation=encoded or Encoded(),
        budget=budget, now=NOW, facts=shop.data.facts, series_in=series_in, tastes=tastes,
    )  # fmt: skip
    return await Gathering(plan_for(meaning), meaning, page, sources, is_guest=identity.is_guest).evidence()


def titles(evidence: Evidence) -> list[str]:
    return [known.product.title for known in evidence.products]


def blamed(evidence: Evidence) -> list[str]:
    return [degradation.service for degradation in evidence.degraded]
