"""The catalog over gRPC: what is sold. YOUR PRODUCTS go into ``message_of``, your stream of changes into ``WatchChanges``."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio

from mangaproto import catalog_pb2 as pb
from mangaproto import catalog_pb2_grpc as pb_grpc

from . import address
from .filters import FORMATS, STATUSES, found
from .shelves import Product, day, products, sold

Context = grpc.aio.ServicerContext[Any, Any]
BEGAN = time.time_ns() // 1_000_000
"""Cursors and versions begin above those of the last start, so that whoever follows reads an edited file anew."""


def message_of(product: Product) -> pb.Product:
    return pb.Product(
        asin=product.asin,
        title=product.title,
        series_id=product.series,
        series_title=product.series_title or product.title,
        aliases=product.aliases,
        volume=product.volume,
        authors=product.authors,
        publisher=product.publisher,
        format=FORMATS[product.format],
        language=product.language,
        pages=product.pages,
        genres=product.genres,
        themes=product.themes,
        age_rating=product.age_rating,
        first_published=product.published,
        series_volumes=product.series_volumes,
        series_status=STATUSES[product.series_status],
        description=product.description.strip(),
        url=f"{address.URL}/p/{product.asin}",
        isbn=product.isbn,
        released=product.released or _due(product),
    )


def _due(product: Product) -> str:
    """When something that can be preordered comes out."""
    return day(product.back_in_days) if product.stock == "preorder" and product.back_in_days is not None else ""


class Catalog(pb_grpc.CatalogServicer):
    async def GetProducts(self, request: pb.GetProductsRequest, context: Context) -> pb.GetProductsResponse:
        return pb.GetProductsResponse(products=map(message_of, sold(request.asins)))

    async def SearchProducts(self, request: pb.SearchProductsRequest, context: Context) -> pb.SearchProductsResponse:
        best = found(request, products().values())[: request.limit or 10]
        return pb.SearchProductsResponse(products=map(message_of, best))

    async def ListAsins(self, request: pb.SearchProductsRequest, context: Context) -> pb.ListAsinsResponse:
        return pb.ListAsinsResponse(asins=[product.asin for product in found(request, products().values())][:10_000])

    async def CheckAsins(self, request: pb.CheckAsinsRequest, context: Context) -> pb.CheckAsinsResponse:
        return pb.CheckAsinsResponse(existing=[product.asin for product in sold(request.asins)])

    async def WatchChanges(self, request: pb.WatchChangesRequest, context: Context) -> AsyncIterator[pb.ChangeEvent]:
        """Every product once, then nothing, since a file does not change by itself. Yours tells what changes as it happens."""
        head = BEGAN + len(products())
        for cursor, product in enumerate(products().values(), BEGAN + 1):
            if cursor > request.after_cursor:
                event = pb.ChangeEvent(
                    cursor=cursor,
                    op=pb.CHANGE_OP_UPSERT,
                    asin=product.asin,
                    version=cursor,
                    product=message_of(product),
                    head=head,
                )
                event.emitted_at.GetCurrentTime()
                yield event
        await asyncio.Event().wait()


async def started(listen: str) -> grpc.aio.Server:
    """A server that answers at this address."""
    server = grpc.aio.server()
    pb_grpc.add_CatalogServicer_to_server(Catalog(), server)  # pyright: ignore[reportUnknownMemberType]  # generated code
    server.add_insecure_port(listen)
    await server.start()
    return server
