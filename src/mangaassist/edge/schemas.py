"""OpenAPI 3.1 and AsyncAPI 3, generated from the very types that serve the requests (R-8)."""

from typing import Any, Final, get_args

import msgspec
from msgspec import Struct

from mangaassist import __version__
from mangaassist.wire.frames import ClientFrame, ServerFrame
from mangaassist.wire.problems import MEDIA_TYPE, Problem
from mangaassist.wire.rest import ChatRequest, ChatResponse, Readiness, SessionView

_REF: Final = "#/components/schemas/{name}"


class Operation(Struct, frozen=True, kw_only=True):
    """One REST operation: what it takes, what it gives, and the statuses it may refuse with."""

    method: str
    path: str
    summary: str
    takes: type[Struct] | None = None
    gives: type[Struct] | None = None
    refuses: tuple[int, ...] = ()


OPERATIONS: Final = (
    Operation(
        method="post",
        path="/chat/message",
        summary="Ask, and get the whole answer in one response.",
        takes=ChatRequest,
        gives=ChatResponse,
        refuses=(400, 401, 403, 409, 413, 415, 500, 503, 504),
    ),
    Operation(
        method="get",
        path="/chat/sessions/{session_id}",
        summary="The turns of the caller's conversation.",
        gives=SessionView,
        refuses=(401, 404, 503),
    ),
    Operation(method="get", path="/healthz", summary="Alive."),
    Operation(method="get", path="/readyz", summary="Every dependency by name; 503 when one is away.", gives=Readiness),
    Operation(method="get", path="/metrics", summary="Metrics for Prometheus."),
)


def openapi() -> dict[str, Any]:
    bodies = [kind for operation in OPERATIONS for kind in (operation.takes, operation.gives) if kind]
    _, components = msgspec.json.schema_components([*dict.fromkeys(bodies), Problem], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "MangaAssist",
            "version": __version__,
            "description": "The REST side of the shopping assistant.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _described(operation: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": _response("Fine.", operation.gives)}
    for status in operation.refuses:
        responses[str(status)] = _response("Refused.", Problem, MEDIA_TYPE)
    described: dict[str, Any] = {"summary": operation.summary, "responses": responses}
    if operation.takes:
        described["requestBody"] = {"required": True, "content": _content(operation.takes)}
        described["security"] = [{}, {"token": []}]
    if "{session_id}" in operation.path:
        described["parameters"] = [{"name": "session_id", "in": "path", "required": True, "schema": {"type": "string"}}]
        described["security"] = [{}, {"token": []}]
    return described


def _response(description: str, kind: type[Struct] | None, media_type: str = "application/json") -> dict[str, Any]:
    return {"description": description, **({"content": _content(kind, media_type)} if kind else {})}


def _content(kind: type[Struct], media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": _REF.format(name=kind.__name__)}}}


def asyncapi() -> dict[str, Any]:
    said, heard = get_args(ClientFrame), get_args(ServerFrame)
    _, components = msgspec.json.schema_components([*said, *heard], ref_template=_REF)
    messages = {kind.__name__: _message(kind) for kind in (*said, *heard)}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "MangaAssist socket", "version": __version__},
        "channels": {
            "chat": {
                "address": "/ws",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {"say": _operation("receive", said), "hear": _operation("send", heard)},
        "components": {"schemas": components, "messages": messages},
    }


def _message(kind: type[Struct]) -> dict[str, Any]:
    return {
        "name": str(kind.__struct_config__.tag),
        "summary": (kind.__doc__ or "").strip().partition("\n")[0],
        "payload": {"$ref": _REF.format(name=kind.__name__)},
    }


def _operation(action: str, kinds: tuple[type[Struct], ...]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/chat"},
        "messages": [{"$ref": f"#/channels/chat/messages/{kind.__name__}"} for kind in kinds],
    }
