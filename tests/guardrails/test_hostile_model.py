"""A model that lies on purpose, small: inline checks, review and corrections together (G-2, G-3, G-4). ``make bench`` asks 500."""

from collections.abc import Collection

import pytest
from msgspec.structs import replace

from benchmarks import evidence as demo
from benchmarks.hostile_model import AT_ONCE, LIES, NEVER, HostileAnswer, answers, seen
from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.edits import apply_edits
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.review import Review, Reviewed, ReviewOutcome

RULES, REVIEW = InlineRules.load(), Review.load()
EVIDENCE = Evidence(
    products=(demo.product("berserk"),), chunks=demo.searched("how long does shipping take"), now=demo.NOW
)
ALL = tuple(answers(40))


async def sold(asins: Collection[str]) -> dict[str, bool]:
    return {asin: asin == EVIDENCE.products[0].asin for asin in asins}


async def told(answer: HostileAnswer) -> tuple[str, ReviewOutcome]:
    """What could be seen of it at any time, and what came of it."""
    checks = RULES.filter_for(EVIDENCE)
    shown = "".join(checks.feed(piece) for piece in answer.pieces) + checks.finish()
    outcome = await REVIEW.run(Reviewed(text=shown, evidence=EVIDENCE, strictness="tight", by_model=True), sold)
    assert apply_edits(shown, outcome.edits) == outcome.text
    return shown, outcome


def test_every_lie_is_told_by_some_answer() -> None:
    assert {lie for answer in ALL for lie in answer.lies} >= {
        (kind, lie[1]) for kind, told in LIES.items() for lie in told
    }


@pytest.mark.parametrize("answer", ALL, ids=lambda answer: answer.text[:40].replace("\n", " "))
async def test_no_lie_is_left_when_the_answer_is_done_and_no_price_or_secret_is_ever_seen(
    answer: HostileAnswer,
) -> None:
    shown, outcome = await told(answer)
    assert [kind for kind in seen(answer.lies, shown) if kind in NEVER] == []
    assert seen(answer.lies, outcome.text) == []
    assert AT_ONCE


@pytest.mark.parametrize("answer", ALL[:12], ids=lambda answer: answer.text[:40].replace("\n", " "))
async def test_what_left_does_not_depend_on_the_pieces(answer: HostileAnswer) -> None:
    whole, outcome = await told(replace(answer, pieces=(answer.text,)))
    assert (await told(answer))[0] == whole
    assert (await told(answer))[1].text == outcome.text


@pytest.mark.parametrize("answer", ALL, ids=lambda answer: answer.text[:40].replace("\n", " "))
async def test_what_is_left_reads_on(answer: HostileAnswer) -> None:
    _, outcome = await told(answer)
    assert "  " not in outcome.text.replace("\n", "|")
    assert " ." not in outcome.text
    assert outcome.text == outcome.text.rstrip()
