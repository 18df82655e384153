"""Between stages 1 and 2: what an answer claims and the evidence does not hold is put right, or its sentence taken out (G-4).

It comes before the prices, so that no price is looked up for a sentence that goes anyway.
"""

from typing import Final

from mangaassist.guardrails.claims.table import unbacked
from mangaassist.guardrails.edits import Edit
from mangaassist.guardrails.findings import Stage
from mangaassist.guardrails.review_context import ReviewContext, StageResult

IN_PLACE_OF_A_PROMISE: Final = (
    "I can't do that from this chat, but I can show you where to do it or hand you to a colleague."
)
NOTHING_LEFT: Final = "I can't confirm that right now. The product page and your order page have the latest."


class ClaimsStage:
    name: Stage = "claims"

    async def examine(self, context: ReviewContext) -> StageResult:
        edits: list[Edit] = []
        promised = False
        for claim in unbacked(context.text, context.evidence, context.meaning, by_model=context.by_model):
            words = claim.words
            if words is None:
                is_first_promise = claim.kind == "promise" and not promised
                promised = promised or is_first_promise
                words = f"{IN_PLACE_OF_A_PROMISE} " if is_first_promise else ""
            edits.append(Edit(claim.start, claim.end, words, self.name, claim.kind))
        if edits and not _kept(context.text, edits):
            edits[0] = Edit(edits[0].start, edits[0].end, NOTHING_LEFT, self.name, edits[0].kind)
        return StageResult.of(tuple(edits))


def _kept(text: str, edits: list[Edit]) -> bool:
    """Whether anything is left to read."""
    return any(edit.replacement for edit in edits) or sum(edit.end - edit.start for edit in edits) < len(text)
