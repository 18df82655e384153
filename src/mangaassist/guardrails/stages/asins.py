"""Stage 5: every product shown or named by its ASIN is sold; what the catalog does not confirm is taken out."""

import re
from typing import Final

from mangaassist.guardrails.draft import ALLOWED, AnswerDraft, StageResult
from mangaassist.guardrails.findings import Edit, Stage, Verdict

MOST_ASKED: Final = 100
"""ASINs in one question to the catalog; an answer that names more is not one of ours, and loses those beyond."""

_MENTION: Final = re.compile(r"\s?(?:[(\[]\s?)?(?:\bASIN\b:?\s?)?\b(?P<asin>B0[A-Z0-9]{8})\b(?:\s?[)\]])?")


class AsinStage:
    name: Stage = "asins"

    async def examine(self, draft: AnswerDraft) -> StageResult:
        mentions = tuple(_MENTION.finditer(draft.text)) if "B0" in draft.text else ()
        asked = tuple(dict.fromkeys((*draft.cards, *(found["asin"] for found in mentions))))[:MOST_ASKED]
        if not asked:
            return ALLOWED
        sold = await draft.existing(asked) if draft.existing else None
        known = sold or frozenset[str]()
        edits = tuple(
            Edit(found.start(), found.end(), "", self.name, "unknown_asin")
            for found in mentions
            if found["asin"] not in known
        )
        cards = tuple(asin for asin in draft.cards if asin in known)
        if sold is None:
            return StageResult(
                verdict=Verdict.ERROR, edits=edits, cards=cards, kind="unchecked", detail=" ".join(asked)
            )
        dropped = tuple(asin for asin in draft.cards if asin not in known)
        verdict = Verdict.CHANGE if edits or dropped else Verdict.ALLOW
        return StageResult(verdict=verdict, edits=edits, cards=cards, kind="unknown_asin", detail=" ".join(dropped))
