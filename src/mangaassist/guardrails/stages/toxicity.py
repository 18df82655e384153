"""Stage 3: an answer with toxic language is blocked whole. What the store writes of a book is no language of ours."""

from collections.abc import Sequence

from msgspec.structs import replace

from mangaassist.guardrails.findings import Stage, Verdict
from mangaassist.guardrails.own_words import names, without_quotations
from mangaassist.guardrails.review_context import ALLOWED, ReviewContext, StageResult
from mangaassist.guardrails.sentences import Sentence, sentences
from mangaassist.guardrails.toxicity import Toxic, ToxicityLexicon, is_toxic

SAFE_ANSWER = (
    "I'm sorry, I can't give a good answer to that. Is there a book, an order or anything else I can help with?"
)
LEXICON_ALONE = StageResult(verdict=Verdict.ERROR, kind="lexicon_alone")
"""The model that judges sentences is away: the lexicon found nothing, and the audit hears that it was alone."""


class ToxicityStage:
    """Lexicon and model together where a model wrote; what the store's own writer says is made of what it was given."""

    name: Stage = "toxicity"

    def __init__(self, lexicon: ToxicityLexicon) -> None:
        self._lexicon = lexicon

    async def examine(self, context: ReviewContext) -> StageResult:
        """Quotations are looked for only where something was found: most answers hold nothing toxic anyway."""
        result = await self._judged(context)
        if result.verdict is not Verdict.BLOCK:
            return result
        unquoted = without_quotations(context.text, context.evidence)
        return result if unquoted == context.text else await self._judged(replace(context, text=unquoted))

    async def _judged(self, context: ReviewContext) -> StageResult:
        titles = tuple(names(context.evidence))
        if context.toxicity is None:
            return _result(self._lexicon.toxic(context.text, titles), None)
        said = [sentence.text for sentence in sentences(context.text) if _is_told(sentence)]
        risks = await context.toxicity(said)
        if risks is None:
            found = self._lexicon.toxic(context.text, titles)
            return LEXICON_ALONE if found is None else _result(found, None)
        return self._first(said, risks, titles)

    def _first(self, said: Sequence[str], risks: Sequence[float], titles: Sequence[str]) -> StageResult:
        """The first sentence that both together find toxic."""
        for sentence, risk in zip(said, risks, strict=True):
            found = self._lexicon.toxic(sentence, titles)
            if is_toxic(found, risk):
                return _result(found or Toxic("tone", "model", sentence.strip()), risk)
        return ALLOWED


def _is_told(sentence: Sentence) -> bool:
    return any(map(str.isalnum, sentence.text))


def _result(found: Toxic | None, risk: float | None) -> StageResult:
    if found is None:
        return ALLOWED
    detail = found.words if risk is None else f"{found.words} ({risk:.2f})"
    return StageResult(verdict=Verdict.BLOCK, fallback=SAFE_ANSWER, kind=found.kind, detail=detail)
