"""W-7, O-3: a process that leaves, and what those hear who ask how it is."""

import asyncio
import json
from typing import Any

import pytest

from mangaassist.edge.app import Door
from mangaassist.edge.probes import ASKED_AGAIN_S, NEEDED, PING_LIMIT_S
from mangaassist.errors import ServiceFailure
from tests.conversation.virtual import Process, seconds
from tests.edge.rest_client import SHOP, Caller, Sockets

# ---- leaving: W-7


async def test_a_process_that_leaves_refuses_what_is_new_says_so_to_probes_and_is_still_alive(
    caller: Caller, door: Door
) -> None:
    asking = asyncio.create_task(caller.ask("pause one"))
    await asyncio.sleep(0.1)
    door.drain()
    for got in (
        await caller.ask("two"),
        await caller.get("/chat/sessions/s_nobodys_at_all"),
        await caller.get("/readyz"),
    ):
        assert got.problem == (503, "draining")
        assert int(got.headers["retry-after"]) > 0
        assert got.headers["connection"] == "close"
    assert (await caller.get("/healthz")).status == 200
    assert (await caller.get("/metrics")).status == 200
    assert (await asking).json["response_text"] == "one "


async def test_a_page_hears_that_a_process_leaves(caller: Caller, door: Door) -> None:
    door.drain()
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "content-type"}
    assert (await caller.request("OPTIONS", "/chat/message", origin=SHOP, **asked)).status == 204
    got = await caller.post({"message": "one"}, origin=SHOP)
    assert got.problem == (503, "draining")
    assert got.headers["access-control-allow-origin"] == SHOP


@pytest.mark.parametrize("path", ["/ws", "/elsewhere"])
async def test_a_process_that_leaves_takes_no_socket(door: Door, sockets: Sockets, path: str) -> None:
    door.drain()
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(event: Any) -> None:
        sent.append(event)

    await door({"type": "websocket", "path": path, "headers": [(b"host", b"127.0.0.1:8000")]}, receive, send)
    assert sockets.served == []
    assert sent[0]["status"] == 503
    assert int(dict(sent[0]["headers"])[b"retry-after"]) > 0
    assert json.loads(sent[1]["body"])["code"] == "draining"


# ---- probes: O-3


async def test_it_is_alive_whatever_else_is_away(caller: Caller) -> None:
    got = await caller.get("/healthz")
    assert (got.status, got.body) == (200, b"ok\n")
    assert got.headers["content-type"].startswith("text/plain")


async def test_it_is_ready_when_every_dependency_answers(caller: Caller, pings: dict[str, Any]) -> None:
    async def answers_late() -> None:
        await asyncio.sleep(PING_LIMIT_S - 0.1)

    pings |= {"catalog": answers_late, "store": answers_late}
    began = asyncio.get_running_loop().time()
    got = await caller.get("/readyz")
    assert asyncio.get_running_loop().time() - began < PING_LIMIT_S  # all at once
    assert (got.status, got.json) == (200, {"status": "ready", "dependencies": {"catalog": "ok", "store": "ok"}})


async def test_each_dependency_that_is_away_is_named_with_what_is_wrong(caller: Caller, pings: dict[str, Any]) -> None:
    async def answers() -> None: ...

    async def refuses() -> None:
        raise ServiceFailure("store", "unreachable")

    async def says_nothing() -> None:
        await asyncio.sleep(1e6)

    async def breaks() -> None:
        raise RuntimeError("10.0.0.7 is nobody's business")

    pings |= {"catalog": answers, "store": refuses, "knowledge": says_nothing, "analytics": breaks}
    got = await caller.get("/readyz")
    assert (got.status, got.json["status"]) == (200, "degraded")  # answers are thinner, and go on
    assert got.json["dependencies"] == {
        "catalog": "ok",
        "store": "unreachable",
        "knowledge": "timeout",
        "analytics": "error",
    }


@pytest.mark.parametrize("needed", sorted(NEEDED))
async def test_without_what_every_answer_needs_it_is_not_ready(
    caller: Caller, pings: dict[str, Any], needed: str
) -> None:
    async def refuses() -> None:
        raise ServiceFailure(needed, "unreachable", "Error 111 connecting to 10.0.0.7")

    pings[needed] = refuses
    got = await caller.get("/readyz")
    assert (got.status, got.json) == (503, {"status": "away", "dependencies": {needed: "unreachable"}})


async def test_dependencies_are_asked_once_a_second_however_many_look(caller: Caller, pings: dict[str, Any]) -> None:
    asked: list[float] = []

    async def counts() -> None:
        asked.append(seconds())
        await asyncio.sleep(0.1)

    pings["catalog"] = counts
    await asyncio.gather(*(caller.get("/readyz") for _ in range(50)))
    assert len(asked) == 1
    await asyncio.sleep(ASKED_AGAIN_S)
    await caller.get("/readyz")
    assert len(asked) == 2


async def test_what_was_measured_is_told_to_prometheus(caller: Caller, process: Process) -> None:
    await caller.ask("one")
    got = await caller.get("/metrics")
    assert b"mangaassist_turns_total{" in got.body
    assert got.headers["content-type"] == process.shared.metrics.content_type  # Prometheus scrapes no other
