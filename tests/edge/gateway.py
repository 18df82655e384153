"""An API Gateway WebSocket API in process: keeps connections, calls our routes, and holds everybody to the vendor's limits."""

import asyncio
import base64
import json
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, cast

from msgspec.structs import replace

from mangaassist.conversation.conversations import AnsweredElsewhere, Conversations
from mangaassist.edge.api_gateway.connections import Connections
from mangaassist.edge.api_gateway.door import GatewayEdge
from mangaassist.edge.api_gateway.function import RouteFunction
from mangaassist.edge.api_gateway.hearing import Hearing
from mangaassist.edge.api_gateway.holding import Holding
from mangaassist.edge.app import build
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.greeting import Timing
from mangaassist.edge.socket import SocketEdge
from mangaassist.guardrails.intake import Intake
from mangaassist.testing.clock import START
from mangaassist.testing.memory_connections import MemoryConnections
from tests.conversation.virtual import LONG_S, Process, seconds
from tests.edge.rest_client import SHOP, Caller, Got, Sockets
from tests.edge.socket_client import Client, Tokens

KEY: Final = b"what integrations show, of 32 bytes or more"
FRAME_BYTES: Final = 32 * 1024
INTEGRATION_S: Final = 29.0
THERE_AFTER_S: Final = 0.5
"""Between the answer to ``$connect`` and the moment at which one can post."""
IDLE_S: Final = 600.0
OLDEST_S: Final = 7200.0


class Calls(Protocol):
    """How the gateway calls us: ``Caller`` by HTTP, ``FunctionCaller`` by events."""

    async def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Got: ...


class LoopbackGateway:
    """``Management`` for its processes, and the far side of every client. ``gone`` counts posts to nobody."""

    def __init__(self) -> None:
        self.clients: dict[str, GatewayClient] = {}
        self.connections = MemoryConnections()
        self.gone = 0
        self.longest_s = 0.0
        self.largest = 0
        self._count = 0
        self._began = seconds()

    def now(self) -> datetime:
        """Wall time that passes with the loop's."""
        return START + timedelta(seconds=seconds() - self._began)

    def named(self) -> str:
        self._count += 1
        return f"c{self._count}="

    async def post(self, connection_id: str, data: bytes) -> bool:
        client = self.clients.get(connection_id)
        if client is None:
            self.gone += 1
            return False
        self.largest = max(self.largest, len(data))
        assert len(data) <= FRAME_BYTES, "the gateway would cut a message of several frames"
        await client.told(data)
        return True

    async def close(self, connection_id: str) -> None:
        if (client := self.clients.pop(connection_id, None)) is not None:
            await client.ended(1000)

    async def aclose(self) -> None: ...

    async def integrated(self, caller: Calls, route: str, body: bytes, headers: dict[str, str]) -> int:
        """The status of an integration, which is over in time."""
        began = seconds()
        async with asyncio.timeout(INTEGRATION_S):
            got = await caller.request("POST", f"/gateway/{route}", body, gateway_key=KEY.decode(), **headers)
        self.longest_s = max(self.longest_s, seconds() - began)
        return got.status


class FunctionCaller:
    """A function that takes what the gateway says, over what a serving process shares with it."""

    def __init__(self, process: Process, gateway: "LoopbackGateway", connections: Connections | None = None) -> None:
        doors = replace(process.doors(Tokens(), SHOP), now=gateway.now)
        conversations = Conversations(
            process.log,
            process.shared.sessions,
            AnsweredElsewhere(),
            Intake(),
            process.sealer,
            gateway.now,
            process.analytics,
        )
        doors = replace(doors, conversations=conversations)
        hearing = Hearing(doors, connections or gateway.connections, gateway, process.sealer, IDLE_S)
        self._function = RouteFunction(hearing, doors.allowed_origins)

    async def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Got:
        """The same as an event: what integrations map into headers is where the vendor has it."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        shown = {
            name.removeprefix("gateway-client-"): given[name] for name in given if name.startswith("gateway-client-")
        }
        begins = "gateway-query-"
        query = {name.removeprefix(begins).replace("-", "_"): given[name] for name in given if name.startswith(begins)}
        is_text = _is_text(body)
        told = await self._function.handle(
            {
                "requestContext": {
                    "routeKey": "$" + path.rpartition("/")[2],
                    "eventType": "as the vendor says it",
                    "connectionId": given["gateway-connection"],
                    "connectedAt": int(given.get("gateway-connected-at", "0")),
                    "identity": {"sourceIp": given.get("gateway-source", "")},
                },
                "headers": shown,
                "queryStringParameters": query,
                "body": body.decode() if is_text else base64.b64encode(body).decode(),
                "isBase64Encoded": not is_text,
            }
        )
        return Got(told["statusCode"], told["headers"], told["body"].encode())


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


class GatewayProcess:
    """A process that serves an API Gateway; use it as a context manager."""

    def __init__(self, process: Process, gateway: LoopbackGateway, connections: Connections | None = None) -> None:
        shop = (SHOP,)
        self.doors: EdgeDependencies = replace(process.doors(Tokens(), *shop), now=gateway.now)
        self.hearing = Hearing(self.doors, connections or gateway.connections, gateway, process.sealer, IDLE_S)
        self.holding = Holding(self.hearing, self.doors.metrics, Timing(30, IDLE_S), process.name)
        edge = GatewayEdge(self.hearing, self.holding, KEY, self.doors.allowed_origins)
        self.caller = Caller(build(self.doors, cast(SocketEdge, Sockets()), {}, api_gateway=edge))

    async def __aenter__(self) -> "GatewayProcess":
        self.start()
        return self

    def start(self) -> None:
        self.holding.start()

    async def __aexit__(self, *ended: Any) -> None:
        await self.holding.__aexit__(None, None, None)


class GatewayClient(Client):
    """A client of the gateway, whose calls go to ``caller``: any process of ours."""

    def __init__(
        self, gateway: LoopbackGateway, caller: Calls, query: str = "", token: str | None = None, **headers: str
    ) -> None:
        self._gateway = gateway
        self.caller = caller
        self.name = gateway.named()
        self._came = asyncio.Condition()
        self._line: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self.frames = []
        self.messages = 0
        self.refused = None
        self.problem = {}
        self.closed = None
        self.status = 0
        self._told_at = self.made_at = seconds()
        asked = {f"gateway_query_{name}": value for name, value in (one.split("=") for one in query.split("&") if one)}
        shown = {"gateway_client_authorization": f"Bearer {token}"} if token else {}
        self.serving = asyncio.create_task(self._serve({**asked, **shown, **headers}))

    async def _serve(self, headers: dict[str, str]) -> None:
        """As the gateway does: the connection is there once ``$connect`` is answered; then one frame after the other."""
        at = str(int(self._gateway.now().timestamp() * 1000))
        known = {"gateway_connection": self.name, "gateway_connected_at": at, "gateway_source": "203.0.113.5"}
        self.status = await self._gateway.integrated(self.caller, "connect", b"", known | headers)
        if self.status != 200:
            return
        await asyncio.sleep(THERE_AFTER_S)
        self._gateway.clients[self.name] = self
        while self.closed is None:
            left_s = min(self._told_at + IDLE_S, self.made_at + OLDEST_S) - seconds()
            try:
                async with asyncio.timeout(max(0.0, left_s)):
                    what, body = await self._line.get()
            except TimeoutError:
                if seconds() >= min(self._told_at + IDLE_S, self.made_at + OLDEST_S):
                    await self.ended(1001)
                continue
            if what == "frame":
                self._told_at = seconds()
                await self._gateway.integrated(self.caller, "default", body, {"gateway_connection": self.name})
            else:
                await self.ended(1005)
        await self._gateway.integrated(self.caller, "disconnect", b"", {"gateway_connection": self.name})

    async def told(self, data: bytes) -> None:
        self._told_at = seconds()
        async with self._came:
            self.messages += 1
            told = json.loads(data)
            self.frames += told if isinstance(told, list) else [told]
            self._came.notify_all()

    async def ended(self, code: int) -> None:
        self._gateway.clients.pop(self.name, None)
        async with self._came:
            self.closed = self.closed or code
            self._came.notify_all()
        self._line.put_nowait(("gone", b""))

    def say(self, **frame: Any) -> None:
        self.say_text(json.dumps(frame))

    def say_text(self, text: str) -> None:
        self._line.put_nowait(("frame", text.encode()))

    def say_bytes(self, data: bytes) -> None:
        self._line.put_nowait(("frame", data))

    async def goes(self) -> None:
        self._line.put_nowait(("gone", b""))
        await self.serving

    async def is_answered(self, count: int = 1) -> None:
        async with asyncio.timeout(LONG_S), self._came:
            await self._came.wait_for(lambda: len(self.of("done")) + len(self.of("failed")) >= count)
