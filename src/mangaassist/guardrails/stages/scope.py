"""Stage 6: an answer that advises on other things than the shop's is led back to the shop, as strictly as its intent asks (G-5)."""

import re
from typing import Final

from msgspec import Struct

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Strictness
from mangaassist.guardrails.edits import Edit
from mangaassist.guardrails.findings import Stage, Verdict
from mangaassist.guardrails.folding import caseless
from mangaassist.guardrails.review_context import ALLOWED, ReviewContext, StageResult
from mangaassist.guardrails.sentences import sentences

BACK_TO_TOPIC: Final = (
    "That is outside what I know. I can help with finding manga, your orders and returns, and how the store works."
)

TOLERATED: Final[dict[Strictness, int | None]] = {"loose": None, "normal": 1, "tight": 0}
"""How many sentences of an answer may be about something else before it is led back; None never leads it back."""


class Elsewhere(Struct, frozen=True):
    """One way to advise on something else; ``clues`` are in small letters."""

    kind: str
    clues: tuple[str, ...]
    shape: re.Pattern[str]


# Advice, not subjects: a manga may be about doctors, elections and hackers.
# Beside each shape the words of which it needs one: an answer without any of them is not looked at more closely.
_ELSEWHERE: Final = tuple(
    Elsewhere(kind, tuple(clues.split("|")), re.compile(shape, re.IGNORECASE))
    for kind, clues, shape in (
        (
            "code",
            "```|def |import |function |console.log|select|#include|install|<div|</div|<html|</html|<script|</script",
            r"```|\bdef \w+\(|\bimport \w+$|\bfunction \w+\(|console\.log|\bSELECT\b.+\bFROM\b|#include"
            r"|\bpip install\b|\bnpm install\b|</?(?:div|html|script)\b",
        ),
        (
            "medical",
            "mg |ml |milligrams |dose|dosage|ibuprofen|aspirin|paracetamol|antibiotic|antidepressant|medication|symptoms|consult ",
            r"\b\d+\s?(?:mg|ml|milligrams) (?:of|per|every|twice|daily)|\b(?:recommended|usual|safe) (?:dose"
            r"|dosage)\b|\b(?:you should|try|you can) tak(?:e|ing) (?:an? )?(?:ibuprofen|aspirin|paracetamol"
            r"|antibiotics?|antidepressants?|medication)|\b(?:your|these|those) symptoms\b|\bconsult (?:a"
            r"|your) (?:doctor|physician|pharmacist)",
        ),
        (
            "legal",
            " sue| press charges|suit|legal advice|seek |consult |statute of",
            r"\b(?:you (?:could|can|should|may) (?:sue|press charges|file a (?:law)?suit)|legal advice"
            r"|seek (?:a lawyer|legal counsel)|consult (?:a|an|your) (?:lawyer|attorney)"
            r"|statute of limitations)\b",
        ),
        (
            "politics",
            " vote |president|prime minister|senator|government|election|republican|democrat",
            r"\b(?:you should|we should|people should|everyone should) vote (?:for|against)\b|\b(?:the"
            r"|this) (?:president|prime minister|senator|government|election|republicans?|democrats?) (?:is|are"
            r"|was|were|should|must) (?:right|wrong|corrupt|lying|rigged|stolen|the best|the worst|responsible)",
        ),
        (
            "money",
            "stock|share|bitcoin|crypto|ethereum|index fund|real estate|forex",
            r"\b(?:you should|i (?:recommend|suggest)|consider) (?:buying|selling|investing|putting|invest|buy"
            r"|sell)\b.{0,40}\b(?:stocks?|shares?|bitcoin|crypto\w*|ethereum|index funds?|real estate|forex)\b",
        ),
        (
            "religion",
            " convert| pray| repent| believe in ",
            r"\b(?:you should|you must|everyone should) (?:convert|pray|repent|believe in (?:god|jesus|allah))\b",
        ),
        (
            "school",
            "the derivative|the integral|the square root|solve|essay|poem about|cover letter|resume",
            r"\b(?:the (?:derivative|integral|square root) of|solve(?:s|d)? for x|here(?:'s| is) (?:an?"
            r"|your) (?:essay|poem about|cover letter|resume))\b",
        ),
        (
            "assistant",
            "as an ai|my system prompt|my instructions",
            r"\bas an ai (?:language )?model\b|\bmy (?:system prompt|instructions) (?:is|are|say)\b",
        ),
    )
)


class ScopeStage:
    name: Stage = "scope"

    async def examine(self, context: ReviewContext) -> StageResult:
        tolerated = TOLERATED[context.strictness]
        if tolerated is None:
            return ALLOWED
        small = caseless(context.text)
        possible = tuple(other for other in _ELSEWHERE if any(clue in small for clue in other.clues))
        if not possible:
            return ALLOWED
        found = [
            kind
            for sentence in sentences(context.text)
            if (kind := _elsewhere(sentence.text, context.evidence, possible)) is not None
        ]
        if len(found) <= tolerated:
            return ALLOWED
        edit = Edit(0, len(context.text), BACK_TO_TOPIC, self.name, found[0])
        return StageResult(verdict=Verdict.CHANGE, edits=(edit,), cards=(), kind=found[0])


def _elsewhere(sentence: str, evidence: Evidence, possible: tuple[Elsewhere, ...]) -> str | None:
    """What else the sentence is about; the store's own words are about the store, whatever they say."""
    for other in possible:
        if other.shape.search(sentence) and not any(
            sentence.strip() in scored.chunk.content for scored in evidence.chunks
        ):
            return other.kind
    return None
