"""Between stages 1 and 2: sentences that claim what the evidence does not hold are taken out (G-4).

It comes before the prices, so that no price is looked up for a sentence that goes anyway.
"""

from mangaassist.guardrails.claims import IN_PLACE_OF_A_PROMISE, unbacked
from mangaassist.guardrails.edits import Edit
from mangaassist.guardrails.findings import Stage
from mangaassist.guardrails.review_context import ReviewContext, StageResult

NOTHING_LEFT = "I can't confirm that right now. The product page and your order page have the latest."


class ClaimsStage:
    name: Stage = "claims"

    async def examine(self, context: ReviewContext) -> StageResult:
        edits: list[Edit] = []
        for sentence, kind in unbacked(context.text, context.evidence):
            promised_before = any(edit.replacement for edit in edits)
            words = f"{IN_PLACE_OF_A_PROMISE} " if kind == "promise" and not promised_before else ""
            edits.append(Edit(sentence.start, sentence.end, words, self.name, kind))
        kept = len(context.text) - sum(edit.end - edit.start for edit in edits)
        if edits and not kept and not any(edit.replacement for edit in edits):
            edits[0] = Edit(edits[0].start, edits[0].end, NOTHING_LEFT, self.name, edits[0].kind)
        return StageResult.of(tuple(edits))
