"""What every cache of services' answers does (S-1); each adapter inherits the suite."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.domain.customers import Customer, Order, OrderItem
from mangaassist.domain.products import Discount, Price, Product, Ranked, Stock
from mangaassist.errors import ServiceFailure
from mangaassist.services.cache import Cache, Dated, Space, key_of
from mangaassist.stores.memory.cache import MemoryCache
from mangaassist.stores.memory.near_cache import NearCache
from mangaassist.stores.redis.cache import ANSWER_S, RedisCache
from mangaassist.stores.redis.connection import Server
from tests.patience import PATIENCE
from tests.redis_server import RedisServer

THEN = datetime(2026, 11, 25, 12, 30, 15, 250_000, tzinfo=UTC)
PRODUCT = Product(asin="B0ABCDEFGH", title="進撃の巨人, Vol. 1", series_id="aot", series_title="進撃の巨人", volume=1)
ORDER = Order(
    order_id="112-0000001-0000001", state="placed", placed_at=THEN, total=Decimal("9.90"), currency="USD",
    items=(OrderItem(asin="B0ABCDEFGH", title="“It’s” 進撃の巨人", quantity=2, unit_price=Decimal("4.95")),),
)  # fmt: skip
VALUES: list[tuple[Any, Any]] = [
    (bool, False),
    (bytes, b"\x00\xff{}"),
    (Product, PRODUCT),
    (tuple[Product, ...], ()),
    (tuple[Product, ...], (PRODUCT, PRODUCT)),
    (Stock, Stock(asin="B0ABCDEFGH", state="backorder", restock_date=THEN.date())),
    (tuple[Ranked, ...], (Ranked(asin="B0ABCDEFGH", score=0.123456789, reason="why"),)),
    (Customer, Customer(customer_id="c", name="Zoë", member=True, locale="en-US", language="en")),
    (tuple[Order, ...], (ORDER,)),
    (Price, Price(asin="B0ABCDEFGH", currency="USD", current=Decimal("1.10"), as_of=THEN,
                  discounts=(Discount("sale", Decimal("0.10")),))),
]  # fmt: skip
HOSTILE = ["", ":", "=", "=:", "a:b", "*", "%3A", "{tag}", "a b", "a\nb", "\x00", "日本", "../..", "KEYS *", "a" * 2000]
NAMES = Space("test.names", 60, str)
OTHERS = Space("test.others", 60, str)


def dated(value: Any) -> Dated:
    return Dated(value, THEN)


class CacheContract:
    """An adapter gives ``cache``, and ``elapse``, which lets seconds of its time pass."""

    @pytest.fixture
    def cache(self) -> Cache:
        raise NotImplementedError

    @pytest.fixture
    def elapse(self) -> Callable[[float], Awaitable[None]]:
        raise NotImplementedError

    async def test_what_was_never_kept_is_left_out(self, cache: Cache) -> None:
        await cache.put_many(NAMES, {"=:a": dated("A")})
        assert await cache.get_many(NAMES, ["=:a", "=:b"]) == {"=:a": dated("A")}
        assert await cache.get_many(OTHERS, ["=:a"]) == {}

    async def test_nothing_is_asked_for_and_nothing_is_kept_without_harm(self, cache: Cache) -> None:
        await cache.put_many(NAMES, {})
        assert await cache.get_many(NAMES, []) == {}

    async def test_many_are_kept_and_given_at_once(self, cache: Cache) -> None:
        items = {f"=:{number}": dated(str(number)) for number in range(200)}
        await cache.put_many(NAMES, items)
        assert await cache.get_many(NAMES, list(items)) == items

    async def test_what_is_kept_again_takes_the_place_and_lives_anew(
        self, cache: Cache, elapse: Callable[[float], Awaitable[None]]
    ) -> None:
        space = Space("test.short", 120, str)
        await cache.put_many(space, {"=:a": dated("old"), "=:b": dated("old")})
        await elapse(90)
        await cache.put_many(space, {"=:a": dated("new")})
        await elapse(60)
        assert await cache.get_many(space, ["=:a", "=:b"]) == {"=:a": dated("new")}

    async def test_nothing_outlives_its_time(self, cache: Cache, elapse: Callable[[float], Awaitable[None]]) -> None:
        short, long = Space("test.short", 60, str), Space("test.long", 3600, str)
        for space in (short, long):
            await cache.put_many(space, {"=:a": dated("A")})
        await elapse(66)
        assert await cache.get_many(short, ["=:a"]) == {}
        assert await cache.get_many(long, ["=:a"]) == {"=:a": dated("A")}

    @pytest.mark.parametrize(("kind", "value"), VALUES, ids=lambda value: getattr(type(value), "__name__", ""))
    async def test_a_value_comes_back_equal_and_of_its_type(self, cache: Cache, kind: Any, value: Any) -> None:
        space = Space("test.values", 60, kind)
        await cache.put_many(space, {"=:v": dated(value)})
        kept = (await cache.get_many(space, ["=:v"]))["=:v"]
        assert (kept, type(kept.value)) == (dated(value), type(value))

    async def test_spaces_share_nothing(self, cache: Cache) -> None:
        await cache.put_many(NAMES, {"=:a": dated("name")})
        await cache.put_many(OTHERS, {"=:a": dated("other")})
        assert await cache.get_many(NAMES, ["=:a"]) == {"=:a": dated("name")}

    async def test_one_owners_value_is_never_anothers_whatever_they_are_called(self, cache: Cache) -> None:
        places = [(owner, about) for owner in (None, *HOSTILE) for about in HOSTILE]
        for place in places:
            await cache.put_many(NAMES, {key_of(*place): dated(repr(place))})
        for place in places:
            key = key_of(*place)
            assert await cache.get_many(NAMES, [key]) == {key: dated(repr(place))}

    async def test_many_at_once_do_not_disturb_each_other(self, cache: Cache) -> None:
        async def one(number: int) -> None:
            key = f"=:{number}"
            await cache.put_many(NAMES, {key: dated(str(number))})
            assert await cache.get_many(NAMES, [key]) == {key: dated(str(number))}

        await asyncio.gather(*(one(number) for number in range(50)))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class TestMemoryCache(CacheContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def cache(self, clock: Clock) -> Cache:
        return MemoryCache(clock)

    @pytest.fixture
    def elapse(self, clock: Clock) -> Callable[[float], Awaitable[None]]:
        async def pass_(seconds: float) -> None:
            clock.now += seconds

        return pass_

    async def test_a_value_of_its_full_age_is_not_given_out(self, cache: Cache, clock: Clock) -> None:
        await cache.put_many(NAMES, {"=:a": dated("A")})
        clock.now = math.nextafter(1060, 0)
        assert await cache.get_many(NAMES, ["=:a"])
        clock.now = 1060
        assert not await cache.get_many(NAMES, ["=:a"])

    async def test_each_space_is_bounded_and_what_was_used_lately_stays(self, clock: Clock) -> None:
        cache = MemoryCache(clock, limit=2)
        await cache.put_many(OTHERS, {"=:far": dated("f")})
        await cache.put_many(NAMES, {"=:used": dated("u"), "=:idle": dated("i")})
        await cache.get_many(NAMES, ["=:used"])
        await cache.put_many(NAMES, {"=:new": dated("n")})
        assert list(await cache.get_many(NAMES, ["=:used", "=:idle", "=:new"])) == ["=:used", "=:new"]
        assert await cache.get_many(OTHERS, ["=:far"])

    @given(
        steps=st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.floats(0, 30)), max_size=80),
        limit=st.integers(1, 4),
    )
    async def test_it_behaves_like_a_list_of_recent_uses_cut_off_at_the_limit(
        self, steps: list[tuple[bool, int, float]], limit: int
    ) -> None:
        clock = Clock()
        cache, model = MemoryCache(clock, limit), dict[str, tuple[str, float]]()
        for number, (puts, about, pause) in enumerate(steps):
            clock.now += pause
            key = f"=:{about}"
            if puts:
                await cache.put_many(NAMES, {key: dated(str(number))})
                model.pop(key, None)
                model[key] = (str(number), clock.now + NAMES.ttl_s)
                if len(model) > limit:
                    del model[next(iter(model))]
            else:
                kept = model.get(key)
                fresh = {} if kept is None or clock.now >= kept[1] else {key: dated(kept[0])}
                assert await cache.get_many(NAMES, [key]) == fresh
                if fresh and kept:
                    model[key] = model.pop(key)


class Counting(MemoryCache):
    """Notes what it is asked for."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.asked: list[tuple[str, ...]] = []

    async def get_many(self, space: Space, keys: Sequence[str]) -> dict[str, Dated]:
        self.asked.append(tuple(keys))
        return await super().get_many(space, keys)


class TestNearCache(CacheContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def shared(self, clock: Clock) -> Counting:
        return Counting(clock)

    @pytest.fixture
    def cache(self, clock: Clock, shared: Counting) -> Cache:
        return NearCache(MemoryCache(clock), shared)

    @pytest.fixture
    def elapse(self, clock: Clock) -> Callable[[float], Awaitable[None]]:
        async def pass_(seconds: float) -> None:
            clock.now += seconds

        return pass_

    async def test_only_what_this_process_has_not_kept_itself_is_asked_for_elsewhere(
        self, cache: Cache, shared: Counting
    ) -> None:
        await shared.put_many(NAMES, {"=:b": dated("B")})
        await cache.put_many(NAMES, {"=:a": dated("A")})
        for _ in range(2):
            assert await cache.get_many(NAMES, ["=:a", "=:b"]) == {"=:a": dated("A"), "=:b": dated("B")}
        assert await cache.get_many(NAMES, ["=:a"]) == {"=:a": dated("A")}
        assert shared.asked == [("=:b",)] * 2
        assert await shared.get_many(NAMES, ["=:a"]) == {"=:a": dated("A")}


class TestRedisCache(CacheContract):
    @pytest.fixture
    async def lines(self, server: RedisServer) -> AsyncIterator[Server]:
        server.flush()
        made = Server(server.url)
        yield made
        await made.close()

    @pytest.fixture
    def cache(self, lines: Server) -> Cache:
        return RedisCache(lines, PATIENCE)

    @pytest.fixture
    def elapse(self, server: RedisServer) -> Callable[[float], Awaitable[None]]:
        async def pass_(seconds: float) -> None:
            server.age(seconds)

        return pass_

    async def test_everything_ends_by_itself(self, cache: Cache, server: RedisServer) -> None:
        await cache.put_many(NAMES, {"=:a": dated("A")})
        with server.client() as client:
            (key,) = client.keys()
            assert key == b"{mangaassist:cache:test.names:=:a}"
            assert 0 < client.pttl(key) <= 60_000

    @pytest.mark.parametrize("packed", [b"", b"\xc1", b"\x90", b"not packed", msgspec.msgpack.encode((THEN, 7))])
    async def test_what_cannot_be_read_as_its_type_is_a_miss_and_the_others_are_found(
        self, cache: Cache, server: RedisServer, packed: bytes
    ) -> None:
        await cache.put_many(NAMES, {"=:a": dated("A"), "=:b": dated("B")})
        with server.client() as client:
            client.set("{mangaassist:cache:test.names:=:a}", packed)
        assert await cache.get_many(NAMES, ["=:a", "=:b"]) == {"=:b": dated("B")}

    async def test_a_server_that_does_not_answer_is_given_up_in_time(self, lines: Server, server: RedisServer) -> None:
        cache, clock = RedisCache(lines), asyncio.get_running_loop().time
        server.pause()
        try:
            for call in (cache.get_many(NAMES, ["=:a"]), cache.put_many(NAMES, {"=:a": dated("A")})):
                began = clock()
                with pytest.raises(ServiceFailure, match="cache: timeout"):
                    await call
                assert clock() - began < ANSWER_S * PATIENCE
        finally:
            server.resume()
        patient = RedisCache(lines, PATIENCE)
        await patient.put_many(NAMES, {"=:a": dated("A")})
        assert await patient.get_many(NAMES, ["=:a"]) == {"=:a": dated("A")}


# --- keys ---

PARTS = st.one_of(st.text(), st.sampled_from(HOSTILE))


@given(first=st.tuples(st.none() | PARTS, PARTS), second=st.tuples(st.none() | PARTS, PARTS))
def test_different_owners_and_questions_have_different_keys(
    first: tuple[str | None, str], second: tuple[str | None, str]
) -> None:
    assert (key_of(*first) == key_of(*second)) is (first == second)


@given(owner=st.none() | PARTS, about=PARTS | st.tuples(PARTS, st.integers(), st.none()))
def test_a_key_is_short_and_plain(owner: str | None, about: Any) -> None:
    key = key_of(owner, about)
    assert len(key) <= 300
    assert key.isascii()
    assert not set(key) & set(" \t\r\n\0*?[]{}\"'\\")


@pytest.mark.parametrize("about", [("a", "b"), ("a,b",), (("a",), "b"), ("a", "b", None), {"a": "b"}, 7, "7"])
def test_questions_of_different_shapes_have_different_keys(about: Any) -> None:
    others = [("a", "b"), ("a,b",), (("a",), "b"), ("a", "b", None), {"a": "b"}, 7, "7"]
    assert [other for other in others if key_of("o", other) == key_of("o", about)] == [about]
