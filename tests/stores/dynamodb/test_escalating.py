"""R-3: asking for a person asks DynamoDB little, and side by side where the order does not matter."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from benchmarks.small_edge import Stores, served
from benchmarks.system import Shopper
from mangaassist.conversation.embedded import EmbeddedLog
from mangaassist.conversation.slot_table import SlotTable
from mangaassist.desk.announcing import Announcer
from mangaassist.stores.aws.client import Client
from mangaassist.stores.dynamodb.control import DynamoControl
from mangaassist.stores.dynamodb.sessions import DynamoSessionStore
from mangaassist.stores.dynamodb.table import Table
from mangaassist.stores.sqlite.journal import SqliteJournal
from mangaassist.wire.frames import Handoff, SessionOpened

CALLS, ROUNDS = 9, 5


class Asked:
    """What was asked of DynamoDB: each call with the ``round`` that it was in, one after all that had been answered before."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, str]] = []
        self.answered = 0

    @property
    def rounds(self) -> int:
        return max((number for number, _ in self.calls), default=0)

    def forget(self) -> None:
        self.calls, self.answered = [], 0


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    noted, call = Asked(), Client.call

    async def counted(self: Client, operation: str, **request: Any) -> Any:
        number = noted.answered + 1
        noted.calls.append((number, operation))
        try:
            return await call(self, operation, **request)
        finally:
            noted.answered = max(noted.answered, number)

    async def no_round(self: Announcer) -> None: ...

    monkeypatch.setattr(Client, "call", counted)
    monkeypatch.setattr(Announcer, "round", no_round)
    return noted


@pytest.fixture
async def edge(table: Table, tmp_path: Path) -> AsyncIterator[str]:
    log = EmbeddedLog(SlotTable(SqliteJournal(tmp_path / "conversations.db"), time.monotonic))
    stores = Stores("dynalite", log, DynamoSessionStore(table), DynamoControl(table).stores)
    async with served(stores) as url:
        yield url
    await log.close()


async def arrived(socket: ClientConnection) -> Shopper:
    """A guest with an answer."""
    shopper = Shopper(socket)
    opened = await shopper.hear()
    assert isinstance(opened, SessionOpened)
    shopper.session_id = opened.session_id
    await shopper.ask("Where is my order?")
    return shopper


async def press(url: str, shopper: Shopper, reason: str) -> Handoff:
    body = {"session_id": shopper.session_id, "reason": reason}
    async with aiohttp.ClientSession(url) as http, http.post("/chat/escalate", json=body) as got:
        got.raise_for_status()
    while not isinstance(heard := await shopper.hear(), Handoff):
        pass
    return heard


async def test_a_person_is_asked_for_in_nine_calls_of_which_five_wait_for_another(edge: str, asked: Asked) -> None:
    async with websockets.connect(edge.replace("http", "ws", 1) + "/ws") as socket:
        shopper = await arrived(socket)
        asked.forget()
        assert (await press(edge, shopper, "Where is my order?")).position == 1
        assert len(asked.calls) <= CALLS
        assert asked.rounds <= ROUNDS


async def test_who_asks_behind_others_waits_for_no_more_calls(edge: str, asked: Asked) -> None:
    url = edge.replace("http", "ws", 1) + "/ws"
    async with websockets.connect(url) as first, websockets.connect(url) as second:
        await press(edge, await arrived(first), "My parcel is wet")
        shopper = await arrived(second)
        asked.forget()
        assert (await press(edge, shopper, "Where is my order?")).position == 2
        assert len(asked.calls) <= CALLS
        assert asked.rounds <= ROUNDS
