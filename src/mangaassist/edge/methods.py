"""Which methods an address takes that several handlers serve: the framework would tell those of the first alone (R-8)."""

from collections import defaultdict
from collections.abc import Iterable

from litestar import HttpMethod, Response, route
from litestar.handlers import HTTPRouteHandler


def told_together(handlers: Iterable[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """A handler of OPTIONS for each address that more than one of them serves, named as the framework names its own; it wants
    them before the others."""
    served: dict[str, list[HTTPRouteHandler]] = defaultdict(list)
    for handler in handlers:
        for path in handler.paths:
            served[path].append(handler)
    return [
        _methods_of(path, {str(method) for one in several for method in one.http_methods})
        for path, several in served.items()
        if len(several) > 1
    ]


def _methods_of(path: str, methods: set[str]) -> HTTPRouteHandler:
    allowed = ", ".join(sorted({*methods, "OPTIONS"}))

    @route(path, http_method=HttpMethod.OPTIONS, status_code=204)
    async def options_handler() -> Response[None]:
        return Response(None, status_code=204, headers={"Allow": allowed})

    return options_handler
