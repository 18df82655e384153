"""A server span around each request (O-3): it goes on in the client's trace, and what the request asks for goes on in it.

The header ``traceparent`` is replaced on the way in, as a proxy before us would: whoever reads it reads of this span. A span
names route, method and status; the path may name a session.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

from mangaassist.edge.origins import PROBES
from mangaassist.telemetry.conventions import Attr
from mangaassist.telemetry.tracing import Tracing

Scope = MutableMapping[str, Any]
SendEvent = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TRACEPARENT: Final = b"traceparent"
OTHER: Final = "_OTHER"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"})
"""A client may call its method anything, and no span is named after that."""


def is_traced(tracing: Tracing, scope: Scope) -> bool:
    return tracing.is_collected and scope["path"] not in PROBES


async def traced(
    tracing: Tracing, scope: Scope, send: SendEvent, serve: Callable[[Scope, SendEvent], Awaitable[None]]
) -> None:
    """Serve a request within its span."""
    method = scope["method"] if scope["method"] in _METHODS else OTHER
    with tracing.request(method, traceparent_of(scope), {Attr.HTTP_METHOD: method}) as span:
        within: Scope = {**scope, "headers": _headers(scope, tracing.traceparent())}

        async def say(event: MutableMapping[str, Any]) -> None:
            if event["type"] == "http.response.start":
                span.answered(event["status"])
            await send(event)

        try:
            await serve(within, say)
        finally:
            if route := within.get("path_template"):
                span.named(f"{method} {route}", str(route))


def traceparent_of(scope: Mapping[str, Any]) -> str | None:
    """The one that a client sent; whatever it is, only a sound one is gone on in."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == TRACEPARENT), None)


def _headers(scope: Scope, traceparent: str | None) -> list[tuple[bytes, bytes]]:
    others = [(name, value) for name, value in scope["headers"] if name != TRACEPARENT]
    return [*others, (TRACEPARENT, traceparent.encode())] if traceparent else others
