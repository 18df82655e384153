"""Behind an API Gateway on the loopback: what an answer costs the assistant beside our own frames, and how much a connection holds.

The gateway (``mangaassist.testing.api_gateway_server``) runs here and not in the process that is measured, as AWS's would. What is
posted is signed and sent as it would be to AWS, over HTTP without TLS.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
import websockets

from benchmarks.dialects import FRAMES, MOST_ABOVE, costs_of
from benchmarks.measuring import Row, at_most
from benchmarks.system import Running, Shopper, running, settled, shopper
from deploy.peers import NOBODY
from mangaassist.testing.api_gateway_server import ApiGatewayServer

KEY: Final = "what integrations show, of 32 bytes or more"
OVER_IT: Final = "an API Gateway"
TOGETHER: Final = "an API Gateway, frames together"
"""As a client has it that asks for several frames in one message (``together=1``)."""
CONNECTIONS: Final = 5000
AT_ONCE: Final = 20
GREETED_S: Final = 300.0
"""How long the last of them may take to be told its session."""


def measured(data: Path) -> list[Row]:
    return asyncio.run(_measured(data))


async def _measured(data: Path) -> list[Row]:
    async with _behind(data) as (gateway, system):
        await settled(system)
        return [*await _answers(gateway, system), *await _held(gateway, system)]


@asynccontextmanager
async def _behind(data: Path) -> AsyncGenerator[tuple[ApiGatewayServer, Running]]:
    data.mkdir(parents=True, exist_ok=True)
    (key := data / "gateway.key").write_text(KEY, encoding="utf-8")
    async with ApiGatewayServer(key=KEY) as gateway:
        settings = {
            **NOBODY,
            "MANGAASSIST_API_GATEWAY__ENDPOINT_URL": gateway.url,
            "MANGAASSIST_API_GATEWAY__REGION": "eu-central-1",
            "MANGAASSIST_API_GATEWAY__KEY_FILE": str(key),
        }
        with running(data, settings=settings) as system:
            gateway.integration = system.url
            yield gateway, system


async def _answers(gateway: ApiGatewayServer, system: Running) -> list[Row]:
    """The same questions over both, in turns."""
    async with shopper(system) as ours, _shopper_at(gateway) as theirs, _shopper_at(gateway, "?together=1") as fewer:
        costs = await costs_of(system, {FRAMES: ours.ask, OVER_IT: theirs.ask, TOGETHER: fewer.ask})
    return [
        *(Row(what=f"an answer over {name}", value=cost, unit="ms") for name, cost in costs.items()),
        *(
            at_most(f"{name}, above our own frames", (costs[name] / costs[FRAMES] - 1) * 100, "%", MOST_ABOVE)
            for name in (OVER_IT, TOGETHER)
        ),
    ]


@asynccontextmanager
async def _shopper_at(gateway: ApiGatewayServer, asking: str = "") -> AsyncGenerator[Shopper]:
    async with websockets.connect(gateway.url.replace("http", "ws", 1) + "/" + asking) as connection:
        connected = Shopper(connection)
        await connected.hear()
        yield connected


async def _held(gateway: ApiGatewayServer, system: Running) -> list[Row]:
    """Connections that say nothing, each told its session: what each holds of the process's memory, and costs to be begun."""
    memory, processor = system.resident_mib(), system.processor_s()
    names = [gateway.opened() for _ in range(CONNECTIONS)]
    async with aiohttp.ClientSession(system.url) as http:
        for first in range(0, CONNECTIONS, AT_ONCE):
            await asyncio.gather(*(_connect(http, name) for name in names[first : first + AT_ONCE]))
        async with asyncio.timeout(GREETED_S):
            while not all(gateway.lines[name].posted for name in names):
                await asyncio.sleep(0.2)
    grown, used = system.resident_mib() - memory, system.processor_s() - processor
    return [
        Row(what="connections held behind it by one process, each told its session", value=CONNECTIONS, unit=""),
        Row(what="memory of the process, for each", value=grown * 1024 / CONNECTIONS, unit="KiB"),
        Row(what="processor time to begin one", value=used * 1000 / CONNECTIONS, unit="ms"),
    ]


async def _connect(http: aiohttp.ClientSession, name: str) -> None:
    told = {
        "Gateway-Connection": name,
        "Gateway-Key": KEY,
        "Gateway-Connected-At": str(int(time.time() * 1000)),
        "Gateway-Source": "127.0.0.1",
    }
    async with http.post("/gateway/connect", headers=told) as answer:
        assert answer.status == 200, await answer.text()
