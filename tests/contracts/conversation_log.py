"""What every conversation log does (TRUNK); each adapter inherits the suite and says how its world is made."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from mangaassist.conversation.log import (
    INBOX_LIMIT,
    KEPT_ANSWERS,
    NOTES_LIMIT,
    Batch,
    Claim,
    ConversationLog,
    Cursor,
    Entry,
    Followed,
    Hole,
    Joined,
    Lease,
    Origin,
    Revoked,
    Unknown,
)
from mangaassist.errors import EpochLost, Fenced

NEW = Origin(0)
SESSION = "s_contract"


def entry(message_id: str = "m1", **fields: Any) -> Entry:
    given = {
        "message_id": message_id,
        "digest": f"d-{message_id}",
        "response_id": f"r-{message_id}",
        "body": b"\x00body",
    }
    return Entry(**(given | fields))


def frames(first: int, count: int) -> tuple[bytes, ...]:
    return tuple(f'{{"seq":{seq}}}'.encode() for seq in range(first, first + count))


class World:
    """Two holders of one log. ``lapse`` lets leases run out; ``lose`` is the loss of what the log keeps, entries apart."""

    one: ConversationLog
    other: ConversationLog

    async def lapse(self) -> None:
        raise NotImplementedError

    async def lose(self) -> None:
        raise NotImplementedError


class Ear:
    """A follower that is asked for what it hears, one thing at a time."""

    def __init__(self, log: ConversationLog, after: Cursor, who: str | None = None, origin: Origin = NEW) -> None:
        self._heard = log.follow(SESSION, after, who, origin)

    async def next(self) -> Followed:
        async with asyncio.timeout(20):
            return await anext(self._heard)

    async def is_over(self) -> bool:
        async with asyncio.timeout(20):
            return await anext(self._heard, None) is None

    async def numbers(self, through: int) -> list[int]:
        """The numbers of the frames up to one, as they come."""
        heard: list[int] = []
        while not heard or heard[-1] < through:
            news = await self.next()
            assert isinstance(news, Batch)
            heard += range(news.first, news.last + 1)
        return heard

    async def close(self) -> None:
        await self._heard.aclose()


@pytest.fixture
async def listen() -> AsyncIterator[Any]:
    ears: list[Ear] = []

    def begin(*given: Any, **more: Any) -> Ear:
        ears.append(Ear(*given, **more))
        return ears[-1]

    yield begin
    for ear in ears:
        await ear.close()


async def taken(log: ConversationLog, *message_ids: str, **fields: Any) -> None:
    for message_id in message_ids:
        assert (await log.offer(SESSION, entry(message_id, **fields), NEW, claim=False)).verdict == "taken"


async def claimed(log: ConversationLog, origin: Origin = NEW) -> Claim:
    claim = await log.claim(SESSION, origin)
    assert isinstance(claim, Claim)
    return claim


async def answered(log: ConversationLog, message_id: str, count: int = 3) -> Lease:
    """Offer, claim and answer one message with so many frames."""
    await taken(log, message_id)
    lease = (await claimed(log)).lease
    return await log.append(lease, frames(lease.last + 1, count), ack=message_id)


class ConversationLogContract:
    @pytest.fixture
    async def world(self) -> AsyncIterator[World]:
        raise NotImplementedError
        yield

    # ---- the inbox: W-3, W-9

    async def test_what_is_offered_is_claimed_in_its_order(self, world: World) -> None:
        await taken(world.one, "a", "b")
        first = await claimed(world.one)
        assert first.entry == entry("a", attempt=1)
        lease = await world.one.append(first.lease, frames(1, 1), ack="a")
        assert lease.more
        assert (await claimed(world.one)).entry.message_id == "b"

    async def test_a_session_without_messages_gives_nothing_to_claim(self, world: World) -> None:
        assert await world.one.claim(SESSION, NEW) is None

    async def test_a_log_that_knows_nothing_of_a_session_asks_for_its_origin(self, world: World) -> None:
        assert (await world.one.offer(SESSION, entry(), None, claim=True)).verdict == "unknown"
        await taken(world.one, "a")
        assert (await world.one.offer(SESSION, entry("b"), None, claim=True)).verdict == "taken"

    async def test_what_the_store_said_under_another_epoch_opens_nothing(self, world: World) -> None:
        asked = await world.one.offer(SESSION, entry(), None, claim=True)
        assert asked.epoch
        stale = await world.one.offer(SESSION, entry(), Origin(0, epoch="another"), claim=True)
        assert (stale.verdict, stale.epoch, stale.claim) == ("unknown", asked.epoch, None)
        assert (await world.one.offer(SESSION, entry(), Origin(7, epoch=asked.epoch), claim=True)).last == 7
        assert (await world.other.offer(SESSION, entry("b"), Origin(0, epoch="another"), claim=True)).verdict == "taken"

    async def test_who_claims_is_asked_for_an_origin_of_the_logs_epoch(self, world: World) -> None:
        asked = await world.one.claim(SESSION, None)
        assert isinstance(asked, Unknown)
        assert await world.one.claim(SESSION, Origin(0, epoch="another")) == asked
        assert await world.one.claim(SESSION, Origin(7, epoch=asked.epoch)) is None
        await taken(world.one, "a")
        assert (await claimed(world.other, Origin(0, epoch="another"))).entry.message_id == "a"

    async def test_who_offers_and_claims_has_it_in_one_step(self, world: World) -> None:
        offered = await world.one.offer(SESSION, entry(), NEW, claim=True)
        assert offered.claim is not None
        assert offered.claim.entry.attempt == 1
        assert (await world.other.offer(SESSION, entry("b"), NEW, claim=True)).claim is None
        assert await world.other.claim(SESSION, NEW) is None

    async def test_three_wait_behind_the_one_that_is_answered_and_the_next_is_told_that_we_are_busy(
        self, world: World
    ) -> None:
        await world.one.offer(SESSION, entry("m0"), NEW, claim=True)
        await taken(world.one, *(f"m{number}" for number in range(1, INBOX_LIMIT)))
        assert (await world.one.offer(SESSION, entry("late"), NEW, claim=True)).verdict == "busy"
        assert (await world.one.offer(SESSION, entry("desk", kind="note"), NEW, claim=True)).verdict == "taken"

    async def test_what_the_desk_wrote_is_bounded_too_and_takes_no_place_from_messages(self, world: World) -> None:
        await taken(world.one, *(f"n{number}" for number in range(NOTES_LIMIT)), kind="note")
        assert (await world.one.offer(SESSION, entry("late", kind="note"), NEW, claim=False)).verdict == "busy"
        await taken(world.one, "a")

    @pytest.mark.parametrize("when", ["waiting", "claimed", "answered"])
    async def test_an_id_is_taken_once_and_its_other_words_are_refused(self, world: World, when: str) -> None:
        await taken(world.one, "a")
        if when != "waiting":
            lease = (await claimed(world.one)).lease
            if when == "answered":
                await world.one.append(lease, frames(1, 2), ack="a")
        assert (await world.other.offer(SESSION, entry("a"), NEW, claim=True)).verdict == "repeated"
        assert (await world.other.offer(SESSION, entry("a", digest="else"), NEW, claim=True)).verdict == "id_reused"
        if when == "waiting":
            lease = (await claimed(world.one)).lease
        if when != "answered":
            assert not (await world.one.append(lease, frames(1, 1), ack="a")).more
        assert await world.other.claim(SESSION, NEW) is None

    async def test_a_stranger_offers_nothing_to_a_customers_session(self, world: World) -> None:
        assert await world.one.own(SESSION, "aiko", NEW)
        assert (await world.one.offer(SESSION, entry(asker=None), NEW, claim=True)).verdict == "foreign"
        assert (await world.one.offer(SESSION, entry(asker="ben"), NEW, claim=True)).verdict == "foreign"
        assert (await world.one.offer(SESSION, entry(asker="aiko"), NEW, claim=True)).verdict == "taken"

    async def test_an_offer_says_after_which_number_its_answer_comes(self, world: World) -> None:
        await answered(world.one, "a", 3)
        assert (await world.one.offer(SESSION, entry("b"), NEW, claim=False)).last == 3

    async def test_a_body_comes_back_byte_for_byte(self, world: World) -> None:
        body = bytes(range(256)) * 8
        offered = await world.one.offer(SESSION, entry(body=body, asker="aiko", kind="note"), NEW, claim=True)
        assert offered.claim is not None
        assert offered.claim.entry == entry(body=body, asker="aiko", kind="note", attempt=1)

    # ---- the lease: W-12

    async def test_a_lease_that_ran_out_is_anybodys_and_the_attempt_counts(self, world: World) -> None:
        await taken(world.one, "a")
        await claimed(world.one)
        assert await world.other.claim(SESSION, NEW) is None
        await world.lapse()
        again = await claimed(world.other)
        assert again.entry.attempt == 2

    async def test_a_lease_that_is_renewed_stays(self, world: World) -> None:
        await taken(world.one, "a")
        lease = (await claimed(world.one)).lease
        await world.lapse()
        lease = await world.one.renew(lease)
        assert await world.other.claim(SESSION, NEW) is None
        await world.one.append(lease, frames(1, 1))

    async def test_an_append_keeps_the_lease_as_well(self, world: World) -> None:
        await taken(world.one, "a")
        lease = (await claimed(world.one)).lease
        await world.lapse()
        await world.one.append(lease, frames(1, 1))
        assert await world.other.claim(SESSION, NEW) is None

    async def test_a_superseded_holder_changes_nothing(self, world: World, listen: Any) -> None:
        await taken(world.one, "a")
        old = (await claimed(world.one)).lease
        await world.lapse()
        new = (await claimed(world.other)).lease
        with pytest.raises(Fenced):
            await world.one.append(old, frames(1, 2), ack="a")
        with pytest.raises(Fenced):
            await world.one.renew(old)
        await world.one.release(old)
        assert await world.one.claim(SESSION, NEW) is None
        await world.other.append(new, frames(1, 1), ack="a")
        ear = listen(world.one, Cursor(0))
        await ear.next()
        assert await ear.numbers(1) == [1]

    async def test_a_released_session_is_anybodys_at_once(self, world: World) -> None:
        await taken(world.one, "a", "b")
        lease = (await claimed(world.one)).lease
        await world.one.release(await world.one.append(lease, frames(1, 1), ack="a"))
        assert (await claimed(world.other)).entry == entry("b", attempt=1)

    async def test_the_last_acknowledgement_gives_the_session_back(self, world: World) -> None:
        lease = await answered(world.one, "a")
        assert not lease.more
        await taken(world.one, "b")
        assert (await claimed(world.other)).entry.message_id == "b"

    async def test_a_takeover_is_given_what_was_shown(self, world: World) -> None:
        await answered(world.one, "a", 2)
        await taken(world.one, "b")
        lease = (await claimed(world.one)).lease
        await world.one.append(lease, frames(3, 2))
        await world.lapse()
        assert (await claimed(world.other)).shown == frames(3, 2)

    async def test_due_names_what_nobody_holds(self, world: World) -> None:
        assert SESSION not in await world.one.due(10)
        await taken(world.one, "a")
        assert SESSION in await world.other.due(10)
        lease = (await claimed(world.one)).lease
        assert SESSION not in await world.other.due(10)
        await world.lapse()
        assert SESSION in await world.other.due(10)
        await world.one.append(lease, frames(1, 1), ack="a")
        assert SESSION not in await world.other.due(10)

    # ---- numbers: W-2, W-4

    async def test_only_the_next_number_is_appended_and_a_second_try_changes_nothing(
        self, world: World, listen: Any
    ) -> None:
        await taken(world.one, "a")
        lease = (await claimed(world.one)).lease
        after = await world.one.append(lease, frames(1, 3))
        assert after.last == 3
        assert (await world.one.append(lease, frames(1, 3))).last == 3
        with pytest.raises(Fenced):
            await world.one.append(lease, frames(1, 2))
        await world.one.append(after, frames(4, 1), ack="a")
        await world.one.append(after, frames(4, 1), ack="a")
        ear = listen(world.one, Cursor(0))
        await ear.next()
        assert await ear.numbers(4) == [1, 2, 3, 4]

    async def test_an_acknowledgement_may_come_without_frames(self, world: World) -> None:
        await taken(world.one, "a")
        lease = await world.one.append((await claimed(world.one)).lease, frames(1, 2))
        lease = await world.one.append(lease, (), ack="a")
        assert not lease.more
        assert SESSION not in await world.one.due(10)

    async def test_numbers_go_on_from_the_origin_of_a_session_that_the_log_does_not_know(self, world: World) -> None:
        offered = await world.one.offer(SESSION, entry(), Origin(1024), claim=True)
        assert offered.claim is not None
        assert offered.claim.lease.last == 1024

    @pytest.mark.parametrize("after", [4, 900])
    async def test_who_claims_to_have_heard_what_nobody_has_said_is_told_the_last_number(
        self, world: World, listen: Any, after: int
    ) -> None:
        await taken(world.one, "m1")
        claim = await claimed(world.one)
        await world.one.append(claim.lease, frames(1, 3))
        ear = listen(world.one, Cursor(after))
        assert await ear.next() == Joined(claim.lease.epoch, 3)

    async def test_what_was_lost_goes_on_above_the_origin_under_another_epoch(self, world: World, listen: Any) -> None:
        lease = await answered(world.one, "a", 3)
        await taken(world.one, "b")
        held = (await claimed(world.one)).lease
        await world.lose()
        with pytest.raises((EpochLost, Fenced)):
            await world.one.append(held, frames(4, 1))
        origin = Origin(1027)
        ear = listen(world.one, Cursor(3, lease.epoch), origin=origin)
        joined = await ear.next()
        assert isinstance(joined, Joined)
        assert joined.epoch != lease.epoch
        assert joined.hole == Hole(joined.epoch, 4, 1027)
        await world.one.offer(SESSION, entry("c"), origin, claim=False)
        claim = await claimed(world.one, origin)
        assert claim.lease.last == 1027
        await world.one.append(claim.lease, frames(1028, 1))
        assert await ear.next() == joined.hole
        assert await ear.numbers(1028) == [1028]

    # ---- stop: W-14

    async def test_a_stop_marks_the_oldest_message_and_its_holder_learns_of_it(self, world: World) -> None:
        await taken(world.one, "a", "b")
        lease = (await claimed(world.one)).lease
        assert not lease.stopped
        await world.other.stop(SESSION)
        assert (await world.one.renew(lease)).stopped
        lease = await world.one.append(lease, frames(1, 1))
        assert lease.stopped
        lease = await world.one.append(lease, (), ack="a")
        assert not (await claimed(world.one)).entry.stopped

    async def test_a_stop_of_a_message_that_waits_is_found_at_its_claim(self, world: World) -> None:
        await taken(world.one, "a", "b")
        await world.other.stop(SESSION, "b")
        lease = (await claimed(world.one)).lease
        assert not lease.stopped
        await world.one.append(lease, frames(1, 1), ack="a")
        claim = await claimed(world.one)
        assert claim.entry.stopped
        assert claim.lease.stopped

    async def test_a_stop_outlives_the_holder(self, world: World) -> None:
        await taken(world.one, "a")
        await claimed(world.one)
        await world.one.stop(SESSION)
        await world.lapse()
        assert (await claimed(world.other)).entry.stopped

    async def test_a_stop_is_for_the_oldest_message_and_passes_over_what_the_desk_wrote(self, world: World) -> None:
        await taken(world.one, "n", kind="note")
        await taken(world.one, "a")
        await world.other.stop(SESSION)
        claim = await claimed(world.one)
        assert (claim.entry.message_id, claim.entry.stopped) == ("n", False)
        await world.one.append(claim.lease, (), ack="n")
        assert (await claimed(world.one)).entry.stopped

    async def test_a_stop_of_nothing_is_no_error(self, world: World) -> None:
        await world.one.stop(SESSION)
        await taken(world.one, "a")
        await world.one.stop(SESSION, "unknown")
        assert not (await claimed(world.one)).entry.stopped

    # ---- following: W-2

    async def test_a_follower_hears_what_was_and_what_comes_in_order(self, world: World, listen: Any) -> None:
        await answered(world.one, "a", 2)
        ear = listen(world.other, Cursor(1))
        joined = await ear.next()
        assert isinstance(joined, Joined)
        assert (joined.last, joined.hole) == (2, None)
        assert await ear.numbers(2) == [2]
        await answered(world.one, "b", 3)
        assert await ear.numbers(5) == [3, 4, 5]

    async def test_frames_come_back_byte_for_byte(self, world: World, listen: Any) -> None:
        sent = ('{"seq":1,"content":"進撃 \\u0000 é"}'.encode(), b'{"seq":2}')
        await taken(world.one, "a")
        await world.one.append((await claimed(world.one)).lease, sent, ack="a")
        ear = listen(world.other, Cursor(0))
        await ear.next()
        assert await ear.next() == Batch(2, None, sent)

    async def test_a_follower_that_waits_hears_of_an_answer_that_begins_elsewhere(
        self, world: World, listen: Any
    ) -> None:
        ear = listen(world.one, Cursor(0))
        assert isinstance(await ear.next(), Joined)
        waiting = asyncio.create_task(ear.next())
        await answered(world.other, "a", 1)
        assert await waiting == Batch(1, None, frames(1, 1))

    async def test_what_is_no_longer_kept_is_a_hole_that_ends_before_the_open_answer(
        self, world: World, listen: Any
    ) -> None:
        for number in range(KEPT_ANSWERS + 2):
            await answered(world.one, f"m{number}", 2)
        await taken(world.one, "open")
        await world.one.append((await claimed(world.one)).lease, frames(9, 1))
        ear = listen(world.other, Cursor(1))
        joined = await ear.next()
        assert isinstance(joined, Joined)
        assert joined.hole == Hole(joined.epoch, 2, 4)
        assert await ear.next() == joined.hole
        assert await ear.numbers(9) == [5, 6, 7, 8, 9]

    async def test_who_follows_a_session_that_is_only_about_to_begin_hears_its_first_frame(
        self, world: World, listen: Any
    ) -> None:
        """The store knows of a session, and what it reserved, a moment before the log does."""
        ear = listen(world.other, Cursor(0), origin=Origin(1024))
        joined = await ear.next()
        assert isinstance(joined, Joined)
        assert (joined.last, joined.hole) == (0, None)
        await answered(world.one, "a", 2)
        assert await ear.numbers(2) == [1, 2]

    async def test_who_follows_a_session_that_was_lost_unnoticed_hears_a_hole_as_soon_as_it_goes_on(
        self, world: World, listen: Any
    ) -> None:
        ear = listen(world.other, Cursor(3), origin=Origin(1024))
        await ear.next()
        await world.one.offer(SESSION, entry("a"), Origin(1024), claim=False)
        await world.one.append((await claimed(world.one)).lease, frames(1025, 1))
        hole = await ear.next()
        assert isinstance(hole, Hole)
        assert (hole.from_seq, hole.to_seq) == (4, 1024)
        assert await ear.numbers(1025) == [1025]

    async def test_a_slow_follower_hears_of_a_hole_for_what_was_let_go_meanwhile(
        self, world: World, listen: Any
    ) -> None:
        ear = listen(world.other, Cursor(0))
        await ear.next()
        for number in range(KEPT_ANSWERS + 3):
            await answered(world.one, f"m{number}", 2)
        hole = await ear.next()
        heard: list[int] = []
        if isinstance(hole, Batch):  # the first answer was on its way already
            heard += range(hole.first, hole.last + 1)
            hole = await ear.next()
        assert isinstance(hole, Hole)
        assert hole.from_seq == len(heard) + 1
        assert await ear.numbers(10) == list(range(hole.to_seq + 1, 11))

    async def test_an_attempt_that_begins_again_keeps_the_frames_of_the_one_before(
        self, world: World, listen: Any
    ) -> None:
        await taken(world.one, "a")
        await world.one.append((await claimed(world.one)).lease, frames(1, 2))
        await world.lapse()
        again = (await claimed(world.other)).lease
        assert again.last == 2
        await world.other.append(again, frames(3, 1))
        ear = listen(world.one, Cursor(0))
        await ear.next()
        assert await ear.numbers(3) == [1, 2, 3]

    # ---- whose it is: W-2

    async def test_the_first_customer_owns_a_session_and_the_second_does_not(self, world: World) -> None:
        assert await world.one.own(SESSION, "aiko", NEW)
        assert await world.other.own(SESSION, "aiko", NEW)
        assert not await world.other.own(SESSION, "ben", NEW)

    async def test_a_guest_stops_hearing_at_the_moment_at_which_a_customer_owns_the_session(
        self, world: World, listen: Any
    ) -> None:
        await taken(world.one, "a")
        lease = await world.one.append((await claimed(world.one)).lease, frames(1, 1))
        guest = listen(world.one, Cursor(0))
        await guest.next()
        assert await guest.numbers(1) == [1]
        await world.other.own(SESSION, "aiko", NEW)
        await world.one.append(lease, frames(2, 1), ack="a")
        assert await guest.next() == Revoked()
        assert await guest.is_over()
        owner = listen(world.other, Cursor(0), "aiko")
        await owner.next()
        assert await owner.numbers(2) == [1, 2]

    @pytest.mark.parametrize("who", [None, "ben"])
    async def test_a_stranger_hears_nothing(self, world: World, listen: Any, who: str | None) -> None:
        await world.one.own(SESSION, "aiko", NEW)
        ear = listen(world.one, Cursor(0), who)
        assert await ear.next() == Revoked()
        assert await ear.is_over()

    async def test_an_owner_that_the_store_knows_is_the_logs_owner(self, world: World, listen: Any) -> None:
        await world.one.offer(SESSION, entry(asker="aiko"), Origin(0, "aiko"), claim=False)
        assert await listen(world.one, Cursor(0), None).next() == Revoked()

    # ---- wakes

    async def test_whoever_holds_a_session_is_woken_by_a_stop_and_by_what_nobody_has_claimed(
        self, world: World
    ) -> None:
        async with aclosing(world.one.wakes()) as wakes, asyncio.timeout(20):
            first = asyncio.create_task(anext(wakes))
            await asyncio.sleep(0.05)  # a wake is a hint: one that nobody hears yet is lost
            await taken(world.other, "a")
            assert await first == SESSION
            await claimed(world.one)
            second = asyncio.create_task(anext(wakes))
            await world.other.stop(SESSION)
            assert await second == SESSION
