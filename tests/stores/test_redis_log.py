"""What is particular to the conversation log in Redis: news that get lost, memory that gets lost, and Redis itself away."""

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from redis import exceptions

from mangaassist.assembly.shared import opened_shared
from mangaassist.conversation.embedded import EmbeddedLog
from mangaassist.conversation.hold import patiently
from mangaassist.conversation.log import (
    FRAMES_KEPT_S,
    HEADS_KEPT_S,
    KEPT_ANSWERS,
    LOG,
    Batch,
    Cursor,
    Hole,
    Joined,
    Origin,
    Revoked,
)
from mangaassist.domain.counting import Bucket
from mangaassist.errors import EpochLost, ServiceFailure, StartFailed
from mangaassist.services.cache import Dated, Space
from mangaassist.settings import Redis, Settings
from mangaassist.stores.memory.cache import MemoryCache
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.stores.memory.near_cache import NearCache
from mangaassist.stores.redis import scripts
from mangaassist.stores.redis.cache import RedisCache
from mangaassist.stores.redis.connection import LINES, Server, failing, failure_kind
from mangaassist.stores.redis.conversation_log import CHECK_S, RedisLog, keys_of
from mangaassist.stores.redis.counters import RedisCounters
from mangaassist.stores.redis.news import MANY, Ear
from tests.contracts.conversation_log import NEW, SESSION, answered, claimed, entry, frames, taken
from tests.patience import PATIENCE
from tests.redis_server import RedisServer

ENGINES = Path(__file__).parent.parent.parent / "docs" / "engines.md"

KEY = "0123456789abcdef"


@pytest.fixture
async def log(server: RedisServer) -> AsyncIterator[RedisLog]:
    made = await RedisLog.open(Server(server.url), KEY)
    yield made
    await made.close()


async def heard_through(news: Any, last: int) -> list[int]:
    """The numbers of frames up to one, as they come."""
    heard: list[int] = []
    async with asyncio.timeout(30):
        while not heard or heard[-1] < last:
            item = await anext(news)
            if isinstance(item, Batch):
                heard += range(item.first, item.last + 1)
    return heard


async def comes_true(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def back(log: RedisLog) -> None:
    """Wait until a server that was started again is spoken to."""
    await patiently(log.ping, time.monotonic)


# ---- what is heard


async def test_a_follower_that_hears_no_news_at_all_looks_for_itself(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ear, "hear", lambda self, news: None)
    log = RedisLog(Server(server.url), check_s=0.05)
    async with aclosing(log.follow(SESSION, Cursor(0), None, NEW)) as news:
        assert isinstance(await anext(news), Joined)
        waiting = asyncio.create_task(heard_through(news, 2))
        await answered(log, "a", 2)
        assert await waiting == [1, 2]
    await log.close()


async def test_a_follower_whose_line_is_cut_hears_what_was_said_meanwhile(server: RedisServer, log: RedisLog) -> None:
    async with aclosing(log.follow(SESSION, Cursor(0), None, NEW)) as news:
        await anext(news)
        waiting = asyncio.create_task(heard_through(news, 2 * KEPT_ANSWERS))
        for number in range(KEPT_ANSWERS):
            with server.client() as client:
                client.client_kill_filter(_type="pubsub", skipme=True)
            await answered(log, f"m{number}", 2)
        assert await waiting == list(range(1, 2 * KEPT_ANSWERS + 1))


class HardOfHearing:
    """Loses the news of all ears as long as it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lost = 0
        self.loses = False
        hear = Ear.hear

        def hears(ear: Ear, news: bytes) -> None:
            if self.loses:
                self.lost += 1
            else:
                hear(ear, news)

        monkeypatch.setattr(Ear, "hear", hears)


@pytest.fixture
def ears(monkeypatch: pytest.MonkeyPatch) -> HardOfHearing:
    return HardOfHearing(monkeypatch)


async def test_a_follower_that_misses_a_batch_notices_it_at_the_next(log: RedisLog, ears: HardOfHearing) -> None:
    async with aclosing(log.follow(SESSION, Cursor(0), None, NEW)) as news:
        await anext(news)
        waiting = asyncio.create_task(heard_through(news, 2))
        await answered(log, "a", 2)
        await waiting
        waiting = asyncio.create_task(heard_through(news, 6))
        ears.loses = True
        await answered(log, "b", 2)
        await comes_true(lambda: ears.lost > 0)
        ears.loses = False
        await answered(log, "c", 2)
        assert await waiting == [3, 4, 5, 6]


async def test_a_guest_that_misses_that_somebody_owns_the_session_hears_nothing_of_theirs(
    log: RedisLog, ears: HardOfHearing
) -> None:
    async with aclosing(log.follow(SESSION, Cursor(0), None, NEW)) as news:
        await anext(news)
        waiting = asyncio.create_task(heard_through(news, 2))
        await answered(log, "a", 2)
        await waiting
        ears.loses = True
        await log.own(SESSION, "aiko", NEW)
        await comes_true(lambda: ears.lost > 0)
        ears.loses = False
        last = asyncio.create_task(anext(news))
        await taken(log, "b", asker="aiko")
        await log.append((await claimed(log)).lease, frames(3, 1))
        async with asyncio.timeout(30):
            assert await last == Revoked()


async def test_news_that_come_twice_are_told_once(server: RedisServer, log: RedisLog) -> None:
    async with aclosing(log.follow(SESSION, Cursor(0), None, NEW)) as news:
        await anext(news)
        waiting = asyncio.create_task(heard_through(news, 2))
        await answered(log, "a", 2)
        await waiting
        following = asyncio.create_task(anext(news))
        *_, channel = keys_of(SESSION)
        with server.client() as client:
            batch = client.xrange(keys_of(SESSION)[2])[0][1][b"batch"]
            client.execute_command("SPUBLISH", channel, batch)
        await asyncio.sleep(0.1)
        await answered(log, "b", 1)
        async with asyncio.timeout(30):
            assert await following == Batch(3, None, frames(3, 1))


async def test_who_gives_a_session_back_in_which_something_waits_wakes_another(
    server: RedisServer, log: RedisLog
) -> None:
    other = await RedisLog.open(Server(server.url), KEY)
    await taken(log, "a")
    lease = (await claimed(log)).lease
    async with aclosing(other.wakes()) as wakes:
        waking = asyncio.create_task(anext(wakes))
        async with asyncio.timeout(30):
            assert await waking == SESSION  # it was offered, and nobody had claimed it
            waking = asyncio.create_task(anext(wakes))
            await log.release(lease)
            assert await waking == SESSION
    await other.close()


async def test_a_guest_stops_hearing_as_soon_as_somebody_owns_the_session_also_when_nothing_is_said(
    server: RedisServer, log: RedisLog
) -> None:
    other = await RedisLog.open(Server(server.url), KEY)
    async with aclosing(log.follow(SESSION, Cursor(0), None, NEW)) as news:
        await anext(news)
        waiting = asyncio.create_task(anext(news))
        await comes_true(lambda: _has_subscribers(server))
        await other.own(SESSION, "aiko", NEW)
        async with asyncio.timeout(CHECK_S / 2):
            assert await waiting == Revoked()
    await other.close()


def _has_subscribers(server: RedisServer) -> bool:
    with server.client() as client:
        return bool(client.execute_command("PUBSUB", "SHARDCHANNELS"))


async def test_an_answer_of_more_batches_than_one_look_brings_comes_whole(log: RedisLog) -> None:
    await taken(log, "a")
    lease = (await claimed(log)).lease
    count = scripts.BATCHES_AT_ONCE * 2 + 3
    for _ in range(count):
        lease = await log.append(lease, frames(lease.last + 1, 1))
    async with aclosing(log.follow(SESSION, Cursor(0), None, NEW)) as news:
        assert await heard_through(news, count) == list(range(1, count + 1))


async def test_many_followers_of_one_process_need_one_line_and_leave_no_subscription(
    server: RedisServer, log: RedisLog
) -> None:
    followers = [log.follow(f"s_{number % 10}", Cursor(0), None, NEW) for number in range(200)]
    for follower in followers:
        await anext(follower)
    with server.client() as client:
        await comes_true(lambda: len(client.execute_command("PUBSUB", "SHARDCHANNELS")) == 10)
        await comes_true(
            lambda: len(client.client_list(_type="pubsub")) == 1
        )  # the server forgets older ones by and by
        for follower in followers:
            await follower.aclose()
        await comes_true(lambda: client.execute_command("PUBSUB", "SHARDCHANNELS") == [])


async def test_an_ear_keeps_one_thing_and_of_more_only_that_there_was_more() -> None:
    ear = Ear()
    ear.hear(b"one")
    assert await ear.next(10) == b"one"
    ear.hear(b"two")
    ear.hear(b"three")
    assert await ear.next(10) == MANY
    assert await ear.next(0.01) == MANY


async def test_the_news_of_a_batch_are_enough_to_tell_it(server: RedisServer, log: RedisLog) -> None:
    """No follower asks again for what it has just heard: only the calls of the answer reach the server."""
    other = await RedisLog.open(Server(server.url), KEY)
    async with aclosing(other.follow(SESSION, Cursor(0), None, NEW)) as news:
        await anext(news)
        waiting = asyncio.create_task(heard_through(news, 1))
        lease = await answered(log, "a", 1)
        await waiting
        await taken(log, "b")
        lease = (await claimed(log)).lease
        with server.client() as client:
            before = client.info("commandstats")["cmdstat_evalsha"]["calls"]
            for _ in range(20):
                waiting = asyncio.create_task(anext(news))
                await asyncio.sleep(0)
                lease = await log.append(lease, frames(lease.last + 1, 1))
                await waiting
            assert client.info("commandstats")["cmdstat_evalsha"]["calls"] == before + 20
    await other.close()


# ---- what is lost


async def test_after_a_flush_in_mid_answer_the_holder_learns_that_its_lease_is_lost(
    server: RedisServer, log: RedisLog
) -> None:
    await taken(log, "a")
    held = await log.append((await claimed(log)).lease, frames(1, 3))
    server.flush()
    with pytest.raises(EpochLost):
        await log.renew(held)
    await log.offer(SESSION, entry("other"), Origin(1024), claim=True)
    for call in (log.renew(held), log.append(held, frames(4, 1))):
        with pytest.raises(EpochLost):
            await call
    await log.release(held)
    assert await log.claim(SESSION, NEW) is None


async def test_a_follower_of_a_flushed_session_hears_a_hole_and_what_comes_after_it(
    server: RedisServer, log: RedisLog
) -> None:
    await answered(log, "a", 3)
    async with aclosing(log.follow(SESSION, Cursor(3), None, Origin(1024))) as news:
        joined = await anext(news)
        assert isinstance(joined, Joined)
        server.flush()
        offered = await log.offer(SESSION, entry("b"), Origin(1024), claim=True)
        assert offered.claim is not None
        await log.append(offered.claim.lease, frames(1025, 2), ack="b")
        async with asyncio.timeout(30):
            assert await anext(news) == Hole(joined.epoch, 4, 1024)
        assert await heard_through(news, 1026) == [1025, 1026]


async def test_what_was_kept_on_disk_waits_after_a_restart_under_numbers_above_the_origin(
    server: RedisServer, log: RedisLog
) -> None:
    await taken(log, "a", asker="aiko")
    held = await log.append((await claimed(log)).lease, frames(1, 3))
    await log.own(SESSION, "aiko", NEW)
    with server.client() as client:
        client.save()
    server.restart()
    await back(log)
    with pytest.raises(EpochLost):
        await log.append(held, frames(4, 1))
    assert (await log.offer(SESSION, entry("b"), None, claim=True)).verdict == "unknown"
    await log.stop(SESSION)
    assert await anext(log.follow(SESSION, Cursor(3), "ben", NEW)) == Revoked()
    claim = await claimed(log, Origin(1024))
    assert (claim.entry, claim.shown) == (entry("a", asker="aiko", attempt=2, stopped=True), ())
    assert (claim.lease.last, claim.lease.fence > held.fence, claim.lease.epoch != held.epoch) == (1024, True, True)
    assert not await log.own(SESSION, "ben", NEW)
    await log.append(claim.lease, frames(1025, 1), ack="a")
    async with aclosing(log.follow(SESSION, Cursor(3, held.epoch), "aiko", NEW)) as news:
        joined = await anext(news)
        assert isinstance(joined, Joined)
        assert joined.hole == Hole(joined.epoch, 4, 1024)
        assert await heard_through(news, 1025) == [1025]
    with server.client() as client:
        client.flushall()
        client.save()


async def test_numbers_that_were_kept_on_disk_are_not_used_again_whatever_the_origin_says(
    server: RedisServer, log: RedisLog
) -> None:
    await answered(log, "a", 3)
    with server.client() as client:
        client.save()
    server.restart()
    await back(log)
    assert (await log.offer(SESSION, entry("b"), Origin(2), claim=False)).last == 3
    with server.client() as client:
        client.flushall()
        client.save()


async def test_a_lease_of_another_run_of_the_server_is_lost_however_its_clock_went(log: RedisLog) -> None:
    await taken(log, "a")
    lease = replace((await claimed(log)).lease, epoch="another")
    for call in (log.renew(lease), log.append(lease, frames(1, 1))):
        with pytest.raises(EpochLost):
            await call


async def test_frames_that_ended_are_told_as_a_hole_before_and_after_the_next_answer(
    server: RedisServer, log: RedisLog
) -> None:
    await answered(log, "a", 3)
    with server.client() as client:
        client.delete(keys_of(SESSION)[2])
    for last in (3, 5):
        async with aclosing(log.follow(SESSION, Cursor(1), None, NEW)) as news:
            joined = await anext(news)
            assert isinstance(joined, Joined)
            assert (joined.last, joined.hole) == (last, Hole(joined.epoch, 2, 3))
            assert await anext(news) == joined.hole
            if last == 3:
                await answered(log, "b", 2)
            assert await heard_through(news, 5) == [4, 5]


async def test_a_script_that_the_server_has_forgotten_is_told_again(server: RedisServer, log: RedisLog) -> None:
    await taken(log, "a")
    with server.client() as client:
        client.script_flush()
    await taken(log, "b")


async def test_everything_that_is_kept_of_a_session_ends_by_itself(server: RedisServer, log: RedisLog) -> None:
    await taken(log, "a")
    lease = await log.append((await claimed(log)).lease, frames(1, 1))
    await log.stop(SESSION)
    with server.client() as client:
        assert _ends(client) == {"slot": HEADS_KEPT_S, "bodies": HEADS_KEPT_S, "frames": HEADS_KEPT_S, "due": -1}
        await log.append(lease, (), ack="a")
        assert _ends(client) == {"slot": HEADS_KEPT_S, "frames": FRAMES_KEPT_S}


def _ends(client: Any) -> dict[str, float]:
    """In how many seconds the keys end, by their kind; a minute more or less is no matter."""
    ends = {key.decode().split(":")[2]: client.ttl(key) for key in client.scan_iter("*:*:*")}
    return {kind: -1 if ttl < 0 else round(ttl / 60) * 60.0 for kind, ttl in ends.items()}


# ---- what it may do


async def counted_and_kept(lines: Server) -> None:
    """What counters and cache ask for, beside the log and over the same lines."""
    counters, cache = RedisCounters(lines, PATIENCE), RedisCache(lines, PATIENCE)
    bucket, space, dated = Bucket(1, 60), Space("space", 60, str), Dated("value", datetime.now(UTC))
    assert [(await counters.take("name", bucket)).allowed for _ in range(2)] == [True, False]
    await counters.give_back("name", bucket)
    assert await counters.add("name", 2, 60) == 2
    assert await counters.totals(["name"]) == {"name": 2}
    await counters.ping()
    await cache.put_many(space, {"key": dated})
    assert await cache.get_many(space, ["key"]) == {"key": dated}


async def test_the_rights_that_the_documentation_names_are_enough(server: RedisServer) -> None:
    rows = [line for line in ENGINES.read_text(encoding="utf-8").splitlines() if line.startswith("| rights |")]
    (row,) = [row for row in rows if "evalsha" in row]
    commands, *patterns = re.findall("`(.+?)`", row)
    keys, *channels = patterns
    rules = [f"+{command}" for command in commands.split()] + [f"~{keys}"] + [f"&{channel}" for channel in channels]
    with server.client() as client:
        client.execute_command("ACL", "SETUSER", "assistant", "reset", "on", ">secret", *rules)
    lines = Server(server.url.replace("//", "//assistant:secret@"))
    log = await RedisLog.open(lines, KEY)
    async with aclosing(log.follow(SESSION, Cursor(0), None, NEW)) as news, aclosing(log.wakes()) as wakes:
        await anext(news)
        hearing, waking = asyncio.create_task(heard_through(news, 10)), asyncio.create_task(anext(wakes))
        for number in range(5):
            await answered(log, f"m{number}", 2)
        await log.stop(SESSION)
        await log.due(1)
        await log.release(await answered(log, "last", 0))
        async with asyncio.timeout(30):
            assert (await hearing, await waking) == (list(range(1, 11)), SESSION)
        await log.own(SESSION, "aiko", NEW)
        await log.ping()
    await log.close()
    await counted_and_kept(lines)
    await lines.close()
    wrong = await RedisLog.open(Server(server.url.replace("//", "//assistant:wrong@")), KEY)
    with pytest.raises(ServiceFailure, match="unauthenticated"):
        await wrong.ping()
    await wrong.close()


# ---- calls that are given up


async def test_a_call_that_is_cancelled_ends_and_nobody_else_gets_its_answer(log: RedisLog) -> None:
    await taken(log, "a")
    lease = (await claimed(log)).lease
    chance = random.Random(7)
    async with asyncio.timeout(60):
        for _ in range(300):
            call = asyncio.create_task(chance.choice((log.ping, lambda: log.due(1), lambda: log.renew(lease)))())
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.wait((call,))
            assert await log.renew(lease) == lease


async def test_a_follower_that_is_cancelled_at_any_moment_ends(server: RedisServer, log: RedisLog) -> None:
    chance = random.Random(8)
    async with asyncio.timeout(60):
        for _ in range(300):
            follower = log.follow(SESSION, Cursor(0), None, NEW)
            hearing = asyncio.create_task(heard_through(follower, 1))
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            hearing.cancel()
            await asyncio.wait((hearing,))
            assert hearing.cancelled()
            await follower.aclose()
    with server.client() as client:
        await comes_true(lambda: client.execute_command("PUBSUB", "SHARDCHANNELS") == [])


async def test_more_calls_at_once_than_there_are_lines_wait_for_one(server: RedisServer, log: RedisLog) -> None:
    with server.client() as client:
        await asyncio.gather(*(log.due(1) for _ in range(10 * LINES)))
        await comes_true(lambda: len(client.client_list(_type="normal")) <= LINES + 1)


# ---- Redis away


async def test_who_calls_a_redis_that_is_gone_hears_that_it_may_come_back(server: RedisServer, log: RedisLog) -> None:
    server.stop()
    follower = log.follow(SESSION, Cursor(0), None, NEW)
    for call in (log.ping, lambda: log.claim(SESSION, NEW), lambda: log.due(1), lambda: anext(follower)):
        with pytest.raises(ServiceFailure) as failure:
            await call()
        assert (failure.value.service, failure.value.kind, failure.value.transient) == (LOG, "unreachable", True)
    server.start()
    await back(log)
    await taken(log, "a")


async def test_who_calls_a_redis_that_hangs_is_told_so_and_what_it_appended_counts_once(
    server: RedisServer, log: RedisLog
) -> None:
    await taken(log, "a")
    lease = (await claimed(log)).lease
    server.pause()
    with pytest.raises(ServiceFailure) as failure:
        await log.append(lease, frames(1, 2))
    server.resume()
    assert failure.value.kind == "timeout"
    assert failure.value.transient
    assert (await log.append(lease, frames(1, 2))).last == 2


async def test_a_log_whose_redis_is_away_at_the_start_is_there_when_it_comes(server: RedisServer) -> None:
    server.stop()
    log = await RedisLog.open(Server(server.url), KEY)
    with pytest.raises(ServiceFailure):
        await log.ping()
    server.start()
    await back(log)
    async with aclosing(log.follow(SESSION, Cursor(0), None, NEW)) as news:
        await anext(news)
        waiting = asyncio.create_task(heard_through(news, 1))
        await answered(log, "a", 1)
        assert await waiting == [1]
    await log.close()


async def test_the_settings_say_where_log_counters_and_cache_are(server: RedisServer, tmp_path: Path) -> None:
    async with opened_shared(Settings(), tmp_path, KEY) as shared:
        assert isinstance(shared.log, EmbeddedLog)
        assert isinstance(shared.counters, MemoryCounters)
        assert isinstance(shared.cache, MemoryCache)
    async with opened_shared(Settings(redis=Redis(url=server.url)), tmp_path, KEY) as shared:
        assert isinstance(shared.counters, RedisCounters)
        assert isinstance(shared.cache, NearCache)
        await taken(shared.log, "a")
        with server.client() as client:
            assert client.dbsize() > 0


@pytest.mark.parametrize("url", ["", "http://127.0.0.1", "redis://127.0.0.1:many"])
async def test_an_address_that_is_none_is_named_at_the_start(url: str) -> None:
    with pytest.raises(StartFailed, match="address of a Redis"):
        await RedisLog.open(Server(url), KEY)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (exceptions.TimeoutError(), "timeout"),
        (exceptions.ConnectionError(), "unreachable"),
        (exceptions.BusyLoadingError(), "unreachable"),
        (ConnectionResetError(), "unreachable"),
        (TimeoutError(), "timeout"),
        (exceptions.AuthenticationError(), "unauthenticated"),
        (exceptions.NoPermissionError(), "unauthenticated"),
        (exceptions.ReadOnlyError(), "error"),
        (exceptions.OutOfMemoryError(), "error"),
        (exceptions.ClusterDownError("CLUSTERDOWN"), "error"),
        (exceptions.MovedError("1 127.0.0.1:1"), "error"),
        (exceptions.ResponseError("NOREPLICAS Not enough good replicas to write."), "error"),
        (exceptions.ResponseError("ERR unknown command"), "contract"),
        (exceptions.InvalidResponse(), "contract"),
    ],
)
def test_each_failure_of_the_client_has_a_name_of_ours(error: Exception, kind: str) -> None:
    assert failure_kind(error) == kind
    with pytest.raises(ServiceFailure, match=f"{LOG}: {kind}"), failing(LOG):
        raise error


async def test_a_process_that_seals_with_another_key_does_not_start(server: RedisServer) -> None:
    first = await RedisLog.open(Server(server.url), KEY)
    await first.close()
    again = await RedisLog.open(Server(server.url), KEY)
    await again.close()
    with pytest.raises(StartFailed, match=r"name one sealing_key_file"):
        await RedisLog.open(Server(server.url), "another")
