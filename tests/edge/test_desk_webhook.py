"""O-6: another desk takes over: it is sent what happens, signed and until it has it, and acts in the conversation as ours would."""

import json
from datetime import timedelta
from typing import Any, cast

import pytest
from msgspec.structs import replace

from mangaassist.desk.announcing import Announcer
from mangaassist.desk.forwarding import FIRST_WAIT, Forwarder
from mangaassist.edge.app import build
from mangaassist.edge.desk_webhook import OPERATOR
from mangaassist.edge.socket import SocketEdge
from mangaassist.wire.webhook_signatures import HEADER, delivery_of, signature
from tests.conversation.virtual import Process, World
from tests.edge.rest_client import Caller, Got, Sockets, Tokens
from tests.edge.socket_client import Client

KEY = b"the key of both desks, 32 bytes."


class OtherDesk:
    """Takes what it is sent, unless it is away, and sends deeds."""

    def __init__(self, process: Process, world: World) -> None:
        doors = replace(process.doors(Tokens()), desk_key=KEY)
        self.caller = Caller(build(doors, cast(SocketEdge, Sockets()), {}))
        reception = process.desk.reception
        forwarder = Forwarder(reception.tickets, world.sessions, self.take, KEY, world.now)
        self.announcer = Announcer(reception, process.conversations, world.now, forwarder)
        self.world = world
        self.is_away = False
        self.tries = 0
        self.events: list[Any] = []

    async def take(self, body: bytes, headers: dict[str, str]) -> bool:
        self.tries += 1
        assert delivery_of(headers[HEADER], body, KEY, self.world.now().timestamp())
        if not self.is_away:
            self.events.append(json.loads(body))
        return not self.is_away

    async def does(self, key: bytes = KEY, late_s: int = 0, **deed: Any) -> Got:
        raw = json.dumps(deed).encode()
        mark = signature(raw, key, int(self.world.now().timestamp()) - late_s)
        return await self.caller.request(
            "POST", "/webhooks/desk", raw, content_type="application/json", **{HEADER: mark}
        )

    async def asks(self, session_id: str) -> str:
        self.world.moment += timedelta(seconds=1)
        body = json.dumps({"session_id": session_id, "reason": "My order is lost"}).encode()
        got = await self.caller.request("POST", "/chat/escalate", body, content_type="application/json")
        return got.json["ticket_id"]


@pytest.fixture
def other(process: Process, world: World) -> OtherDesk:
    return OtherDesk(process, world)


async def test_the_whole_of_a_handoff_to_another_desk(other: OtherDesk, edge: SocketEdge, world: World) -> None:
    shopper = Client(edge)
    session_id = (await shopper.hears("session"))["session_id"]
    shopper.ask("one")
    await shopper.hears("done")
    ticket_id = await other.asks(session_id)
    await shopper.hears("handoff")
    await other.announcer.round()
    asked, said = other.events
    assert (asked["type"], asked["id"], asked["ticket"]["state"]) == ("handoff", f"{ticket_id}_1", "requested")
    assert asked["ticket"]["about"]["last_asked"] == "one"
    assert (said["type"], said["ticket_id"], said["turns"][0]["message"]) == ("turns", ticket_id, "one")

    assert (await other.does(do="join", ticket_id=ticket_id, name="Kim")).status == 202
    assert (await shopper.hears("handoff", 2))["name"] == "Kim"
    shopper.ask("hello", "m2")
    await shopper.hears("done", 2)
    for _ in range(2):
        assert (await other.does(do="write", ticket_id=ticket_id, id="1", content="Hi!")).status == 202
    assert (await shopper.hears("message"))["content"] == "Hi!"
    await other.announcer.round()
    messages = [turn["message"] for event in other.events if event["type"] == "turns" for turn in event["turns"]]
    assert messages.count("hello") == 1
    shopper.ask("bye", "m3")
    await shopper.hears("done", 3)
    assert (await other.does(do="hand_back", ticket_id=ticket_id)).status == 202
    await shopper.hears("handoff", 3)
    await other.announcer.round()
    assert other.events[-1]["ticket"]["state"] == "left"
    assert [turn["message"] for turn in other.events[-2]["turns"]][:1] == ["bye"], "nothing is left out at the end"
    count = len(other.events)
    await other.announcer.round()
    assert len(other.events) == count
    assert await world.tickets.unsettled() == (), "there is nothing left to do"
    assert {entry.customer_id for entry in world.audit.kept if entry.stage == "operator"} == {OPERATOR}
    assert len(shopper.of("message")) == 1
    await shopper.goes()


async def test_what_was_not_taken_is_sent_again_under_its_id_and_ever_more_seldom(
    other: OtherDesk, edge: SocketEdge, world: World
) -> None:
    shopper = Client(edge)
    ticket_id = await other.asks((await shopper.hears("session"))["session_id"])
    other.is_away = True
    for tries in (1, 2, 3):
        await other.announcer.round()
        await other.announcer.round()
        assert other.tries == tries, "not before its time"
        world.moment += FIRST_WAIT * 2 ** (tries - 1)
    other.is_away = False
    await other.announcer.round()
    assert [event["id"] for event in other.events if event["type"] == "handoff"] == [f"{ticket_id}_1"]
    await shopper.goes()


@pytest.mark.parametrize("wrong", [{"key": b"another key"}, {"late_s": 301}, {"late_s": -301}])
async def test_who_does_not_sign_does_nothing(
    other: OtherDesk, edge: SocketEdge, world: World, wrong: dict[str, Any]
) -> None:
    shopper = Client(edge)
    ticket_id = await other.asks((await shopper.hears("session"))["session_id"])
    got = await other.does(do="join", ticket_id=ticket_id, name="Kim", **wrong)
    assert got.problem == (401, "unauthenticated")
    (ticket,) = await world.tickets.unsettled()
    assert ticket.state == "requested"
    await shopper.goes()


async def test_where_no_key_is_set_no_other_desk_does_anything(process: Process) -> None:
    caller = Caller(build(process.doors(Tokens()), cast(SocketEdge, Sockets()), {}))
    got = await caller.request("POST", "/webhooks/desk", b"{}", content_type="application/json")
    assert got.problem == (404, "not_found")


@pytest.mark.parametrize("deed", [{"do": "dance"}, {"do": "write", "ticket_id": "t_1", "id": "1"}, {"do": "join"}])
async def test_what_is_no_deed_is_told_so(other: OtherDesk, deed: dict[str, Any]) -> None:
    assert (await other.does(**deed)).problem == (400, "invalid_field")
