"""The routes, and how what goes wrong is worded (R-6). Handlers find what they need in ``app.state``."""

from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from mangaassist.edge import schemas
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.probes import Ping, healthz, metrics, readyz
from mangaassist.edge.rest import AnswerFailed, AnyRequest, RestEdge, chat_message, chat_session
from mangaassist.edge.socket import Receive, Scope, SendEvent, SocketEdge, refuse
from mangaassist.errors import BadInput, NotFound, Refused, ServiceFailure
from mangaassist.telemetry.logs import logger
from mangaassist.wire.problems import MEDIA_TYPE, Problem, problem, problem_of

MAX_BODY_BYTES: Final = 64 * 1024

_log = logger("edge")
_WEB: Final = resources.files("mangaassist") / "web"
_MEDIA_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}


class Door:
    """The ASGI application: sockets go straight to their edge, everything else to the routes.

    An idle socket costs a sixth less memory without the layers that routes need and sockets do not.
    """

    def __init__(self, routes: Litestar, socket: SocketEdge) -> None:
        self._routes = routes
        self._socket = socket

    async def __call__(self, scope: Scope, receive: Receive, send: SendEvent) -> None:
        if scope["type"] != "websocket":
            await self._routes(scope, receive, send)  # pyright: ignore[reportArgumentType] - the same dictionaries
        elif scope["path"] == "/ws":
            await self._socket.serve(scope, receive, send)
        else:
            await receive()
            await refuse(send, problem(404, "not_found", "There is no socket at this address."))


def build(shared: EdgeDependencies, socket: SocketEdge, pings: Mapping[str, Ping]) -> Door:
    """``pings`` asks each thing that answers depend on whether it is there."""
    routes = Litestar(
        route_handlers=[
            chat_message, chat_session, healthz, readyz, metrics,
            openapi_document, asyncapi_document, docs_page, web_file, home,
        ],
        state=State({"rest": RestEdge(shared), "metrics": shared.metrics, "pings": pings}),
        cors_config=CORSConfig(
            allow_origins=sorted(shared.allowed_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["content-type", "authorization", "idempotency-key", "traceparent"],
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
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
    )  # fmt: skip
    return Door(routes, socket)


@get("/schema/openapi.json", sync_to_thread=False)
def openapi_document() -> Response[bytes]:
    return Response(msgspec.json.encode(schemas.openapi()), media_type="application/json")


@get("/schema/asyncapi.json", sync_to_thread=False)
def asyncapi_document() -> Response[bytes]:
    return Response(msgspec.json.encode(schemas.asyncapi()), media_type="application/json")


@get("/docs", sync_to_thread=False)
def docs_page() -> Response[bytes]:
    return _file("docs.html")


@get("/", sync_to_thread=False)
def home() -> Response[bytes]:
    return _file("home.html")


@get("/widget/{name:str}", sync_to_thread=False)
def web_file(name: FromPath[str]) -> Response[bytes]:
    return _file(name)


def _file(name: str) -> Response[bytes]:
    """A file of the web folder, by its bare name: there are no subfolders to walk into."""
    suffix = name[name.rfind(".") :]
    file = _WEB / name
    if "/" in name or "\\" in name or suffix not in _MEDIA_TYPES or not file.is_file():
        raise NotFound(f"There is no {name} here.")
    headers = {"access-control-allow-origin": "*", "cache-control": "no-cache"}
    return Response(file.read_bytes(), media_type=_MEDIA_TYPES[suffix], headers=headers)


def _problem(worded: Problem, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(worded), status_code=worded.status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def _bad_input(_: AnyRequest, error: BadInput) -> Response[bytes]:
    return _problem(problem_of(error))


def _refused(_: AnyRequest, error: Refused) -> Response[bytes]:
    headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
    return _problem(problem_of(error), headers)


def _answer_failed(_: AnyRequest, error: AnswerFailed) -> Response[bytes]:
    return _problem(error.problem)


_AWAY: Final = {"identity": ("identity_unavailable", "Sign-in cannot be checked just now.")}
_ELSE_AWAY: Final = ("unavailable", "The assistant cannot take messages just now. Please try again in a moment.")


def _unavailable(_: AnyRequest, failure: ServiceFailure) -> Response[bytes]:
    code, detail = _AWAY.get(failure.service, _ELSE_AWAY)
    return _problem(problem(503, code, detail), {"retry-after": "5"})


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
    _log.error("request_failed", path=request.url.path, exc_info=error)
    return _problem(problem(500, "internal", "Something went wrong on our side. Please try again."))
