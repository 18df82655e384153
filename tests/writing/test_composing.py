"""The offline writer: one composer an intent, injected; every act is answered in full, small talk in a word."""

from collections.abc import Iterator
from decimal import Decimal

from msgspec.structs import replace

from benchmarks import evidence as demo
from mangaassist.domain.acts import Act
from mangaassist.domain.derived import Derived, FreeShipping
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.composing import OfflineWriter, pieces
from mangaassist.models.writers.offline.phrasing import Phrasing
from tests.writing.at_the_counter import WRITER, asked, every_way, noted, order, page, said, with_orders

PLACED = order(2, "placed", "Witch Hat Atelier, Vol. 1", days_ago=1)
UZUMAKI = demo.product("uzumaki")
SHORT = FreeShipping(limit=Decimal(35), subtotal=Decimal("9.60"), missing=Decimal("25.40"), currency="USD")


class Echo:
    """A composer that says which acts it was given."""

    def __init__(self, hook: str = "") -> None:
        self._hook = hook

    def compose(self, task: WritingTask, phrasing: Phrasing) -> str:
        return "+".join(heard.act for heard in task.meaning.acts)

    def offer_next(self, task: WritingTask, phrasing: Phrasing) -> str:
        return self._hook

    def suggestions(self, task: WritingTask) -> Iterator[str]:
        yield from (
            "Where is my order?",
            "A suggestion that is far too long to stand on a button, and so is left out, whatever it says",
        )


def test_acts_of_two_intents_are_both_answered_in_the_message_s_order() -> None:
    evidence = replace(with_orders(PLACED), cart=(UZUMAKI,), derived=Derived(free_shipping=SHORT))
    first, second = said(asked(Act.TRACK, Act.FREE_SHIPPING, evidence=evidence)).split("\n\n")
    assert PLACED.order.order_id in first
    assert "$25.40" in second


def test_of_a_book_that_nobody_named_nothing_is_told_beside_a_wish_for_books() -> None:
    evidence = Evidence(products=(UZUMAKI,))
    for text in every_way(asked(Act.ABOUT, Act.RECOMMEND, evidence=evidence)):
        assert "you mean" not in text
        assert "**Uzumaki**" in text


def test_what_one_answer_says_anyway_is_not_said_twice() -> None:
    text = said(asked(Act.TRACK, Act.ARRIVAL, evidence=with_orders(PLACED)))
    assert text.count(PLACED.order.order_id) == 1
    assert said(asked(Act.HUMAN, Act.COMPLAINT)).count("**Talk to a person**") == 1


def test_a_composer_is_given_the_acts_of_its_own_intent_alone() -> None:
    writer = OfflineWriter({Intent.FAQ: Echo(), Intent.PROMOTION: Echo("One more thing?")})
    text, _ = writer.compose(asked(Act.POLICY, Act.OFFERS, Act.SHIPS_TO))
    assert text == "policy+ships_to\n\noffers\n\nOne more thing?"


def test_a_greeting_beside_a_question_is_a_word_in_front_once() -> None:
    task = asked(Act.GREETING, Act.TRACK, evidence=with_orders(PLACED))
    for text in every_way(task):
        assert text.startswith(("Hi", "Hello"))
        assert PLACED.order.order_id in text
    heard = ("chitchat.brief.greeting:0", "chitchat.brief.greeting:1")
    assert said(replace(task, state=DialogueState(phrases=heard))).startswith("Your order")


def test_who_is_upset_hears_sorry_once_before_the_answer() -> None:
    text = said(asked(Act.TRACK, upset=True, evidence=with_orders(PLACED)))
    assert text.startswith("I'm sorry")
    assert text.lower().count("sorry") == 1


def test_between_two_intents_the_shopper_is_asked_and_either_suggested() -> None:
    task = asked(intent=Intent.FAQ, between=(Intent.FAQ, Intent.PROMOTION))
    assert said(task).endswith("?")
    assert noted(task).asked_for == "which"
    assert WRITER.suggestions(task) == ("What is your return policy?", "What's on offer right now?")


def test_a_guest_is_asked_to_sign_in_only_for_the_part_that_needs_it() -> None:
    evidence = Evidence(sign_in_needed=True, chunks=(page("gift-wrap"),))
    text = said(asked(Act.TRACK, Act.POLICY, about="gift wrap", evidence=evidence))
    assert "sign" in text
    assert "gift wrap costs" in text


def test_suggestions_are_short_and_none_is_what_was_asked() -> None:
    writer = OfflineWriter({Intent.FAQ: Echo(), Intent.ORDER_TRACKING: Echo()})
    assert writer.suggestions(asked(Act.POLICY, question="where is my order")) == ()
    assert writer.suggestions(asked(Act.TRACK, question="wheres my stuff")) == ()
    assert writer.suggestions(asked(Act.POLICY)) == ("Where is my order?",)


async def test_a_draft_streams_the_answer_in_small_pieces_and_costs_nothing() -> None:
    task = asked(Act.ABILITY)
    draft = WRITER.write(task)
    streamed = [piece async for piece in draft]
    assert "".join(streamed) == said(task)
    assert max(len(piece.split()) for piece in streamed) <= 12
    assert (draft.usage.model, draft.usage.cost_usd) == ("offline", 0.0)
    assert draft.notes == noted(task)


def test_pieces_are_the_whole_text() -> None:
    text = "One two\n\n- three  four\n" * 9
    assert "".join(pieces(text)) == text
