"""OpenAPI 3.1 and AsyncAPI 3, generated from the very types that serve the requests (R-8)."""

import re
from collections.abc import Iterable
from typing import Any, Final, cast, get_args

import msgspec
from msgspec import Struct

from mangaassist import __version__
from mangaassist.edge.connection import CLOSES
from mangaassist.edge.identity import COOKIE, SUBPROTOCOL
from mangaassist.edge.routes import JSON, LIMITS, REFUSALS, ROUTES, UPGRADE, Parameter, Route
from mangaassist.wire.examples import EXAMPLES
from mangaassist.wire.frames import (
    MAX_FRAME_BYTES,
    MAX_SERVER_FRAME_BYTES,
    ClientFrame,
    ConversationFrame,
    ServerFrame,
)
from mangaassist.wire.problems import MEDIA_TYPE, Problem

_REF: Final = "#/components/schemas/{name}"


def openapi() -> dict[str, Any]:
    published = [route for route in ROUTES if route.published]
    components = _components(
        taken=[route.takes for route in published if route.takes],
        given=[Problem, *(answer.kind for route in published for answer in route.gives if answer.kind)],
    )
    paths: dict[str, dict[str, Any]] = {}
    for route in published:
        paths.setdefault(_template(route.path), {})[route.method.lower()] = _described(route)
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
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


def _components(taken: Iterable[type[Struct]], given: Iterable[type[Struct]]) -> dict[str, Any]:
    """The schemas of both, by name. No text that is taken may hold a NUL (R-9): ``decode`` refuses it wherever it stands."""
    given = tuple(dict.fromkeys(given))
    _, of_given = msgspec.json.schema_components(given, ref_template=_REF)
    for kind in given:
        of_given[kind.__name__] = _as_sent(kind, of_given[kind.__name__])
    _, of_taken = msgspec.json.schema_components(dict.fromkeys(taken), ref_template=_REF)
    return of_given | _without_nul(of_taken)


def _as_sent(kind: type[Struct], schema: dict[str, Any]) -> dict[str, Any]:
    """What is sent has every field that is not left out for its default; a frame of the conversation always has its number."""
    if not kind.__struct_config__.omit_defaults and schema["properties"]:
        left_out = {field.encode_name for field in msgspec.structs.fields(kind) if field.default is msgspec.UNSET}
        return schema | {"required": [name for name in schema["properties"] if name not in left_out]}
    if issubclass(kind, ConversationFrame):
        numbered = {"type": "integer", "minimum": 1}
        return schema | {
            "properties": schema["properties"] | {"seq": numbered},
            "required": [*schema["required"], "seq"],
        }
    return schema


def _without_nul(schema: Any) -> Any:
    match schema:
        case {"type": "string"} if not schema.keys() & {"pattern", "enum", "const"}:
            return schema | {"pattern": "^[^\\u0000]*$"}
        case dict():
            parts = cast(dict[str, Any], schema)
            return {name: _without_nul(part) for name, part in parts.items()}
        case list():
            return [_without_nul(part) for part in cast(list[Any], schema)]
        case _:
            return schema


def _template(path: str) -> str:
    """``/chat/sessions/{session_id:str}`` as the document writes it."""
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def _described(route: Route) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": route.handler.handler_name, "summary": route.summary}
    if parameters := [
        *(_parameter(Parameter(name=name, means="", required=True), "path") for name in _placeholders(route.path)),
        *(_parameter(parameter, "query") for parameter in route.query),
        *(_parameter(parameter, "header") for parameter in route.headers),
    ]:
        described["parameters"] = parameters
    if route.takes:
        described["requestBody"] = {"required": True, "content": _content(route.takes, JSON)}
    if route.identifies:
        described["security"] = [{}, {"token": []}, {"cookie": []}]
    described["responses"] = _responses(route)
    return described


def _placeholders(path: str) -> list[str]:
    return re.findall(r"\{(\w+):", path)


def _parameter(parameter: Parameter, place: str) -> dict[str, Any]:
    return {"name": parameter.name, "in": place, **_header(parameter)}


def _header(parameter: Parameter) -> dict[str, Any]:
    told: dict[str, Any] = {"description": parameter.means} if parameter.means else {}
    return told | {"required": parameter.required, "schema": msgspec.json.schema(parameter.kind)}


def _responses(route: Route) -> dict[str, Any]:
    """One entry a status. A status of which a route has a body of its own and a refusal has both."""
    responses: dict[str, Any] = {}
    for answer in route.gives:
        headers = (*answer.headers, *(LIMITS if route.limited else ()))
        _respond(responses, answer.status, answer.means, headers, _content(answer.kind, answer.media_type))
    for status in route.refusals:
        _refuse(responses, status, REFUSALS[status].means)
    return dict(sorted(responses.items()))


def _refuse(responses: dict[str, Any], status: int, means: str) -> None:
    _respond(responses, status, means, REFUSALS[status].headers, _content(Problem, MEDIA_TYPE))


def _respond(
    responses: dict[str, Any], status: int, means: str, headers: tuple[Parameter, ...], content: dict[str, Any]
) -> None:
    response = responses.setdefault(str(status), {"description": means})
    if means not in response["description"]:
        response["description"] += f" {means}"
    if headers:
        response.setdefault("headers", {}).update({each.name: _header(each) for each in headers})
    if content:
        response.setdefault("content", {}).update(content)


_WITHOUT_TYPE: Final = {JSON: {"schema": {"type": "object"}}, "text/plain": {"schema": {"type": "string"}}}
"""What a body is that no type of ours describes. Of a stream of events nothing is said: tools would take it for one event's."""


def _content(kind: type[Struct] | None, media_type: str | None) -> dict[str, Any]:
    if media_type is None:
        return {}
    if kind is None:
        return {media_type: _WITHOUT_TYPE.get(media_type, {})}
    schema = {"$ref": _REF.format(name=kind.__name__)}
    return {media_type: {"schema": schema, **({"example": _example(kind)} if kind in EXAMPLES else {})}}


def asyncapi() -> dict[str, Any]:
    said, heard = get_args(ClientFrame), get_args(ServerFrame)
    components = _components(taken=said, given=(*heard, Problem))
    messages = {kind.__name__: _message(kind) for kind in (*said, *heard)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "MangaAssist socket",
            "version": __version__,
            "description": "A conversation over one WebSocket. `docs/protocol.md` says how its frames play together.",
        },
        "defaultContentType": JSON,
        "channels": {"chat": _channel(list(messages))},
        "operations": {
            "say": _operation("receive", "What a client may say.", said),
            "hear": _operation("send", "What the server says.", heard),
        },
        "components": {"schemas": components, "messages": messages, "securitySchemes": _SOCKET_SCHEMES},
    }


_SOCKET_SCHEMES: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "For clients that set headers.",
    },
    "cookie": {"type": "httpApiKey", "in": "cookie", "name": COOKIE, "description": "For pages of the store itself."},
    "subprotocol": {
        "type": "httpApiKey",
        "in": "header",
        "name": "Sec-WebSocket-Protocol",
        "description": f"The pair `{SUBPROTOCOL}, bearer.<token>`, for browsers on other pages.",
    },
}
_PLACE: Final = (
    Parameter(name="session_id", means="The conversation to go on with; without it a fresh one begins."),
    Parameter(name="last_seq", means="The number of the last frame that was heard; what came after it follows."),
    Parameter(name="epoch", means="The epoch that the number is one of, as `session` or `gap` named it."),
)
_HANDSHAKE: Final = (
    Parameter(name="Authorization", means="`Bearer <token>`; no token is a guest."),
    Parameter(name="Cookie", means=f"`{COOKIE}=<token>`."),
    Parameter(name="Sec-WebSocket-Protocol", means=f"`{SUBPROTOCOL}`, with `bearer.<token>` behind it or without."),
    Parameter(name="Origin", means="Of a browser's page: on the allow-list, or the server's own."),
)


def _channel(messages: list[str]) -> dict[str, Any]:
    refusals: dict[str, Any] = {}
    for status, means in UPGRADE.items():
        _refuse(refusals, status, means)
    return {
        "address": "/ws",
        "summary": "One connection to a conversation. The first frame is always `session`.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "ws": {
                "method": "GET",
                "query": _object(_PLACE),
                "headers": _object(_HANDSHAKE),
                "bindingVersion": "0.1.0",
            }
        },
        "x-max-client-frame-bytes": MAX_FRAME_BYTES,
        "x-max-server-frame-bytes": MAX_SERVER_FRAME_BYTES,
        "x-close-codes": {str(code): why for code, why in CLOSES.items()},
        "x-refusals": refusals,
    }


def _object(parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    """Parameters as the properties of one object, as bindings have them."""
    properties = {each.name: {"description": each.means, **msgspec.json.schema(each.kind)} for each in parameters}
    return {"type": "object", "properties": properties}


def _message(kind: type[Struct]) -> dict[str, Any]:
    return {
        "name": str(kind.__struct_config__.tag),
        "summary": (kind.__doc__ or "").strip().partition("\n")[0],
        "payload": {"$ref": _REF.format(name=kind.__name__)},
        "examples": [{"payload": _example(kind)}] if kind in EXAMPLES else [],
    }


def _example(kind: type[Struct]) -> Any:
    return msgspec.to_builtins(EXAMPLES[kind])


def _operation(action: str, summary: str, kinds: tuple[type[Struct], ...]) -> dict[str, Any]:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/chat"},
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in _SOCKET_SCHEMES],
        "messages": [{"$ref": f"#/channels/chat/messages/{kind.__name__}"} for kind in kinds],
    }
