"""Which book somebody tries to recall: held against what all books tell of themselves, with how sure that is (M-2, T-10)."""

from collections.abc import Sequence
from typing import Final

from msgspec import structs

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import ALONE, HeardAct, IntentGuess, Meaning
from mangaassist.domain.wishes import Recalled, Surety, Wish
from mangaassist.errors import AssistantError
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.knowledge.words import coverage
from mangaassist.turn.searches import BOOK_RECALLED
from mangaassist.turn.speculation import Speculation

MOST: Final = 6
"""Series that it may be."""
WORDS: Final = 0.4
"""What a description that holds all telling words of a plot counts beside its cosine. Of 44 plots in a shopper's words the book
stands first 38 times and among three 41 times; by the cosine alone 29 and 36 times."""
AHEAD: Final = 2.0
"""What it counts to stand before the next series."""
SURE: Final = 0.92
"""From this sum on the first of them is surely meant: so were 20 of those 44, and none of 10 plots that no book here has."""
LIKELY: Final = 0.6
"""From here on it is a guess that is worth making: 17 more of them, and 3 of the 10."""


async def by_recall(meaning: Meaning, retriever: Retrieval, speculation: Speculation) -> Meaning:
    """The meaning as a wish for the book that is recalled; as it is where none is, or the knowledge is away."""
    if not meaning.recalls or meaning.care in ALONE or meaning.orders or meaning.codes:
        return meaning
    try:
        vector = await speculation.vector_of(meaning.recalls)
        found = await retriever.search(meaning.recalls, vector, BOOK_RECALLED) if vector is not None else ()
    except AssistantError:
        return meaning
    recalled = _recalled(meaning.recalls, found)
    if recalled is None:
        return meaning
    return structs.replace(
        meaning,
        acts=(HeardAct(Act.FIND, 1.0, "dialogue"),),
        guess=IntentGuess(Intent.PRODUCT_DISCOVERY, 1.0, "rules"),
        between=None,
        targets=(),
        titles=(),
        other_works=(),
        sought=(Wish(recalled=recalled),),
        avoid=(),
        question=meaning.own_question,
        is_follow_up=False,
    )


def _recalled(told: str, found: Sequence[ScoredChunk]) -> Recalled | None:
    near: dict[str, float] = {}
    for one in found:
        if series := one.chunk.series_id:
            near[series] = max(near.get(series, 0.0), one.score + WORDS * coverage(told, one.chunk.content))
    first, *others = sorted(near, key=lambda series: -near[series]) or ("",)
    if not first:
        return None
    ahead = near[first] - (near[others[0]] if others else 0.0)
    return Recalled((first, *others)[:MOST], _surety(near[first] + AHEAD * ahead))


def _surety(near: float) -> Surety:
    return "surely" if near >= SURE else "likely" if near >= LIKELY else "hardly"
