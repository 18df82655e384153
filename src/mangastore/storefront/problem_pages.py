"""Errors for people: who asks with a browser for a page gets a page, everybody else the problem document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request, Response

from mangastore.problems import EXCEPTION_HANDLERS, Problem
from mangastore.store import Store
from mangastore.storefront.shell import problem_page

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]


def exception_handlers(store: Store) -> dict[Any, Handler]:
    """The handlers of the store's errors, each with a page for browsers."""
    return {kind: _with_a_page(store, handler) for kind, handler in EXCEPTION_HANDLERS.items()}


def _with_a_page(store: Store, handler: Handler) -> Handler:
    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        answer = handler(request, error)
        if not _is_a_visit(request):
            return answer
        shown = problem_page(store, msgspec.json.decode(answer.content, type=Problem))
        shown.headers.update(answer.headers)
        return shown

    return handle


def _is_a_visit(request: Request[Any, Any, Any]) -> bool:
    """Whether a browser goes to an address, rather than a script asks for it."""
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")
