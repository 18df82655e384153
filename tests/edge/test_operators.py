"""G-7, O-6: operators look into the audit trail, nobody else does, and their looking is in it."""

import json
from typing import Any

import pytest

from mangaassist.testing.scripted_answers import CARD
from tests.conversation.virtual import World
from tests.edge.rest_client import Caller, Got

PATH = "/operator/audit/search"


async def search(caller: Caller, token: str | None = "oda", **asked: Any) -> Got:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return await caller.request("POST", PATH, json.dumps(asked).encode(), content_type="application/json", **headers)


@pytest.mark.parametrize(
    ("token", "refusal"),
    [(None, (401, "unauthenticated")), ("aiko", (403, "forbidden")), ("x", (401, "unauthenticated"))],
)
async def test_nobody_but_an_operator_looks_and_a_try_learns_nothing(
    caller: Caller, world: World, token: str | None, refusal: tuple[int, str]
) -> None:
    got = await caller.request("POST", PATH, b"no json", **({"authorization": f"Bearer {token}"} if token else {}))
    assert got.problem == refusal
    assert world.audit.kept == []


async def test_who_was_shown_which_price_is_found_by_product(caller: Caller) -> None:
    answer = (await caller.ask("one card", "aiko")).json
    got = await search(caller, asin=CARD.asin, stage="shown")
    assert got.status == 200
    (entry,) = got.json["entries"]
    assert (entry["customer_id"], entry["response_id"]) == ("aiko", answer["response_id"])
    assert entry["replacement"] == f"{CARD.asin} {CARD.price}"
    assert got.json["is_all"] is True


async def test_a_look_is_in_the_trail_before_anything_is_seen(caller: Caller, world: World) -> None:
    await search(caller, text="call 415-555-2671")
    await search(caller, customer_id="aiko")
    first, second = world.audit.kept
    assert (first.stage, first.kind, first.customer_id) == ("operator", "read", "oda")
    assert "2671" not in repr(first), "what was looked for may itself be personal"
    assert '"customer_id":"aiko"' in second.original


async def test_what_is_sealed_is_opened_for_who_asks_for_it_and_that_is_noted(caller: Caller, world: World) -> None:
    await caller.ask("write to bob@example.com please", "aiko")
    (kept,) = (await search(caller, customer_id="aiko")).json["entries"]
    assert (kept["original"], kept["sealed"]) == ("[EMAIL]", True)
    (kept,) = (await search(caller, text="bob@example", opened=True)).json["entries"]
    assert (kept["original"], kept["sealed"]) == ("bob@example.com", True)
    assert (await search(caller, text="bob@example", stage="intake")).json["entries"] == []
    assert [entry.replacement for entry in world.audit.kept if entry.stage == "operator"] == [
        "as kept",
        "sealed originals opened",
        "as kept",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"cursor": "yesterday"},
        {"cursor": "2026-13-01T00:00:00.000000+00:00~1"},
        {"text": "ab"},
        {"limit": 0},
        {"limit": 501},
        {"since": "yesterday"},
        {"since": "2026-01-01T00:00:00"},
    ],
)
async def test_what_cannot_be_searched_for_is_refused_and_named(caller: Caller, wrong: dict[str, Any]) -> None:
    got = await search(caller, **wrong)
    assert got.problem == (400, "invalid_field")
    assert got.json["fields"][0]["field"] == next(iter(wrong))


async def test_times_may_be_as_far_as_dates_go(caller: Caller) -> None:
    got = await search(caller, since="0001-01-01T00:00:00+23:00", until="9999-12-31T23:59:59-23:00")
    assert got.status == 200


async def test_the_trail_is_read_on_by_a_cursor(caller: Caller) -> None:
    for number in range(3):
        await caller.ask(f"one card {number}", "aiko")
    first = (await search(caller, stage="shown", limit=2)).json
    rest = (await search(caller, stage="shown", limit=2, cursor=first["next"])).json
    told = [entry["response_id"] for entry in (*first["entries"], *rest["entries"])]
    assert (len(told), len(set(told)), rest["next"]) == (3, 3, None)
