"""What the store itself writes of a book is repeated, whatever words and amounts it holds; anybody else's words are judged."""

import pytest
from msgspec.structs import replace

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.findings import Verdict
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.review_context import ReviewContext
from mangaassist.guardrails.stages.prices import PricesStage
from mangaassist.guardrails.stages.toxicity import ToxicityStage
from mangaassist.guardrails.toxicity import ToxicityLexicon
from tests.guardrails.conftest import product

THREAT = "Help me leave this building, and then I will kill you."
POOR = "He is a god without a shrine, and for five yen he will take the job."


def holding(text: str) -> Evidence:
    known = product("B0ANGELS01", "Angels", 1, "9.99")
    return Evidence(products=(replace(known, product=replace(known.product, description=f"{text} More of it.")),))


async def test_a_threat_in_a_blurb_is_none_of_ours() -> None:
    stage, said = ToxicityStage(ToxicityLexicon.load()), f"**Angels**: {THREAT}"
    own = await stage.examine(ReviewContext(text=said, evidence=holding(THREAT)))
    assert own.verdict is Verdict.ALLOW
    anybody = await stage.examine(ReviewContext(text=said, evidence=holding("A tale.")))
    assert anybody.verdict is Verdict.BLOCK


async def test_an_amount_in_a_blurb_is_no_price(rules: InlineRules) -> None:
    evidence = holding(POOR)
    streamed = rules.filter_for(evidence)
    assert streamed.feed(f"**Angels**: {POOR}") + streamed.finish() == f"**Angels**: {POOR}"
    reviewed = await PricesStage().examine(ReviewContext(text=f"**Angels**: {POOR}", evidence=evidence))
    assert reviewed.edits == ()


async def test_a_sum_beside_one_title_is_not_its_price() -> None:
    evidence = holding("A tale.")
    text = "Volumes 1 to 2 of **Angels** together: $9.99 each."
    assert (await PricesStage().examine(ReviewContext(text=text, evidence=evidence))).edits == ()


@pytest.mark.parametrize("threat", ["I will kill you.", "I hope you die.", "All immigrants should be shot."])
async def test_a_threat_beside_the_stores_own_sentence_is_still_blocked(threat: str) -> None:
    examined = await ToxicityStage(ToxicityLexicon.load()).examine(
        ReviewContext(text=f"**Angels**: {THREAT} {threat}", evidence=holding(THREAT))
    )
    assert examined.verdict is Verdict.BLOCK


async def test_a_few_words_of_a_blurb_excuse_no_longer_threat() -> None:
    examined = await ToxicityStage(ToxicityLexicon.load()).examine(
        ReviewContext(text="Come closer: I will kill you.", evidence=holding(THREAT))
    )
    assert examined.verdict is Verdict.BLOCK


async def test_the_stores_own_sentence_is_repeated_whatever_word_it_holds() -> None:
    """Decided: what the store prints of its book is not the assistant's to censor; the same word anywhere else is."""
    own = "They call her a retard at school, and she answers with her fists."
    stage = ToxicityStage(ToxicityLexicon.load())
    told = await stage.examine(ReviewContext(text=f"**Angels**: {own}", evidence=holding(own)))
    assert told.verdict is Verdict.ALLOW
    beside = await stage.examine(ReviewContext(text=f"{own} You retard.", evidence=holding(own)))
    assert beside.verdict is Verdict.BLOCK


@pytest.mark.parametrize(
    "said",
    [
        "It begins with a bargain: help me leave this building and then I will kill you!",
        "Zack promises: HELP ME LEAVE THIS BUILDING, and then I will kill you, and keeps his word.",
        'In the end it is "I will kill you" that she wants to hear.',
        "*I will kill you* is his promise.",
    ],
)
async def test_half_a_sentence_of_a_blurb_is_quoted_in_other_marks_and_another_case(said: str) -> None:
    stage = ToxicityStage(ToxicityLexicon.load())
    assert (await stage.examine(ReviewContext(text=said, evidence=holding(THREAT)))).verdict is Verdict.ALLOW
    anybody = await stage.examine(ReviewContext(text=said, evidence=holding("A tale.")))
    assert anybody.verdict is Verdict.BLOCK
