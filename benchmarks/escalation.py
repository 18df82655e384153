"""The button "Talk to a person": what asking takes over HTTP, and until the shopper's socket tells of it (R-3).

Each shopper has a conversation of their own with an answer in it, others wait before them, and each lets go again.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Final

import aiohttp
import websockets
from msgspec import Struct

from benchmarks.measuring import Row, at_most, percentile
from benchmarks.small_edge import Stores, over_both, served
from benchmarks.system import Shopper
from mangaassist.wire.frames import Handoff, SessionOpened

LIMIT_MS: Final = 20
SHOPPERS: Final = 400
WARMING: Final = 20
WAITING: Final = 20
"""Who has asked before, and waits all the while."""


class Pressed(Struct, frozen=True):
    """What one press took, in ms: until the answer of ``POST /chat/escalate``, until the ``handoff`` frame at the shopper's socket,
    and of processor time in this process, client and server, until both were there."""

    answered: float
    told: float
    processor: float


async def measured(stores: Stores) -> list[Row]:
    async with served(stores) as url, aiohttp.ClientSession(url) as http, AsyncExitStack() as waiting:
        for _ in range(WAITING):
            await _press(await _arrived(url, waiting), http)
        pressed = [await _once(url, http) for _ in range(WARMING + SHOPPERS)][WARMING:]
    name = stores.name
    return [
        *_rows(f"{name}: a person asked for", [one.answered for one in pressed]),
        *_rows(f"{name}: from the button to the handoff at the socket", [one.told for one in pressed]),
        Row(
            what=f"{name}: processor time of ours, p50",
            value=percentile([one.processor for one in pressed], 50),
            unit="ms",
        ),
        Row(
            what=f"{name}: processor time of ours, p99",
            value=percentile([one.processor for one in pressed], 99),
            unit="ms",
        ),
    ]


def _rows(what: str, took: list[float]) -> list[Row]:
    return [
        Row(what=f"{what}, p50", value=percentile(took, 50), unit="ms"),
        at_most(f"{what}, p99", percentile(took, 99), "ms", LIMIT_MS),
    ]


async def _once(url: str, http: aiohttp.ClientSession) -> Pressed:
    async with AsyncExitStack() as exits:
        shopper = await _arrived(url, exits)
        pressed = await _press(shopper, http)
        async with http.post("/chat/escalate/cancel", json={"session_id": shopper.session_id}) as got:
            got.raise_for_status()
        return pressed


async def _arrived(url: str, exits: AsyncExitStack) -> Shopper:
    """A guest with an answer."""
    shopper = Shopper(await exits.enter_async_context(websockets.connect(url.replace("http", "ws", 1) + "/ws")))
    opened = await shopper.hear()
    assert isinstance(opened, SessionOpened)
    shopper.session_id = opened.session_id
    await shopper.ask("Where is my order?")
    return shopper


async def _press(shopper: Shopper, http: aiohttp.ClientSession) -> Pressed:
    body = {"session_id": shopper.session_id, "reason": "Where is my order?"}
    began, processor = time.perf_counter(), time.process_time()
    telling = asyncio.create_task(_told(shopper))
    async with http.post("/chat/escalate", json=body) as got:
        await got.read()
        answered = time.perf_counter()
        got.raise_for_status()
    told = await telling
    used = time.process_time() - processor
    return Pressed((answered - began) * 1000, (told - began) * 1000, used * 1000)


async def _told(shopper: Shopper) -> float:
    while not isinstance(await shopper.hear(), Handoff):
        pass
    return time.perf_counter()


def rows() -> list[Row]:
    return over_both(measured)
