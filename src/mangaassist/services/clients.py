"""The wires to the store: what a turn needs of a client, and the real ones, gRPC to the catalog and REST to the others."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Protocol, TypeVar

import msgspec
from msgspec import Struct

from mangaassist.domain.products import Product, ProductChange, ProductQuery, Ranked
from mangaassist.services.caller import Remarks, unremarked
from mangaassist.services.catalog import CatalogClient
from mangaassist.services.policies import POLICIES, Policy, Service
from mangaassist.services.rest import Params, RestClient

T = TypeVar("T")


class Client(Protocol):
    """Opened before it is used. Raises what its library raises; ``failures.py`` says what that means."""

    async def __aenter__(self) -> Any: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def ping(self) -> None:
        """Whether the service is there, within a second. Raises ``ServiceFailure``."""
        ...


class Catalog(Client, Protocol):
    """``limit`` in seconds: a hint to the service, the caller keeps the time."""

    async def products(
        self, asins: Sequence[str], limit: float, traceparent: str | None = None
    ) -> tuple[Product, ...]: ...

    async def search(
        self, query: ProductQuery, limit: float, traceparent: str | None = None
    ) -> tuple[Product, ...]: ...

    async def asins(self, query: ProductQuery, limit: float, traceparent: str | None = None) -> tuple[str, ...]: ...

    async def existing(self, asins: Sequence[str], limit: float, traceparent: str | None = None) -> frozenset[str]: ...

    def changes(self, after: int) -> AsyncIterator[ProductChange]: ...


class Rest(Client, Protocol):
    async def get(
        self,
        path: str,
        params: Params,
        decoder: "msgspec.json.Decoder[T]",
        *,
        token: str | None = None,
        traceparent: str | None = None,
    ) -> T: ...

    async def ask(
        self,
        path: str,
        body: Any,
        decoder: "msgspec.json.Decoder[T]",
        *,
        token: str | None = None,
        traceparent: str | None = None,
    ) -> T:
        """The answer to a question that does not fit into an address; it changes nothing."""
        ...

    async def find(
        self,
        path: str,
        decoder: "msgspec.json.Decoder[T]",
        *,
        token: str | None = None,
        traceparent: str | None = None,
    ) -> T:
        """The one thing at ``path``; raises ``NotFound`` where there is none."""
        ...


class RankingAsked(Struct, frozen=True, kw_only=True):
    """What is to be recommended: like ``seeds`` (ASINs), of ``genres``, or what this shopper would like; ``customer_id`` None: a
    guest."""

    seeds: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    limit: int
    customer_id: str | None = None


class Recommendations(Protocol):
    """What to read next. Raises what ``failures.py`` words, or ``ServiceFailure`` itself."""

    async def ranked(
        self, asked: RankingAsked, *, token: str | None = None, traceparent: str | None = None
    ) -> tuple[Ranked, ...]:
        """At most as many products as asked for, best first, without the seeds."""
        ...


class RecommendationsElsewhere(Recommendations, AbstractAsyncContextManager[Any], Protocol):
    """Recommendations of somebody else than the store, opened and closed with the clients."""


class Clients(Struct, frozen=True):
    """One a service. ``apart`` names the REST services that do not live at the common address; ``elsewhere`` recommends in the
    place of the store's own service."""

    catalog: Catalog
    rest: Mapping[Service, Rest]
    apart: frozenset[Service] = frozenset()
    elsewhere: RecommendationsElsewhere | None = None


class Addresses(Struct, frozen=True, kw_only=True):
    """Where the services are: ``rest`` for all but the catalog, unless ``apart`` names another base URL for one."""

    rest: str = "http://127.0.0.1:8080"
    grpc: str = "127.0.0.1:50051"
    apart: dict[Service, str] = {}


def clients_at(
    addresses: Addresses,
    remark: Remarks = unremarked,
    policies: Mapping[Service, Policy] = POLICIES,
    elsewhere: RecommendationsElsewhere | None = None,
) -> Clients:
    """``elsewhere`` recommends in the store's place. ``remark`` hears ``dropped`` of the catalog for each product that does not fit
    its contract."""

    def dropped(count: int) -> None:
        for _ in range(count):
            remark("catalog", "dropped")

    rest: dict[Service, Rest] = {
        service: RestClient(service, addresses.apart.get(service, addresses.rest))
        for service, policy in policies.items()
        if policy.protocol == "rest"
    }
    return Clients(CatalogClient(addresses.grpc, dropped), rest, frozenset(addresses.apart), elsewhere)
