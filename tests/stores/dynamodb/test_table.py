"""Every call ends, with an answer or with a failure of ours; and only a table of sessions is used as one."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web
from msgspec.structs import replace

from benchmarks.system import free_port
from mangaassist.assembly.durable import opened_durable
from mangaassist.errors import Conflict, ServiceFailure, StartFailed
from mangaassist.settings import load
from mangaassist.stores.aws.client import Limits
from mangaassist.stores.dynamodb import schema
from mangaassist.stores.dynamodb.control import DynamoControl
from mangaassist.stores.dynamodb.items import EXPIRES_AT
from mangaassist.stores.dynamodb.schema import DEFINITION, create
from mangaassist.stores.dynamodb.sessions import DynamoSessionStore
from mangaassist.stores.dynamodb.table import Table
from mangaassist.stores.sqlite.control import SqliteFeedback
from mangaassist.stores.sqlite.sessions import SqliteSessionStore
from tests.contracts.feedback_store import feedback
from tests.contracts.idempotency_store import record
from tests.contracts.session_store import SESSION, begun, turn
from tests.contracts.ticket_store import ticket
from tests.tables import PATIENT, REGION, fresh_table, opened

pytestmark = pytest.mark.usefixtures("aws_environment")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[str]:
    """Speaks HTTP as the handler does."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def throttled() -> web.Response:
    code = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
    return web.json_response({"__type": code}, status=400, content_type="application/x-amz-json-1.0")


ASKED = {
    "begin": lambda store: store.begin(SESSION, None, 1),
    "load": lambda store: store.load(SESSION),
    "turn": lambda store: store.turn(SESSION, "m1"),
    "reserve": lambda store: store.reserve(SESSION, 1),
    "own": lambda store: store.own(SESSION, "aiko"),
    "turns": lambda store: store.turns(SESSION, 5),
    "session_of": lambda store: store.session_of("r1"),
    "ping": lambda store: store.ping(),
}

CONTROL_ASKED = {
    "keep": lambda control: control.stores.feedback.keep(feedback()),
    "file": lambda control: control.stores.tickets.file(ticket(1)),
    "of_session": lambda control: control.stores.tickets.of_session("s_1"),
    "begin": lambda control: control.stores.idempotency.begin(record(1)),
    "forget": lambda control: control.stores.idempotency.forget(record(1)),
    "ping": lambda control: control.ping(),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
async def test_a_server_that_is_not_there_is_a_failure_that_may_pass(
    ask: Callable[[DynamoSessionStore], Awaitable[object]],
) -> None:
    async with opened(f"http://127.0.0.1:{free_port()}", "sessions", replace(PATIENT, tries=1)) as table:
        with pytest.raises(ServiceFailure) as failed:
            await ask(DynamoSessionStore(table))
        assert (failed.value.service, failed.value.kind) == ("sessions", "unreachable")


@pytest.mark.parametrize("limits", [Limits(reply_s=0.05, all_s=600, tries=1), Limits(reply_s=600, all_s=0.05)])
async def test_a_server_that_never_answers_is_given_up(limits: Limits) -> None:
    async def silent(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async with server(silent) as url, opened(url, "sessions", limits) as table:
        with pytest.raises(ServiceFailure) as failed:
            await DynamoSessionStore(table).load(SESSION)
        assert failed.value.kind == "timeout"


async def test_a_connection_that_breaks_is_a_failure_that_may_pass() -> None:
    async def breaking(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with server(breaking) as url, opened(url, "sessions", replace(PATIENT, tries=1)) as table:
        with pytest.raises(ServiceFailure) as failed:
            await DynamoSessionStore(table).load(SESSION)
        assert failed.value.kind == "unreachable"


async def test_a_reply_that_does_not_come_is_asked_for_again(table: Table, dynalite_url: str) -> None:
    asked = 0

    async def silent_at_first(request: web.Request, forward: Forward) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        if asked == 1:
            await asyncio.Event().wait()
        return await forward()

    limits = Limits(connect_s=60, reply_s=2, all_s=120, tries=10)
    async with between(dynalite_url, silent_at_first) as url, opened(url, table.name, limits) as shared:
        await DynamoSessionStore(shared).ping()
    assert asked > 1


async def test_a_call_is_given_up_even_when_each_of_its_tries_is_quick() -> None:
    async def busy(request: web.Request) -> web.StreamResponse:
        return throttled()

    async with server(busy) as url, opened(url, "sessions", Limits(all_s=0.2, tries=1000)) as table:
        with pytest.raises(ServiceFailure) as failed:
            await DynamoSessionStore(table).load(SESSION)
        assert failed.value.transient


async def test_a_throttled_call_is_tried_a_few_times_and_then_fails_for_now() -> None:
    asked = 0

    async def busy(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return throttled()

    async with server(busy) as url, opened(url, "sessions", PATIENT) as table:
        with pytest.raises(ServiceFailure) as failed:
            await DynamoSessionStore(table).load(SESSION)
    assert (failed.value.transient, failed.value.detail) == (True, "ProvisionedThroughputExceededException")
    assert asked == PATIENT.tries


async def test_a_call_that_is_throttled_once_succeeds(table: Table, dynalite_url: str) -> None:
    asked = 0

    async def busy_at_first(request: web.Request, forward: Forward) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return throttled() if asked == 1 else await forward()

    async with between(dynalite_url, busy_at_first) as url, opened(url, table.name) as shared:
        await DynamoSessionStore(shared).ping()
    assert asked == 2


@pytest.mark.parametrize("status", [200, 403, 502])
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"Items": 3', b'{"Items": 3}', b"[]", b'"no"'])
async def test_an_answer_that_is_none_of_dynamodbs_is_a_failure(body: bytes, status: int) -> None:
    async def foreign(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status)

    async with server(foreign) as url, opened(url, "sessions", Limits(tries=1)) as table:
        with pytest.raises(ServiceFailure):
            await DynamoSessionStore(table).load(SESSION)


async def test_a_save_whose_reply_is_lost_is_there_and_is_a_conflict_with_itself(
    table: Table, dynalite_url: str
) -> None:
    """The worker reloads upon a conflict, and finds its own turn."""
    puts = 0

    async def loses_the_first_put(request: web.Request, forward: Forward) -> web.StreamResponse:
        nonlocal puts
        reply = await forward()
        if request.headers["X-Amz-Target"].endswith("PutItem"):
            puts += 1
            if puts == 1:
                assert request.transport is not None
                request.transport.abort()
        return reply

    session = await begun(DynamoSessionStore(table))
    async with between(dynalite_url, loses_the_first_put) as url, opened(url, table.name) as shared:
        store = DynamoSessionStore(shared)
        with pytest.raises(Conflict):
            await store.commit(session, turn(1))
        assert await store.load(SESSION) == session.with_turn(turn(1))
    assert puts == 2


async def test_no_older_state_is_ever_read_but_for_which_session_an_answer_is_of(
    table: Table, dynalite_url: str
) -> None:
    reads: list[dict[str, object]] = []

    async def noted(request: web.Request, forward: Forward) -> web.StreamResponse:
        if request.headers["X-Amz-Target"].endswith(("Query", "GetItem")):
            reads.append(json.loads(await request.read()))
        return await forward()

    async with between(dynalite_url, noted) as url, opened(url, table.name) as shared:
        store = DynamoSessionStore(shared)
        await store.commit(await begun(store), turn(1))
        await store.turn(SESSION, "m1")
        await store.turns(SESSION, 5)
        await store.reserve(SESSION, 5000)
        await store.session_of("r1")
        control = DynamoControl(shared).stores
        for _ in range(2):
            await control.feedback.keep(feedback())
            await control.tickets.file(ticket(1))
            await control.idempotency.begin(record(1))
        await control.tickets.of_session("s_1")
    assert len(reads) == 12
    assert [read.get("IndexName") for read in reads if not read["ConsistentRead"]] == ["by_response"]


@pytest.mark.parametrize("ask", CONTROL_ASKED.values(), ids=CONTROL_ASKED)
async def test_failures_of_feedback_and_tickets_have_a_name_of_their_own(
    ask: Callable[[DynamoControl], Awaitable[object]],
) -> None:
    async with opened(f"http://127.0.0.1:{free_port()}", "sessions", replace(PATIENT, tries=1)) as table:
        with pytest.raises(ServiceFailure) as failed:
            await ask(DynamoControl(table))
        assert (failed.value.service, failed.value.kind) == ("control", "unreachable")


Forward = Callable[[], Awaitable[web.Response]]


@contextlib.asynccontextmanager
async def between(
    behind: str, handler: Callable[[web.Request, Forward], Awaitable[web.StreamResponse]]
) -> AsyncIterator[str]:
    """A server that the handler lets through to the one behind."""
    async with aiohttp.ClientSession() as http:

        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.read()

            async def forward() -> web.Response:
                async with http.post(behind, data=body, headers=request.headers) as reply:
                    kept = {name: reply.headers[name] for name in ("Content-Type", "x-amz-crc32", "x-amzn-RequestId")}
                    return web.Response(body=await reply.read(), status=reply.status, headers=kept)

            return await handler(request, forward)

        async with server(handle) as url:
            yield url


# ------------------------------------------------------------------ the start


async def started(url: str, name: str, region: str | None = REGION) -> None:
    table = await schema.opened(name, region, url, timeout_factor=20)
    await table.close()


async def test_a_table_of_sessions_is_used(table: Table, dynalite_url: str) -> None:
    await started(dynalite_url, table.name)


async def test_a_table_that_is_not_there_is_named_at_the_start(dynalite_url: str) -> None:
    with pytest.raises(StartFailed, match=r"no-such-table.*docs/engines\.md"):
        await started(dynalite_url, "no-such-table")


INDEXES = ("LocalSecondaryIndexes", "GlobalSecondaryIndexes")


@pytest.mark.parametrize("missing", [("LocalSecondaryIndexes",), ("GlobalSecondaryIndexes",), (*INDEXES, "KeySchema")])
async def test_a_table_with_other_keys_is_refused_at_the_start(dynalite_url: str, missing: tuple[str, ...]) -> None:
    other = {part: value for part, value in DEFINITION.items() if part not in missing}
    other.setdefault("KeySchema", DEFINITION["KeySchema"][:1])
    schemas = [other["KeySchema"], *(index["KeySchema"] for kind in INDEXES for index in other.get(kind, ()))]
    used = {key["AttributeName"] for schema in schemas for key in schema}
    other["AttributeDefinitions"] = [
        named for named in DEFINITION["AttributeDefinitions"] if named["AttributeName"] in used
    ]
    name = f"other-{len(missing)}-{missing[0]}"
    async with opened(dynalite_url, name) as table:
        await table.ask("create_table", "TableDescription", **other)
    with pytest.raises(StartFailed, match=f"{name} has other keys"):
        await started(dynalite_url, name)


async def test_a_start_that_fails_leaves_no_connection_open(dynalite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    close = Table.close

    async def noted(table: Table) -> None:
        closed.append(table.name)
        await close(table)

    monkeypatch.setattr(Table, "close", noted)
    with pytest.raises(StartFailed):
        await started(dynalite_url, "no-such-table")
    assert closed == ["no-such-table"]


async def test_a_server_that_is_away_does_not_keep_us_from_starting() -> None:
    async def away(request: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    async with server(away) as url:
        await started(url, "sessions")


async def test_no_region_is_said_at_the_start(dynalite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(StartFailed, match="region"):
        await started(dynalite_url, "sessions", region=None)


async def test_no_credentials_are_said_at_the_start(dynalite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StartFailed, match="NoCredentialsError"):
        await started(dynalite_url, "sessions")


async def test_the_settings_choose_where_sessions_are_and_what_belongs_to_them(
    table: Table, dynalite_url: str, tmp_path: Path
) -> None:
    async with opened_durable(load(environment={}), tmp_path) as embedded:
        assert isinstance(embedded.sessions, SqliteSessionStore)
        assert isinstance(embedded.control.feedback, SqliteFeedback)
        await embedded.ping_control()
    names = {"TABLE": table.name, "REGION": REGION, "ENDPOINT_URL": dynalite_url}
    environment = {f"MANGAASSIST_DYNAMODB__{name}": value for name, value in names.items()}
    async with opened_durable(load(environment=environment | {"MANGAASSIST_TIMEOUT_FACTOR": "20"}), tmp_path) as shared:
        assert await begun(shared.sessions) == await DynamoSessionStore(table).load(SESSION)
        said = await shared.control.feedback.keep(feedback())
        assert await DynamoControl(table).stores.feedback.keep(feedback(comment="again")) == said
        await shared.ping_control()


async def test_what_is_not_installed_is_said_at_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "mangaassist.stores.dynamodb.sessions", None)
    with pytest.raises(StartFailed, match=r"mangaassist\[aws\]"):
        async with opened_durable(load(environment={"MANGAASSIST_DYNAMODB__TABLE": "sessions"}), tmp_path):
            pass


async def test_the_command_makes_a_table_that_a_start_takes(dynalite_url: str) -> None:
    name = f"made-{uuid4().hex}"
    for word in ("is made", "exists already"):
        command = ("-m", "mangaassist.stores.dynamodb", name, "--region", REGION, "--endpoint-url", dynalite_url)
        made = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
        assert await made.communicate() == (f"{name} {word}.\n".encode(), None)
    await started(dynalite_url, name)


async def test_a_table_is_made_once(dynalite_url: str) -> None:
    async with fresh_table(dynalite_url) as table:
        assert not await create(table)


async def test_a_table_that_is_made_lets_dynamodb_delete_what_has_expired(moto_url: str) -> None:
    async with fresh_table(moto_url) as table:
        assert await table.ask("describe_time_to_live", "TimeToLiveDescription") == {
            "TimeToLiveStatus": "ENABLED",
            "AttributeName": EXPIRES_AT,
        }
