"""W-2, W-12: a message is offered to a log and claimed in one that may know nothing of its session, or lose all meanwhile."""

from typing import Any

import pytest

from mangaassist.conversation.log import LOG, Entry, Offered, Origin, Unknown
from mangaassist.conversation.offering import claimed, offered
from mangaassist.errors import ServiceFailure
from mangaassist.turn.memory import Session

ENTRY = Entry(message_id="m", kind="ask", digest="d", body=b"words", response_id="r")
TAKEN = Offered(verdict="taken", last=7)


def unknown(epoch: str) -> Offered:
    return Offered(verdict="unknown", last=0, epoch=epoch)


class Log:
    """Answers in turn, and remembers what it was asked."""

    def __init__(self, *answers: Offered | Unknown | None) -> None:
        self._answers = iter(answers)
        self.asked: list[tuple[Any, ...]] = []

    async def offer(self, session_id: str, entry: Entry, origin: Origin | None, claim: bool) -> Any:
        self.asked.append((session_id, entry, origin, claim))
        return next(self._answers)

    async def claim(self, session_id: str, origin: Origin | None) -> Any:
        self.asked.append((session_id, origin))
        return next(self._answers)


class Store:
    """A session whose numbers go further each time it is loaded."""

    def __init__(self) -> None:
        self.loaded: list[Session] = []

    async def load(self) -> tuple[Session, int]:
        self.loaded.append(Session(session_id="s", customer_id="aiko", ceiling=100 * (len(self.loaded) + 1)))
        return self.loaded[-1], self.loaded[-1].ceiling


async def offers(log: Log, store: Store, claim: bool = True) -> tuple[Offered, Session | None]:
    return await offered(log, "s", ENTRY, claim, store.load)


@pytest.mark.parametrize("claim", [True, False])
async def test_a_log_that_knows_the_session_is_told_nothing_of_it(claim: bool) -> None:
    log, store = Log(TAKEN), Store()
    assert await offers(log, store, claim) == (TAKEN, None)
    assert log.asked == [("s", ENTRY, None, claim)]
    assert store.loaded == []


@pytest.mark.parametrize("claim", [True, False])
async def test_a_log_that_asks_is_told_what_the_store_says_under_the_epoch_that_it_named(claim: bool) -> None:
    log, store = Log(unknown("one"), TAKEN), Store()
    assert await offers(log, store, claim) == (TAKEN, store.loaded[0])
    assert log.asked[1:] == [("s", ENTRY, Origin(100, "aiko", "one"), claim)]


async def test_a_log_that_is_lost_before_it_hears_is_told_anew_what_the_store_says_then() -> None:
    log, store = Log(unknown("one"), unknown("two"), unknown("three"), TAKEN), Store()
    assert await offers(log, store) == (TAKEN, store.loaded[2])
    assert [origin for _, _, origin, _ in log.asked] == [
        None, Origin(100, "aiko", "one"), Origin(200, "aiko", "two"), Origin(300, "aiko", "three"),
    ]  # fmt: skip


async def test_a_log_that_begins_anew_again_and_again_is_away() -> None:
    log, store = Log(*(unknown(str(number)) for number in range(10))), Store()
    with pytest.raises(ServiceFailure, match="again and again") as failed:
        await offers(log, store)
    assert (failed.value.service, failed.value.kind, failed.value.transient) == (LOG, "error", True)
    assert len(log.asked) == 4


async def claims(log: Log, store: Store) -> tuple[Any, Session]:
    async def load() -> Session:
        return (await store.load())[0]

    return await claimed(log, "s", load)


async def test_who_claims_has_the_session_as_it_was_just_before() -> None:
    log, store = Log(None), Store()
    assert await claims(log, store) == (None, store.loaded[0])
    assert log.asked == [("s", None)]


async def test_a_log_that_is_lost_before_a_claim_reaches_it_is_told_anew_what_the_store_says_then() -> None:
    log, store = Log(Unknown("one"), Unknown("two"), None), Store()
    assert await claims(log, store) == (None, store.loaded[2])
    assert log.asked == [("s", None), ("s", Origin(200, "aiko", "one")), ("s", Origin(300, "aiko", "two"))]


async def test_a_log_that_begins_anew_at_each_claim_is_away() -> None:
    log = Log(*(Unknown(str(number)) for number in range(10)))
    with pytest.raises(ServiceFailure, match="again and again"):
        await claims(log, Store())
    assert len(log.asked) == 4
