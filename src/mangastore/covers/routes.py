"""The route that serves covers."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter

from mangastore.covers.drawing import draw_cover
from mangastore.problems import OWNED_RESPONSES, not_found
from mangastore.store import Store

CACHED_COVERS = 1024
FileName = Annotated[str, PathParameter(pattern=r"^B0[A-Z0-9]{8}\.svg$", max_length=14)]
HEADERS = {"Cache-Control": "public, max-age=86400", "Content-Security-Policy": "default-src 'none'"}


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the covers."""

    @lru_cache(maxsize=CACHED_COVERS)
    def drawn(asin: str, title: str) -> bytes:
        product = store.catalogue.find(asin)
        if product is None:
            raise not_found("cover")
        return draw_cover(product).encode()

    @get("/covers/{file_name:str}", responses=OWNED_RESPONSES, tags=["covers"], sync_to_thread=False)
    def show_cover(file_name: FileName) -> Response[bytes]:
        """The cover of a product, as SVG."""
        product = store.catalogue.find(file_name.removesuffix(".svg"))
        if product is None:
            raise not_found("cover")
        # The title is part of the key: an edited product gets a new cover.
        return Response(drawn(product.asin, product.title), media_type="image/svg+xml", headers=HEADERS)

    return [show_cover]
