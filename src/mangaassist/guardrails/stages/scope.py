"""Stage 6: an answer about other things than the shop's is led back to the shop, as strictly as its intent asks (G-5).

Rules know how advice on other things is worded; of a model's sentences a head tells how likely they are about something else. One
excuses and strengthens the other, and where only the head speaks, a small model may be asked for a second opinion.
"""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Strictness
from mangaassist.guardrails.edits import Edit
from mangaassist.guardrails.findings import Stage, Verdict
from mangaassist.guardrails.folding import caseless
from mangaassist.guardrails.own_words import names
from mangaassist.guardrails.review_context import ALLOWED, ReviewContext, StageResult
from mangaassist.guardrails.sentences import sentences

BACK_TO_TOPIC: Final = (
    "That is outside what I know. I can help with finding books, your orders and returns, and how the store works."
)

TOLERATED: Final[dict[Strictness, float | None]] = {"loose": None, "normal": 1.0, "tight": 0.5}
"""What sentences about something else may weigh together before the answer is led back; None never leads it back."""
WORDED, TOLD = 1.0, 0.5
"""What a sentence weighs that a rule knows, and one that the head alone finds."""
MOST = 0.75
"""What share of an answer, in characters, may be about something else, whatever it weighs."""
EXCUSED, SURE = 0.1, 0.8
"""Below the first the head excuses what a rule knows; from the second on it needs no rule (training/safety/DATACARD.md)."""


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


class Stray(Struct, frozen=True):
    """A sentence about something else: of which kind, and what it weighs."""

    text: str
    kind: str
    weight: float


class ScopeStage:
    name: Stage = "scope"

    async def examine(self, context: ReviewContext) -> StageResult:
        tolerated = TOLERATED[context.strictness]
        if tolerated is None:
            return ALLOWED
        said = [one for one in sentences(context.text) if any(map(str.isalnum, one.text))]
        found = await self._strays(context, [one.text.strip() for one in said])
        if not found or not _is_too_much(found, tolerated, sum(len(one.text) for one in said)):
            return ALLOWED
        if await _is_excused(context, found):
            return ALLOWED
        edit = Edit(0, len(context.text), BACK_TO_TOPIC, self.name, found[0].kind)
        return StageResult(verdict=Verdict.CHANGE, edits=(edit,), cards=(), kind=found[0].kind)

    async def _strays(self, context: ReviewContext, said: Sequence[str]) -> list[Stray]:
        """The store's own words are about the store, whatever they say."""
        likely = None if context.elsewhere is None else await context.elsewhere(said)
        strays = map(_stray, said, [None] * len(said) if likely is None else likely)
        return [stray for stray in strays if stray is not None and not _is_ours(stray, context.evidence)]


def _is_too_much(found: Sequence[Stray], tolerated: float, length: int) -> bool:
    """By what they weigh, or by how much of the answer they are: a short one may stray whole."""
    return sum(stray.weight for stray in found) > tolerated or sum(len(stray.text) for stray in found) > MOST * length


async def _is_excused(context: ReviewContext, found: Sequence[Stray]) -> bool:
    """Where no rule speaks, a small model may say that the answer is of the store after all."""
    if context.opinion is None or any(stray.weight >= WORDED for stray in found):
        return False
    return await context.opinion(context.text) is False


def _stray(sentence: str, likely: float | None) -> Stray | None:
    kind = _worded(sentence)
    if kind is not None:
        return Stray(sentence, kind, WORDED) if likely is None or likely >= EXCUSED else None
    return Stray(sentence, "elsewhere", TOLD) if likely is not None and likely >= SURE else None


def _worded(sentence: str) -> str | None:
    """The kind of the first rule that knows the sentence; most have no clue of any."""
    small = caseless(sentence)
    kinds = (
        other.kind
        for other in _ELSEWHERE
        if any(clue in small for clue in other.clues) and other.shape.search(sentence)
    )
    return next(kinds, None)


def _is_ours(stray: Stray, evidence: Evidence) -> bool:
    """It stands in a page of ours; or, where no rule knows it, it names a book or page of this turn."""
    if any(stray.text in scored.chunk.content for scored in evidence.chunks):
        return True
    small = caseless(stray.text)
    return stray.weight < WORDED and any(caseless(name) in small for name in names(evidence))
