"""What readers praise in a series and no label tells ("really good art"): by the review summaries that speak of it (T-5)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from mangaassist.domain.chunks import Chunk
from mangaassist.errors import AssistantError
from mangaassist.knowledge.retrieval import Retrieval, RetrievalPlan
from mangaassist.services.turn_services import TurnServices
from mangaassist.turn.pages import NO_KNOWLEDGE
from mangaassist.turn.speculation import Speculation

MOST_PRAISED: Final = 60
"""Review summaries that are read for what they praise."""
_SUMMARIES: Final = RetrievalPlan(
    source_types=("reviews",), k=MOST_PRAISED, ranker="precision", candidates=MOST_PRAISED, floor=0.0
)
_PRAISED: Final = "Praised: "
_FAINT: Final = frozenset({"rough", "uneven", "early", "dated", "plain", "stiff", "late"})
"""What makes of praise of the art none that it is good: "rough early art"."""


async def praised_for(
    words: Collection[str], retriever: Retrieval, speculation: Speculation, services: TurnServices
) -> Mapping[str, str]:
    """By series id, in which words readers praise one of ``words`` in it; nothing where the knowledge is away, which is noted."""
    question = f"Praised: beautiful, detailed, expressive {', '.join(words)}"
    try:
        vector = await speculation.vector_of(question)
        found = await retriever.search(question, vector, _SUMMARIES)
    except AssistantError:
        services.note(NO_KNOWLEDGE)
        return {}
    told = ((scored.chunk.category, next(_praise_in(scored.chunk, words), "")) for scored in found)
    return {series: phrase for series, phrase in told if phrase}


def _praise_in(page: Chunk, words: Collection[str]) -> Iterator[str]:
    """Each point of praise that speaks of one of the words."""
    praised = (
        line.removeprefix(_PRAISED).rstrip(".") for line in page.content.splitlines() if line.startswith(_PRAISED)
    )
    for line in praised:
        for point in line.split(", "):
            said = {*point.casefold().replace("-", " ").split()}
            if said & {*words} and not said & _FAINT:
                yield point[:1].lower() + point[1:] if point[1:2].islower() else point
