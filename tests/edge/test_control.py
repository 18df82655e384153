"""R-2, R-3, R-7: feedback, a person asked for, a session read back: each once, and of one's own alone."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from msgspec.structs import replace

from mangaassist.desk.ticket import SAME_TICKET
from mangaassist.domain.customers import GUEST
from mangaassist.edge.app import build
from mangaassist.edge.feedback import Feedback
from mangaassist.edge.limits import CONTROLS_PER_MINUTE, TICKETS
from mangaassist.edge.socket import SocketEdge
from mangaassist.telemetry.analytics import ENCODER, Escalated, Rated
from mangaassist.testing.clock import START
from mangaassist.turn.memory import REMEMBERED_TURNS
from mangaassist.wire.metadata import Source
from tests.contracts.session_store import turn
from tests.conversation.virtual import Process, World
from tests.edge.rest_client import Caller, Got, Sockets, Tokens

UP = {"feedback": "thumbs_up"}


def caller_at(process: Process, moment: datetime) -> Caller:
    """Calls a process whose clock shows a moment."""
    doors = replace(process.doors(Tokens()), now=lambda: moment)
    return Caller(build(doors, cast(SocketEdge, Sockets()), {}))


def bearer(token: str | None) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}


class Shop:
    """The control plane as a shopper calls it."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    async def asked(self, token: str | None = None, message: str = "one", **fields: Any) -> Any:
        got = await self.caller.ask(message, token, **fields)
        assert got.status == 200
        return got.json

    async def rate(self, token: str | None = None, **fields: Any) -> Got:
        return await self.post("/chat/feedback", UP | fields, token)

    async def escalate(self, token: str | None = None, **fields: Any) -> Got:
        return await self.post("/chat/escalate", {"reason": "My order is lost"} | fields, token)

    async def read(self, session_id: str, token: str | None = None) -> Got:
        return await self.caller.get(f"/chat/sessions/{session_id}", **bearer(token))

    async def post(self, path: str, body: Any, token: str | None = None) -> Got:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.caller.request("POST", path, data, content_type="application/json", **bearer(token))


@pytest.fixture
def shop(caller: Caller) -> Shop:
    return Shop(caller)


# ---- feedback: R-2


async def test_a_guest_says_what_they_think_of_an_answer(shop: Shop, world: World) -> None:
    answer = await shop.asked()
    got = await shop.rate(session_id=answer["session_id"], response_id=answer["response_id"], comment=" Very good! ")
    assert got.status == 200
    told = got.json
    assert told == {
        "session_id": answer["session_id"],
        "response_id": answer["response_id"],
        "feedback": "thumbs_up",
        "comment": "Very good!",
        "at": START.isoformat(),
    }
    assert world.feedback.kept == (
        Feedback(
            session_id=answer["session_id"], response_id=answer["response_id"], customer_id=None,
            feedback="thumbs_up", comment="Very good!", at=START,
        ),
    )  # fmt: skip


async def test_feedback_that_comes_again_changes_nothing_and_hears_what_the_first_heard(
    shop: Shop, world: World
) -> None:
    answer = await shop.asked()
    which = {"session_id": answer["session_id"], "response_id": answer["response_id"]}
    first = await shop.rate(**which, comment="good")
    for other in (which, which | {"feedback": "thumbs_down"}, which | {"comment": "bad"}):
        again = await shop.rate(**other)
        assert (again.status, again.body) == (200, first.body)
    (kept,) = world.feedback.kept
    assert (kept.feedback, kept.comment) == ("thumbs_up", "good")


async def test_of_feedback_that_comes_many_times_at_once_one_is_kept_and_all_hear_the_same(
    shop: Shop, world: World
) -> None:
    answer = await shop.asked()
    which = {"session_id": answer["session_id"], "response_id": answer["response_id"]}
    told = await asyncio.gather(*(shop.rate(**which, comment=f"comment {number}") for number in range(10)))
    assert {(got.status, got.body) for got in told} == {(200, told[0].body)}
    assert len(world.feedback.kept) == 1


async def test_a_guest_has_to_name_the_session(shop: Shop) -> None:
    answer = await shop.asked()
    got = await shop.rate(response_id=answer["response_id"])
    assert got.problem == (400, "invalid_field")
    assert got.json["fields"] == [{"field": "session_id", "detail": "must be named by a guest"}]


async def test_a_customer_need_not_name_it(shop: Shop, world: World) -> None:
    answer = await shop.asked("aiko")
    got = await shop.rate("aiko", response_id=answer["response_id"])
    assert (got.status, got.json["session_id"]) == (200, answer["session_id"])
    again = await shop.rate("aiko", response_id=answer["response_id"], session_id=answer["session_id"])
    assert again.body == got.body
    (kept,) = world.feedback.kept
    assert kept.customer_id == "aiko"


async def test_an_answer_that_is_unknown_or_of_somebody_else_is_not_there(shop: Shop, world: World) -> None:
    aikos, guests = await shop.asked("aiko"), await shop.asked()
    of_aiko = {"response_id": aikos["response_id"]}
    of_guest = {"response_id": guests["response_id"]}
    refused = [
        await shop.rate("ben", **of_aiko),
        await shop.rate("ben", **of_aiko, session_id=aikos["session_id"]),
        await shop.rate("ben", **of_aiko, session_id=guests["session_id"]),
        await shop.rate(None, **of_aiko, session_id=aikos["session_id"]),
        await shop.rate(None, **of_aiko, session_id=guests["session_id"]),
        await shop.rate("ben", **of_guest),  # whoever does not name a guest's session does not know it
        await shop.rate("aiko", response_id="r_unknown"),
        await shop.rate("aiko", response_id="r_unknown", session_id=aikos["session_id"]),
        await shop.rate(None, response_id="r_unknown", session_id="s_unknown_to_all"),
    ]
    assert {got.problem for got in refused} == {(404, "not_found")}
    assert len({got.body for got in refused}) == 1
    assert world.feedback.kept == ()


async def test_an_answer_of_long_ago_can_still_be_rated(shop: Shop) -> None:
    first = await shop.asked()
    for _ in range(REMEMBERED_TURNS + 1):
        await shop.asked(session_id=first["session_id"])
    assert (await shop.rate(session_id=first["session_id"], response_id=first["response_id"])).status == 200
    elsewhere = (await shop.asked())["response_id"]
    for other in ("r_unknown", elsewhere):
        refused = await shop.rate(session_id=first["session_id"], response_id=other)
        assert refused.problem == (404, "not_found")


async def test_a_guest_and_the_customer_that_they_become_each_have_their_say(shop: Shop, world: World) -> None:
    answer = await shop.asked()
    which = {"session_id": answer["session_id"], "response_id": answer["response_id"]}
    await shop.rate(**which)
    assert (await shop.rate("aiko", **which, feedback="thumbs_down")).json["feedback"] == "thumbs_down"
    assert [kept.customer_id for kept in world.feedback.kept] == [None, "aiko"]


async def test_personal_data_in_a_comment_is_gone_before_it_is_kept(shop: Shop, world: World) -> None:
    answer = await shop.asked()
    got = await shop.rate(
        session_id=answer["session_id"],
        response_id=answer["response_id"],
        comment="Mail jane.roe@example.com or call 415-555-2671",
    )
    assert got.json["comment"] == "Mail [REDACTED] or call [REDACTED]"
    assert world.feedback.kept[0].comment == got.json["comment"]


# ---- a person: R-3


async def test_who_asks_for_a_person_gets_a_ticket(shop: Shop, world: World) -> None:
    session_id = (await shop.asked())["session_id"]
    got = await shop.escalate(session_id=session_id, summary="Since Monday; call 415-555-2671")
    assert got.status == 200
    (filed,) = await world.tickets.of_session(session_id)
    assert got.json == {"ticket_id": filed.ticket_id, "state": "requested"}
    assert (filed.reason, filed.summary) == ("My order is lost", "Since Monday; call [REDACTED]")
    assert (filed.customer_id, filed.at) == (None, START)


async def test_the_same_reason_is_the_same_ticket_for_five_minutes(process: Process, world: World) -> None:
    moments = [timedelta(), SAME_TICKET / 2, SAME_TICKET, SAME_TICKET * 1.5]
    opened = await Shop(caller_at(process, START)).asked("aiko")
    told = [
        await Shop(caller_at(process, START + moment)).escalate("aiko", session_id=opened["session_id"])
        for moment in moments
    ]
    tickets = [got.json["ticket_id"] for got in told]
    assert tickets[0] == tickets[1] != tickets[2] == tickets[3]
    assert [filed.ticket_id for filed in await world.tickets.of_session(opened["session_id"])] == [
        tickets[0],
        tickets[2],
    ]


async def test_another_reason_or_session_is_another_ticket(shop: Shop) -> None:
    one, two = (await shop.asked())["session_id"], (await shop.asked())["session_id"]
    told = [
        await shop.escalate(session_id=one),
        await shop.escalate(session_id=one, reason="My order is lost!"),
        await shop.escalate(session_id=two),
        await shop.escalate(session_id=one, reason="  My order is lost "),
    ]
    tickets = [got.json["ticket_id"] for got in told]
    assert len(set(tickets[:3])) == 3
    assert tickets[3] == tickets[0]


async def test_of_those_who_ask_for_a_person_at_once_all_get_one_ticket(shop: Shop, world: World) -> None:
    session_id = (await shop.asked())["session_id"]
    told = await asyncio.gather(*(shop.escalate(session_id=session_id) for _ in range(10)))
    assert {(got.status, got.body) for got in told} == {(200, told[0].body)}
    assert len(await world.tickets.of_session(session_id)) == 1


async def test_nobody_asks_for_a_person_in_the_session_of_another(shop: Shop, world: World) -> None:
    session_id = (await shop.asked("aiko"))["session_id"]
    refused = [
        await shop.escalate("ben", session_id=session_id),
        await shop.escalate(None, session_id=session_id),
        await shop.escalate("ben", session_id="s_unknown_to_all"),
    ]
    assert {got.problem for got in refused} == {(404, "not_found")}
    assert len({got.body for got in refused}) == 1
    assert await world.tickets.of_session(session_id) == ()
    assert (await shop.escalate("aiko", session_id=session_id)).status == 200


async def test_a_reason_of_nothing_is_none(shop: Shop, world: World) -> None:
    session_id = (await shop.asked())["session_id"]
    got = await shop.escalate(session_id=session_id, reason=" \u200b ")
    assert got.problem == (400, "invalid_field")
    assert got.json["fields"] == [{"field": "reason", "detail": "must not be empty"}]
    assert await world.tickets.of_session(session_id) == ()


# ---- reading back: R-7


async def test_a_session_is_read_back_whole(shop: Shop, world: World) -> None:
    session_id = (await shop.asked("aiko", "one wrong card"))["session_id"]
    for number in range(REMEMBERED_TURNS + 3):
        await shop.asked("aiko", f"question {number}", session_id=session_id)
    got = await shop.read(session_id, "aiko")
    assert got.status == 200
    assert got.json["session_id"] == session_id
    turns = got.json["turns"]
    assert [each["message"] for each in turns] == [
        "one wrong card",
        *(f"question {number}" for number in range(REMEMBERED_TURNS + 3)),
    ]
    assert turns[0]["answer"] == "one right "
    assert [card["asin"] for card in turns[0]["products"]] == ["B0ABCDEFGH"]


async def test_a_turn_is_read_back_with_its_sources_its_problem_and_whether_it_was_stopped(
    shop: Shop, process: Process
) -> None:
    session_id = (await shop.asked())["session_id"]
    opened = await process.conversations.open(session_id, GUEST)
    source = Source(chunk_id="faq/shipping#1", title="Shipping", source_type="faq", score=0.9)
    known = turn(7, stopped=True)
    assert known.metadata is not None
    known = replace(known, metadata=replace(known.metadata, sources=(source,)))
    await process.conversations.sessions.commit(opened.session, known)
    told = (await shop.read(session_id)).json["turns"][-1]
    assert told["sources"] == [{"chunk_id": "faq/shipping#1", "title": "Shipping", "source_type": "faq", "score": 0.9}]
    assert told["stopped"] is True


async def test_a_session_of_somebody_else_is_not_there(shop: Shop) -> None:
    session_id = (await shop.asked("aiko"))["session_id"]
    refused = [
        await shop.read(session_id, "ben"),
        await shop.read(session_id),
        await shop.read("s_unknown_to_all"),
        await shop.read("x"),
    ]
    assert {got.problem for got in refused} == {(404, "not_found")}
    assert len({got.body for got in refused}) == 1


async def test_who_asks_for_too_much_is_told_to_wait(shop: Shop) -> None:
    session_id = (await shop.asked())["session_id"]
    told = [await shop.read(session_id) for _ in range(CONTROLS_PER_MINUTE + 1)]
    assert {got.status for got in told[:-1]} == {200}
    assert told[0].headers["ratelimit"].startswith('"control";r=59')
    assert told[-1].problem == (429, "too_many_requests")
    assert int(told[-1].headers["retry-after"]) >= 1
    assert (await shop.rate(session_id=session_id, response_id="r_1")).problem[0] == 429  # one limit for all of it


async def test_a_session_has_so_many_tickets_and_one_that_is_asked_for_again_costs_none(shop: Shop) -> None:
    one, two = [(await shop.asked())["session_id"] for _ in range(2)]
    for number in range(TICKETS.capacity):
        got = await shop.escalate(session_id=one, reason=f"Reason {number}")
        assert got.headers["ratelimit-policy"] == '"control";q=60;w=60, "tickets";q=5;w=600'
        assert f'"tickets";r={TICKETS.capacity - 1 - number};t=' in got.headers["ratelimit"]
        assert (await shop.escalate(session_id=one, reason=f"Reason {number}")).json == got.json
    late = await shop.escalate(session_id=one, reason="One more reason")
    assert late.problem == (429, "too_many_requests")
    assert late.headers["ratelimit-policy"] == '"tickets";q=5;w=600'
    assert "a person" in late.json["detail"]
    assert int(late.headers["retry-after"]) == TICKETS.window_s / TICKETS.capacity
    assert (await shop.escalate(session_id=two, reason="One more reason")).status == 200


# ---- hostile bodies

HOSTILE = [
    b"", b"[]", b"{}", b"null", b'"text"', b"{", b"\xff\xfe", b"\x00", b'{"response_id": 1, "feedback": "thumbs_up"}',
    b'{"response_id": "r_1"}', b'{"feedback": "thumbs_up"}', b'{"response_id": "r_1", "feedback": "thumbs_sideways"}',
    b'{"response_id": "r_1", "feedback": ["thumbs_up"]}', b'{"response_id": "", "feedback": "thumbs_up"}',
    b'{"response_id": "../r", "feedback": "thumbs_up"}', b'{"response_id": "r\\u0000", "feedback": "thumbs_up"}',
    b'{"response_id": "of_no_answer", "feedback": "thumbs_up", "session_id": "s_12345678"}',
    b'{"response_id": "r_1", "feedback": "thumbs_up", "session_id": 7}',
    b'{"response_id": "r_1", "feedback": "thumbs_up", "session_id": "short"}',
    b'{"response_id": "r_1", "feedback": "thumbs_up", "session_id": "s_12345678", "comment": "a\\u0000b"}',
    b'{"response_id": "r_1", "feedback": "thumbs_up", "session_id": "s_12345678", "comment": "\\ud800"}',
    b'{"response_id": "r_1", "feedback": "thumbs_up", "session_id": "s_12345678", "comment": ["a"]}',
    b'{"response_id": "r_1", "feedback": "thumbs_up", "session_id": "s_12345678", "comment": "' + b"a" * 2001 + b'"}',
    b'{"session_id": "s_12345678"}', b'{"session_id": "s_12345678", "reason": ""}',
    b'{"session_id": "s_12345678", "reason": "' + b"a" * 501 + b'"}', b'{"session_id": "s_12345678", "reason": {}}',
    b'{"session_id": "s_12345678", "reason": "a", "summary": "' + b"a" * 2001 + b'"}',
    b'{"session_id": "s_12345678", "reason": "a\\u0000"}', b'{"reason": "a"}', b"[" * 20_000,
]  # fmt: skip


@pytest.mark.parametrize("path", ["/chat/feedback", "/chat/escalate"])
@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body[:60]))
async def test_a_hostile_body_is_refused_as_a_problem(shop: Shop, world: World, path: str, body: bytes) -> None:
    got = await shop.post(path, body)
    assert got.problem[0] in (400, 404)
    assert got.problem[1] in ("invalid_encoding", "invalid_json", "invalid_field", "not_found")
    assert world.feedback.kept == ()


@pytest.mark.parametrize("path", ["/chat/feedback", "/chat/escalate"])
async def test_what_is_not_said_to_be_json_is_refused(shop: Shop, path: str) -> None:
    got = await shop.caller.request("POST", path, b"{}", content_type="text/plain")
    assert got.problem == (415, "unsupported_media_type")


async def test_a_comment_of_two_thousand_characters_is_kept_and_what_we_do_not_know_passed_over(shop: Shop) -> None:
    answer = await shop.asked()
    got = await shop.rate(
        session_id=answer["session_id"], response_id=answer["response_id"], comment="猫" * 2000, colour="red"
    )
    assert (got.status, got.json["comment"]) == (200, "猫" * 2000)


@pytest.mark.parametrize(
    ("token", "told"), [("nobody", (401, "unauthenticated")), ("away", (503, "identity_unavailable"))]
)
async def test_who_cannot_be_known_is_told_so(shop: Shop, token: str, told: tuple[int, str]) -> None:
    body = {"session_id": "s_12345678", "response_id": "r_1", "reason": "a"} | UP
    for path in ("/chat/feedback", "/chat/escalate"):
        assert (await shop.post(path, body, token)).problem == told
    assert (await shop.read("s_12345678", token)).problem == told


# ---- analytics: O-5


async def test_a_rating_and_a_call_for_a_person_are_counted_once_and_without_a_word(
    shop: Shop, process: Process, world: World
) -> None:
    answer = await shop.asked("aiko")
    await asyncio.sleep(0.01)  # the receipt is counted after it was heard
    which = {"session_id": answer["session_id"], "response_id": answer["response_id"]}
    for _ in range(2):
        await shop.rate("aiko", **which, comment="zanzibar")
        filed = (
            await shop.escalate("aiko", session_id=answer["session_id"], reason="zanzibar", summary="zanzibar")
        ).json
    assert await process.analytics.flush(60)
    *_, rated, escalated = events = world.stream.events
    assert [event.what.kind for event in events] == ["asked", "answered", "rated", "escalated"]
    assert rated.what == Rated(response_id=answer["response_id"], by="customer", thumb="thumbs_up", has_comment=True)
    assert escalated.what == Escalated(ticket_id=filed["ticket_id"])
    assert len({(event.session, event.customer) for event in events}) == 1
    assert b"zanzibar" not in b"".join(map(ENCODER.encode, events))
