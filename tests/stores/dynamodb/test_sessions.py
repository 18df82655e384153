"""W-2, T-13: what the session store in DynamoDB does beyond the contract: deaths, rivals, large and foreign items."""

import asyncio
import random
import sys
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from mangaassist.conversation.sessions import SESSION_KEPT
from mangaassist.errors import Conflict, ServiceFailure
from mangaassist.stores.dynamodb import items
from mangaassist.stores.dynamodb.sessions import DELETED_AT_ONCE, DynamoSessionStore
from mangaassist.stores.dynamodb.table import Table
from mangaassist.testing.clock import FakeClock
from mangaassist.testing.memory_conversations import MemorySessionStore
from mangaassist.turn.memory import HEADROOM, REMEMBERED_TURNS, Session
from tests.contracts.session_store import SESSION, begun, turn
from tests.tables import Died, Mortal, Overtaken

# ------------------------------------------------------------------ deaths


def dying(store: DynamoSessionStore, calls: int, last_comes_through: bool) -> DynamoSessionStore:
    return DynamoSessionStore(Mortal(store._table, calls, last_comes_through), store._now)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(table: Table, clock: FakeClock) -> DynamoSessionStore:
    return DynamoSessionStore(table, clock.now)


@pytest.mark.parametrize("earlier", [0, REMEMBERED_TURNS + 1])
@pytest.mark.parametrize("last_comes_through", [False, True])
async def test_who_dies_while_saving_has_saved_all_of_the_turn_or_nothing(
    store: DynamoSessionStore, earlier: int, last_comes_through: bool
) -> None:
    session = await begun(store, "aiko")
    for number in range(earlier):
        session = await store.commit(session, turn(number))
    saved = session.with_turn(turn(99))
    for calls in count(1):
        try:
            await dying(store, calls, last_comes_through).commit(session, turn(99))
        except (Died, Conflict):
            found = await store.load(SESSION)
            assert found in (session, saved)
            assert (await store.turn(SESSION, "m99") == turn(99)) == (found == saved)
            if found == saved:
                break
        else:
            break
    assert await store.load(SESSION) == saved
    assert await store.reserve(SESSION, 1) == saved.ceiling
    assert (await store.commit(saved, turn(100))).version == earlier + 2


@pytest.mark.parametrize("last_comes_through", [False, True])
async def test_who_dies_while_an_expired_session_begins_anew_leaves_it_expired_or_empty(
    store: DynamoSessionStore, clock: FakeClock, last_comes_through: bool
) -> None:
    session = await begun(store, "aiko")
    for number in range(DELETED_AT_ONCE + 3):
        session = await store.commit(session, turn(number))
    clock.advance(timedelta(hours=25).total_seconds())
    fresh = Session(session_id=SESSION, customer_id="ben", ceiling=HEADROOM)
    for calls in count(1):
        try:
            await dying(store, calls, last_comes_through).begin(SESSION, "ben", HEADROOM)
        except Died:
            assert await store.load(SESSION) in (None, fresh)
        else:
            break
    assert await store.load(SESSION) == fresh
    assert await store.turn(SESSION, "m1") is None
    assert (await store.commit(fresh, turn(1))).turns == (turn(1),)


async def test_a_session_whose_head_was_deleted_is_gone_and_its_old_turns_do_not_come_back(
    store: DynamoSessionStore, table: Table, clock: FakeClock
) -> None:
    await store.commit(await begun(store, "aiko"), turn(1))
    clock.advance(timedelta(hours=25).total_seconds())
    await table.write("delete_item", Key=items.head_key(SESSION))  # as DynamoDB does, in no order
    assert await store.load(SESSION) is None
    assert await begun(store, "ben") == Session(session_id=SESSION, customer_id="ben", ceiling=HEADROOM)
    assert await store.turn(SESSION, "m1") is None


async def test_a_turn_that_is_saved_while_the_session_begins_anew_stays(
    store: DynamoSessionStore, clock: FakeClock
) -> None:
    session = await store.commit(await begun(store), turn(1))
    clock.advance(timedelta(hours=25).total_seconds())
    late = await store.commit(session, turn(2))
    await store._forget_turns(SESSION, items.oldest(clock.now()))
    assert await store.turn(SESSION, "m1") is None
    assert await store.turn(SESSION, "m2") == turn(2)
    assert late.version == 2


# ------------------------------------------------------------------ expiry


async def test_nothing_of_a_session_that_lives_is_given_to_dynamodb_to_delete(
    store: DynamoSessionStore, table: Table, clock: FakeClock
) -> None:
    session, almost = await begun(store, "aiko"), (SESSION_KEPT - timedelta(seconds=1)).total_seconds()
    for number in range(2 * REMEMBERED_TURNS):
        session = await store.commit(session, turn(number))
        clock.advance(almost)
        for item in await store._newest(SESSION, REMEMBERED_TURNS):
            assert int(item[items.EXPIRES_AT]["N"]) > clock.wall()


async def test_all_that_is_written_is_deleted_some_day(
    store: DynamoSessionStore, table: Table, clock: FakeClock
) -> None:
    await store.commit(await begun(store, "aiko"), turn(1))
    await store.own(SESSION, "aiko")
    await store.reserve(SESSION, 9999)
    written = await table.ask("scan", "Items")
    assert len(written) == 2
    assert {int(item[items.EXPIRES_AT]["N"]) for item in written} == {clock.wall() + items.ITEM_KEPT.total_seconds()}


# ------------------------------------------------------------------ rivals

RIVAL = """
import asyncio, sys
from mangaassist.conversation.sessions import SESSIONS
from mangaassist.errors import Conflict
from mangaassist.stores.dynamodb.sessions import DynamoSessionStore
from tests.contracts.session_store import SESSION, turn
from tests.tables import opened

async def main(url, table, name, turns):
    async with opened(url, table) as shared:
        store = DynamoSessionStore(shared)
        print("ready", flush=True)
        sys.stdin.readline()
        session, saved, conflicts = await store.load(SESSION), 0, 0
        while saved < turns:
            try:
                session = await store.commit(session, turn(saved, message_id=f"{name}{saved}"))
                saved += 1
            except Conflict:
                session, conflicts = await store.load(SESSION), conflicts + 1
        print(conflicts, flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
"""


async def test_of_two_processes_that_save_the_same_versions_each_turn_is_saved_once(
    table: Table, dynalite_url: str
) -> None:
    turns = 40
    store = DynamoSessionStore(table)
    await begun(store)
    rivals = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", RIVAL, dynalite_url, table.name, name, str(turns),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for name in ("a", "b")
    ]  # fmt: skip
    for rival in rivals:
        assert rival.stdout is not None
        assert await rival.stdout.readline() == b"ready\n"
    told = await asyncio.gather(*(rival.communicate(b"\n") for rival in rivals))
    assert sum(int(out) for out, _ in told) > 0, "they never met"
    session = await store.load(SESSION)
    assert session is not None
    assert session.version == 2 * turns
    for name in ("a", "b"):
        for number in range(turns):
            assert await store.turn(SESSION, f"{name}{number}") is not None


@pytest.mark.parametrize("has_expired", [False, True])
async def test_who_begins_a_session_that_somebody_else_just_began_leaves_it_as_it_is(
    store: DynamoSessionStore, table: Table, clock: FakeClock, has_expired: bool
) -> None:
    if has_expired:
        await store.commit(await begun(store, "chie"), turn(1))
        clock.advance(timedelta(hours=25).total_seconds())

    async def first() -> None:
        await store.commit(await begun(store, "aiko"), turn(2))

    second: Any = Overtaken(table, "put", first)
    await DynamoSessionStore(second, clock.now).begin(SESSION, "ben", HEADROOM)
    session = await store.load(SESSION)
    assert session is not None
    assert (session.customer_id, session.turns) == ("aiko", (turn(2),))


async def test_a_message_that_was_answered_long_ago_is_not_saved_again(store: DynamoSessionStore) -> None:
    session = await begun(store)
    for number in range(REMEMBERED_TURNS + 2):
        session = await store.commit(session, turn(number))
    for number in (0, REMEMBERED_TURNS):
        with pytest.raises(Conflict):
            await store.commit(session, turn(99, message_id=f"m{number}"))
    assert await store.load(SESSION) == session


# ------------------------------------------------------------------ items


async def test_sessions_of_large_turns_are_loaded_whole(store: DynamoSessionStore) -> None:
    session = await begun(store)
    for number in range(REMEMBERED_TURNS + 1):
        session = await store.commit(session, turn(number, answer="漫" * 30_000 + "x" * 250_000))
    assert await store.load(SESSION) == session  # several replies of DynamoDB, which end at 1 MB


async def test_a_turn_that_no_item_holds_is_refused_before_it_is_sent(store: DynamoSessionStore) -> None:
    session = await begun(store)
    with pytest.raises(ServiceFailure) as refused:
        await store.commit(session, turn(1, answer="漫" * 200_000))
    assert not refused.value.transient
    assert await store.load(SESSION) == session


@pytest.mark.parametrize("session_id", ["", "x" * 2049, "漫" * 683])
async def test_an_id_that_no_key_holds_is_of_no_session_and_dynamodb_is_not_asked(
    store: DynamoSessionStore, session_id: str
) -> None:
    assert await dying(store, 1, last_comes_through=False).load(session_id) is None


async def test_a_record_that_cannot_be_read_is_a_failure_of_the_store(store: DynamoSessionStore, table: Table) -> None:
    saved = await store.commit(await begun(store), turn(1))
    await table.write("put_item", Item=dict(items.turn_of(saved, store._now())) | {"record": items.text('{"x": 1}')})
    for ask in (store.load(SESSION), store.turn(SESSION, "m1")):
        with pytest.raises(ServiceFailure) as failed:
            await ask
        assert (failed.value.service, failed.value.kind) == ("sessions", "contract")


# ------------------------------------------------------------------ the double


@pytest.mark.parametrize("seed", range(12))
async def test_it_does_what_the_double_does(store: DynamoSessionStore, clock: FakeClock, seed: int) -> None:
    drawn, double = random.Random(seed), MemorySessionStore(clock.now)
    held: list[Session] = []
    for step in range(80):
        name, *args = drawn.choice((
            ("begin", drawn.choice(("aiko", "ben", None)), drawn.choice((HEADROOM, 5000))),
            ("load",), ("load",),
            ("turn", f"m{drawn.randrange(20)}"),
            ("commit", held), ("commit", held), ("commit", held), ("commit", held),
            ("reserve", drawn.randrange(8000)),
            ("own", drawn.choice(("aiko", "ben"))),
            ("wait",),
        ))  # fmt: skip
        if name == "wait":
            clock.advance(drawn.choice((0.25, 3600, 23 * 3600, 25 * 3600)))
            if await double.load(SESSION) is None:
                held.clear()  # nobody holds a session for as long as it takes to expire
        elif name == "commit" and held:
            number = drawn.randrange(20)
            before = held[-1] if drawn.random() < 0.7 else drawn.choice(held)
            saved = await _both(store, double, "commit", before, turn(number, last_seq=before.last_seq + number))
            held += [saved] if isinstance(saved, Session) else []
        elif name != "commit":
            found = await _both(store, double, name, SESSION, *args)
            held += [found] if isinstance(found, Session) else []
        assert await store.load(SESSION) == await double.load(SESSION), f"after step {step}, {name}"


async def _both(store: DynamoSessionStore, double: MemorySessionStore, name: str, *args: Any) -> Any:
    ours, theirs = [await _outcome(getattr(one, name)(*args)) for one in (store, double)]
    assert ours == theirs, name
    return ours


async def _outcome(asked: Any) -> Any:
    try:
        return await asked
    except Conflict as conflict:
        return str(conflict)
