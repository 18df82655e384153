"""O-6, K-4, K-5: whichever process answers shows the knowledge of all, and what it is asked to try again is tried by who has it."""

from datetime import timedelta

import pytest

from mangaassist.console.knowledge import KnowledgeDesk
from mangaassist.console.knowledge_sharing import LETTERS_TOLD, KnowledgeSharing, WatchedKnowledge
from mangaassist.console.noticeboard import LIVES_S, Boards, Notice
from mangaassist.console.telling import EVERY_S
from mangaassist.console.trail import Trail
from mangaassist.errors import NotFound, ServiceFailure
from mangaassist.knowledge.dead_letters import DeadLetter
from mangaassist.knowledge.generations import ServingIndex
from mangaassist.stores.memory.noticeboard import MemoryNoticeboard, memory_boards
from mangaassist.telemetry.freshness import Freshness
from mangaassist.testing.clock import START, FakeClock
from mangaassist.testing.memory_audit import MemoryAuditLog
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_index import MemoryIndex


class Away(MemoryNoticeboard):
    async def post(self, process: str, told: bytes) -> None:
        raise ServiceFailure("noticeboard", "unreachable")

    async def notices(self) -> tuple[Notice, ...]:
        raise ServiceFailure("noticeboard", "unreachable")


class Broken(MemoryDeadLetters):
    async def counted(self) -> dict[str, int]:
        raise ServiceFailure("dead_letters", "unreachable")


class House:
    """A process: its knowledge, and the desk that shows it."""

    def __init__(self, deployment: "Deployment", name: str, *, is_indexing: bool = True) -> None:
        self.letters = MemoryDeadLetters()
        self.freshness = Freshness()
        self.index = ServingIndex()
        self.deployment = deployment
        self.name = name
        self.is_indexing = is_indexing
        self.reopen()

    def reopen(self) -> None:
        deployment = self.deployment
        boards = deployment.boards
        watched = WatchedKnowledge(
            process=self.name, letters=self.letters, freshness=self.freshness, index=self.index,
            is_indexing=self.is_indexing,
        )  # fmt: skip
        self.sharing = KnowledgeSharing(watched, boards.knowledge, boards.retries, deployment.now)
        self.desk = KnowledgeDesk(self.sharing, Trail(MemoryAuditLog(), deployment.now))

    async def fails(self, *documents: str, source: str = "editorial") -> None:
        for name in documents:
            await self.letters.set_aside(
                DeadLetter(
                    source=source, document_id=name, version=7, error="no title", event="{}",
                    set_aside_at=self.deployment.now(),
                )
            )  # fmt: skip

    async def due(self) -> list[str]:
        return [letter.document_id for letter in await self.letters.due(100)]


class Deployment:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.boards = memory_boards(self.clock)
        self.elapsed = timedelta()

    def now(self):  # type: ignore[no-untyped-def]
        return START + self.elapsed

    def passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.elapsed += timedelta(seconds=seconds)


@pytest.fixture
def deployment() -> Deployment:
    return Deployment()


async def test_who_only_serves_shows_how_fresh_the_knowledge_of_the_one_that_indexes_is(deployment: Deployment) -> None:
    serves, indexes = House(deployment, "serves", is_indexing=False), House(deployment, "indexes")
    indexes.freshness.limit("catalog", 10)
    indexes.freshness.note("catalog", 12.5, START)
    await indexes.sharing.tell()
    deployment.passes(2)
    told = await serves.desk.look("oda")
    assert [(one.name, one.age_s, one.is_indexing) for one in told.processes] == [
        ("serves", 0.0, False),
        ("indexes", 2.0, True),
    ]
    assert [(one.name, one.slowest_lag_s, one.is_late) for one in told.sources] == [("catalog", 12.5, True)]
    assert told.is_all


async def test_what_two_have_counted_of_one_source_is_added_up(deployment: Deployment) -> None:
    one, two = House(deployment, "one"), House(deployment, "two")
    for house, lag_s in ((one, 3.0), (two, 5.0)):
        house.freshness.limit("catalog", 10)
        house.freshness.note("catalog", lag_s, START)
    await two.sharing.tell()
    (source,) = (await one.desk.look("oda")).sources
    assert (source.found, source.slowest_lag_s) == (2, 5.0)


async def test_an_event_that_several_have_set_aside_is_one_and_what_each_has_alone_stands_beside_it(
    deployment: Deployment,
) -> None:
    one, two = House(deployment, "one"), House(deployment, "two")
    await one.fails("of both", "of one")
    deployment.passes(1)
    await two.fails("of both", "of two")
    await two.sharing.tell()
    told = await one.desk.look("oda")
    assert sorted(line.document_id for line in told.letters) == ["of both", "of one", "of two"]
    assert told.set_aside == {"editorial": 3}
    assert told.letters[-1].document_id == "of one"


async def test_of_many_the_count_is_what_was_counted_and_not_what_was_told(deployment: Deployment) -> None:
    one, two = House(deployment, "one"), House(deployment, "two")
    await two.fails(*(f"page {number}" for number in range(LETTERS_TOLD + 20)))
    await two.sharing.tell()
    told = await one.desk.look("oda")
    assert (len(told.letters), told.set_aside) == (LETTERS_TOLD, {"editorial": LETTERS_TOLD + 20})
    assert (await one.desk.retry("oda", None)).asked == LETTERS_TOLD + 20


@pytest.mark.parametrize("named", [True, False])
async def test_whoever_has_it_tries_again_what_another_was_asked(deployment: Deployment, named: bool) -> None:
    asked, has_it = House(deployment, "asked", is_indexing=False), House(deployment, "has it")
    await has_it.fails("gifts", "shipping")
    await has_it.sharing.tell()
    (gifts,) = [line.id for line in (await asked.desk.look("oda")).letters if line.document_id == "gifts"]
    view = await asked.desk.retry("oda", [gifts] if named else None)
    assert (view.asked, view.is_all) == ((1, True) if named else (2, True))
    await has_it.sharing.tell()
    assert await has_it.due() == (["gifts"] if named else ["gifts", "shipping"])


async def test_what_is_asked_is_shown_as_asked_at_once_by_all_until_it_has_failed_again(deployment: Deployment) -> None:
    asked, has_it, third = (House(deployment, name) for name in ("asked", "has it", "third"))
    await has_it.fails("gifts")
    await has_it.sharing.tell()
    deployment.passes(1)
    await asked.desk.retry("oda", None)
    for house in (asked, third, has_it):
        assert [line.is_due for line in (await house.desk.look("oda")).letters] == [True]
    deployment.passes(1)
    await has_it.sharing.tell()
    await has_it.fails("gifts")
    await has_it.sharing.tell()
    for house in (asked, third, has_it):
        assert [(line.attempts, line.is_due) for line in (await house.desk.look("oda")).letters] == [(2, False)]


async def test_what_was_asked_once_is_done_once_by_each_and_two_wishes_at_once_are_both_heard(
    deployment: Deployment,
) -> None:
    asked, has_it = House(deployment, "asked"), House(deployment, "has it")
    await has_it.fails("gifts", "shipping")
    await has_it.sharing.tell()
    for line in (await asked.desk.look("oda")).letters:
        await asked.desk.retry("oda", [line.id])
    await has_it.sharing.tell()
    assert await has_it.due() == ["gifts", "shipping"]
    await has_it.fails("gifts")
    await has_it.sharing.tell()
    assert await has_it.due() == ["shipping"]


async def test_a_wish_is_heard_by_who_was_slow_for_as_long_as_it_is_told(deployment: Deployment) -> None:
    asked, has_it = House(deployment, "asked"), House(deployment, "has it")
    await has_it.fails("gifts")
    await has_it.sharing.tell()
    await asked.desk.retry("oda", None)
    deployment.passes(LIVES_S - EVERY_S)
    await has_it.sharing.tell()
    assert await has_it.due() == ["gifts"]


async def test_an_event_that_nobody_has_is_not_found_whoever_is_asked(deployment: Deployment) -> None:
    one, two = House(deployment, "one"), House(deployment, "two")
    await two.fails("gifts")
    await two.sharing.tell()
    with pytest.raises(NotFound):
        await one.desk.retry("oda", ["0" * 12])


async def test_while_the_others_cannot_be_heard_a_process_shows_and_tries_its_own_and_says_that_it_is_not_all(
    deployment: Deployment,
) -> None:
    deployment.boards = Boards(*(Away() for _ in range(4)))
    one = House(deployment, "one")
    await one.fails("gifts")
    told = await one.desk.look("oda")
    assert ([line.document_id for line in told.letters], told.is_all) == (["gifts"], False)
    view = await one.desk.retry("oda", None)
    assert (view.asked, view.is_all) == (1, False)
    assert await one.due() == ["gifts"]


async def test_who_cannot_read_what_it_has_set_aside_says_so_and_shows_the_rest(deployment: Deployment) -> None:
    one, two = House(deployment, "one"), House(deployment, "two")
    two.letters = Broken()
    two.reopen()
    two.freshness.limit("catalog", 10)
    await two.sharing.tell()
    told = await one.desk.look("oda")
    assert (told.is_all, [source.name for source in told.sources]) == (False, ["catalog"])


async def test_changes_wait_while_they_wait_in_any_process(deployment: Deployment) -> None:
    one, two = House(deployment, "one"), House(deployment, "two")
    await two.index.show(MemoryIndex(), by_words_alone=True)
    await two.sharing.tell()
    told = await one.desk.look("oda")
    assert (told.changes_wait, [one.changes_wait for one in told.processes]) == (True, [False, True])
    assert await one.desk.changes_wait()
