"""The conversation logs that need nothing beside this process: the double, and SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mangaassist.conversation.embedded import EmbeddedLog
from mangaassist.conversation.log import KEPT_ANSWERS, LEASE_S, Cursor, Hole, Joined, Origin
from mangaassist.conversation.slot import Slot
from mangaassist.conversation.slot_table import WAKES_KEPT, Journal, SlotTable, Wakes
from mangaassist.errors import StartFailed
from mangaassist.stores.sqlite.journal import SqliteJournal
from mangaassist.testing.clock import FakeClock
from mangaassist.testing.memory_conversations import MemoryJournal
from tests.contracts.conversation_log import (
    NEW,
    SESSION,
    ConversationLogContract,
    World,
    answered,
    claimed,
    entry,
    frames,
    listen,
    taken,
)

__all__ = ["listen"]


class EmbeddedWorld(World):
    """Two holders of one slot table; after ``restart`` of another one over the same journal."""

    def __init__(self, journal: Journal) -> None:
        self.clock = FakeClock()
        self.restart(journal)

    def restart(self, journal: Journal) -> None:
        self.slots = SlotTable(journal, self.clock)
        self.one = EmbeddedLog(self.slots, self.clock)
        self.other = EmbeddedLog(self.slots, self.clock)

    async def lapse(self) -> None:
        self.clock.advance(LEASE_S)


class TestMemoryLog(ConversationLogContract):
    @pytest.fixture
    async def world(self) -> AsyncIterator[World]:
        journal = MemoryJournal()

        class Memory(EmbeddedWorld):
            async def lose(self) -> None:
                journal.reboot()
                self.restart(journal)

        yield Memory(journal)


class TestSqliteLog(ConversationLogContract):
    @pytest.fixture
    async def world(self, tmp_path: Path) -> AsyncIterator[World]:
        path = tmp_path / "conversations.db"
        opened = [SqliteJournal(path, boot=lambda: "boot 1")]

        class Sqlite(EmbeddedWorld):
            async def lose(self) -> None:
                await opened[-1].close()
                opened.append(SqliteJournal(path, boot=lambda: "boot 2"))
                self.restart(opened[-1])

        yield Sqlite(opened[-1])
        await opened[-1].close()


class Restarted:
    """A journal, and the log that a process finds when it starts upon it."""

    def __init__(self, path: Path, boot: str = "boot 1") -> None:
        self.journal = SqliteJournal(path, boot=lambda: boot)
        self.log = EmbeddedLog(SlotTable(self.journal, FakeClock()), FakeClock())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conversations.db"


async def test_a_message_that_waits_is_there_after_a_restart(path: Path) -> None:
    before = Restarted(path)
    await taken(before.log, "a", "b")
    await before.journal.close()
    after = Restarted(path)
    assert await after.log.due(10) == (SESSION,)
    assert (await claimed(after.log)).entry == entry("a", attempt=1)
    await after.journal.close()


async def test_after_a_clean_end_numbers_and_followers_go_on_without_a_gap(path: Path) -> None:
    before = Restarted(path)
    lease = await answered(before.log, "a", 3)
    await before.journal.close()
    after = Restarted(path)
    follower = after.log.follow(SESSION, Cursor(3, lease.epoch), None, Origin(1027))
    assert await anext(follower) == Joined(lease.epoch, 3)
    assert (await answered(after.log, "b", 1)).last == 4
    await follower.aclose()
    await after.journal.close()


async def test_after_a_crash_in_mid_answer_no_number_that_may_have_been_shown_is_used_again(path: Path) -> None:
    before = Restarted(path)
    await answered(before.log, "a", 3)
    await taken(before.log, "b")
    lease = await before.log.append((await claimed(before.log)).lease, frames(4, 5))
    await before.journal.close()
    after = Restarted(path)
    claim = await claimed(after.log)
    assert (claim.entry.attempt, claim.shown) == (2, ())
    assert claim.lease.last == 3 + 256
    follower = after.log.follow(SESSION, Cursor(6, lease.epoch), None, NEW)
    joined = await anext(follower)
    assert isinstance(joined, Joined)
    assert joined.hole == Hole(lease.epoch, 7, 259)
    await follower.aclose()
    await after.journal.close()


async def test_a_stop_before_a_restart_holds_after_it(path: Path) -> None:
    before = Restarted(path)
    await taken(before.log, "a")
    await before.journal.close()
    between = Restarted(path)
    await between.log.stop(SESSION)
    await between.journal.close()
    after = Restarted(path)
    assert (await claimed(after.log)).entry.stopped
    await after.journal.close()


async def test_two_processes_cannot_serve_from_one_journal(path: Path) -> None:
    first = SqliteJournal(path)
    with pytest.raises(StartFailed, match="Another assistant serves"):
        SqliteJournal(path)
    await first.close()
    await SqliteJournal(path).close()


def test_a_journal_that_is_no_database_is_named(path: Path) -> None:
    path.write_bytes(b"this is no database, however long it may be" * 50)
    with pytest.raises(StartFailed, match=r"conversations\.db"):
        SqliteJournal(path)


async def test_frames_of_quiet_conversations_are_let_go_and_told_as_a_hole() -> None:
    world = EmbeddedWorld(MemoryJournal())
    await answered(world.one, "a", 3)
    world.clock.advance(15 * 60 + 1)
    await world.one.due(1)
    follower = world.one.follow(SESSION, Cursor(1), None, NEW)
    joined = await anext(follower)
    assert isinstance(joined, Joined)
    assert joined.hole == Hole(joined.epoch, 2, 3)
    await follower.aclose()


async def test_the_frames_of_all_conversations_together_are_bounded() -> None:
    world = EmbeddedWorld(MemoryJournal())
    big = b"x" * (1 << 20)
    for number in range(40):
        offered = await world.one.offer(f"s_{number}", entry(), NEW, claim=True)
        assert offered.claim is not None
        await world.one.append(offered.claim.lease, (big,), ack="m1")
        await world.one.due(1)
    kept = [number for number in range(40) if world.slots.kept(f"s_{number}") is not None]
    assert kept == list(range(9, 40))


class FullDisk(MemoryJournal):
    """A journal that takes nothing more once ``is_full``."""

    is_full = False

    def write(self, *given: object, **more: object) -> None:
        if self.is_full:
            raise OSError("no space left on device")
        super().write(*given, **more)


async def test_what_cannot_be_kept_did_not_happen() -> None:
    journal = FullDisk()
    world = EmbeddedWorld(journal)
    await answered(world.one, "a", 2)
    journal.is_full = True
    with pytest.raises(OSError, match="no space"):
        await world.one.offer(SESSION, entry("b"), NEW, claim=True)
    journal.is_full = False
    assert (await world.one.offer(SESSION, entry("b"), NEW, claim=True)).verdict == "taken"


async def test_of_too_many_wakes_the_oldest_are_lost() -> None:
    wakes = Wakes()
    for number in range(WAKES_KEPT + 1):
        wakes.add(str(number))
    assert await wakes.next() == "1"


async def test_what_waited_when_the_power_was_lost_is_claimed_again_above_the_origin_under_a_newer_fence() -> None:
    journal = MemoryJournal()
    world = EmbeddedWorld(journal)
    await taken(world.one, "a", "b")
    before = await claimed(world.one)
    journal.reboot()
    world.restart(journal)
    assert await world.one.due(10) == (SESSION,)
    claim = await claimed(world.one, Origin(1024))
    assert (claim.entry.message_id, claim.entry.attempt) == ("a", 2)
    assert (claim.lease.last, claim.lease.more) == (1024, True)
    assert claim.lease.fence > before.lease.fence


def test_the_bytes_of_all_frames_that_are_kept_are_counted() -> None:
    slot = Slot(SESSION, "epoch", NEW)
    for number in range(KEPT_ANSWERS + 1):
        slot.offer(entry(f"m{number}"))
        claim = slot.claim("holder", 0)
        assert claim is not None
        lease = slot.append(claim.lease, frames(slot.last + 1, 2), None, 0)
        slot.append(lease, frames(slot.last + 1, 1), f"m{number}", 0)
    assert slot.kept_bytes == sum(len(frame) for batch in slot.batches for frame in batch.frames)
    assert slot.batches[0].first == 4  # the oldest answer was let go
