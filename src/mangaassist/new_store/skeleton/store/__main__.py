"""Serves the store: the REST services and the catalog's gRPC on one event loop. Run it with: python -m store."""

import asyncio
import socket
from contextlib import suppress

import uvicorn
from litestar import Litestar, get

from . import (
    address,
    catalog,
    content,
    inventory,
    orders,
    pricing,
    profile,
    promotions,
    recommendations,
    returns,
    reviews,
    shipping,
    shop_pages,
    sign_in,
)  # fmt: skip

SERVICES = (
    pricing, inventory, reviews, recommendations, profile, orders, shipping, returns, promotions, content, sign_in, shop_pages,
)  # fmt: skip


@get("/healthz", sync_to_thread=False)
def healthz() -> dict[str, str]:
    """Whether the store is alive."""
    return {"status": "ok"}


async def serve() -> None:
    """Serve until interrupted."""
    app = Litestar([healthz, *(route for service in SERVICES for route in service.ROUTES)], logging_config=None)
    config = uvicorn.Config(app, log_level="warning", lifespan="off")
    with socket.create_server((address.HOST, address.PORT)) as listening:
        server = await catalog.started(address.GRPC)
        print(f"The store serves at {address.URL} and {address.GRPC} (gRPC). Stop it with Ctrl-C.", flush=True)
        try:
            await uvicorn.Server(config).serve(sockets=[listening])
        finally:
            await server.stop(grace=0)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve())
