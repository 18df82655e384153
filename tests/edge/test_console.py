"""O-6: operators alone see the console, a look is in the trail first, and its pages load nothing of others."""

import json
from datetime import timedelta
from typing import Any

import pytest

from mangaassist.console.knowledge_sharing import KnowledgeSharing, WatchedKnowledge
from mangaassist.console.process_figures import Watched
from mangaassist.console.sharing import Sharing
from mangaassist.domain.customers import Identity
from mangaassist.edge.pages import SECTIONS
from mangaassist.knowledge.dead_letters import DeadLetter
from mangaassist.knowledge.generations import ServingIndex
from mangaassist.services.policies import POLICIES
from mangaassist.telemetry.freshness import Freshness
from mangaassist.telemetry.metrics import Metrics
from mangaassist.testing.clock import START
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_index import MemoryIndex
from mangaassist.testing.small_console import a_console
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.store_pages import StorePage
from tests.conversation.virtual import Process, World, seconds
from tests.edge.rest_client import Caller, Got

READS = (
    "/ops/console/overview",
    "/ops/console/turns",
    "/ops/console/knowledge",
    "/ops/console/pages",
    "/ops/console/pages/faq-a",
    "/ops/console/faults",
)
DEEDS = ("faults", "faults/end", "knowledge/retry", "pages/faq-a/draft", "pages/faq-a/approve", "pages/faq-a/discard")
ANSWER = AnswerMetadata(
    intent="faq",
    confidence=1.0,
    stage="rules",
    tier="template",
    model="offline",
    latency_ms=1.0,
    ttft_ms=1.0,
    timings={},
)
PAGES = ("/ops", "/ops/desk", *(f"/ops/{section}" for section in sorted(SECTIONS)))


async def get(caller: Caller, path: str, token: str | None = "oda") -> Got:
    return await caller.get(path, **({"authorization": f"Bearer {token}"} if token else {}))


async def post(caller: Caller, deed: str, token: str | None = "oda", **body: Any) -> Got:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    data = json.dumps(body).encode()
    return await caller.request("POST", f"/ops/console/{deed}", data, content_type="application/json", **headers)


def looks(world: World) -> list[tuple[str, str | None]]:
    return [(entry.kind, entry.customer_id) for entry in world.audit.kept if entry.stage == "operator"]


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(("token", "refusal"), [(None, (401, "unauthenticated")), ("aiko", (403, "forbidden"))])
async def test_nobody_but_an_operator_reads_a_figure(
    caller: Caller, world: World, path: str, token: str | None, refusal: tuple[int, str]
) -> None:
    assert (await get(caller, path, token)).problem == refusal
    assert world.audit.kept == []


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(("token", "refusal"), [(None, (401, "unauthenticated")), ("aiko", (403, "forbidden"))])
async def test_nobody_but_an_operator_does_a_thing(
    caller: Caller, world: World, deed: str, token: str | None, refusal: tuple[int, str]
) -> None:
    assert (await post(caller, deed, token)).problem == refusal
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

    world.audit.append = away
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


# ---- the knowledge

LETTER = DeadLetter(
    source="editorial", document_id="editorial-gifts", version=7, error="body: must not be empty", event="{}",
    set_aside_at=START,
)  # fmt: skip
TEXT = {"source_type": "faq", "title": "When?", "body": "Within two days."}
PAGE = StorePage(
    id="faq-a", version=3, updated_at="2026-10-30T08:00:00Z", source_type="faq", title="When?", body="Soon."
)


async def test_freshness_stands_beside_its_limit_and_a_late_source_is_an_alarm(
    caller: Caller, process: Process
) -> None:
    metrics = process.shared.metrics
    metrics.limit_knowledge("catalog", 10)
    metrics.observe_knowledge("catalog", 12.5, START)
    (source,) = (await get(caller, "/ops/console/knowledge")).json["sources"]
    assert (source["name"], source["limit_s"], source["slowest_lag_s"], source["is_late"]) == (
        "catalog",
        10,
        12.5,
        True,
    )
    (alarm,) = (await get(caller, "/ops/console/overview")).json["alarms"]
    assert alarm["name"] == "KnowledgeBehind"


async def test_what_was_set_aside_is_told_with_its_reason_and_tried_again(
    caller: Caller, process: Process, world: World
) -> None:
    await process.letters.set_aside(LETTER)
    told = (await get(caller, "/ops/console/knowledge")).json
    assert told["set_aside"] == {"editorial": 1}
    assert [(one["id"], one["error"], one["is_due"]) for one in told["letters"]] == [
        (LETTER.letter_id, "body: must not be empty", False)
    ]
    assert (await post(caller, "knowledge/retry", ids=[LETTER.letter_id])).json == {"asked": 1, "is_all": True}
    (due,) = await process.letters.due(5)
    assert due.letter_id == LETTER.letter_id
    assert looks(world) == [("console_knowledge", "oda"), ("console_retry", "oda")]
    assert (await post(caller, "knowledge/retry", ids=["0" * 12])).problem == (404, "not_found")
    assert (await post(caller, "knowledge/retry")).json == {"asked": 1, "is_all": True}


@pytest.mark.parametrize("waits", [True, False])
async def test_while_an_encoders_index_is_made_beside_the_one_before_the_knowledge_and_the_pages_say_that_changes_wait(
    caller: Caller, process: Process, waits: bool
) -> None:
    await process.index.show(MemoryIndex(), by_words_alone=waits)
    for path in ("knowledge", "pages"):
        assert (await get(caller, f"/ops/console/{path}")).json["changes_wait"] is waits


@pytest.mark.parametrize("ids", [[], ["x"], ["0" * 12] * 101, "all"])
async def test_a_wrong_list_of_events_is_refused_and_named(caller: Caller, ids: Any) -> None:
    got = await post(caller, "knowledge/retry", ids=ids)
    assert got.problem == (400, "invalid_field")


async def test_a_page_goes_from_draft_to_approved_by_two_people(caller: Caller, process: Process, world: World) -> None:
    process.pages.pages["faq-a"] = PAGE
    assert (await post(caller, "pages/faq-a/draft", **TEXT)).json == {"id": "faq-a", "revision": 1}
    (line,) = (await get(caller, "/ops/console/pages")).json["pages"]
    assert (line["id"], line["version"], line["draft_by"]) == ("faq-a", 3, "oda")
    page = (await get(caller, "/ops/console/pages/faq-a")).json
    assert [[part["kind"] for part in line] for line in page["changes"]][3:] == [["removed"], ["added"]]
    assert (await post(caller, "pages/faq-a/approve", revision=1)).problem == (403, "forbidden")
    assert process.pages.pages["faq-a"].body == "Soon."
    assert (await post(caller, "pages/faq-a/approve", "ola", revision=2)).problem == (409, "wrong_state")
    assert (await post(caller, "pages/faq-a/approve", "ola", revision=1)).json == {"id": "faq-a", "revision": 0}
    assert process.pages.pages["faq-a"].body == "Within two days."
    kinds = [kind for kind, _ in looks(world)]
    assert kinds == ["console_draft", "console_pages", "console_page", *["console_approve"] * 3]


async def test_a_draft_that_is_dropped_leaves_the_page_as_it_is(caller: Caller, process: Process) -> None:
    process.pages.pages["faq-a"] = PAGE
    await post(caller, "pages/faq-a/draft", **TEXT)
    assert (await post(caller, "pages/faq-a/discard")).status == 200
    assert (await get(caller, "/ops/console/pages/faq-a")).json["draft"] is None
    assert (await post(caller, "pages/faq-a/discard")).problem == (404, "not_found")


async def test_who_may_not_edit_reads_pages_and_no_drafts(caller: Caller, process: Process) -> None:
    process.pages.pages["faq-a"] = PAGE
    await post(caller, "pages/faq-a/draft", **TEXT)
    told = (await get(caller, "/ops/console/pages", "uli")).json
    assert (told["may_edit"], told["pages"][0]["draft_by"]) == (False, None)
    assert (await get(caller, "/ops/console/pages/faq-a", "uli")).json["draft"] is None
    assert (await post(caller, "pages/faq-a/draft", "uli", **TEXT)).problem == (403, "forbidden")


@pytest.mark.parametrize(
    ("deed", "body", "status"),
    [
        ("pages/faq-a/draft", {**TEXT, "title": ""}, 400),
        ("pages/faq-a/draft", {**TEXT, "source_type": "poem"}, 400),
        ("pages/faq-a/approve", {"revision": 0}, 400),
        ("pages/Not..a-page/draft", TEXT, 404),
    ],
)  # fmt: skip
async def test_what_is_no_page_is_refused(caller: Caller, deed: str, body: dict[str, Any], status: int) -> None:
    assert (await post(caller, deed, **body)).problem[0] == status


# ---- faults


async def test_a_service_is_made_faulty_for_a_while_and_well_again(
    caller: Caller, process: Process, world: World
) -> None:
    told = (await post(caller, "faults", service="reviews", mode="fail", for_s=60)).json
    assert [(one["service"], one["mode"], one["left_s"]) for one in told["faults"]] == [("reviews", "fail", 60.0)]
    assert (await get(caller, "/ops/console/faults")).json == told
    assert (await get(caller, "/ops/console/overview")).json["injects_faults"] is True
    assert (await post(caller, "faults/end")).json["faults"] == []
    kinds = [kind for kind, _ in looks(world)]
    assert kinds == ["console_fault", "console_faults", "console_overview", "console_fault_end"]


@pytest.mark.parametrize(
    "fault",
    [
        {"service": "reviews", "mode": "tired"},
        {"service": "reviews", "mode": "fail", "for_s": 0},
        {"service": "reviews", "mode": "fail", "for_s": 1801},
        {"service": "reviews", "mode": "slow", "delay_ms": 60_001},
        {"service": "../orders", "mode": "fail"},
        {"mode": "fail"},
        {"service": "weather", "mode": "fail"},
    ],
)
async def test_a_fault_that_is_none_or_has_no_end_is_refused(
    caller: Caller, process: Process, fault: dict[str, Any]
) -> None:
    assert (await post(caller, "faults", **fault)).problem == (400, "invalid_field")
    assert (await process.faults.faults()).faults == ()


# ---- several processes


async def test_the_overview_and_the_turns_are_those_of_all_processes_and_name_them(
    caller: Caller, process: Process
) -> None:
    metrics = Metrics()
    metrics.observe_answer(ANSWER, (), START)
    other = Watched(
        process="other", since=START, metrics=metrics, clock=seconds, breakers=lambda: dict.fromkeys(POLICIES, "closed")
    )
    await Sharing(other, process.boards.figures, process.boards.turns, lambda: START).tell()
    await caller.ask("hello", "aiko")
    told = (await get(caller, "/ops/console/overview")).json
    assert (told["answers"], [one["name"] for one in told["processes"]]) == (2, ["process 1", "other"])
    turns = (await get(caller, "/ops/console/turns")).json
    assert {turn["process"] for turn in turns["newest"]} == set(turns["processes"]) == {"process 1", "other"}


async def test_what_another_process_has_set_aside_is_read_here_is_an_alarm_and_is_tried_again_there(
    caller: Caller, process: Process
) -> None:
    letters, freshness = MemoryDeadLetters(), Freshness()
    await letters.set_aside(LETTER)
    freshness.limit("catalog", 10)
    freshness.note("catalog", 12.5, START)
    watched = WatchedKnowledge(process="other", letters=letters, freshness=freshness, index=ServingIndex())
    other = KnowledgeSharing(watched, process.boards.knowledge, process.boards.retries, lambda: START)
    await other.tell()
    told = (await get(caller, "/ops/console/knowledge")).json
    assert [one["name"] for one in told["processes"]] == ["process 1", "other"]
    assert (told["set_aside"], [one["id"] for one in told["letters"]]) == ({"editorial": 1}, [LETTER.letter_id])
    alarms = (await get(caller, "/ops/console/overview")).json["alarms"]
    assert [alarm["name"] for alarm in alarms] == ["KnowledgeBehind", "KnowledgeSetAside"]
    assert (await post(caller, "knowledge/retry", ids=[LETTER.letter_id])).json == {"asked": 1, "is_all": True}
    await other.tell()
    assert [letter.letter_id for letter in await letters.due(5)] == [LETTER.letter_id]


async def test_a_draft_that_one_process_kept_is_approved_at_another(
    caller: Caller, process: Process, world: World
) -> None:
    process.pages.pages["faq-a"] = PAGE
    await post(caller, "pages/faq-a/draft", **TEXT)
    elsewhere = a_console(Metrics(), world.audit, world.now, seconds, pages=process.pages)
    done = await elsewhere.pages.approve(Identity(customer_id="ola", token="token of ola"), "faq-a", 1)
    assert done.revision == 0
    assert (await get(caller, "/ops/console/pages/faq-a")).json["approved"]["body"] == "Within two days."
