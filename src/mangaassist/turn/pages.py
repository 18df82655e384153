"""The knowledge for a message: searched by its self-contained question, the page that it goes on about first (K-2, T-4)."""

from typing import Final

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.meaning import Meaning
from mangaassist.errors import AssistantError
from mangaassist.knowledge.retrieval import RetrievalPlan, Retriever
from mangaassist.services.turn_services import TurnServices
from mangaassist.turn.speculation import Speculation

NO_KNOWLEDGE: Final = Degradation("knowledge", "answered from the store's services alone")
NO_EMBEDDING: Final = Degradation("embedding", "searched by words alone")
THE_PAGE: Final = RetrievalPlan(source_types=("faq", "policy"), k=1, ranker="precision", candidates=5)


async def pages_for(
    meaning: Meaning, plan: RetrievalPlan, retriever: Retriever, speculation: Speculation, services: TurnServices
) -> tuple[ScoredChunk, ...]:
    """The best chunks; none when nothing fits or the knowledge is away, which is noted."""
    vector = await speculation.vector_of(meaning.question)
    if vector is None:
        services.note(NO_EMBEDDING)
    try:
        found = await retriever.search(meaning.question, vector, plan)
        page = await retriever.search(meaning.wants_page, None, THE_PAGE) if meaning.wants_page else ()
    except AssistantError:
        services.note(NO_KNOWLEDGE)
        return ()
    same = tuple(scored for scored in page if scored.chunk.title == meaning.wants_page)
    return tuple({scored.chunk.chunk_id: scored for scored in (*same, *found)}.values())
