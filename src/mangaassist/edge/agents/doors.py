"""The routes for other agents: a call is known, limited and bounded as a shopper's is before MCP sees it (R-11, R-5, R-9)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Literal, Protocol

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from msgspec import Struct

from mangaassist.domain.customers import Identity
from mangaassist.edge.addresses import address_of
from mangaassist.edge.agents.addresses import MCP_PATH, RESOURCE_PATH, UCP_PATH, challenge, public_address
from mangaassist.edge.agents.dependencies import CALLER, Caller
from mangaassist.edge.asking import AnswerFailed
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.rest import AnyRequest, json_body
from mangaassist.errors import NotFound, Unauthenticated
from mangaassist.wire.decoding import decode
from mangaassist.wire.problems import TOO_SLOW

CALL_LIMIT_S: Final = 60.0
SIGN_IN_FIRST: Final = "This needs the shopper to sign in."
KEPT: Final = "public, max-age=300"
"""How long what we publish may be kept; UCP wants a minute at least."""
_PASSED_ON: Final = frozenset({b"accept", b"content-type", b"mcp-protocol-version", b"mcp-method", b"mcp-name"})
"""The headers that MCP reads; who calls was found out of the others."""


class RpcMessage(Struct):
    """A request or a notification of JSON-RPC 2.0. We ask agents nothing, so that nothing else can come."""

    jsonrpc: Literal["2.0"]
    method: str
    params: dict[str, Any] = {}

    @property
    def tool(self) -> str:
        """The tool that it calls; empty where it calls none."""
        return str(self.params.get("name", "")) if self.method == "tools/call" else ""


_MESSAGE: Final = msgspec.json.Decoder(RpcMessage)


class Reply(Struct):
    status: int = 500
    headers: dict[str, str] = {}
    body: bytes = b""


class Published(Struct, frozen=True):
    """What anybody may read: UCP's profile, and the metadata of the protected resource."""

    profile: dict[str, Any]
    resource: dict[str, Any]


class Agents(Protocol):
    """What answers other agents, once it is there."""

    async def serve(self, scope: dict[str, Any], receive: Any, send: Any) -> None: ...

    def needs_account(self, tool: str) -> bool: ...

    def published(self, address: str, issuer: str) -> Published: ...


class AgentsEdge:
    """What the handlers need. Lives as long as the process. ``opened`` gives what answers, and None where nobody is served: it may
    wait for that to be loaded.

    ``address``: of the settings, or None; ``issuer``: of the shoppers' tokens.
    """

    def __init__(
        self,
        shared: EdgeDependencies,
        opened: Callable[[], Awaitable[Agents]] | None,
        address: str | None = None,
        issuer: str = "",
    ) -> None:
        self.shared = shared
        self._opened = opened
        self._address = address
        self._issuer = issuer

    async def agents(self) -> Agents:
        """Raises ``NotFound`` where other agents are not served."""
        if self._opened is None:
            raise NotFound("Other agents are not served here.")
        return await self._opened()

    def address(self, scope: Mapping[str, Any]) -> str:
        return public_address(scope, self._address)

    async def published(self, scope: Mapping[str, Any]) -> Published:
        """Raises ``NotFound`` as ``agents`` does."""
        return (await self.agents()).published(self.address(scope), self._issuer)

    async def answer(self, agents: Agents, scope: Mapping[str, Any], body: bytes, caller: Caller) -> Reply:
        """What MCP says to a body. Raises ``AnswerFailed`` when it took too long."""
        reply, inner = Reply(), _inner(scope, caller)
        coming = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return coming.pop() if coming else await asyncio.Event().wait()

        async def send(event: Any) -> None:
            if event["type"] == "http.response.start":
                reply.status = event["status"]
                reply.headers = {name.decode(): value.decode() for name, value in event["headers"]}
            else:
                reply.body += event.get("body", b"")

        try:
            async with asyncio.timeout(CALL_LIMIT_S):
                await agents.serve(inner, receive, send)
        except TimeoutError:
            raise AnswerFailed(TOO_SLOW) from None
        return reply

    def challenge(self, scope: Mapping[str, Any], *, was_wrong: bool) -> str:
        """How to sign in; ``was_wrong``: not with the token that came."""
        return challenge(self.address(scope), self._issuer, was_wrong=was_wrong)


def _inner(scope: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """The request as MCP gets it: without token and cookies. Who names no types that they accept accepts any (RFC 9110)."""
    headers: Sequence[tuple[bytes, bytes]] = [one for one in scope["headers"] if one[0] in _PASSED_ON]
    accepts = [] if any(name == b"accept" for name, _ in headers) else [(b"accept", b"application/json")]
    same = ("type", "http_version", "method", "scheme", "server", "client")
    return {
        **{name: scope[name] for name in same},
        "path": MCP_PATH,
        "raw_path": MCP_PATH.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [*headers, *accepts],
        CALLER: caller,
    }


@post(MCP_PATH, status_code=200)
async def mcp(request: AnyRequest, state: State) -> Response[bytes]:
    edge: AgentsEdge = state.agents
    agents = await edge.agents()
    json_body(request)
    identity = await _known(edge, request)
    caller = Caller(identity, address_of(request.scope), request.headers.get("traceparent"))
    standing = await edge.shared.limits.agent(identity, caller.address)
    body = await request.body()
    if identity.is_guest and agents.needs_account(decode(_MESSAGE, body).tool):
        raise Unauthenticated(SIGN_IN_FIRST, edge.challenge(request.scope, was_wrong=False))
    reply = await edge.answer(agents, request.scope, body, caller)
    headers = {"cache-control": "no-store", **standing.headers()}
    media_type = reply.headers.get("content-type", "application/json")
    return Response(reply.body, status_code=reply.status, media_type=media_type, headers=headers)


async def _known(edge: AgentsEdge, request: AnyRequest) -> Identity:
    """Raises ``Unauthenticated``, which says where to get a better token."""
    try:
        return await edge.shared.caller(request.scope)
    except Unauthenticated as refused:
        raise Unauthenticated(str(refused), edge.challenge(request.scope, was_wrong=True)) from None


@get(UCP_PATH)
async def ucp_document(request: AnyRequest, state: State) -> Response[bytes]:
    return _published((await state.agents.published(request.scope)).profile)


@get(RESOURCE_PATH)
async def protected_resource(request: AnyRequest, state: State) -> Response[bytes]:
    return _published((await state.agents.published(request.scope)).resource)


@get(RESOURCE_PATH + MCP_PATH)
async def protected_resource_of_mcp(request: AnyRequest, state: State) -> Response[bytes]:
    """The same where RFC 9728 looks for it: before the path of the resource."""
    return _published((await state.agents.published(request.scope)).resource)


def _published(document: dict[str, Any]) -> Response[bytes]:
    headers = {"cache-control": KEPT, "access-control-allow-origin": "*"}
    return Response(msgspec.json.encode(document), media_type="application/json", headers=headers)
