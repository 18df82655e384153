"""The catalogue over gRPC: batch get, search, existence checks, and the stream of changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any, NoReturn

import grpc
import grpc.aio

from mangaproto import catalog_pb2 as pb
from mangaproto import catalog_pb2_grpc as pb_grpc
from mangastore.catalog.catalogue import Catalogue
from mangastore.catalog.changes import Change
from mangastore.catalog.filters import DEFAULT_LIMIT, MAX_LIMIT, Query
from mangastore.catalog.wire import FORMAT_NAMES, ORDER_NAMES, STATUS_NAMES

MAX_ASINS = 100
MAX_FILTER_VALUES = 100
MAX_TEXT = 2000
MAX_LISTED = 10_000
MAX_WATCHERS = 256
LISTS = (
    "series_ids", "genres", "demographics", "formats", "authors", "labels", "without_labels", "without_series_ids",
    "without_authors", "without_demographics", "statuses", "age_ratings", "traits", "without_traits",
)  # fmt: skip
NUMBERS = ("volume", "least_volumes", "most_volumes", "published_from", "published_to")

Context = grpc.aio.ServicerContext[Any, Any]


class CatalogService(pb_grpc.CatalogServicer):
    """Serves the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._watchers = 0

    async def GetProducts(self, request: pb.GetProductsRequest, context: Context) -> pb.GetProductsResponse:
        """Up to 100 products; unknown ones are left out."""
        await self._bounded(context, request.asins, MAX_ASINS, "asins")
        return pb.GetProductsResponse(products=self._messages(dict.fromkeys(request.asins)))

    async def SearchProducts(self, request: pb.SearchProductsRequest, context: Context) -> pb.SearchProductsResponse:
        """The best products for a text and filters."""
        query = await self._query(request, context)
        found = self._catalogue.search(query)
        return pb.SearchProductsResponse(products=self._messages(product.asin for product in found))

    async def ListAsins(self, request: pb.SearchProductsRequest, context: Context) -> pb.ListAsinsResponse:
        """The ASINs of everything that fits, in the order of a search."""
        query = await self._query(request, context)
        asins = [product.asin for product in self._catalogue.search_all(query)[:MAX_LISTED]]
        return pb.ListAsinsResponse(asins=asins)

    async def CheckAsins(self, request: pb.CheckAsinsRequest, context: Context) -> pb.CheckAsinsResponse:
        """Which of up to 100 ASINs are sold."""
        await self._bounded(context, request.asins, MAX_ASINS, "asins")
        existing = [product.asin for product in self._catalogue.find_all(request.asins)]
        return pb.CheckAsinsResponse(existing=existing)

    async def WatchChanges(self, request: pb.WatchChangesRequest, context: Context) -> AsyncIterator[pb.ChangeEvent]:
        """Every product's newest change after the cursor, then live ones; flow control holds back for slow readers."""
        if request.after_cursor < 0:
            await _refuse(context, "after_cursor is negative")
        if self._watchers >= MAX_WATCHERS:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, f"already {MAX_WATCHERS} watchers")
        self._watchers += 1
        try:
            async for change in self._catalogue.changes.follow(request.after_cursor):
                yield self._event(change)
        finally:
            self._watchers -= 1

    def _event(self, change: Change) -> pb.ChangeEvent:
        product = None if change.deleted else self._catalogue.message(change.asin)
        event = pb.ChangeEvent(
            cursor=change.cursor,
            op=pb.CHANGE_OP_DELETE if product is None else pb.CHANGE_OP_UPSERT,
            asin=change.asin,
            version=change.cursor,
            product=product,
            head=self._catalogue.changes.head,
        )
        event.emitted_at.FromDatetime(change.emitted_at)
        return event

    def _messages(self, asins: Iterable[str]) -> list[pb.Product]:
        return [message for message in map(self._catalogue.message, asins) if message is not None]

    async def _query(self, request: pb.SearchProductsRequest, context: Context) -> Query:
        if len(request.text) > MAX_TEXT:
            await _refuse(context, f"text is longer than {MAX_TEXT} characters")
        if not 0 <= request.limit <= MAX_LIMIT:
            await _refuse(context, f"limit lies outside 0 to {MAX_LIMIT}")
        for name in LISTS:
            await self._bounded(context, getattr(request, name), MAX_FILTER_VALUES, name)
        coded: dict[str, Any] = {
            "formats": [FORMAT_NAMES[value] for value in request.formats if value in FORMAT_NAMES],
            "statuses": [STATUS_NAMES[value] for value in request.statuses if value in STATUS_NAMES],
            "order": ORDER_NAMES.get(request.order, "relevance"),
        }
        lists: dict[str, Any] = {name: list(getattr(request, name)) for name in LISTS if name not in coded}
        numbers: dict[str, Any] = {name: getattr(request, name) if request.HasField(name) else None for name in NUMBERS}
        return Query(
            text=request.text,
            one_per_series=request.one_per_series,
            limit=request.limit or DEFAULT_LIMIT,
            **lists,
            **numbers,
            **coded,
        )

    async def _bounded(self, context: Context, values: Iterable[object], most: int, name: str) -> None:
        if sum(1 for _ in values) > most:
            await _refuse(context, f"{name} holds more than {most} values")


async def _refuse(context: Context, why: str) -> NoReturn:
    await context.abort(grpc.StatusCode.INVALID_ARGUMENT, why)
    raise AssertionError("abort returned")
