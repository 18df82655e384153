"""The turn's searches; that of the help pages for the message itself begins before a plan asks for it (M-9).

Measured on our own dialogues: of all searches that turns make it is the one that most of them make. What is asked of a
message made whole by its dialogue is another question, and then the search that began was in vain: it counts as waste.
"""

import asyncio
from collections.abc import Sequence

from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.encoding import Vector
from mangaassist.errors import AssistantError
from mangaassist.knowledge.answer_features import Floats
from mangaassist.knowledge.asked_answers import Talk
from mangaassist.knowledge.index import IndexHit, IndexQuery
from mangaassist.knowledge.plan import RetrievalPlan, query_of
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.turn.budget import Budget
from mangaassist.turn.head_start import HeadStart
from mangaassist.turn.searches import PRECISE_POLICY
from mangaassist.turn.speculation import Speculation


class SearchAhead:
    """Methods are those of ``Retrieval``. ``at_once``: the search begins as soon as the vector of ``message`` is there.

    Leave the block and a search that nobody asked for is cancelled.
    """

    def __init__(
        self, retriever: Retriever, speculation: Speculation, message: str, budget: Budget, *, at_once: bool
    ) -> None:
        self.head_start = HeadStart("search", budget.elapsed_ms)
        self._retriever = retriever
        self._timed = budget.timed
        self._speculation = speculation
        self._message = message
        self._task = asyncio.create_task(self._search(), name="search ahead") if at_once else None

    async def __aenter__(self) -> "SearchAhead":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.drop()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    def settle(self, question: str, plan: RetrievalPlan | None) -> None:
        """What will be searched is known: where that is something else, nothing more is begun."""
        if plan is None or not self._is_begun(query_of(question, None, plan)):
            self.drop()

    def drop(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()

    async def search(self, text: str, vector: Vector | None, plan: RetrievalPlan) -> tuple[ScoredChunk, ...]:
        """As ``Retriever.search``; the search that is under way serves whoever asks the same."""
        query = query_of(text, vector, plan)
        hits = await self._hits_ahead() if vector is not None and self._is_begun(query) else None
        if hits is None:
            hits = await self._retriever.hits(query)
        return await self._retriever.found(hits, text, vector, plan, self._timed)

    async def compared(self, found: ScoredChunk, text: str, vector: Vector) -> ScoredChunk:
        return await self._retriever.compared(found, text, vector)

    async def answers_of(self, page: ScoredChunk) -> tuple[ScoredChunk, ...]:
        return await self._retriever.answers_of(page)

    async def whole(self, found: ScoredChunk) -> ScoredChunk | None:
        return await self._retriever.whole(found)

    async def asked_in(self, talk: Talk) -> tuple[Sequence[Chunk], Floats]:
        return await self._retriever.asked_in(talk)

    async def told(self, chunk_ids: Sequence[str]) -> Sequence[Chunk]:
        return await self._retriever.told(chunk_ids)

    def _is_begun(self, query: IndexQuery) -> bool:
        return _told_apart_by(query) == _told_apart_by(query_of(self._message, query.vector, PRECISE_POLICY))

    async def _hits_ahead(self) -> Sequence[IndexHit] | None:
        """What the search found that began ahead; None where none did, or it came to nothing."""
        if self._task is None or self._task.cancelling():
            return None
        self.head_start.ask()
        await asyncio.wait({self._task})
        return None if self._task.cancelled() else self._task.result()

    async def _search(self) -> Sequence[IndexHit] | None:
        vector = await self._speculation.coming()
        if vector is None:
            return None
        self.head_start.begin()
        try:
            return await self._retriever.hits(query_of(self._message, vector, PRECISE_POLICY))
        except AssistantError:  # whoever asks tries once more
            return None
        finally:
            self.head_start.end()


def _told_apart_by(query: IndexQuery) -> tuple[object, ...]:
    return query.text, frozenset(query.source_types), query.depth, query.per_family, query.only
