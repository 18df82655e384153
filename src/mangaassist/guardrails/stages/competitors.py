"""Stage 4: no other shop is named."""

from mangaassist.guardrails.competitors import CompetitorNames
from mangaassist.guardrails.edits import Edit
from mangaassist.guardrails.findings import Stage
from mangaassist.guardrails.review_context import ReviewContext, StageResult


class CompetitorStage:
    name: Stage = "competitors"

    def __init__(self, names: CompetitorNames) -> None:
        self._names = names

    async def examine(self, context: ReviewContext) -> StageResult:
        return StageResult.of(
            tuple(
                Edit(name.start, name.end, name.instead, self.name, "competitor")
                for name in self._names.find(context.text)
            )
        )
