"""What every store does whose services can be made faulty from the console (O-6); each adapter inherits the suite."""

from collections.abc import AsyncIterator, Callable

import pytest

from mangaassist.console.faults import FaultStore
from mangaassist.errors import BadInput
from mangaassist.wire.console_faults import FaultMode, FaultRequest

Elapse = Callable[[float], None]


class FaultStoreContract:
    @pytest.fixture
    async def store(self) -> AsyncIterator[FaultStore]:
        """All of its services are well."""
        raise NotImplementedError
        yield

    @pytest.fixture
    def elapse(self) -> Elapse:
        """Lets seconds of its time pass."""
        raise NotImplementedError

    async def test_ten_services_can_be_faulty_and_none_is(self, store: FaultStore) -> None:
        told = await store.faults()
        assert (len(told.services), told.faults, told.why) == (10, (), "")

    @pytest.mark.parametrize("mode", ["slow", "fail", "flap", "cut", "wrong"])
    async def test_a_fault_is_told_as_it_was_asked_for_until_its_time_is_over(
        self, store: FaultStore, elapse: Elapse, mode: FaultMode
    ) -> None:
        spoil = "negative" if mode == "wrong" else None
        asked = FaultRequest(service="pricing", mode=mode, delay_ms=700, rate=0.5, spoil=spoil, for_s=60)
        await store.inject(asked)
        (told,) = (await store.faults()).faults
        assert (told.service, told.mode, told.delay_ms, told.rate, told.spoil) == ("pricing", mode, 700, 0.5, spoil)
        assert told.left_s is not None
        assert 50 < told.left_s <= 60
        elapse(61)
        assert (await store.faults()).faults == ()

    async def test_a_second_fault_takes_the_place_of_the_first(self, store: FaultStore) -> None:
        await store.inject(FaultRequest(service="pricing", mode="fail"))
        await store.inject(FaultRequest(service="pricing", mode="slow", delay_ms=200))
        assert [one.mode for one in (await store.faults()).faults] == ["slow"]

    async def test_one_is_ended_or_all_are(self, store: FaultStore) -> None:
        for service in ("pricing", "orders", "reviews"):
            await store.inject(FaultRequest(service=service, mode="fail"))
        await store.end("pricing")
        assert {one.service for one in (await store.faults()).faults} == {"orders", "reviews"}
        await store.end(None)
        assert (await store.faults()).faults == ()

    async def test_a_service_that_is_none_is_refused(self, store: FaultStore) -> None:
        with pytest.raises(BadInput):
            await store.inject(FaultRequest(service="weather", mode="fail"))
        with pytest.raises(BadInput):
            await store.end("weather")
