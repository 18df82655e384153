"""The knowledge for a message: searched by its self-contained question, the page that it goes on about first (K-2, T-4)."""

from typing import Final

from msgspec import structs

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.encoding import Vector
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.meaning import Meaning
from mangaassist.errors import AssistantError
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.services.turn_services import TurnServices
from mangaassist.turn.searches import GUIDE_NAMED, THE_GUIDES, THE_PAGE
from mangaassist.turn.speculation import Speculation

NO_KNOWLEDGE: Final = Degradation("knowledge", "answered from the store's services alone")
NO_EMBEDDING: Final = Degradation("embedding", "searched by words alone")
NO_RERANKING: Final = Degradation("rerank", "pages in the order of the search")
_OF_TOPIC: Final = 0.4
_OF_A_PAGE: Final = 3
"""Answers of a page that a message may be held against."""


async def pages_for(
    meaning: Meaning, plan: RetrievalPlan, retriever: Retrieval, speculation: Speculation, services: TurnServices
) -> tuple[ScoredChunk, ...]:
    """The best chunks; none when nothing fits or the knowledge is away, which is noted."""
    try:
        if meaning.wants_answers:
            return await _asked_for(meaning.wants_answers, retriever)
        found = await _search(meaning.question, plan, retriever, speculation, services)
        if meaning.wants_page or (meaning.told_page and meaning.is_follow_up and meaning.asks(Act.MEMBERSHIP)):
            found = await _going_on(meaning, found, plan, retriever, speculation)
    except AssistantError:
        services.note(NO_KNOWLEDGE)
        return ()
    if any(scored.sentences and scored.answering is None for scored in found):
        services.note(NO_RERANKING)
    return tuple({scored.chunk.chunk_id: scored for scored in found}.values())


async def _asked_for(wanted: tuple[tuple[str, float], ...], retriever: Retrieval) -> tuple[ScoredChunk, ...]:
    """The answers that were found to be asked for, each as likely as it was, and behind them the pages that they stand on."""
    chances = dict(wanted)
    told = [ScoredChunk(one, chances[one.chunk_id]) for one in await retriever.told(list(chances))]
    pages = [await retriever.whole(one) for one in told]
    found = {one.chunk.chunk_id: one for one in (*told, *pages) if one is not None}
    return tuple(found.values())


async def _going_on(
    meaning: Meaning,
    found: tuple[ScoredChunk, ...],
    plan: RetrievalPlan,
    retriever: Retrieval,
    speculation: Speculation,
) -> tuple[ScoredChunk, ...]:
    """The page that the message goes on about, where there still is one, with its answers, then those that it finds joined with its
    topic and by itself: all held against the message in the same way, so that what answers may stand on any of them."""
    titles = [title for title in dict.fromkeys((meaning.wants_page, meaning.told_page)) if title]
    named = tuple([page for title in titles for page in await page_named(title, retriever)])
    vector = await _both_ways(meaning, speculation)
    if vector is None:
        return (*named, *found)
    own = await speculation.vector_of(meaning.own_question) if meaning.own_question else None
    alone = await retriever.search(meaning.own_question, own, plan) if own is not None else ()
    of_topic = {one.chunk.category for one in named} if meaning.asks(Act.MEMBERSHIP) else set[str]()
    all_of_them = {
        one.chunk.chunk_id: one
        for one in (*named, *await _nearest_answers(named, meaning, retriever, vector), *found, *alone)
        if not of_topic or one.chunk.category in of_topic
    }
    return tuple([await _both_judged(one, meaning, retriever, joined=vector, own=own) for one in all_of_them.values()])


async def _nearest_answers(
    pages: tuple[ScoredChunk, ...], meaning: Meaning, retriever: Retrieval, vector: Vector
) -> list[ScoredChunk]:
    """The few answers of each page whose wordings are nearest to the message."""
    nearest: list[ScoredChunk] = []
    for page in pages:
        answers = [await retriever.compared(one, meaning.question, vector) for one in await retriever.answers_of(page)]
        nearest += sorted(answers, key=lambda one: -one.score)[:_OF_A_PAGE]
    return nearest


async def _both_judged(
    page: ScoredChunk, meaning: Meaning, retriever: Retrieval, *, joined: Vector, own: Vector | None
) -> ScoredChunk:
    """How likely each sentence answers the message joined with its topic, and how likely the message by itself; it is as near as it
    is to both on average."""
    compared = await retriever.compared(page, meaning.question, joined)
    if own is None:
        return compared
    alone = await retriever.compared(page, meaning.own_question, own)
    return structs.replace(compared, alone=alone.answers, score=(compared.score + alone.score) / 2)


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


async def guide_named(title: str, retriever: Retrieval, services: TurnServices) -> tuple[Chunk, ...]:
    """The pieces of the guide of this title, its first one first; none where the knowledge is away, which is noted."""
    try:
        found = await retriever.search(title, None, GUIDE_NAMED)
    except AssistantError:
        services.note(NO_KNOWLEDGE)
        return ()
    pieces = {one.chunk.chunk_id: one.chunk for one in found if one.chunk.title == title}
    return tuple(sorted(pieces.values(), key=lambda one: not one.chunk_id.endswith("#0")))


async def page_named(title: str, retriever: Retrieval) -> tuple[ScoredChunk, ...]:
    """The page of this title, where there still is one. Raises ``ServiceFailure`` as a search does."""
    found = await retriever.search(title, None, THE_PAGE)
    pages = [await retriever.whole(scored) for scored in found if scored.chunk.title == title]
    return tuple({page.chunk.chunk_id: page for page in pages if page is not None}.values())


async def _search(
    question: str, plan: RetrievalPlan, retriever: Retrieval, speculation: Speculation, services: TurnServices
) -> tuple[ScoredChunk, ...]:
    vector = await speculation.vector_of(question)
    if vector is None:
        services.note(NO_EMBEDDING)
    return await retriever.search(question, vector, plan)
