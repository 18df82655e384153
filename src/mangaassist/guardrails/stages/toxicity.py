"""Stage 3: an answer with toxic language is blocked whole. What the store writes of a book is no language of ours."""

import re
from collections.abc import Iterator
from typing import Final

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.findings import Stage, Verdict
from mangaassist.guardrails.own_words import without_own_words
from mangaassist.guardrails.review_context import ALLOWED, ReviewContext, StageResult
from mangaassist.guardrails.toxicity import ToxicityLexicon

SAFE_ANSWER = (
    "I'm sorry, I can't give a good answer to that. Is there a manga, an order or anything else I can help with?"
)


_SENTENCES: Final = re.compile(r"(?<=[.!?…])\s+")
_TELLING: Final = 20
"""Letters of a sentence that is surely the catalog's own."""


class ToxicityStage:
    name: Stage = "toxicity"

    def __init__(self, lexicon: ToxicityLexicon) -> None:
        self._lexicon = lexicon

    async def examine(self, context: ReviewContext) -> StageResult:
        found = self._lexicon.toxic(without_own_words(context.text, context.evidence), tuple(_titles(context.evidence)))
        found = self._lexicon.toxic(context.text, tuple(_titles(context.evidence)), _blurbs(context.evidence))
        if found is None:
            return ALLOWED
        return StageResult(verdict=Verdict.BLOCK, fallback=SAFE_ANSWER, kind=found.kind, detail=found.words)


_SENTENCE: Final = re.compile(r"[^.!?]{12,}[.!?]")


def _blurbs(evidence: Evidence) -> Iterator[str]:
    """The sentences of the store's own descriptions of the products."""
    return (said.strip() for known in evidence.products for said in _SENTENCE.findall(known.product.description))


def _titles(evidence: Evidence) -> Iterator[str]:
    """What products are called and what the store says they are about ("help me leave, and then I will kill you"), the longest
    first, so that no part of one is left over. It is the catalog that speaks there, not the assistant."""
    names = {
        name
        for known in (*evidence.products, *evidence.cart)
        for name in (known.product.title, known.product.series_title, *known.product.aliases)
    }
    names |= {
        sentence
        for known in (*evidence.products, *evidence.cart)
        for sentence in _SENTENCES.split(known.product.description)
        if len(sentence) >= _TELLING
    }
    names |= {item.title for owned in evidence.orders for item in owned.order.items}
    names |= {scored.chunk.title for scored in evidence.chunks}
    yield from sorted(names, key=len, reverse=True)
