"""The store as checks ask it: over the assistant's own wires and within a time limit; nothing that is asked changes anything."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

import grpc.aio
import msgspec
from msgspec import Struct

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.domain.products import Product, ProductQuery
from mangaassist.services.catalog import CHANNEL_OPTIONS, product_of, request_of
from mangaassist.services.clients import Addresses, Rest, clients_at
from mangaassist.services.contracts import ANY_JSON, OrderRow, PriceRow
from mangaassist.services.policies import Service
from mangaassist.services.rest import Params
from mangaassist.store_checks.findings import Mistake, Unchecked
from mangaassist.store_checks.plain_words import plain_mistake
from mangaproto import catalog_pb2 as pb
from mangaproto import catalog_pb2_grpc as pb_grpc

T = TypeVar("T")

CALL_LIMIT_S: Final = 5.0
"""Of one question: far more than any shopper waits, so that a slow store is told from a silent one."""
SAMPLE: Final = 50
UNSOLD: Final = "B0ZZZZZZZ9"
"""An ASIN that no store sells, hopefully: what is not known is left out of an answer."""


class Known(Struct):
    """What earlier checks have learnt of the store, for later ones to ask about."""

    products: tuple[Product, ...] = ()
    prices: tuple[PriceRow, ...] = ()
    orders: tuple[OrderRow, ...] = ()


class AskedStore:
    def __init__(self, catalog: Any, rest: dict[Service, Rest], identify: Callable[[], Any], token: str | None) -> None:
        self.catalog = catalog
        self.rest = rest
        self._identify = identify
        self.token = token
        self.identity: Identity = GUEST
        self.known = Known()

    async def get(
        self, service: Service, path: str, params: Params, decoder: "msgspec.json.Decoder[T]", token: str | None = None
    ) -> T:
        async with asyncio.timeout(CALL_LIMIT_S):
            return await self.rest[service].get(path, params, decoder, token=token)

    async def raw(self, service: Service, path: str, params: Params) -> bytes:
        """The JSON as it was sent."""
        return bytes(await self.get(service, path, params, ANY_JSON))

    async def rank(self, question: Any, decoder: "msgspec.json.Decoder[T]") -> T:
        async with asyncio.timeout(CALL_LIMIT_S):
            return await self.rest["pricing"].ask("/pricing/v1/ranked", question, decoder)

    async def find(self, service: Service, path: str, decoder: "msgspec.json.Decoder[T]", token: str | None) -> T:
        async with asyncio.timeout(CALL_LIMIT_S):
            return await self.rest[service].find(path, decoder, token=token)

    async def ping(self) -> None:
        await self.rest["pricing"].ping()

    async def call(self, method: str, request: Any) -> Any:
        """One question to the catalog, by its name in the contract."""
        return await getattr(self.catalog, method)(request, timeout=CALL_LIMIT_S)

    async def search(self, query: ProductQuery) -> tuple[Product, ...]:
        """Raises ``Mistake`` for the first product that does not fit its contract."""
        found = await self.call("SearchProducts", request_of(query))
        return tuple(map(read_product, found.products))

    async def asins(self, query: ProductQuery) -> tuple[str, ...]:
        return tuple((await self.call("ListAsins", request_of(query))).asins)

    async def changes(self, limit_s: float) -> AsyncIterator[pb.ChangeEvent]:
        """The changes from the beginning on that come within so many seconds."""
        stream = self.catalog.WatchChanges(pb.WatchChangesRequest(after_cursor=0))
        try:
            async with asyncio.timeout(limit_s):
                async for event in stream:
                    yield event
        except TimeoutError:
            return
        finally:
            stream.cancel()

    async def sign_in(self) -> Identity:
        """Whose the token is, by the provider's keys."""
        async with asyncio.timeout(CALL_LIMIT_S):
            self.identity = await self._identify()
        return self.identity

    def sample(self, most: int = SAMPLE) -> tuple[Product, ...]:
        """Products that the catalog has told of. Raises ``Unchecked`` where it told of none."""
        if not self.known.products:
            raise Unchecked("the catalog told of no product to ask about")
        return self.known.products[:most]

    @property
    def signed_in(self) -> str:
        """The shopper's token. Raises ``Unchecked`` without a shopper."""
        if self.token is None:
            raise Unchecked("nobody is signed in: give --shopper NAME or --token")
        if self.identity.is_guest:
            raise Unchecked("the shopper's token could not be checked")
        return self.token

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)


def read_product(message: pb.Product) -> Product:
    """Raises ``Mistake`` that names the product and the field."""
    try:
        return product_of(message)
    except msgspec.ValidationError as error:
        expected, found, field = plain_mistake(str(error))
        raise Mistake(expected, found, f"{message.asin or 'a product without an ASIN'}: {field}") from error


@asynccontextmanager
async def asked_store(
    addresses: Addresses, identify: Callable[[], Any], token: str | None
) -> AsyncGenerator[AskedStore]:
    """The store at these addresses, with wires of its own."""
    clients = clients_at(addresses)
    async with AsyncExitStack() as exits:
        channel = await exits.enter_async_context(grpc.aio.insecure_channel(addresses.grpc, options=CHANNEL_OPTIONS))
        for client in clients.rest.values():
            await exits.enter_async_context(client)
        yield AskedStore(cast(Any, pb_grpc.CatalogStub)(channel), dict(clients.rest), identify, token)
