"""O-6: operators alone see the console, a look is in the trail first, and its pages load nothing of others."""

from datetime import timedelta
from typing import Any

import pytest

from mangaassist.edge.pages import SECTIONS
from tests.conversation.virtual import World
from tests.edge.rest_client import Caller, Got

READS = ("/ops/console/overview", "/ops/console/turns")
PAGES = ("/ops", "/ops/desk", *(f"/ops/{section}" for section in sorted(SECTIONS)))


async def get(caller: Caller, path: str, token: str | None = "oda") -> Got:
    return await caller.get(path, **({"authorization": f"Bearer {token}"} if token else {}))


def looks(world: World) -> list[tuple[str, str | None]]:
    return [(entry.kind, entry.customer_id) for entry in world.audit.kept if entry.stage == "operator"]


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(("token", "refusal"), [(None, (401, "unauthenticated")), ("aiko", (403, "forbidden"))])
async def test_nobody_but_an_operator_reads_a_figure(
    caller: Caller, world: World, path: str, token: str | None, refusal: tuple[int, str]
) -> None:
    assert (await get(caller, path, token)).problem == refusal
    assert world.audit.kept == []


async def test_an_answer_is_seen_in_the_overview_and_among_the_turns(caller: Caller) -> None:
    await caller.ask("wrong price", "aiko")
    told = (await get(caller, "/ops/console/overview")).json
    assert (told["answers"], told["of"], told["cost"]["conversations"]) == (1, 1, 1)
    assert told["corrections"]["stages"] == [{"stage": "prices", "share": 1.0, "is_alarming": False}]
    (turn,) = (await get(caller, "/ops/console/turns")).json["newest"]
    assert (turn["intent"], turn["outcome"], turn["corrected"]) == ("faq", "answered", ["prices"])
    assert "wrong price" not in str(turn)


async def test_a_look_is_noted_once_while_it_goes_on_and_again_after_ten_minutes(caller: Caller, world: World) -> None:
    for _ in range(3):
        await get(caller, "/ops/console/overview")
    await get(caller, "/ops/console/turns")
    assert looks(world) == [("console_overview", "oda"), ("console_turns", "oda")]
    world.moment += timedelta(minutes=10)
    await get(caller, "/ops/console/overview")
    assert looks(world)[2:] == [("console_overview", "oda")]


async def test_what_cannot_be_audited_is_not_shown(caller: Caller, world: World) -> None:
    async def away(*_: Any) -> None:
        raise OSError

    world.audit.append = away  # type: ignore[method-assign]
    for path in READS:
        assert (await get(caller, path)).status == 500


async def test_the_limits_of_the_desk_hold_for_each_operator(caller: Caller) -> None:
    got = await get(caller, READS[0])
    assert got.headers["ratelimit-policy"].startswith('"desk"')


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_says_nothing_and_loads_nothing_of_others(caller: Caller, path: str) -> None:
    for token in (None, "oda", "x", "away"):
        got = await get(caller, path, token)
        assert got.status == 200
        assert "default-src 'none'; script-src 'self'" in got.headers["content-security-policy"]
        assert "access-control-allow-origin" not in got.headers


@pytest.mark.parametrize("path", PAGES)
async def test_a_customer_is_told_in_words_that_a_page_is_not_theirs(caller: Caller, path: str) -> None:
    got = await get(caller, path, "aiko")
    assert (got.status, got.headers["content-type"].split(";")[0]) == (403, "text/html")
    assert b"for the shop" in got.body
    assert b"ops.js" not in got.body


async def test_the_console_has_no_other_pages(caller: Caller) -> None:
    assert (await get(caller, "/ops/nonsense")).problem == (404, "not_found")


async def test_a_page_that_is_kept_by_the_browser_is_still_refused_to_a_customer(caller: Caller) -> None:
    etag = (await get(caller, "/ops")).headers["etag"]
    assert (await caller.get("/ops", authorization="Bearer oda", if_none_match=etag)).status == 304
    assert (await caller.get("/ops", authorization="Bearer aiko", if_none_match=etag)).status == 403
