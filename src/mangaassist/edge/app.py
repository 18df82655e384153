"""The server of the routes, and how what goes wrong is worded (R-6). Handlers find what they need in ``app.state``."""

from collections.abc import Mapping, MutableMapping
from typing import Any, Final, cast

import msgspec
from litestar import Litestar, Request, Response
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from mangaassist.edge import schemas
from mangaassist.edge.agents.doors import AgentsEdge
from mangaassist.edge.api_gateway.door import GatewayEdge
from mangaassist.edge.asking import AnswerFailed
from mangaassist.edge.console import ConsoleEdge
from mangaassist.edge.control import ControlEdge
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.desk import DeskEdge
from mangaassist.edge.desk_webhook import DeskWebhookEdge
from mangaassist.edge.limits import refusal_headers
from mangaassist.edge.methods import told_together
from mangaassist.edge.operators import OperatorsEdge
from mangaassist.edge.origins import check_caller
from mangaassist.edge.probes import Ping, Probes
from mangaassist.edge.request_spans import is_traced, traced
from mangaassist.edge.rest import REPLAYED, AnyRequest, RestEdge
from mangaassist.edge.routes import ROUTES
from mangaassist.edge.socket import Receive, Scope, SendEvent, SocketEdge, refuse
from mangaassist.edge.webhooks import Webhook, WebhookEdge
from mangaassist.errors import BadInput, Draining, NotFound, Refused, ServiceFailure
from mangaassist.telemetry.logs import logger
from mangaassist.wire.ag_ui import LAST_EVENT_ID
from mangaassist.wire.problems import AWAY, MEDIA_TYPE, NO_IDENTITY, Problem, problem, problem_of
from mangaassist.wire.rest import MAX_BODY_BYTES
from mangaassist.wire.ui_messages import SESSION_HEADER

_log = logger("edge")
_HANDLERS: Final = tuple(route.handler for route in ROUTES)


class Door:
    """The ASGI application: callers of ours alone; sockets go straight to their edge, everything else to the routes.

    An idle socket costs a sixth less memory without the layers that routes need and sockets do not.
    """

    def __init__(self, routes: Litestar, socket: SocketEdge, shared: EdgeDependencies) -> None:
        self.routes = routes
        self._socket = socket
        self._hosts = shared.allowed_hosts
        self._origins = shared.allowed_origins
        self._tracing = shared.tracing

    async def __call__(self, scope: Scope, receive: Receive, send: SendEvent) -> None:
        try:
            check_caller(scope, self._hosts, self._origins)
        except Refused as refused:
            await _turn_away(scope, receive, send, refused)
            return
        is_socket = scope["type"] == "websocket"
        if not is_socket and scope["path"] == "/ws":
            await refuse(scope, send, _NO_UPGRADE, {"upgrade": "websocket", "connection": "upgrade, close"})
        elif not is_socket:
            await self._route(scope, receive, send)
        elif self.routes.state.is_draining:
            await _turn_away(scope, receive, send, Draining())
        elif scope["path"] == "/ws":
            await self._socket.serve(scope, receive, send)
        else:
            await _turn_away(scope, receive, send, NotFound("There is no socket at this address."))

    async def _route(self, scope: Scope, receive: Receive, send: SendEvent) -> None:
        match scope["method"]:
            case "HEAD":  # the server that we run on sends no body for it
                scope = {**scope, "method": "GET"}
            case "OPTIONS":
                send = _worded(scope, send)
            case _:
                pass

        async def serve(scope: Scope, send: SendEvent) -> None:
            await self.routes(scope, receive, send)  # pyright: ignore[reportArgumentType] - the same dictionaries

        if is_traced(self._tracing, scope):
            await traced(self._tracing, scope, send, serve)
        else:
            await serve(scope, send)

    def drain(self) -> None:
        """From now on requests and sockets are refused, but for those that ask how the process is (W-7)."""
        self.routes.state.is_draining = True


_NO_UPGRADE: Final = problem(426, "upgrade_required", "This address is a WebSocket's.")
_NO_PREFLIGHT: Final = problem(
    400, "preflight_refused", "This page may not ask this: its origin, the method or a header is not on the allow-list."
)
_ASKED_WHILE_DRAINING: Final = frozenset({"/healthz", "/metrics"})


async def _turn_away(scope: Scope, receive: Receive, send: SendEvent, refused: Refused) -> None:
    """A handshake is read before it is answered; a body is not waited for."""
    if scope["type"] == "websocket":
        await receive()
    await refuse(scope, send, problem_of(refused), refusal_headers(refused))


def _worded(scope: Scope, send: SendEvent) -> SendEvent:
    """The framework refuses a preflight in plain text."""
    is_refused = False

    async def say(event: MutableMapping[str, Any]) -> None:
        nonlocal is_refused
        if event["type"] == "http.response.start" and event["status"] == 400:
            is_refused = True
            await refuse(scope, send, _NO_PREFLIGHT)
        elif not is_refused:
            await send(event)

    return say


async def _while_open(request: AnyRequest) -> None:
    if request.app.state.is_draining and request.url.path not in _ASKED_WHILE_DRAINING:
        raise Draining


def build(
    shared: EdgeDependencies,
    socket: SocketEdge,
    pings: Mapping[str, Ping],
    webhook: Webhook | None = None,
    agents: AgentsEdge | None = None,
    api_gateway: GatewayEdge | None = None,
) -> Door:
    """``pings`` asks each thing that answers depend on whether it is there; ``webhook`` None: no page is pushed here; ``agents``
    None: other agents are not served; ``api_gateway`` None: none calls."""
    routes = Litestar(
        route_handlers=[*told_together(_HANDLERS), *_HANDLERS],
        state=State(
            {
                "rest": RestEdge(shared),
                "control": ControlEdge(shared),
                "operators": OperatorsEdge(shared),
                "console": ConsoleEdge(shared),
                "desk": DeskEdge(shared),
                "desk_webhook": DeskWebhookEdge(shared),
                "webhooks": WebhookEdge(shared, webhook),
                "api_gateway": api_gateway,
                "agents": agents or AgentsEdge(shared, None),
                "metrics": shared.metrics,
                "probes": Probes(pings, shared.clock),
                "is_draining": False,
                "openapi": msgspec.json.encode(schemas.openapi()),
                "asyncapi": msgspec.json.encode(schemas.asyncapi()),
            }
        ),
        cors_config=CORSConfig(
            allow_origins=sorted(shared.allowed_origins),
            allow_methods=["GET", "POST"],
            allow_headers=[
                "content-type",
                "authorization",
                "idempotency-key",
                "traceparent",
                "mcp-protocol-version",
                LAST_EVENT_ID,
            ],
            expose_headers=[REPLAYED, SESSION_HEADER, "retry-after", "ratelimit-policy", "ratelimit"],
            allow_credentials=True,
        ),
        exception_handlers={
            BadInput: _bad_input,
            Refused: _refused,
            AnswerFailed: _answer_failed,
            ServiceFailure: _unavailable,
            HTTPException: _http_error,
            Exception: _unexpected,
        },
        before_request=_while_open,
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
    )
    return Door(routes, socket, shared)


def _problem(worded: Problem, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    told = {**worded.headers, **(headers or {})}
    return Response(msgspec.json.encode(worded), status_code=worded.status, media_type=MEDIA_TYPE, headers=told)


def _bad_input(_: AnyRequest, error: BadInput) -> Response[bytes]:
    return _problem(problem_of(error))


def _refused(_: AnyRequest, error: Refused) -> Response[bytes]:
    return _problem(problem_of(error), refusal_headers(error))


def _answer_failed(_: AnyRequest, error: AnswerFailed) -> Response[bytes]:
    return _problem(error.problem)


def _unavailable(_: AnyRequest, failure: ServiceFailure) -> Response[bytes]:
    return _problem(NO_IDENTITY if failure.service == "identity" else AWAY)


_HTTP_CODES: Final = {
    400: ("bad_request", "The request cannot be read."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method."),
    413: ("too_large", f"The body is larger than {MAX_BODY_BYTES // 1024} KiB."),
}


def _http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    code, detail = _HTTP_CODES.get(error.status_code, ("refused", "The request was refused."))
    return _problem(problem(error.status_code, code, detail), error.headers)


def _unexpected(request: AnyRequest, error: Exception) -> Response[bytes]:
    route = cast(Mapping[str, object], request.scope).get("path_template")  # the path itself may name a session
    _log.error("request_failed", route=route, exc_info=error)
    return _problem(problem(500, "internal", "Something went wrong on our side. Please try again."))
