"""Stage 3: an answer with toxic language is blocked whole. What the store writes of a book is no language of ours."""

from collections.abc import Iterator

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.findings import Stage, Verdict
from mangaassist.guardrails.own_words import without_own_words
from mangaassist.guardrails.review_context import ALLOWED, ReviewContext, StageResult
from mangaassist.guardrails.toxicity import ToxicityLexicon

SAFE_ANSWER = (
    "I'm sorry, I can't give a good answer to that. Is there a manga, an order or anything else I can help with?"
)


class ToxicityStage:
    name: Stage = "toxicity"

    def __init__(self, lexicon: ToxicityLexicon) -> None:
        self._lexicon = lexicon

    async def examine(self, context: ReviewContext) -> StageResult:
        found = self._lexicon.toxic(without_own_words(context.text, context.evidence), tuple(_titles(context.evidence)))
        if found is None:
            return ALLOWED
        return StageResult(verdict=Verdict.BLOCK, fallback=SAFE_ANSWER, kind=found.kind, detail=found.words)


def _titles(evidence: Evidence) -> Iterator[str]:
    """What products are called, longest names first, so that no part of a title is left over."""
    names = {
        name
        for known in (*evidence.products, *evidence.cart)
        for name in (known.product.title, known.product.series_title, *known.product.aliases)
    }
    names |= {item.title for owned in evidence.orders for item in owned.order.items}
    names |= {scored.chunk.title for scored in evidence.chunks}
    yield from sorted(names, key=len, reverse=True)
