"""R-1, R-7, R-10: one conversation has the same words, cards and endings over every protocol that it is told in."""

import asyncio

import pytest

from mangaassist.edge.event_stream import MEDIA_TYPE as EVENTS
from mangaassist.edge.routes import ROUTES
from mangaassist.wire.rest import ChatResponse
from tests.conversation.virtual import Process, World
from tests.edge.conversations import CONVERSATIONS, Joins, Leaves, Say, Staged
from tests.edge.dialect_lines import SHOPPERS, Shopper


@pytest.mark.parametrize("shopper_of", SHOPPERS)
@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_a_conversation_has_the_same_words_at_every_door(name: str, shopper_of: type[Shopper]) -> None:
    process = Process(World(), "one", Staged())
    async with process.dispatcher:
        shopper = shopper_of(process)
        try:
            await _talk(process, shopper, name)
        finally:
            await shopper.leave()


async def _talk(process: Process, shopper: Shopper, name: str) -> None:
    ticket = ""
    for step in CONVERSATIONS[name]:
        match step:
            case Say():
                assert await shopper.ask(step) == step.heard
            case Joins():
                asked = await shopper.post("/chat/escalate", {"session_id": shopper.session_id, "reason": "help"}).end()
                ticket = asked.got.json["ticket_id"]
                await process.desk.join(ticket, "oda", "Oda")
                await process.desk.write(ticket, "oda", "w1", step.words)
                await asyncio.sleep(1)
                assert await shopper.persons_words() == [("Oda", step.words)]
            case Leaves():
                await process.desk.hand_back(ticket, "oda")


def test_twenty_conversations_are_held() -> None:
    assert len(CONVERSATIONS) == 20


def test_no_door_that_answers_is_left_out() -> None:
    """A protocol that is added is held to the same conversations."""
    answering = {
        route.path
        for route in ROUTES
        if route.method == "POST"
        for given in route.gives
        if given.media_type == EVENTS or given.kind is ChatResponse
    }
    assert {shopper.door for shopper in SHOPPERS} == answering | {"/ws", "/gateway/default"}
