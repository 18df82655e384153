"""The route that serves covers."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

from mangastore.store import Store


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the covers."""
    return []
