"""Stage 5: every product shown or named by its ASIN is sold; what the catalog does not confirm is taken out."""

import re
from collections.abc import Mapping
from typing import Final

from mangaassist.guardrails.edits import Edit
from mangaassist.guardrails.findings import Stage, Verdict
from mangaassist.guardrails.review_context import ALLOWED, ReviewContext, StageResult

MOST_ASKED: Final = 100
"""ASINs in one question to the catalog; an answer that names more is not one of ours, and loses those beyond."""
KINDS: Final[dict[bool | None, str]] = {False: "unknown_asin", None: "unchecked_asin"}
"""Why an ASIN is taken out: the catalog says that it is not sold, or could not be asked. The audit tells them apart."""

_MENTION: Final = re.compile(r"\s?(?:[(\[]\s?)?(?:\bASIN\b:?\s?)?\b(?P<asin>B0[A-Z0-9]{8})\b(?:\s?[)\]])?")


class AsinStage:
    name: Stage = "asins"

    async def examine(self, context: ReviewContext) -> StageResult:
        mentions = tuple(_MENTION.finditer(context.text)) if "B0" in context.text else ()
        asked = tuple(dict.fromkeys((*context.cards, *(found["asin"] for found in mentions))))[:MOST_ASKED]
        if not asked:
            return ALLOWED
        sold: Mapping[str, bool] = await context.existing(asked) if context.existing else {}
        edits = tuple(
            Edit(found.start(), found.end(), "", self.name, KINDS[sold.get(found["asin"])])
            for found in mentions
            if not sold.get(found["asin"])
        )
        cards = tuple(asin for asin in context.cards if sold.get(asin))
        if unchecked := [asin for asin in asked if asin not in sold]:
            # G-6: closed for cards, whoever failed; but nothing says of these that they are not sold.
            detail = " ".join(unchecked)
            return StageResult(verdict=Verdict.ERROR, edits=edits, cards=cards, kind=KINDS[None], detail=detail)
        unsold = [asin for asin in context.cards if not sold[asin]]
        verdict = Verdict.CHANGE if edits or unsold else Verdict.ALLOW
        return StageResult(verdict=verdict, edits=edits, cards=cards, kind=KINDS[False], detail=" ".join(unsold))
