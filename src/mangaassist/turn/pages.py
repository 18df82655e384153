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
THE_GUIDES: Final = RetrievalPlan(source_types=("editorial",), k=4, ranker="precision", candidates=12)
ON_ITS_OWN: Final = 0.6
"""From this cosine on, a page that a follow-up finds by its own words is what is asked, whatever page was told before."""
ALONE_SURELY: Final = 0.65
TELLING: Final = 2
"""Of fewer telling words ("sundays?") what was talked of is the better witness, unless their page is found surely."""


async def pages_for(
    meaning: Meaning, plan: RetrievalPlan, retriever: Retriever, speculation: Speculation, services: TurnServices
) -> tuple[ScoredChunk, ...]:
    """The best chunks; none when nothing fits or the knowledge is away, which is noted."""
    try:
        found = await _search(meaning.question, plan, retriever, speculation, services)
        own = (
            await _search(meaning.own_question, plan, retriever, speculation, services)
            if _may_change_topic(meaning)
            else ()
        )
        page = await page_named(meaning.wants_page, retriever) if meaning.wants_page else ()
    except AssistantError:
        services.note(NO_KNOWLEDGE)
        return ()
    least = ON_ITS_OWN if len(meaning.describes) >= TELLING else ALONE_SURELY
    strong = tuple(scored for scored in own if scored.score >= least)
    return tuple({scored.chunk.chunk_id: scored for scored in (*strong, *page, *found)}.values())


async def guides_for(
    meaning: Meaning, retriever: Retriever, speculation: Speculation, services: TurnServices
) -> tuple[ScoredChunk, ...]:
    """The store's guides that are nearest to the message and the series that it asks about."""
    titles = " ".join(dict.fromkeys(target.title for target in meaning.targets if target.title))
    try:
        return await _search(f"{titles}: {meaning.own_question}", THE_GUIDES, retriever, speculation, services)
    except AssistantError:
        services.note(NO_KNOWLEDGE)
        return ()


def _may_change_topic(meaning: Meaning) -> bool:
    return bool(meaning.wants_page)


async def page_named(title: str, retriever: Retriever) -> tuple[ScoredChunk, ...]:
    """The page of this title, where there still is one. Raises ``ServiceFailure`` as a search does."""
    found = await retriever.search(title, None, THE_PAGE)
    return tuple(scored for scored in found if scored.chunk.title == title)


async def _search(
    question: str, plan: RetrievalPlan, retriever: Retriever, speculation: Speculation, services: TurnServices
) -> tuple[ScoredChunk, ...]:
    vector = await speculation.vector_of(question)
    if vector is None:
        services.note(NO_EMBEDDING)
    return await retriever.search(question, vector, plan)
