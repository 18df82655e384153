"""A store in the process: the real services over it, caller, breakers, limits, cache and contracts, everything but the wire.

>>> store = FakeStore(pricing=Fault("fail"))
>>> turn = store.services.for_turn(AIKO).within(store.clock() + 0.5)
>>> store.faults["catalog"] = Fault(delay_s=0.3)   # from now on
>>> del store.faults["pricing"]                    # well again
>>> [call.service for call in store.calls]         # what it was asked
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar

import msgspec
from msgspec import Struct

from mangaassist.domain.products import Product, ProductChange, ProductQuery
from mangaassist.errors import NotFound, ServiceFailure
from mangaassist.services.cache import Cache
from mangaassist.services.call_spans import NO_SPANS, CallSpans
from mangaassist.services.caller import Observer, Remarks, unobserved, unremarked
from mangaassist.services.clients import Clients, Rest
from mangaassist.services.failures import failure_of_status
from mangaassist.services.policies import POLICIES, Policy, Service
from mangaassist.services.rest import Params
from mangaassist.services.store import StoreServices
from mangaassist.stores.memory.cache import MemoryCache
from mangaassist.testing.fake_answers import ANSWERS, Asked, all_found, found
from mangaassist.testing.store_data import NOW, STORE, StoreData

T = TypeVar("T")

Mode = Literal["well", "fail", "unreachable", "refuse", "wrong", "partial"]
"""``fail``: HTTP 500 · ``unreachable``: no connection · ``refuse``: HTTP 403 · ``wrong``: an answer outside the contract ·
``partial``: of the products asked for, only the first half is known."""

JITTER_S: Final = 0.01
NONSENSE: Final = b'{"rows": [{"amount": "-1.00"'


class Fault(Struct, frozen=True):
    """What is wrong with a service: ``delay_s`` passes before each of its answers, and ``mode`` says what comes then.

    ``times``: how many calls it befalls, None all of them.
    """

    mode: Mode = "well"
    delay_s: float = 0.0
    times: int | None = None


class Call(Struct, frozen=True):
    """What the store was asked: ``what`` is the path, or the catalog's method; ``token`` the shopper's, if it came along."""

    service: Service
    what: str
    about: Any
    token: str | None = None
    traceparent: str | None = None


class FakeStore:
    """``services`` is what a turn needs; it may be entered, but need not be.

    Time is the running loop's, so that in ``virtual_time`` a slow service costs nothing; ``sleep`` and ``clock`` put another
    in its place. ``wall`` stands still at ``store_data.NOW``. Keywords that name a service are its faults from the beginning.
    """

    def __init__(
        self,
        *,
        data: StoreData = STORE,
        cache: Cache | None = None,
        clock: Callable[[], float] | None = None,
        wall: Callable[[], datetime] = lambda: NOW,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        observe: Observer = unobserved,
        remark: Remarks = unremarked,
        policies: Mapping[Service, Policy] = POLICIES,
        spans: CallSpans = NO_SPANS,
        **faults: Fault,
    ) -> None:
        assert set(faults) <= set(POLICIES), faults
        self.data = data
        self.faults: dict[str, Fault] = faults
        self.calls: list[Call] = []
        self.clock = clock or (lambda: asyncio.get_running_loop().time())
        self.wall = wall
        self._sleep = sleep
        rest: dict[Service, Rest] = {
            service: _Rest(self, service) for service, policy in policies.items() if policy.protocol == "rest"
        }
        self.services = StoreServices(
            Clients(_Catalog(self), rest),
            MemoryCache(self.clock) if cache is None else cache,
            clock=self.clock,
            wall=wall,
            jitter=lambda: JITTER_S,
            sleep=sleep,
            observe=observe,
            remark=remark,
            policies=policies,
            spans=spans,
        )

    def asked(self, service: Service) -> list[Call]:
        """What one service was asked so far."""
        return [call for call in self.calls if call.service == service]

    async def struck(self, call: Call) -> Mode:
        """Note a call and let its fault befall it; gives the mode of a fault that shows in the answer."""
        self.calls.append(call)
        fault = self.faults.get(call.service, Fault())
        if fault.times is not None:
            self.faults[call.service] = (
                msgspec.structs.replace(fault, times=fault.times - 1) if fault.times > 1 else Fault()
            )
        if fault.delay_s:
            await self._sleep(fault.delay_s)
        if fault.mode == "unreachable":
            raise ConnectionRefusedError
        if fault.mode in ("fail", "refuse"):
            raise failure_of_status(call.service, 500 if fault.mode == "fail" else 403)
        return fault.mode


class _Client:
    def __init__(self, store: FakeStore, service: Service) -> None:
        self._store = store
        self._service: Service = service

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def ping(self) -> None:
        try:
            await self._store.struck(Call(self._service, "ping", None))
        except ConnectionError as error:
            raise ServiceFailure(self._service, "unreachable") from error


class _Catalog(_Client):
    def __init__(self, store: FakeStore) -> None:
        super().__init__(store, "catalog")

    async def products(self, asins: Sequence[str], limit: float, traceparent: str | None = None) -> tuple[Product, ...]:
        known = await self._known("products", asins, traceparent)
        return tuple(product for product in self._store.data.products if product.asin in known)

    async def search(self, query: ProductQuery, limit: float, traceparent: str | None = None) -> tuple[Product, ...]:
        mode = await self._struck("search", query, traceparent)
        products = found(self._store.data, query)
        return products[: len(products) // 2] if mode == "partial" else products

    async def asins(self, query: ProductQuery, limit: float, traceparent: str | None = None) -> tuple[str, ...]:
        mode = await self._struck("asins", query, traceparent)
        asins = tuple(product.asin for product in all_found(self._store.data, query))
        return asins[: len(asins) // 2] if mode == "partial" else asins

    async def existing(self, asins: Sequence[str], limit: float, traceparent: str | None = None) -> frozenset[str]:
        known = await self._known("existing", asins, traceparent)
        return frozenset(product.asin for product in self._store.data.products if product.asin in known)

    async def changes(self, after: int) -> AsyncIterator[ProductChange]:
        """Everything that is sold, and then silence."""
        products = self._store.data.products
        for cursor, product in enumerate(products, 1):
            if cursor > after:
                yield ProductChange(
                    cursor=cursor,
                    asin=product.asin,
                    version=cursor,
                    product=product,
                    emitted_at=self._store.wall(),
                    head=len(products),
                )
        await asyncio.Event().wait()

    async def _known(self, method: str, asins: Sequence[str], traceparent: str | None) -> frozenset[str]:
        mode = await self._struck(method, tuple(asins), traceparent)
        return frozenset(asins[: len(asins) // 2] if mode == "partial" else asins)

    async def _struck(self, method: str, about: object, traceparent: str | None) -> Mode:
        mode = await self._store.struck(Call("catalog", method, about, None, traceparent))
        if mode == "wrong":
            raise ServiceFailure("catalog", "contract", "no product fits its contract")
        return mode


class _Rest(_Client):
    async def get(
        self,
        path: str,
        params: Params,
        decoder: "msgspec.json.Decoder[T]",
        *,
        token: str | None = None,
        traceparent: str | None = None,
    ) -> T:
        mode = await self._store.struck(Call(self._service, path, tuple(params), token, traceparent))
        asked = Asked(self._store.data, self._store.wall(), path, params, token, half=mode == "partial")
        answer = NONSENSE if mode == "wrong" else ANSWERS[self._service](asked)
        return decoder.decode(answer)

    async def ask(
        self,
        path: str,
        body: Any,
        decoder: "msgspec.json.Decoder[T]",
        *,
        token: str | None = None,
        traceparent: str | None = None,
    ) -> T:
        mode = await self._store.struck(Call(self._service, path, body, token, traceparent))
        sent = msgspec.json.encode(body)
        asked = Asked(self._store.data, self._store.wall(), path, (), token, half=mode == "partial", body=sent)
        return decoder.decode(NONSENSE if mode == "wrong" else ANSWERS[self._service](asked))

    async def find(
        self,
        path: str,
        decoder: "msgspec.json.Decoder[T]",
        *,
        token: str | None = None,
        traceparent: str | None = None,
    ) -> T:
        value = await self.get(path, (), msgspec.json.Decoder(msgspec.Raw), token=token, traceparent=traceparent)
        if bytes(value) == b"null":
            raise NotFound(path)
        return decoder.decode(value)
