"""The catalog's client (gRPC): protobuf in, products of the shared vocabulary out; a broken product is left out and counted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

import grpc.aio
import msgspec
from google.protobuf.message import DecodeError, Message

from mangaassist.domain.products import Asin, Format, Product, ProductChange, ProductOrder, ProductQuery
from mangaassist.errors import ServiceFailure
from mangaassist.services.failures import failure_of
from mangaproto import catalog_pb2 as pb

M = TypeVar("M", bound=Message)

MAX_MESSAGE: Final = 4 << 20
PING_LIMIT_S: Final = 1.0
CHANNEL_OPTIONS: Final[tuple[tuple[str, int], ...]] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    # A quiet change stream on a dead connection is noticed. Servers hang up on pings more frequent than five minutes.
    ("grpc.keepalive_time_ms", 310_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    # A catalog that is back is found within seconds, not after gRPC's default of up to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.enable_retries", 0),  # retries are the caller's (S-6)
    ("grpc.enable_http_proxy", 0),
)
FORMATS: Final[dict[Format, pb.Format]] = {
    Format.PAPERBACK: pb.FORMAT_PAPERBACK,
    Format.HARDCOVER: pb.FORMAT_HARDCOVER,
    Format.OMNIBUS: pb.FORMAT_OMNIBUS,
    Format.BOX_SET: pb.FORMAT_BOX_SET,
}
_FORMATS_READ: Final[dict[int, Format]] = {int(sent): format_ for format_, sent in FORMATS.items()}
_STATUSES: Final[dict[str, pb.Status]] = {
    "": pb.STATUS_UNSPECIFIED,
    "finished": pb.STATUS_FINISHED,
    "ongoing": pb.STATUS_ONGOING,
    "hiatus": pb.STATUS_HIATUS,
}
_STATUSES_READ: Final[dict[int, str]] = {int(sent): status for status, sent in _STATUSES.items()}
_ORDERS: Final[dict[ProductOrder, pb.Order]] = {
    "relevance": pb.ORDER_UNSPECIFIED,
    "newest": pb.ORDER_NEWEST,
    "oldest": pb.ORDER_OLDEST,
    "longest": pb.ORDER_LONGEST,
    "shortest": pb.ORDER_SHORTEST,
}
MAX_LISTED: Final = 10_000
_SERVICE: Final = f"/{pb.DESCRIPTOR.package}.Catalog"


class CatalogClient:
    """Raises what grpc raises, ``DecodeError`` for bytes that are no protobuf, ``ServiceFailure`` when nothing fits.

    ``dropped`` hears how many products of an answer were left out because they do not fit their contract (S-7).
    """

    def __init__(self, target: str, dropped: Callable[[int], None]) -> None:
        """``target``: ``host:port``."""
        self._target = target
        self._dropped = dropped
        self._channel: grpc.aio.Channel | None = None

    async def __aenter__(self) -> Self:
        self._channel = grpc.aio.insecure_channel(self._target, options=CHANNEL_OPTIONS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._channel is not None:
            await self._channel.close()

    async def products(self, asins: Sequence[str], limit: float, traceparent: str | None = None) -> tuple[Product, ...]:
        """At most 100 products; unknown ASINs are left out. ``limit``: seconds within which the caller wants the answer."""
        request = pb.GetProductsRequest(asins=asins)
        raw = await self._asked("GetProducts", request, limit, traceparent)
        return self._read(pb.GetProductsResponse.FromString(raw).products)

    async def search(self, query: ProductQuery, limit: float, traceparent: str | None = None) -> tuple[Product, ...]:
        """Products that fit, best first."""
        raw = await self._asked("SearchProducts", request_of(query), limit, traceparent)
        return self._read(pb.SearchProductsResponse.FromString(raw).products)

    async def asins(self, query: ProductQuery, limit: float, traceparent: str | None = None) -> tuple[str, ...]:
        """The ASINs of everything that fits, at most 10 000, in the order of a search; the query's own limit does not count."""
        raw = await self._asked("ListAsins", request_of(query), limit, traceparent)
        return msgspec.convert(list(pb.ListAsinsResponse.FromString(raw).asins[:MAX_LISTED]), tuple[Asin, ...])

    async def existing(self, asins: Sequence[str], limit: float, traceparent: str | None = None) -> frozenset[str]:
        """Which of at most 100 ASINs are sold."""
        raw = await self._asked("CheckAsins", pb.CheckAsinsRequest(asins=asins), limit, traceparent)
        return msgspec.convert(list(pb.CheckAsinsResponse.FromString(raw).existing), frozenset[Asin]) & frozenset(asins)

    async def changes(self, after: int) -> AsyncIterator[ProductChange]:
        """Every change after the cursor, oldest first, then live ones. Ends or raises ``ServiceFailure`` with the stream."""
        watch: Any = self._open().unary_stream(  # pyright: ignore[reportUnknownVariableType] - grpcio is half typed
            f"{_SERVICE}/WatchChanges", request_serializer=pb.WatchChangesRequest.SerializeToString
        )
        call = watch(pb.WatchChangesRequest(after_cursor=after))
        try:
            async for raw in call:
                if change := self._change(cast(bytes, raw)):
                    yield change
        except Exception as error:
            failure = failure_of("catalog", error)
            if failure is None:
                raise
            raise failure from error
        finally:
            call.cancel()

    async def ping(self) -> None:
        """Whether the catalog answers (O-3), within a second. Raises ``ServiceFailure``."""
        try:
            async with asyncio.timeout(PING_LIMIT_S):
                await self.existing((), PING_LIMIT_S)
        except Exception as error:
            failure = failure_of("catalog", error)
            if failure is None:
                raise
            raise failure from error

    async def _asked(self, method: str, request: Message, limit: float, traceparent: str | None) -> bytes:
        # The caller keeps the time, and gives more of it when our own loop was late. What the catalog hears is the last resort.
        # The answer is taken as bytes and read here: grpc's own reading turns what it cannot read into None.
        ask: Any = self._open().unary_unary(  # pyright: ignore[reportUnknownVariableType] - grpcio is half typed
            f"{_SERVICE}/{method}", request_serializer=type(request).SerializeToString
        )
        metadata = (("traceparent", traceparent),) if traceparent else ()
        return await ask(request, timeout=2 * limit, metadata=metadata)

    def _read(self, messages: Sequence[pb.Product]) -> tuple[Product, ...]:
        read = tuple(products_of(messages))
        if len(read) < len(messages):
            self._dropped(len(messages) - len(read))
            if not read:
                raise ServiceFailure("catalog", "contract", "no product fits its contract")
        return read

    def _change(self, raw: bytes) -> ProductChange | None:
        try:
            return change_of(pb.ChangeEvent.FromString(raw))
        except (DecodeError, ValueError):
            self._dropped(1)  # a poisoned event is set aside and the stream goes on (K-4)
            return None

    def _open(self) -> grpc.aio.Channel:
        if self._channel is None:
            raise RuntimeError("the catalog client is used before it is entered")
        return self._channel


def request_of(query: ProductQuery) -> pb.SearchProductsRequest:
    return pb.SearchProductsRequest(
        text=query.text,
        series_ids=query.series_ids,
        genres=query.genres,
        demographics=query.demographics,
        formats=[FORMATS[format_] for format_ in query.formats],
        authors=query.authors,
        volume=query.volume,
        one_per_series=query.one_per_series,
        limit=query.limit,
        labels=query.labels,
        without_labels=query.without_labels,
        without_series_ids=query.without_series_ids,
        without_authors=query.without_authors,
        without_demographics=query.without_demographics,
        least_volumes=query.least_volumes,
        most_volumes=query.most_volumes,
        published_from=query.published_from,
        published_to=query.published_to,
        statuses=[_STATUSES[status] for status in query.statuses if status in _STATUSES],
        age_ratings=query.age_ratings,
        traits=query.traits,
        without_traits=query.without_traits,
        order=_ORDERS[query.order],
    )


def products_of(messages: Iterable[pb.Product]) -> Iterable[Product]:
    """Those that fit their contract."""
    for message in messages:
        try:
            yield product_of(message)
        except msgspec.ValidationError:
            continue


def product_of(message: pb.Product) -> Product:
    """Raises ``msgspec.ValidationError`` on an empty title, a bad ASIN, an unknown format, a negative number of pages, no date."""
    return msgspec.convert(
        {
            "asin": message.asin,
            "title": message.title.strip(),
            "series_id": message.series_id,
            "series_title": message.series_title,
            "aliases": tuple(message.aliases),
            "volume": message.volume if message.HasField("volume") else None,
            "volume_from": message.volume_from if message.HasField("volume_from") else None,
            "volume_to": message.volume_to if message.HasField("volume_to") else None,
            "authors": tuple(message.authors),
            "publisher": message.publisher,
            "format": _FORMATS_READ.get(message.format),
            "language": message.language,
            "pages": message.pages,
            "genres": tuple(message.genres),
            "themes": tuple(message.themes),
            "demographic": message.demographic,
            "age_rating": message.age_rating,
            "first_published": message.first_published,
            "series_volumes": message.series_volumes,
            "series_status": _STATUSES_READ.get(message.series_status, ""),
            "description": message.description,
            "image_url": message.image_url,
            "url": message.url,
            "isbn": message.isbn,
            "traits": tuple(message.traits),
            "released": message.released or None,
        },
        Product,
    )


def change_of(event: pb.ChangeEvent) -> ProductChange:
    """Raises ``ValueError`` (``msgspec.ValidationError`` is one) on an event that does not fit."""
    withdrawn = event.op == pb.CHANGE_OP_DELETE
    if not withdrawn and (event.op != pb.CHANGE_OP_UPSERT or event.product.asin != event.asin):
        raise ValueError("an event that is neither a product nor its withdrawal")
    return msgspec.convert(
        {
            "cursor": event.cursor,
            "asin": event.asin,
            "version": event.version,
            "product": None if withdrawn else product_of(event.product),
            "emitted_at": event.emitted_at.ToDatetime(tzinfo=UTC),
            "head": event.head,
        },
        ProductChange,
    )
