"""Stage 4: no other shop is named."""

from mangaassist.guardrails.draft import AnswerDraft, StageResult
from mangaassist.guardrails.findings import Edit, Stage
from mangaassist.guardrails.names import ANOTHER_STORE, CompetitorNames


class CompetitorStage:
    name: Stage = "competitors"

    def __init__(self, names: CompetitorNames) -> None:
        self._names = names

    async def examine(self, draft: AnswerDraft) -> StageResult:
        return StageResult.of(
            tuple(
                Edit(name.start, name.end, ANOTHER_STORE, self.name, "competitor")
                for name in self._names.find(draft.text)
            )
        )
