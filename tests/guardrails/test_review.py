"""The review of whole answers (G-3 to G-6)."""

from collections.abc import Collection
from decimal import Decimal

import msgspec
import pytest
from msgspec.structs import replace

from mangaassist.domain.derived import Derived, SetOrSingles
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Strictness
from mangaassist.domain.store_facts import Delivery, StoreFacts
from mangaassist.guardrails.edits import apply_edits
from mangaassist.guardrails.findings import Stage, Verdict
from mangaassist.guardrails.money import INSTEAD_OF_A_PRICE, amounts
from mangaassist.guardrails.review import ON_ERROR, Review, Reviewed, ReviewOutcome
from mangaassist.guardrails.review_context import ReviewContext, StageResult
from mangaassist.guardrails.stages.scope import BACK_TO_TOPIC
from mangaassist.guardrails.stages.toxicity import SAFE_ANSWER

CARDS = ("B0BERSERK1", "B0CLAYMOR1")


async def all_exist(asins: Collection[str]) -> dict[str, bool]:
    return dict.fromkeys(asins, True)


async def nobody_knows(_: Collection[str]) -> dict[str, bool]:
    return {}


async def reviewed(
    review: Review, text: str, evidence: Evidence, strictness: Strictness = "normal", existing: object = all_exist
) -> ReviewOutcome:
    outcome = await review.run(
        Reviewed(text=text, cards=CARDS, evidence=evidence, strictness=strictness),
        existing,  # pyright: ignore[reportArgumentType]
    )
    assert apply_edits(text, outcome.edits) == outcome.text
    return outcome


@pytest.mark.parametrize(
    "text",
    [
        "Berserk, Vol. 1 is $9.99, Claymore, Vol. 1 is $8.50. Shipping is free over $35.",
        "Berserk and Claymore cost $9.99 and $8.50.",
        "Berserk, Vol. 1 is in stock. You save $5.00 on the list price of $14.99.",
        "Your order 112-3456789-0123456 came to $27.48 and arrives by March 6.",
        "It is 20% off this week. Standard shipping takes 3 to 5 business days.",
        "Call 1-800-555-0142 or write to help@inkwellmanga.example. Your parcel is 4155 5526 7199.",
        "If you liked Assassination Classroom or Kill la Kill, Berserk's trans-dimensional horror will hit hard.",
        "Berserk, Vol. 2 is on backorder.",
    ],
)
async def test_an_answer_that_the_evidence_backs_is_left_alone(review: Review, evidence: Evidence, text: str) -> None:
    outcome = await reviewed(review, text, evidence, "tight")
    assert (outcome.text, outcome.blocked, outcome.cards, outcome.findings) == (text, None, CARDS, ())


async def test_a_price_that_the_store_does_not_confirm_never_leaves(review: Review, evidence: Evidence) -> None:
    outcome = await reviewed(review, "It could be yours, around $7.77 or so.", evidence)
    assert outcome.text == f"It could be yours, around {INSTEAD_OF_A_PRICE} or so."
    assert [finding.stage for finding in outcome.findings] == ["prices"]


async def test_a_price_of_another_product_is_replaced_by_the_right_one(review: Review, evidence: Evidence) -> None:
    outcome = await reviewed(review, "Claymore, Vol. 1 is $9.99.", evidence)
    assert outcome.text == "Claymore, Vol. 1 is $8.50."


async def test_the_price_of_a_set_that_was_worked_out_is_not_taken_for_its_single_volumes(
    review: Review, evidence: Evidence
) -> None:
    """G-4: "Berserk (3-in-1 Edition), Vol. 1" is another book than "Berserk, Vol. 1"."""
    a_set = SetOrSingles(
        asins=("B0BERSERK9",), title="Berserk (3-in-1 Edition), Vol. 1", first=1, last=3, set_price=Decimal("18.00"),
        singles_price=Decimal("29.97"), saves=Decimal("11.97"), currency="USD",
    )  # fmt: skip
    worked_out = msgspec.structs.replace(evidence, derived=Derived(sets=(a_set,)))
    text = "**Berserk (3-in-1 Edition), Vol. 1** holds exactly these volumes for $18.00, $11.97 less."
    assert (await reviewed(review, text, worked_out)).text == text


async def test_swapped_prices_are_noticed(review: Review, evidence: Evidence) -> None:
    outcome = await reviewed(review, "Berserk, Vol. 1 is $8.50 and Claymore, Vol. 1 is $9.99.", evidence)
    assert outcome.text == "Berserk, Vol. 1 is $9.99 and Claymore, Vol. 1 is $8.50."


def in_one_sentence(evidence: Evidence, *titled: tuple[str, str, str]) -> Evidence:
    """The evidence of products with these ASINs, titles and prices."""
    first = evidence.products[0]
    assert first.price is not None
    products = tuple(
        msgspec.structs.replace(
            first,
            product=msgspec.structs.replace(first.product, asin=asin, title=title, series_title=title, volume=None),
            price=msgspec.structs.replace(first.price, asin=asin, current=Decimal(price), list=None),
        )
        for asin, title, price in titled
    )
    return msgspec.structs.replace(evidence, products=products)


BOXES = (
    ("B0BERSERK1", "A Silent Voice Complete Series Box Set (Vols. 1-7)", "48.40"),
    ("B0CLAYMOR1", "Akira 35th Anniversary Box Set (Vols. 1-6)", "49.28"),
)
LOUD = (("B0BERSERK1", "Haikyu!!", "9.99"), ("B0CLAYMOR1", "Slam Dunk", "8.50"))


@pytest.mark.parametrize(
    ("titled", "text"),
    [
        (BOXES, "For example: **{0}** ({p0}) and **{1}** ({p1})."),
        (LOUD, "**{0}** is {p0} and **{1}** is {p1}."),
        (LOUD, "Both fit: **{1}** at {p1}, **{0}** at {p0}. **{0}** is in stock."),
    ],
)
async def test_two_products_of_a_sentence_keep_their_own_prices_and_swapped_ones_are_put_right(
    review: Review, evidence: Evidence, titled: tuple[tuple[str, str, str], ...], text: str
) -> None:
    known = in_one_sentence(evidence, *titled)
    (_, one, price), (_, other, more) = titled
    right = text.format(one, other, p0=f"${price}", p1=f"${more}")
    assert (await reviewed(review, right, known)).text == right
    swapped = text.format(one, other, p0=f"${more}", p1=f"${price}")
    assert (await reviewed(review, swapped, known)).text == right


async def test_every_price_is_stripped_when_pricing_gave_none(review: Review, evidence: Evidence) -> None:
    unpriced = tuple(msgspec.structs.replace(known, price=None) for known in evidence.products)
    blind = msgspec.structs.replace(evidence, products=unpriced)
    outcome = await reviewed(review, "Berserk, Vol. 1 is $9.98, or $8.51 with the deal.", blind)
    assert not list(amounts(outcome.text))


async def test_personal_data_is_redacted(review: Review, evidence: Evidence) -> None:
    outcome = await reviewed(review, "Bob's number is (415) 555-2671.", evidence)
    assert outcome.text == "Bob's number is [REDACTED]."
    assert outcome.findings[0].is_private


@pytest.mark.parametrize(
    "claim",
    [
        "I have refunded you.",
        "I've cancelled your order.",
        "I guarantee delivery by Friday.",
        "We've just applied the discount.",
        "Berserk, Vol. 2 is in stock.",
        "It arrives tomorrow.",
        "Your order will be delivered by March 9.",
        "Claymore is 50% off.",
        "It's already in your cart.",
        "We have the lowest prices anywhere.",
    ],
)
async def test_a_claim_that_nothing_backs_is_taken_out(review: Review, evidence: Evidence, claim: str) -> None:
    outcome = await reviewed(review, f"Here is what I know. {claim} Anything else?", evidence)
    assert claim not in outcome.text
    assert outcome.text.startswith("Here is what I know. ")
    assert outcome.text.endswith("Anything else?")


async def test_a_toxic_answer_is_blocked_whole(review: Review, evidence: Evidence) -> None:
    outcome = await reviewed(review, "You are a stupid idiot. Berserk is great.", evidence)
    assert (outcome.text, outcome.blocked, outcome.cards) == (SAFE_ANSWER, "toxicity", ())


async def test_a_competitor_is_not_named(review: Review, evidence: Evidence) -> None:
    outcome = await reviewed(review, "It is on Barnes\n& Noble and at www.amazon.com/dp/1 too.", evidence)
    assert outcome.text == "It is on another store and at another store too."


async def test_a_product_that_is_not_sold_loses_its_card_and_its_mention(review: Review, evidence: Evidence) -> None:
    async def only_berserk(_: Collection[str]) -> dict[str, bool]:
        return {"B0BERSERK1": True, "B0CLAYMOR1": False}

    outcome = await reviewed(review, "See B0BERSERK1 and Claymore (ASIN: B0CLAYMOR1).", evidence, existing=only_berserk)
    assert (outcome.text, outcome.cards) == ("See B0BERSERK1 and Claymore.", ("B0BERSERK1",))
    assert [finding.verdict for finding in outcome.findings] == [Verdict.CHANGE, Verdict.CHANGE]
    assert {finding.kind for finding in outcome.findings} == {"unknown_asin"}


async def test_cards_that_nobody_could_check_are_not_shown(review: Review, evidence: Evidence) -> None:
    outcome = await reviewed(review, "Two good ones.", evidence, existing=nobody_knows)
    assert outcome.cards == ()
    assert [(finding.stage, finding.verdict) for finding in outcome.findings] == [("asins", Verdict.ERROR)]


async def test_a_product_that_could_not_be_checked_is_taken_out_but_never_said_not_to_be_sold(
    review: Review, evidence: Evidence
) -> None:
    async def only_berserk_is_known(_: Collection[str]) -> dict[str, bool]:
        return {"B0BERSERK1": True}

    said = "See B0BERSERK1 and Claymore (ASIN: B0CLAYMOR1)."
    outcome = await reviewed(review, said, evidence, existing=only_berserk_is_known)
    assert (outcome.text, outcome.cards) == ("See B0BERSERK1 and Claymore.", ("B0BERSERK1",))
    assert {finding.kind for finding in outcome.findings} == {"unchecked_asin"}
    assert outcome.findings[-1].verdict is Verdict.ERROR
    assert outcome.findings[-1].original == "B0CLAYMOR1"


ASIDE = "You should invest in bitcoin now."


@pytest.mark.parametrize(("strictness", "led_back"), [("loose", False), ("normal", False), ("tight", True)])
async def test_scope_is_as_strict_as_the_intent_asks(
    review: Review, evidence: Evidence, strictness: Strictness, led_back: bool
) -> None:
    outcome = await reviewed(review, f"Berserk is dark. {ASIDE}", evidence, strictness)
    assert (outcome.text == BACK_TO_TOPIC) is led_back


class Failing:
    def __init__(self, name: Stage) -> None:
        self.name: Stage = name

    async def examine(self, context: ReviewContext) -> StageResult:
        raise RuntimeError("down")


@pytest.mark.parametrize("name", ["pii", "claims", "toxicity", "competitors"])
async def test_a_failed_stage_blocks_the_answer(evidence: Evidence, name: Stage) -> None:
    outcome = await reviewed(Review([Failing(name)]), "Berserk is great.", evidence)
    assert (outcome.text, outcome.blocked, outcome.cards) == (SAFE_ANSWER, name, ())
    assert Verdict.ERROR in {finding.verdict for finding in outcome.findings}


async def test_a_failed_price_stage_strips_all_prices(evidence: Evidence) -> None:
    outcome = await reviewed(Review([Failing("prices")]), "It is $9.99, free over $35.", evidence)
    assert outcome.text == f"It is {INSTEAD_OF_A_PRICE}, free over {INSTEAD_OF_A_PRICE}."
    assert Verdict.ERROR in {finding.verdict for finding in outcome.findings}


async def test_a_failed_asin_stage_drops_the_cards(evidence: Evidence) -> None:
    assert (await reviewed(Review([Failing("asins")]), "Fine.", evidence)).cards == ()


async def test_a_failed_scope_stage_lets_the_answer_pass_and_is_seen(evidence: Evidence) -> None:
    outcome = await reviewed(Review([Failing("scope")]), "Fine.", evidence)
    assert (outcome.text, outcome.cards, outcome.blocked) == ("Fine.", CARDS, None)
    assert outcome.findings[0].verdict is Verdict.ERROR


async def test_the_stages_run_in_their_order_and_each_is_timed(review: Review, evidence: Evidence) -> None:
    outcome = await reviewed(review, "Fine.", evidence)
    assert list(outcome.timings) == ["markup", "pii", "claims", "prices", "toxicity", "competitors", "asins", "scope"]
    assert set(outcome.timings) == set(ON_ERROR)


async def test_amounts_of_the_evidence_are_equal_however_they_are_written(review: Review, evidence: Evidence) -> None:
    assert Decimal(35) in evidence.amounts()
    assert (await reviewed(review, "Free over $35.00.", evidence)).text == "Free over $35.00."


async def test_what_express_costs_is_no_price_of_the_book_that_was_told_of_before(
    review: Review, evidence: Evidence
) -> None:
    """G-4: a sentence that names no product and points at none tells what the store's own ways cost."""
    [berserk, *_] = evidence.products
    delivery = Delivery(free_from=Decimal(35), least_days=3, most_days=5)
    alone = replace(evidence, products=(berserk,), facts=StoreFacts(delivery=delivery))
    told = "Berserk, Vol. 1 is in stock, for $9.99. Express takes 2 business days for $35.00."
    assert (await reviewed(review, told, alone)).text == told
    assert "$35" not in (await reviewed(review, "Berserk, Vol. 1 is in stock. It is yours for $35.00.", alone)).text
