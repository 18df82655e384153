"""G-3 stage 6, G-5: an answer that strays from the store's matters is led back, by rules, a head and, by choice, a small model."""

from collections.abc import Sequence
from typing import Final

import pytest

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Strictness
from mangaassist.guardrails.review_context import Opinion, ReviewContext, SentenceHead
from mangaassist.guardrails.stages.scope import BACK_TO_TOPIC, EXCUSED, SURE, ScopeStage

ODD: Final = "The old pond lies still."
"""What no rule knows; the head of these tests is sure that it strays."""
WORDED: Final = "You should invest in bitcoin now."
GOOD: Final = "It has six volumes and a fine ending, as most readers say."


async def head(said: Sequence[str]) -> Sequence[float]:
    return [1.0 if "pond" in one or "bitcoin" in one else 0.0 for one in said]


async def away(_: Sequence[str]) -> None:
    return None


async def is_led_back(
    text: str,
    strictness: Strictness = "tight",
    elsewhere: SentenceHead | None = head,
    evidence: Evidence | None = None,
    opinion: Opinion | None = None,
) -> bool:
    context = ReviewContext(
        text=text,
        cards=("B0BERSERK1",),
        evidence=evidence or Evidence(),
        strictness=strictness,
        elsewhere=elsewhere,
        opinion=opinion,
    )
    result = await ScopeStage().examine(context)
    if result.edits:
        assert ([edit.replacement for edit in result.edits], result.cards) == ([BACK_TO_TOPIC], ())
    return bool(result.edits)


@pytest.mark.parametrize(
    ("strictness", "odd", "led_back"),
    [("tight", 1, False), ("tight", 2, True), ("normal", 2, False), ("normal", 3, True), ("loose", 9, False)],
)
async def test_what_the_head_alone_finds_weighs_by_the_strictness_of_the_intent(
    strictness: Strictness, odd: int, led_back: bool
) -> None:
    answer = " ".join([GOOD] * 6 + [ODD] * odd)
    assert await is_led_back(answer, strictness) is led_back


@pytest.mark.parametrize(("strictness", "led_back"), [("loose", False), ("normal", True), ("tight", True)])
async def test_a_short_answer_that_strays_whole_is_led_back_unless_the_intent_is_loose(
    strictness: Strictness, led_back: bool
) -> None:
    assert await is_led_back(f"Sure! {ODD}", strictness) is led_back


async def test_the_head_excuses_what_only_sounds_like_a_rule() -> None:
    async def sees_none(said: Sequence[str]) -> Sequence[float]:
        return [EXCUSED / 2] * len(said)

    answer = f"{GOOD} {WORDED}"
    assert await is_led_back(answer)
    assert not await is_led_back(answer, elsewhere=sees_none)


async def test_below_its_floor_the_head_leads_nobody_back() -> None:
    async def doubts(said: Sequence[str]) -> Sequence[float]:
        return [SURE - 0.01] * len(said)

    assert not await is_led_back(ODD, elsewhere=doubts)


@pytest.mark.parametrize("elsewhere", [away, None])
async def test_where_the_head_is_away_rules_decide_alone(elsewhere: SentenceHead | None) -> None:
    assert await is_led_back(f"{GOOD} {WORDED}", elsewhere=elsewhere)
    assert not await is_led_back(ODD, elsewhere=elsewhere)


async def test_a_sentence_that_names_a_book_of_the_turn_is_of_the_store(evidence: Evidence) -> None:
    told = "In Claymore the old pond hides a monster."
    assert await is_led_back(told)
    assert not await is_led_back(told, evidence=evidence)
    assert await is_led_back("You should invest in bitcoin, as in Claymore.", evidence=evidence), "a rule knows it"


@pytest.mark.parametrize(("says", "led_back"), [(True, True), (False, False), (None, True)])
async def test_a_second_opinion_may_excuse_what_the_head_alone_finds(says: bool | None, led_back: bool) -> None:
    async def opinion(text: str) -> bool | None:
        assert text == ODD
        return says

    assert await is_led_back(ODD, opinion=opinion) is led_back


async def test_nobody_is_asked_about_what_a_rule_knows_or_nobody_suspects() -> None:
    async def opinion(_: str) -> bool:
        raise AssertionError

    assert await is_led_back(WORDED, opinion=opinion)
    assert not await is_led_back(GOOD, opinion=opinion)
