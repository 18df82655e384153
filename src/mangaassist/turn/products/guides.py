"""What the store's own guide on a subject suggests, where the knowledge base found one."""

import re
from typing import Final

from mangaassist.domain.wishes import Wish
from mangaassist.knowledge.words import coverage
from mangaassist.turn.products.lookups import CANDIDATES, MEANT, NOTHING_FOUND, Found, Search, entries_of

ON_TOPIC: Final = 0.6
"""The part of what is looked for that a guide must speak of to be the guide to it."""
BOLD: Final = re.compile(r"\*\*([^*\n]{2,80})\*\*")
"""How the store's guides set the titles that they suggest."""


async def guided(search: Search, wish: Wish) -> Found:
    guides = [scored for scored in await search.chunks() if scored.chunk.source_type == "editorial"]
    best = max(guides, key=lambda scored: scored.score, default=None)
    subject = " ".join((*wish.said(), *wish.words))
    if best is None or best.score < MEANT or coverage(subject, f"{best.chunk.title} {best.chunk.content}") < ON_TOPIC:
        return NOTHING_FOUND
    bold = " ; ".join(BOLD.findall(best.chunk.content))
    products = await entries_of(search, search.series_in(bold)[:CANDIDATES])
    told = f"From our guide “{best.chunk.title}”"
    return Found(products, {product.asin: told for product in products})
