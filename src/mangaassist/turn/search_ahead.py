"""The turn's searches; that of the pages' answers for a message that begins a conversation starts before anybody asks (M-9).

What goes on is searched for behind the question before it, whose vector comes later: nothing is begun for that.
"""

import asyncio
from collections.abc import Sequence

from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.encoding import Vector
from mangaassist.errors import AssistantError
from mangaassist.knowledge.answer_features import Floats
from mangaassist.knowledge.asked_answers import Talk
from mangaassist.knowledge.index import IndexHit
from mangaassist.knowledge.plan import RetrievalPlan, query_of
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.turn.budget import Budget
from mangaassist.turn.head_start import HeadStart
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

    def drop(self) -> None:
        """Nobody asks for it any more."""
        if self._task is not None and not self._task.done():
            self._task.cancel()

    async def asked_in(self, talk: Talk) -> tuple[Sequence[Chunk], Floats]:
        """As ``Retriever.asked_in``; the search that is under way serves it."""
        is_begun = talk.joined is None and talk.text == self._message
        return await self._retriever.asked_in(talk, await self._hits_ahead() if is_begun else None)

    async def search(self, text: str, vector: Vector | None, plan: RetrievalPlan) -> tuple[ScoredChunk, ...]:
        hits = await self._retriever.hits(query_of(text, vector, plan))
        return await self._retriever.found(hits, text, vector, plan, self._timed)

    async def told(self, chunk_ids: Sequence[str]) -> Sequence[Chunk]:
        return await self._retriever.told(chunk_ids)

    async def compared(self, found: ScoredChunk, text: str, vector: Vector) -> ScoredChunk:
        return await self._retriever.compared(found, text, vector)

    async def answers_of(self, page: ScoredChunk) -> tuple[ScoredChunk, ...]:
        return await self._retriever.answers_of(page)

    async def whole(self, found: ScoredChunk) -> ScoredChunk | None:
        return await self._retriever.whole(found)

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
            return await self._retriever.hits(Talk(text=self._message, own=vector).query)
        except AssistantError:  # whoever asks tries once more
            return None
        finally:
            self.head_start.end()
