"""Stage 6: an answer that advises on other things than the shop's is led back to the shop, as strictly as its intent asks (G-5)."""

import re
from typing import Final

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Strictness
from mangaassist.guardrails.claims import sentences
from mangaassist.guardrails.draft import ALLOWED, AnswerDraft, StageResult
from mangaassist.guardrails.findings import Edit, Stage, Verdict

BACK_TO_TOPIC: Final = (
    "That is outside what I know. I can help with finding manga, your orders and returns, and how the store works."
)

TOLERATED: Final[dict[Strictness, int | None]] = {"loose": None, "normal": 1, "tight": 0}
"""How many sentences of an answer may be about something else before it is led back; None never leads it back."""

# Advice, not subjects: a manga may be about doctors, elections and hackers.
_ELSEWHERE: Final = tuple(
    (kind, re.compile(shape, re.IGNORECASE))
    for kind, shape in (
        (
            "code",
            r"```|\bdef \w+\(|\bimport \w+$|\bfunction \w+\(|console\.log|\bSELECT\b.+\bFROM\b|#include"
            r"|\bpip install\b|\bnpm install\b|</?(?:div|html|script)\b",
        ),
        (
            "medical",
            r"\b\d+\s?(?:mg|ml|milligrams) (?:of|per|every|twice|daily)|\b(?:recommended|usual|safe) (?:dose"
            r"|dosage)\b|\b(?:you should|try|you can) tak(?:e|ing) (?:an? )?(?:ibuprofen|aspirin|paracetamol"
            r"|antibiotics?|antidepressants?|medication)|\b(?:your|these|those) symptoms\b|\bconsult (?:a"
            r"|your) (?:doctor|physician|pharmacist)",
        ),
        (
            "legal",
            r"\b(?:you (?:could|can|should|may) (?:sue|press charges|file a (?:law)?suit)|legal advice"
            r"|seek (?:a lawyer|legal counsel)|consult (?:a|an|your) (?:lawyer|attorney)"
            r"|statute of limitations)\b",
        ),
        (
            "politics",
            r"\b(?:you should|we should|people should|everyone should) vote (?:for|against)\b|\b(?:the"
            r"|this) (?:president|prime minister|senator|government|election|republicans?|democrats?) (?:is|are"
            r"|was|were|should|must) (?:right|wrong|corrupt|lying|rigged|stolen|the best|the worst|responsible)",
        ),
        (
            "money",
            r"\b(?:you should|i (?:recommend|suggest)|consider) (?:buying|selling|investing|putting|invest|buy"
            r"|sell)\b.{0,40}\b(?:stocks?|shares?|bitcoin|crypto\w*|ethereum|index funds?|real estate|forex)\b",
        ),
        (
            "religion",
            r"\b(?:you should|you must|everyone should) (?:convert|pray|repent|believe in (?:god|jesus|allah))\b",
        ),
        (
            "school",
            r"\b(?:the (?:derivative|integral|square root) of|solve(?:s|d)? for x|here(?:'s| is) (?:an?"
            r"|your) (?:essay|poem about|cover letter|resume))\b",
        ),
        ("assistant", r"\bas an ai (?:language )?model\b|\bmy (?:system prompt|instructions) (?:is|are|say)\b"),
    )
)


class ScopeStage:
    name: Stage = "scope"

    async def examine(self, draft: AnswerDraft) -> StageResult:
        tolerated = TOLERATED[draft.strictness]
        if tolerated is None:
            return ALLOWED
        found = [
            kind
            for sentence in sentences(draft.text)
            if (kind := _elsewhere(sentence.text, draft.evidence)) is not None
        ]
        if len(found) <= tolerated:
            return ALLOWED
        edit = Edit(0, len(draft.text), BACK_TO_TOPIC, self.name, found[0])
        return StageResult(verdict=Verdict.CHANGE, edits=(edit,), cards=(), kind=found[0])


def _elsewhere(sentence: str, evidence: Evidence) -> str | None:
    """What else the sentence is about; the store's own words are about the store, whatever they say."""
    for kind, shape in _ELSEWHERE:
        if shape.search(sentence) and not any(sentence.strip() in scored.chunk.content for scored in evidence.chunks):
            return kind
    return None
