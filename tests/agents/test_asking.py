"""R-11: asking in words changes nothing, and is limited, guarded and audited as a shopper's question is (R-5, G-1, G-7)."""

import asyncio
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from mangaassist.domain.customers import GUEST
from mangaassist.domain.handoff import Person
from mangaassist.edge.agents.tools import TOOLS, Arguments
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.testing.fake_store import Fault
from mangaassist.testing.scripted_answers import CARD
from mangaassist.testing.scripted_desk import ScriptedDesk
from mangaassist.testing.store_data import STORE
from mangaassist.turn.orchestrator import Orchestrator
from mangaassist.turn.stages import Message
from mangaassist.wire.cards import Button
from mangaassist.wire.page import NOWHERE
from tests.agents.conftest import Shop, calling
from tests.agents.test_catalog_tools import codes
from tests.edge.conversations import CONVERSATIONS, Say, Staged
from tests.turn.house import House


def sell_the_card(shop: Shop) -> None:
    """Have the store sell what scripted answers show."""
    sold, price = STORE.products[0], STORE.prices[STORE.products[0].asin]
    shop.store.data = replace(
        STORE,
        products=(replace(sold, asin=CARD.asin),),
        prices={CARD.asin: replace(price, asin=CARD.asin)},
    )


async def test_a_question_is_answered_with_the_reviewed_text_and_the_products_that_it_shows(shop: Shop) -> None:
    sell_the_card(shop)
    given = await shop.calls("ask_business", question="one wrong card")
    assert given["answer"] == "one right"
    assert [product["id"] for product in given["products"]] == [CARD.asin]
    assert given["products"][0]["variants"][0]["price"] == {"amount": 999, "currency": "USD"}
    assert "capabilities" not in given["ucp"], "it is no capability of UCP's"


SAID = {
    step.text: step.heard
    for conversation in CONVERSATIONS.values()
    for step in conversation
    if isinstance(step, Say) and step.heard.text and not (step.cut or step.stop or "pause" in step.text)
}
"""What is asked in the conversations of all doors, and answered to its end while somebody listens."""


@pytest.mark.parametrize("said", SAID)
async def test_an_agent_is_told_what_a_shopper_hears_at_every_other_door(said: str) -> None:
    staged, heard = Shop(), SAID[said]
    staged.process.answers = Staged()
    sell_the_card(staged)
    async with staged.opened() as shop:
        given = await shop.calls("ask_business", question=said)
    assert given["answer"] == heard.text.strip()
    assert tuple(product["id"] for product in given.get("products", ())) == heard.products
    assert tuple(given.get("follow_up_questions", ())) == heard.suggestions
    told = " ".join(message["content"] for message in given.get("messages") or ())
    assert all(service in told for service in heard.degraded)


async def test_an_answer_stands_by_itself_where_its_products_have_no_price_any_more(shop: Shop) -> None:
    sell_the_card(shop)
    shop.store.faults["pricing"] = Fault("fail")
    given = await shop.calls("ask_business", question="one card")
    assert (given["answer"], given["products"]) == ("one", [])


async def test_asking_keeps_no_session_and_says_nothing_in_one(shop: Shop) -> None:
    for token in (None, "token-of-aiko"):
        await shop.calls("ask_business", token, question="one")
    sessions = [session.session_id for session in shop.process.answers.sessions]
    assert len(set(sessions)) == 2
    for session_id in sessions:
        assert await shop.world.sessions.load(session_id) is None
        assert shop.world.slots.known(session_id) is None


async def test_who_is_signed_in_is_answered_as_themselves(shop: Shop) -> None:
    await shop.calls("ask_business", "token-of-aiko", question="one")
    (message,), (session,) = shop.process.answers.asked, shop.process.answers.sessions
    assert (message.identity.customer_id, session.customer_id) == ("aiko", "aiko")


async def test_a_question_may_be_about_a_product(shop: Shop) -> None:
    await shop.calls("ask_business", question="one", product_id="B0UZUMAKI1")
    assert shop.process.answers.asked[0].page.current_asin == "B0UZUMAKI1"


async def test_personal_data_in_a_question_is_read_by_nobody(shop: Shop) -> None:
    """G-1."""
    await shop.calls("ask_business", question="mail me at anna@example.com")
    assert "anna" not in shop.process.answers.asked[0].text


async def test_what_an_answer_corrected_and_showed_is_in_the_audit(shop: Shop) -> None:
    """G-7."""
    await shop.calls("ask_business", question="one wrong card")
    stages = [entry.stage for entry in shop.world.audit.kept]
    assert stages[:2] == ["prices", "shown"]


async def test_an_answer_of_which_the_audit_cannot_be_told_does_not_leave(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G-7."""

    async def away(*_: object) -> None:
        raise OSError("no disk")

    monkeypatch.setattr(shop.world.audit, "append", away)
    given = await shop.calls("ask_business", question="one wrong card")
    assert (codes(given), "answer" in given) == (["unavailable"], False)


@pytest.mark.parametrize("question", ["boom", "crowd"])
async def test_an_answer_that_cannot_be_had_is_an_error_without_internals(shop: Shop, question: str) -> None:
    given = await shop.calls("ask_business", question=question)
    assert codes(given) == ["unavailable"]
    assert "purpose" not in given["messages"][0]["content"]


async def test_an_answer_that_takes_for_ever_is_given_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangaassist.edge.agents.asking.ANSWER_LIMIT_S", 0.05)
    assert codes(await shop.calls("ask_business", question="forever")) == ["unavailable"]


@pytest.mark.parametrize("question", ["", "a" * 2001])
async def test_a_question_has_the_length_of_a_message(shop: Shop, question: str) -> None:
    """W-11."""
    given = await shop.calls("ask_business", question=question)
    assert codes(given) == ["invalid_request"]
    assert "question" in given["messages"][0]["content"]
    assert shop.process.answers.asked == []


async def test_a_guests_questions_count_for_their_address_and_a_customers_for_them() -> None:
    """R-5."""
    shop = Shop()
    shop.world.counters = MemoryCounters(lambda: 0.0)
    shop.process.counters = shop.world.counters
    shop.refuse(guest_per_minute=1, customer_per_minute=2)
    async with shop.opened():
        guest = [codes(await shop.calls("ask_business", question="one")) for _ in range(2)]
        aiko = [codes(await shop.calls("ask_business", "token-of-aiko", question="one")) for _ in range(3)]
    assert guest == [[], ["rate_limited"]]
    assert aiko == [[], [], ["rate_limited"]]
    assert len(shop.process.answers.asked) == 3


async def test_everything_that_an_agent_sends_counts_and_too_much_is_told_with_when_to_come_back() -> None:
    """R-5, R-6."""
    shop = Shop()
    shop.process.counters = MemoryCounters(lambda: 0.0)
    shop.refuse(agent_calls_per_minute=2)
    async with shop.opened():
        got = [await shop.posts(calling("search_catalog", catalog={"query": "*"})) for _ in range(3)]
        other = await shop.posts(
            calling("search_catalog", catalog={"query": "*"}), authorization="Bearer token-of-aiko"
        )
    assert [one.status_code for one in (*got, other)] == [200, 200, 429, 200]
    assert got[0].headers["ratelimit"].startswith('"agents";r=1')
    assert (got[2].json()["code"], got[2].headers["retry-after"]) == ("too_many_requests", "30")


async def test_no_person_is_asked_for_whatever_is_said() -> None:
    made, desk = House(), ScriptedDesk(Person(state="requested", position=1))
    asking = Orchestrator(replace(made.dependencies, desk=desk)).asking_nobody()
    text = "can i talk to a real person please"
    message = Message(message_id="m1", response_id="r_1", text=text, identity=GUEST, page=NOWHERE, at=datetime.now(UTC))
    answered = await asking.answer(message, made.session, made.heard, made.stop)
    assert desk.asked == []
    assert answered.text


async def test_who_asks_for_a_person_is_told_that_none_is_asked_for_here(shop: Shop) -> None:
    shop.process.answers.buttons = (Button(label="Talk to a person", type="talk_to_human"),)
    given = await shop.calls("ask_business", question="one")
    assert codes(given) == ["no_person_here"]


def test_every_tool_says_that_it_only_reads() -> None:
    assert set(TOOLS) == {"search_catalog", "lookup_catalog", "get_product", "get_order", "ask_business"}
    assert all(issubclass(tool.arguments, Arguments) for tool in TOOLS.values())


async def test_several_questions_are_answered_side_by_side(shop: Shop) -> None:
    async with shop.agent() as agent:
        asked = (agent.call_tool("ask_business", {"question": f"number {n}"}) for n in range(5))
        given = await asyncio.gather(*asked)
    assert [one.structured_content["answer"] for one in given] == [f"number {n}" for n in range(5)]
