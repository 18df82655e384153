"""T-4: what the conversation is about after an answer is what the answer showed and told."""

from typing import Any

from mangaassist.domain.acts import Act
from mangaassist.domain.customers import GUEST
from mangaassist.domain.dialogue import Proposal
from mangaassist.domain.evidence import Evidence, OrderEvidence, ProductEvidence
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Format
from mangaassist.domain.writing import NO_NOTES, Tier, Usage, WritingNotes, WritingTask
from mangaassist.models.routing import Route
from mangaassist.testing.store_data import DELIVERED, IN_TRANSIT, NOW, PLACED, STORE
from mangaassist.turn.cards import cards
from mangaassist.turn.memory import Session
from mangaassist.turn.plans import plan_for
from mangaassist.turn.remembering import dialogue_after, shown
from mangaassist.turn.stages import Gathered, Message, Understood, Written
from mangaassist.wire.metadata import Source
from mangaassist.wire.page import NOWHERE
from tests.turn.asking import asks, of

DELUXE = next(ProductEvidence(product=one) for one in STORE.products if one.asin == "B0BERSERKD")
THIRD = next(ProductEvidence(product=one) for one in STORE.products if one.asin == "B0BERSERK3")
UZUMAKI = next(ProductEvidence(product=one) for one in STORE.products if one.asin == "B0UZUMAKI1")


def written(meaning: Meaning, evidence: Evidence, notes: WritingNotes = NO_NOTES) -> Written:
    message = Message(message_id="m", response_id="r", text="?", identity=GUEST, page=NOWHERE, at=NOW)
    understood = Understood(message=message, session=Session(session_id="s"), meaning=meaning, plan=plan_for(meaning))
    services: Any = None
    return Written(
        gathered=Gathered(understood=understood, evidence=evidence, services=services),
        task=WritingTask(meaning=meaning, evidence=evidence),
        route=Route(tier=Tier.SMALL, reason=""),
        text="",
        usage=Usage("offline"),
        notes=notes,
        ending="whole",
        degraded=(),
        findings=(),
    )


def test_the_cards_are_remembered_as_they_were_shown() -> None:
    evidence = Evidence(products=(DELUXE, UZUMAKI))
    (first, second) = shown(evidence, cards(evidence, ("B0BERSERKD", "B0UZUMAKI1")), "Take Uzumaki.")
    assert (first.asin, first.series_id, first.format) == ("B0BERSERKD", "berserk", Format.OMNIBUS)
    assert (second.title, second.volume) == ("Uzumaki", None)
    assert (first.told, second.told) == (False, True)
    assert list(shown(evidence, (), "")) == []


def test_the_orders_that_the_answer_names_are_in_focus_in_its_order() -> None:
    evidence = Evidence(orders=tuple(OrderEvidence(order=one) for one in (PLACED, IN_TRANSIT, DELIVERED)))
    turn = written(asks(Act.TRACK), evidence)
    told = dialogue_after(turn, f"First {DELIVERED.order_id}, then {PLACED.order_id}.", (), ())
    assert told.orders == (DELIVERED.order_id, PLACED.order_id)
    assert dialogue_after(turn, "It is on its way.", (), ()).orders == (PLACED.order_id,)


def test_the_help_page_that_was_used_is_in_focus_and_a_guide_is_none() -> None:
    guide = Source(chunk_id="g", title="Where to begin", source_type="editorial", score=0.9)
    page = Source(chunk_id="p", title="Shipping costs", source_type="faq", score=0.8)
    assert dialogue_after(written(asks(Act.POLICY), Evidence()), "", (), (guide, page)).page == "Shipping costs"


def test_what_the_answer_offered_and_which_wordings_it_used_are_kept() -> None:
    notes = WritingNotes(phrases=("a:1",), proposal=Proposal(Act.REVIEWS), asked_for="taste")
    state = dialogue_after(written(asks(Act.FIND), Evidence(), notes), "", (), ())
    assert (state.phrases, state.proposal, state.asked_for) == (("a:1",), Proposal(Act.REVIEWS), "taste")


def test_the_volume_that_was_shown_as_the_next_one_is_what_it_is_about_from_then_on() -> None:
    evidence = Evidence(products=(THIRD,))
    turn = written(asks(Act.NEXT_VOLUME, targets=of("berserk", 2)), evidence)
    (focus,) = dialogue_after(turn, "", cards(evidence, ("B0BERSERK3",)), ()).targets
    assert (focus.asin, focus.volume) == ("B0BERSERK3", 3)
