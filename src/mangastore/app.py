"""The store over HTTP: every service's routes, the storefront, and one way to word errors."""

from __future__ import annotations

from litestar import Litestar, get
from litestar.config.compression import CompressionConfig
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp

from mangastore.covers import routes as covers
from mangastore.faults.door import FaultDoor
from mangastore.services import (
    account,
    admin,
    content,
    drafts,
    gift_cards,
    inventory,
    orders,
    pricing,
    profile,
    promotions,
    recommendations,
    returns,
    reviews,
    shipping,
    sign_in,
    wishes,
)
from mangastore.store import Store
from mangastore.storefront import routes as storefront
from mangastore.storefront.problem_pages import exception_handlers

MAX_BODY = 64 * 1024
COMPRESSION = CompressionConfig(backend="gzip", gzip_compress_level=5, minimum_size=600, exclude=["/v1/", "/auth/"])
"""Pages, scripts and covers; not the services, whose answers the fault door must be able to break, and not what holds tokens."""
SERVICE_MODULES = (
    pricing,
    inventory,
    reviews,
    recommendations,
    profile,
    account,
    wishes,
    gift_cards,
    orders,
    shipping,
    returns,
    promotions,
    content,
    drafts,
    sign_in,
    admin,
)


@get("/healthz", tags=["health"], sync_to_thread=False)
def healthz() -> dict[str, str]:
    """Whether the store is alive."""
    return {"status": "ok"}


def make_app(store: Store) -> ASGIApp:
    """The whole HTTP side of a store, the fault door in front."""
    handlers = [route for module in SERVICE_MODULES for route in module.routes(store)]
    app = Litestar(
        route_handlers=[healthz, *handlers, *covers.routes(store), *storefront.routes(store)],
        exception_handlers=exception_handlers(store),
        openapi_config=_openapi(),
        request_max_body_size=MAX_BODY,
        compression_config=COMPRESSION,
        logging_config=None,
    )
    return FaultDoor(app, store.faults)


def _openapi() -> OpenAPIConfig:
    bearer = SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")
    return OpenAPIConfig(
        title="Manga store",
        version="1",
        description="The demo store's own services. Money is text with two decimals beside its currency.",
        path="/schema",
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin()],
        components=Components(security_schemes={"bearer": bearer}),
    )
