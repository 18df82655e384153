"""Before stage 1: what is no text for a shopper is taken out: code, HTML, tool calls, forged turns, links elsewhere (G-2)."""

from mangaassist.guardrails.competitors import CompetitorNames
from mangaassist.guardrails.edits import Edit
from mangaassist.guardrails.findings import Stage
from mangaassist.guardrails.markup import OUR_SITE, MarkupFilter, foreign_addresses, own_addresses
from mangaassist.guardrails.review_context import ReviewContext, StageResult


class MarkupStage:
    name: Stage = "markup"

    def __init__(self, names: CompetitorNames) -> None:
        self._names = names

    async def examine(self, context: ReviewContext) -> StageResult:
        own = own_addresses(context.evidence)
        markup = MarkupFilter(own)
        markup.feed(context.text)
        markup.finish()
        edits = [Edit(cut.start, cut.end, cut.words, self.name, cut.kind) for cut in markup.cuts]
        for start, end in foreign_addresses(context.text, own, self._names):
            if all(end <= cut.start or cut.end <= start for cut in edits):
                edits.append(Edit(start, end, OUR_SITE, self.name, "address"))
        return StageResult.of(tuple(sorted(edits, key=lambda edit: edit.start)))
