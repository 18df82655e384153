"""What every store of an API Gateway's connections does (W-13); each adapter inherits the suite."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.edge.api_gateway.connections import NOBODY, Connections, GatewayConnection, changed
from mangaassist.testing.clock import START
from mangaassist.wire.page import PageContext

MOMENT = timedelta(seconds=1)


def connection(name: str = "c1=", **fields: Any) -> GatewayConnection:
    given: dict[str, Any] = {"session_id": "s_1", "address": "203.0.113.5", "connected_at": START, "heard_at": START}
    return GatewayConnection(connection_id=name, **(given | fields))


class GatewayConnectionsContract:
    @pytest.fixture
    async def store(self) -> AsyncIterator[Connections]:
        raise NotImplementedError
        yield

    async def test_what_is_kept_is_found_as_it_was(self, store: Connections) -> None:
        full = connection(
            customer_id="aiko",
            token=b"\x00\xff sealed",
            expires_at=START + MOMENT,
            page=PageContext(current_asin="B0ABCDEFGH"),
            seq=7,
            epoch="e1",
            resumed=True,
        )
        await store.keep(full)
        await store.keep(connection("c2="))
        assert await store.find("c1=") == full
        assert await store.find("c2=") == connection("c2=")

    async def test_who_is_not_known_is_nobody(self, store: Connections) -> None:
        assert await store.find("c1=") is None
        assert await store.find("c" * 5000) is None
        await store.forget("c1=")
        assert await store.replace(connection(), connection(seq=1)) is None

    async def test_who_is_gone_is_forgotten(self, store: Connections) -> None:
        await store.keep(connection())
        await store.forget("c1=")
        assert await store.find("c1=") is None
        assert await store.held_by(NOBODY, 10) == ()
        assert await changed(store, "c1=", lambda known: replace(known, seq=1)) is None

    async def test_of_many_who_change_the_same_one_wins(self, store: Connections) -> None:
        await store.keep(connection())
        before = await store.find("c1=")
        assert before is not None
        kept = await asyncio.gather(*(store.replace(before, replace(before, holder=f"p{one}")) for one in range(4)))
        (won,) = [each for each in kept if each is not None]
        assert await store.find("c1=") == won

    async def test_a_change_is_made_to_what_is_there_just_then(self, store: Connections) -> None:
        await store.keep(connection(seq=0))
        counted = [changed(store, "c1=", lambda known: replace(known, seq=(known.seq or 0) + 1)) for _ in range(3)]
        await asyncio.gather(*counted)
        found = await store.find("c1=")
        assert found is not None
        assert found.seq == 3

    async def test_each_holder_has_its_own(self, store: Connections) -> None:
        for name in ("c1=", "c2=", "c3="):
            await store.keep(connection(name))
        assert set(await store.held_by(NOBODY, 10)) == {"c1=", "c2=", "c3="}
        assert len(await store.held_by(NOBODY, 2)) == 2
        await changed(store, "c2=", lambda known: replace(known, holder="one"))
        assert set(await store.held_by(NOBODY, 10)) == {"c1=", "c3="}
        assert await store.held_by("one", 10) == ("c2=",)
        await changed(store, "c2=", lambda known: replace(known, holder=NOBODY))
        assert await store.held_by("one", 10) == ()
        assert set(await store.held_by(NOBODY, 10)) == {"c1=", "c2=", "c3="}

    async def test_who_says_so_is_there_and_who_does_not_has_lapsed(self, store: Connections) -> None:
        await store.beat("one", START + MOMENT)
        await store.beat("two", START + 3 * MOMENT)
        assert await store.lapsed(START) == ()
        assert await store.lapsed(START + 2 * MOMENT) == ("one",)
        await store.beat("one", START + 4 * MOMENT)
        assert await store.lapsed(START + 2 * MOMENT) == ()
        assert set(await store.lapsed(START + 9 * MOMENT)) == {"one", "two"}
        await store.retire("one")
        assert await store.lapsed(START + 9 * MOMENT) == ("two",)
