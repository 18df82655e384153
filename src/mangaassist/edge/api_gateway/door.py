"""The routes that an API Gateway's HTTP integrations call, told apart from everybody else by a key (W-1, W-13).

The gateway passes on a frame as the body, and what it knows of the connection in headers of ours: ``deploy/api_gateway`` maps them.
"""

from datetime import UTC, datetime
from secrets import compare_digest
from typing import Any, Final

from litestar import Response, post
from litestar.datastructures import State
from msgspec import Struct

from mangaassist.edge.api_gateway.hearing import Handshake, Hearing
from mangaassist.edge.api_gateway.holding import Holding
from mangaassist.edge.identity import SUBPROTOCOL
from mangaassist.edge.origins import origin_of
from mangaassist.edge.rest import AnyRequest
from mangaassist.errors import Forbidden, NotFound

CONNECTION: Final = "gateway-connection"
CONNECTED_AT: Final = "gateway-connected-at"
SOURCE: Final = "gateway-source"
KEY: Final = "gateway-key"
CLIENTS: Final = "gateway-client-"
"""Before the name of a header of the client's."""
ASKED: Final = {
    name: "gateway-query-" + name.replace("_", "-") for name in ("session_id", "last_seq", "epoch", "together")
}
"""What the client's address says, by its header: a name with an underscore is dropped by many a proxy."""
SHOWN: Final = ("authorization", "cookie")


class GatewayEdge(Struct, frozen=True):
    """Lives as long as the process. ``key``: what integrations show."""

    hearing: Hearing
    holding: Holding
    key: bytes
    allowed_origins: frozenset[str]

    async def connect(self, request: AnyRequest) -> str | None:
        """The subprotocol that is spoken, where one was offered."""
        check_origin(request.headers.get(CLIENTS + "origin"), self.allowed_origins)
        offered = subprotocols_of(request.headers.get(CLIENTS + "sec-websocket-protocol"))
        await self.hearing.connect(_handshake(request, offered))
        self.holding.look_soon()
        return SUBPROTOCOL if SUBPROTOCOL in offered else None


def check_origin(page: str | None, allowed: frozenset[str]) -> None:
    """Raises ``Forbidden`` for a page that is not on the allow-list. No origin is no browser's page."""
    if page and str(origin_of(page)) not in allowed:
        raise Forbidden("This page may not talk to the assistant: its origin is not on the allow-list.")


def subprotocols_of(header: str | None) -> list[str]:
    return [one.strip() for one in (header or "").split(",") if one.strip()]


def _handshake(request: AnyRequest, subprotocols: list[str]) -> Handshake:
    given = request.headers
    headers = [(name.encode(), given[CLIENTS + name].encode("latin-1")) for name in SHOWN if given.get(CLIENTS + name)]
    scope: dict[str, Any] = {"headers": headers, "subprotocols": subprotocols}
    query = {name: [value] for name, header in ASKED.items() if (value := given.get(header))}
    return Handshake(
        connection_id=given[CONNECTION],
        address=given.get(SOURCE, ""),
        at=moment_of(given.get(CONNECTED_AT, "")),
        scope=scope,
        query=query,
    )


def moment_of(milliseconds: str) -> datetime:
    """Milliseconds since 1970; anything else is now."""
    is_number = milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) < 15
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if is_number else datetime.now(UTC)


def _edge(state: State, request: AnyRequest) -> GatewayEdge:
    """Raises ``NotFound`` where no gateway is served, or somebody else calls."""
    edge: GatewayEdge | None = state.api_gateway
    shown = request.headers.get(KEY, "").encode("latin-1")
    if edge is None or not compare_digest(shown, edge.key) or not request.headers.get(CONNECTION):
        raise NotFound("No API Gateway calls this address.")
    return edge


@post("/gateway/connect", status_code=200)
async def gateway_connect(request: AnyRequest, state: State) -> Response[bytes]:
    spoken = await _edge(state, request).connect(request)
    return Response(b"", headers={} if spoken is None else {"sec-websocket-protocol": spoken})


@post("/gateway/default", status_code=200)
async def gateway_default(request: AnyRequest, state: State) -> Response[bytes]:
    edge = _edge(state, request)
    await edge.hearing.hear(request.headers[CONNECTION], text_of(await request.body()))
    return Response(b"")


@post("/gateway/disconnect", status_code=200)
async def gateway_disconnect(request: AnyRequest, state: State) -> Response[bytes]:
    await _edge(state, request).hearing.disconnect(request.headers[CONNECTION])
    return Response(b"")


def text_of(body: bytes) -> str | None:
    """None: it is no text."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
