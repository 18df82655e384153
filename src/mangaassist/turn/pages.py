"""The knowledge for a message: searched by its self-contained question, the page that it goes on about first (K-2, T-4)."""

from typing import Final

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.encoding import Vector
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.meaning import Meaning
from mangaassist.errors import AssistantError
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.services.turn_services import TurnServices
from mangaassist.turn.searches import THE_GUIDES, THE_PAGE
from mangaassist.turn.speculation import Speculation

NO_KNOWLEDGE: Final = Degradation("knowledge", "answered from the store's services alone")
NO_EMBEDDING: Final = Degradation("embedding", "searched by words alone")
NO_RERANKING: Final = Degradation("rerank", "pages in the order of the search")
_OF_TOPIC: Final = 0.4


async def pages_for(
    meaning: Meaning, plan: RetrievalPlan, retriever: Retrieval, speculation: Speculation, services: TurnServices
) -> tuple[ScoredChunk, ...]:
    """The best chunks; none when nothing fits or the knowledge is away, which is noted."""
    try:
        found = await _search(meaning.question, plan, retriever, speculation, services)
        first = await _page_asked(meaning, found, retriever, speculation) if meaning.wants_page else ()
    except AssistantError:
        services.note(NO_KNOWLEDGE)
        return ()
    if any(scored.sentences and scored.answering is None for scored in found):
        services.note(NO_RERANKING)
    return tuple({scored.chunk.chunk_id: scored for scored in (*first, *found)}.values())


async def _page_asked(
    meaning: Meaning, found: tuple[ScoredChunk, ...], retriever: Retrieval, speculation: Speculation
) -> tuple[ScoredChunk, ...]:
    """The page that the message goes on about, where there still is one, with what of it speaks to the question."""
    title = meaning.wants_page
    named = tuple(scored for scored in found if scored.chunk.title == title) or await page_named(title, retriever)
    vector = await _both_ways(meaning, speculation)
    return (
        named if vector is None else tuple([await retriever.compared(one, meaning.question, vector) for one in named])
    )


async def _both_ways(meaning: Meaning, speculation: Speculation) -> Vector | None:
    """Between the message by itself and joined with its topic, which all sentences of the page share."""
    joined = await speculation.vector_of(meaning.question)
    own = await speculation.vector_of(meaning.own_question) if meaning.own_question else joined
    if joined is None or own is None:
        return joined
    return ((1 - _OF_TOPIC) * own + _OF_TOPIC * joined).astype(joined.dtype)


async def guides_for(
    meaning: Meaning, retriever: Retrieval, speculation: Speculation, services: TurnServices
) -> tuple[ScoredChunk, ...]:
    """The store's guides that are nearest to the message and the series that it asks about."""
    titles = " ".join(dict.fromkeys(target.title for target in meaning.targets if target.title))
    try:
        return await _search(f"{titles}: {meaning.own_question}", THE_GUIDES, retriever, speculation, services)
    except AssistantError:
        services.note(NO_KNOWLEDGE)
        return ()


async def page_named(title: str, retriever: Retrieval) -> tuple[ScoredChunk, ...]:
    """The page of this title, where there still is one. Raises ``ServiceFailure`` as a search does."""
    found = await retriever.search(title, None, THE_PAGE)
    return tuple(scored for scored in found if scored.chunk.title == title)


async def _search(
    question: str, plan: RetrievalPlan, retriever: Retrieval, speculation: Speculation, services: TurnServices
) -> tuple[ScoredChunk, ...]:
    vector = await speculation.vector_of(question)
    if vector is None:
        services.note(NO_EMBEDDING)
    return await retriever.search(question, vector, plan)
