"""W-1, W-2, W-6: who signs in on an open socket, and whose token ends."""

import asyncio
import json
from typing import Any

import pytest

from mangaassist.domain.customers import GUEST
from mangaassist.edge.socket import SocketEdge
from mangaassist.errors import ServiceFailure
from tests.conversation.virtual import LONG_S, Process, World
from tests.edge.socket_client import Client


async def test_a_guest_who_signs_in_keeps_the_conversation_and_other_sockets_of_guests_are_closed(
    edge: SocketEdge, world: World
) -> None:
    guest = Client(edge)
    session_id = (await guest.hears("session"))["session_id"]
    guest.ask("one", "m1")
    await guest.hears("done")
    eavesdropper = Client(edge, f"session_id={session_id}&last_seq=0")
    await eavesdropper.hears("done")
    guest.say(type="auth", token="aiko")
    assert await eavesdropper.is_closed() == 4403
    guest.ask("order 113-6638762-2523952", "m2")
    await guest.hears("done", 2)
    assert "113-6638762" not in json.dumps(eavesdropper.frames)
    assert guest.seqs == list(range(1, len(guest.seqs) + 1))
    saved = await world.sessions.load(session_id)
    assert saved is not None
    assert saved.customer_id == "aiko"
    await guest.goes()


async def test_a_guest_who_signs_in_before_a_word_was_said_owns_what_follows(edge: SocketEdge, world: World) -> None:
    guest = Client(edge)
    session_id = (await guest.hears("session"))["session_id"]
    guest.say(type="auth", token="aiko")
    guest.ask("one")
    await guest.hears("done")
    saved = await world.sessions.load(session_id)
    assert saved is not None
    assert saved.customer_id == "aiko"
    await guest.goes()


@pytest.mark.parametrize(
    ("token", "code"), [("nonsense", "unauthenticated"), ("away", "identity_unavailable"), ("ben", "forbidden")]
)
async def test_a_token_that_cannot_take_over_is_told_and_the_conversation_goes_on(
    edge: SocketEdge, token: str, code: str
) -> None:
    aiko = Client(edge, token="aiko")
    await aiko.hears("session")
    aiko.ask("one", "m1")
    await aiko.hears("done")
    aiko.say(type="auth", token=token)
    problem = (await aiko.hears("error"))["problem"]
    assert problem["code"] == code
    assert problem["detail"]
    aiko.ask("two", "m2")
    await aiko.hears("done", 2)
    assert aiko.text == "one two "
    await aiko.goes()


@pytest.mark.parametrize("away", ["load", "own", "log"])
async def test_who_signs_in_while_log_or_store_is_away_is_told_so_and_keeps_the_conversation(
    edge: SocketEdge, process: Process, world: World, monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    guest = Client(edge)
    session_id = (await guest.hears("session"))["session_id"]
    guest.ask("one", "m1")
    await guest.hears("done")
    other = Client(edge, f"session_id={session_id}")
    await other.hears("session")

    async def unreachable(*_: object) -> None:
        raise ServiceFailure("sessions", "unreachable")

    with monkeypatch.context() as patched:
        port, method = (process.log, "own") if away == "log" else (world.sessions, away)
        patched.setattr(port, method, unreachable)
        guest.say(type="auth", token="short")
        assert (await guest.hears("error"))["problem"]["code"] == "unavailable"
        guest.ask("order 113-6638762-2523952", "m2")
        told = await guest.hears("error", 2)
        assert (told["problem"]["code"], told["in_reply_to"]) == ("unavailable", "m2")
        assert guest.closed is None
    guest.ask("order 113-6638762-2523952", "m2")
    await guest.hears("done", 2)
    assert await other.is_closed() == 4403
    assert "113-6638762" not in json.dumps(other.frames)
    saved = await world.sessions.load(session_id)
    assert saved is not None
    assert (saved.customer_id, process.answers.asked[-1].identity.customer_id) == ("aiko", "aiko")
    assert await guest.is_closed() == 4401  # what was accepted ends as any other


async def test_who_signs_in_while_the_store_is_away_to_what_becomes_somebody_elses_is_sent_away(
    edge: SocketEdge, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = Client(edge), None
    session_id = (await one.hears("session"))["session_id"]
    one.ask("one", "m1")
    await one.hears("done")

    async def unreachable(*_: object) -> None:
        raise ServiceFailure("sessions", "unreachable")

    with monkeypatch.context() as patched:
        patched.setattr(world.sessions, "load", unreachable)
        one.say(type="auth", token="ben")
        await one.hears("error")
    other = Client(edge, f"session_id={session_id}", token="aiko")
    assert (await other.hears("session"))["resumed"]
    assert await one.is_closed() == 4403
    await other.goes()


async def test_who_may_not_sign_in_here_says_what_follows_as_who_they_were(
    edge: SocketEdge, process: Process, world: World
) -> None:
    guest = Client(edge)
    session_id = (await guest.hears("session"))["session_id"]
    guest.ask("one", "m1")
    await guest.hears("done")
    await world.sessions.own(session_id, "aiko")
    guest.say(type="auth", token="ben")
    assert (await guest.hears("error"))["problem"]["code"] == "forbidden"
    guest.ask("two", "m2")
    await guest.hears("done", 2)
    assert process.answers.asked[-1].identity == GUEST
    await guest.goes()


async def test_what_time_asks_for_does_not_outlive_its_line(edge: SocketEdge, monkeypatch: pytest.MonkeyPatch) -> None:
    aiko = Client(edge, token="short")
    await aiko.hears("session")
    (session,) = edge.open_sockets
    send = session._send

    async def stuck(event: Any) -> None:
        await (asyncio.sleep(LONG_S) if event["type"] != "websocket.close" else send(event))

    monkeypatch.setattr(session, "_send", stuck)
    await asyncio.sleep(31)
    errands = [task for task in asyncio.all_tasks() if task.get_name() == "errand"]
    assert len(errands) == 1
    await aiko.goes()
    assert errands[0].cancelled()


async def test_what_a_follower_still_does_is_over_when_a_line_is_counted_as_left(
    edge: SocketEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(edge)
    await client.hears("session")
    (session,) = edge.open_sockets
    following = session._following
    assert following is not None
    is_over: list[bool] = []
    monkeypatch.setattr(edge.shared.analytics, "note", lambda *_: is_over.append(following.done()))
    await client.goes()
    assert is_over == [True]


async def test_before_a_word_was_said_too_a_customer_does_not_become_another(edge: SocketEdge, world: World) -> None:
    aiko = Client(edge, token="aiko")
    session_id = (await aiko.hears("session"))["session_id"]
    aiko.say(type="auth", token="ben")
    assert (await aiko.hears("error"))["problem"]["code"] == "forbidden"
    aiko.ask("one")
    await aiko.hears("done")
    saved = await world.sessions.load(session_id)
    assert saved is not None
    assert saved.customer_id == "aiko"
    await aiko.goes()


async def test_a_token_about_to_end_is_announced_and_its_end_closes_the_line_but_not_the_answer(
    edge: SocketEdge,
) -> None:
    aiko = Client(edge, token="short")
    opened = await aiko.hears("session")
    error = await aiko.hears("error")
    assert error["problem"]["code"] == "token_expiring"
    aiko.ask("one " + "pause " * 70 + "two")
    assert await aiko.is_closed() == 4401
    again = Client(edge, f"session_id={opened['session_id']}&last_seq={aiko.seqs[-1]}", token="aiko")
    await again.hears("done")
    assert aiko.text + again.text == "one two "
    await again.goes()


async def test_a_renewed_token_keeps_the_line(edge: SocketEdge) -> None:
    aiko = Client(edge, token="short")
    await aiko.hears("error")
    aiko.say(type="auth", token="aiko")
    await asyncio.sleep(300)
    assert aiko.closed is None
    aiko.ask("one")
    await aiko.hears("done")
    await aiko.goes()
