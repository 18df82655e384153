"""R-3, O-6: a person is asked for, joins, writes, and leaves; operators alone see and do it, and all of it is audited."""

import asyncio
import json
from datetime import time, timedelta
from typing import Any, cast

import pytest

from mangaassist.conversation.sessions import SESSION_KEPT
from mangaassist.desk.announcing import ABSENT
from mangaassist.domain.store_facts import OpeningHours, Support
from mangaassist.edge.app import build
from mangaassist.edge.socket import SocketEdge
from tests.conversation.virtual import Process, World
from tests.edge.rest_client import Caller, Got, Sockets
from tests.edge.rest_client import Tokens as RestTokens
from tests.edge.socket_client import Client

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
OPEN_ALWAYS = Support(hours=tuple(OpeningHours(weekday=day, opens=time(0), closes=time(23)) for day in range(7)))
CLOSED_NOW = Support(hours=tuple(OpeningHours(weekday=day, opens=time(18), closes=time(20)) for day in range(7)))


class Floor:
    """One process with both sides of its desk: shoppers on sockets, operators over REST."""

    def __init__(self, process: Process, edge: SocketEdge, world: World) -> None:
        self.process = process
        self.world = world
        self.edge = edge
        self.caller = Caller(build(process.doors(RestTokens()), cast(SocketEdge, Sockets()), {}))

    async def shopper(self, query: str = "", token: str | None = None) -> tuple[Client, str]:
        client = Client(self.edge, query, token)
        return client, (await client.hears("session"))["session_id"]

    async def asks(self, session_id: str, token: str | None = None, reason: str = "My order is lost") -> Any:
        self.world.moment += SECOND
        got = await self.post("/chat/escalate", token, session_id=session_id, reason=reason)
        assert got.status == 200, got.body
        return got.json

    async def post(self, path: str, token: str | None = "oda", **body: Any) -> Got:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        data = json.dumps(body).encode()
        return await self.caller.request("POST", path, data, content_type="application/json", **headers)

    async def get(self, path: str, token: str | None = "oda") -> Got:
        return await self.caller.get(path, **({"authorization": f"Bearer {token}"} if token else {}))

    async def does(self, ticket_id: str, deed: str, **body: Any) -> Got:
        return await self.post(f"/ops/desk/tickets/{ticket_id}/{deed}", **body)


@pytest.fixture
def floor(process: Process, edge: SocketEdge, world: World) -> Floor:
    return Floor(process, edge, world)


async def test_the_whole_of_a_handoff_as_both_sides_see_it(floor: Floor) -> None:
    shopper, session_id = await floor.shopper()
    shopper.ask("one")
    await shopper.hears("done")
    asked = await floor.asks(session_id)
    assert asked["state"] == "requested"
    assert (await shopper.hears("handoff")) == {
        "type": "handoff", "seq": 4, "ticket_id": asked["ticket_id"], "state": "requested", "position": 1,
    }  # fmt: skip

    (listed,) = (await floor.get("/ops/desk/tickets")).json["tickets"]
    assert (listed["ticket_id"], listed["position"], listed["customer"]) == (asked["ticket_id"], 1, "guest")
    assert listed["about"]["last_asked"] == "one"
    assert (await floor.does(asked["ticket_id"], "join", name="Mia")).json["state"] == "joined"
    joined = await shopper.hears("handoff", 2)
    assert (joined["state"], joined["name"]) == ("joined", "Mia")

    shopper.ask("are you there", "m2")
    await shopper.hears("done", 2)
    assert shopper.text == "one ", "the assistant is silent"
    seen = (await floor.get(f"/ops/desk/tickets/{asked['ticket_id']}")).json
    assert [turn["message"] for turn in seen["turns"]] == ["one", "", "", "are you there"]
    wrote = {"id": "w1", "content": "I am. What is missing?"}
    assert (await floor.does(asked["ticket_id"], "messages", **wrote)).status == 202
    assert (await floor.does(asked["ticket_id"], "messages", **wrote)).status == 202
    said = await shopper.hears("message")
    assert (said["from"], said["name"], said["content"]) == ("agent", "Mia", "I am. What is missing?")
    new = (await floor.get(f"/ops/desk/tickets/{asked['ticket_id']}?after={seen['version']}")).json
    assert [(turn["answer"], turn["name"]) for turn in new["turns"]] == [("I am. What is missing?", "Mia")]

    assert (await floor.does(asked["ticket_id"], "hand-back")).json["state"] == "left"
    assert (await shopper.hears("handoff", 3))["state"] == "left"
    shopper.ask("two", "m3")
    await shopper.hears("done", 3)
    assert shopper.text == "one two "
    assert len(shopper.of("message")) == 1
    assert shopper.seqs == list(range(1, len(shopper.seqs) + 1))
    await shopper.goes()


async def test_a_person_may_be_asked_for_first_and_the_conversation_goes_on(floor: Floor) -> None:
    shopper, session_id = await floor.shopper()
    await floor.asks(session_id)
    assert (await shopper.hears("handoff"))["seq"] == 1
    shopper.ask("one")
    await shopper.hears("done")
    assert shopper.seqs == [1, 2, 3, 4]
    assert shopper.of("gap") == []
    await shopper.goes()


async def test_an_id_that_was_never_given_out_begins_nothing(floor: Floor, world: World) -> None:
    for session_id in ("s_unknown_to_all", "x_" + "a" * 24):
        got = await floor.post("/chat/escalate", None, session_id=session_id, reason="Help")
        assert got.problem == (404, "not_found")
    assert await world.tickets.unsettled() == ()


async def test_who_comes_back_is_told_how_it_stands_and_what_was_said(floor: Floor) -> None:
    shopper, session_id = await floor.shopper()
    asked = await floor.asks(session_id)
    await floor.does(asked["ticket_id"], "join", name="Mia")
    await floor.does(asked["ticket_id"], "messages", id="w1", content="Hello!")
    await shopper.hears("message")
    await shopper.goes()
    again = Client(floor.edge, f"session_id={session_id}")
    told = await again.hears("session")
    assert told["handoff"]["state"] == "joined"
    assert [(turn.get("name"), turn["answer"]) for turn in told["turns"]] == [(None, ""), (None, ""), ("Mia", "Hello!")]
    await again.goes()


async def test_places_in_the_queue_move_up_and_each_move_is_told_once(floor: Floor) -> None:
    shoppers = [await floor.shopper() for _ in range(3)]
    tickets = [await floor.asks(session_id) for _, session_id in shoppers]
    third = shoppers[2][0]
    assert (await third.hears("handoff"))["position"] == 3
    await floor.does(tickets[0]["ticket_id"], "join", name="Mia")
    for _ in range(3):
        await floor.process.desk.announcer.round()
    assert (await third.hears("handoff", 2))["position"] == 2
    assert len(third.of("handoff")) == 2
    for client, _ in shoppers:
        await client.goes()


async def test_waiting_times_are_those_that_were_measured(floor: Floor, world: World) -> None:
    for _ in range(3):
        client, session_id = await floor.shopper()
        asked = await floor.asks(session_id)
        world.moment += 2 * MINUTE
        await floor.does(asked["ticket_id"], "join", name="Mia")
        await client.goes()
    shopper, session_id = await floor.shopper()
    await floor.asks(session_id)
    assert (await shopper.hears("handoff"))["eta_s"] == 120
    await shopper.goes()


async def test_outside_of_opening_hours_a_message_is_left_and_said_to_be(floor: Floor, world: World) -> None:
    world.hours = CLOSED_NOW
    shopper, session_id = await floor.shopper()
    await floor.asks(session_id)
    told = await shopper.hears("handoff")
    assert (told["state"], "position" in told) == ("requested", False)
    assert told["opens_at"].startswith("2026-11-01T18:00")
    (listed,) = (await floor.get("/ops/desk/tickets")).json["tickets"]
    assert listed["state"] == "left_message"
    world.hours = OPEN_ALWAYS
    assert (await floor.does(listed["ticket_id"], "join", name="Mia")).status == 200
    await shopper.goes()


async def test_the_shopper_may_want_nobody_any_more(floor: Floor) -> None:
    shopper, session_id = await floor.shopper()
    asked = await floor.asks(session_id)
    other = await floor.asks(session_id, reason="Another thing")
    assert other["ticket_id"] != asked["ticket_id"]
    assert (await floor.post("/chat/escalate/cancel", "ben", session_id=session_id + "x")).status == 404
    assert (await floor.post("/chat/escalate/cancel", None, session_id=session_id)).json["state"] == "left"
    assert (await shopper.hears("handoff", 2))["state"] == "left"
    assert (await floor.get("/ops/desk/tickets")).json["tickets"] == []
    assert (await floor.post("/chat/escalate/cancel", None, session_id=session_id)).status == 404
    await floor.process.desk.announcer.round()
    assert len(shopper.of("handoff")) == 2
    await shopper.goes()


async def test_a_person_who_went_away_without_a_word_has_left(floor: Floor, world: World) -> None:
    shopper, session_id = await floor.shopper()
    asked = await floor.asks(session_id)
    await floor.does(asked["ticket_id"], "join", name="Mia")
    await shopper.hears("handoff", 2)
    world.moment += ABSENT - MINUTE
    await floor.get(f"/ops/desk/tickets/{asked['ticket_id']}?after=3")
    world.moment += ABSENT - MINUTE
    await floor.process.desk.announcer.round()
    assert len(shopper.of("handoff")) == 2, "they were still looking"
    world.moment += 2 * MINUTE
    await floor.process.desk.announcer.round()
    assert (await shopper.hears("handoff", 3))["state"] == "left"
    await shopper.goes()


async def test_nobody_waits_in_a_conversation_that_has_ended(floor: Floor, world: World) -> None:
    shopper, session_id = await floor.shopper()
    await floor.asks(session_id)
    await shopper.goes()
    world.moment += SESSION_KEPT - MINUTE
    await floor.process.desk.announcer.round()
    assert len(await world.tickets.unsettled()) == 1
    world.moment += 2 * MINUTE
    await floor.process.desk.announcer.round()
    await floor.process.desk.announcer.round()
    assert await world.tickets.unsettled() == ()


async def test_who_asks_is_told_by_their_own_request_and_the_announcer_has_nothing_left_to_tell(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    note, unsettled = floor.process.conversations.note, floor.world.tickets.unsettled

    async def far_away() -> Any:
        found = await unsettled()
        await asyncio.sleep(0.01)
        return found

    async def noted(session_id: str, note_id: str, *rest: Any, **known: Any) -> Any:
        told.append(note_id)
        return await note(session_id, note_id, *rest, **known)

    monkeypatch.setattr(floor.process.conversations, "note", noted)
    monkeypatch.setattr(floor.world.tickets, "unsettled", far_away)
    shopper, session_id = await floor.shopper()
    async with floor.process.desk.announcer:
        ticket_id = (await floor.asks(session_id))["ticket_id"]
        await shopper.hears("handoff")
        await asyncio.sleep(1)
    assert told == [f"{ticket_id}_1"]
    await shopper.goes()


async def test_who_was_told_a_place_while_another_filed_at_the_same_moment_is_told_the_true_one(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shopper, session_id = await floor.shopper()
    other, other_id = await floor.shopper()
    unsettled = floor.world.tickets.unsettled

    async def before_the_other() -> Any:
        return ()

    await floor.asks(other_id)
    assert (await other.hears("handoff"))["position"] == 1
    monkeypatch.setattr(floor.world.tickets, "unsettled", before_the_other)
    await floor.asks(session_id)
    assert (await shopper.hears("handoff"))["position"] == 1
    monkeypatch.setattr(floor.world.tickets, "unsettled", unsettled)
    await floor.process.desk.announcer.round()
    assert (await shopper.hears("handoff", 2))["position"] == 2
    await floor.process.desk.announcer.round()
    assert len(shopper.of("handoff")) == 2
    assert [ticket.told_place for ticket in await unsettled()] == [1, 2]
    await shopper.goes()
    await other.goes()


async def test_what_was_filed_and_not_told_is_told_by_the_next_round_whoever_died(floor: Floor, world: World) -> None:
    shopper, session_id = await floor.shopper()
    shopper.ask("one")
    await shopper.hears("done")
    reception = floor.process.desk.reception
    await reception.tickets.file(reception.ticket(session_id, None, "Help"))
    for _ in range(3):
        await floor.process.desk.announcer.round()
    assert (await shopper.hears("handoff"))["state"] == "requested"
    assert len(shopper.of("handoff")) == 1
    await shopper.goes()


async def test_one_person_is_in_at_a_time_and_who_is_not_in_cannot_write(floor: Floor) -> None:
    shopper, session_id = await floor.shopper()
    ticket_id = (await floor.asks(session_id))["ticket_id"]
    assert (await floor.does(ticket_id, "messages", id="w", content="x")).problem == (409, "wrong_state")
    assert (await floor.does(ticket_id, "hand-back")).problem == (409, "wrong_state")
    await asyncio.gather(*(floor.does(ticket_id, "join", name="Mia") for _ in range(5)))
    assert (await shopper.hears("handoff", 2))["state"] == "joined"
    await floor.does(ticket_id, "close")
    assert (await floor.does(ticket_id, "join", name="Mia")).problem == (409, "wrong_state")
    assert (await floor.does(ticket_id, "messages", id="w", content="x")).problem == (409, "wrong_state")
    await shopper.hears("handoff", 3)
    assert [told["state"] for told in shopper.of("handoff")] == ["requested", "joined", "left"]
    await shopper.goes()


DEEDS = ["join", "messages", "typing", "hand-back", "close"]


@pytest.mark.parametrize(("token", "refusal"), [(None, (401, "unauthenticated")), ("aiko", (403, "forbidden"))])
async def test_operators_alone_see_the_desk(
    floor: Floor, world: World, token: str | None, refusal: tuple[int, str]
) -> None:
    _, session_id = await floor.shopper()
    ticket_id = (await floor.asks(session_id))["ticket_id"]
    tries = [await floor.get(path, token) for path in ("/ops/desk/tickets", f"/ops/desk/tickets/{ticket_id}")]
    tries += [await floor.post(f"/ops/desk/tickets/{ticket_id}/{deed}", token) for deed in DEEDS]
    assert [got.problem for got in tries] == [refusal] * len(tries)
    assert world.audit.kept == []


async def test_every_look_and_deed_is_in_the_trail_before_it_has_any_effect(floor: Floor, world: World) -> None:
    shopper, session_id = await floor.shopper()
    ticket_id = (await floor.asks(session_id))["ticket_id"]
    seen = (await floor.get("/ops/desk/tickets")).json["seen"]
    assert (await floor.get(f"/ops/desk/tickets?seen={seen}")).json["tickets"] is None
    version = (await floor.get(f"/ops/desk/tickets/{ticket_id}")).json["version"]
    await floor.get(f"/ops/desk/tickets/{ticket_id}?after={version}")
    await floor.does(ticket_id, "join", name="Mia")
    await floor.does(ticket_id, "messages", id="w1", content="Hello!")
    await floor.does(ticket_id, "close")
    kept = [entry for entry in world.audit.kept if entry.stage == "operator"]
    assert [entry.kind for entry in kept] == ["desk_list", "desk_read", "desk_join", "desk_wrote", "desk_close"]
    assert {entry.customer_id for entry in kept} == {"oda"}
    assert {entry.session_id for entry in kept[1:]} == {session_id}
    await shopper.goes()


async def test_what_cannot_be_audited_is_neither_read_nor_done(floor: Floor, world: World) -> None:
    shopper, session_id = await floor.shopper()
    ticket_id = (await floor.asks(session_id))["ticket_id"]

    async def away(*_: Any) -> None:
        raise OSError

    world.audit.append = away
    assert (await floor.get(f"/ops/desk/tickets/{ticket_id}")).status == 500
    assert (await floor.does(ticket_id, "join", name="Mia")).status == 500
    (ticket,) = await world.tickets.unsettled()
    assert ticket.state == "requested"
    await shopper.goes()


@pytest.mark.parametrize(
    ("deed", "body", "field"),
    [("join", {}, "name"), ("join", {"name": ""}, "name"), ("messages", {"id": "w"}, "content"),
     ("messages", {"id": "w", "content": "x" * 2001}, "content")],
)  # fmt: skip
async def test_a_wrong_field_is_named(floor: Floor, deed: str, body: dict[str, Any], field: str) -> None:
    got = await floor.does("t_1", deed, **body)
    assert got.problem == (400, "invalid_field")
    assert got.json["fields"][0]["field"] == field


async def test_replies_are_suggested_that_fit_the_matter_with_the_persons_name(floor: Floor) -> None:
    shopper, session_id = await floor.shopper()
    ticket_id = (await floor.asks(session_id))["ticket_id"]
    await floor.does(ticket_id, "join", name="Mia")
    replies = (await floor.get(f"/ops/desk/tickets/{ticket_id}")).json["replies"]
    assert replies[0] == "Hello, this is Mia. I have read your conversation and take it from here."
    await floor.does(ticket_id, "messages", id="w1", content="Hello!")
    await shopper.hears("message")
    assert replies[0] not in (await floor.get(f"/ops/desk/tickets/{ticket_id}")).json["replies"]
    await shopper.goes()


async def test_each_side_sees_that_the_other_is_writing_for_as_long_as_a_person_is_in(floor: Floor) -> None:
    shopper, session_id = await floor.shopper()
    ticket_id = (await floor.asks(session_id))["ticket_id"]

    async def shopper_types() -> bool:
        shopper.say(type="typing")
        await asyncio.sleep(0.1)
        return (await floor.get(f"/ops/desk/tickets/{ticket_id}")).json["typing"]

    assert not await shopper_types(), "nobody is in"
    await floor.does(ticket_id, "join", name="Mia")
    await shopper.hears("handoff", 2)
    assert await shopper_types()
    await asyncio.sleep(10)
    assert not (await floor.get(f"/ops/desk/tickets/{ticket_id}")).json["typing"]
    await floor.does(ticket_id, "typing")
    await shopper.hears("typing")
    assert "seq" not in shopper.of("typing")[0]
    await floor.does(ticket_id, "hand-back")
    await shopper.hears("handoff", 3)
    assert not await shopper_types()
    assert (await floor.does(ticket_id, "typing")).problem == (409, "wrong_state")
    await shopper.goes()
