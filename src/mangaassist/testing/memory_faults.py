"""A store's faults in memory, as the console sets and ends them (O-6)."""

from collections.abc import Callable, Sequence

from mangaassist.errors import BadInput
from mangaassist.services.policies import POLICIES
from mangaassist.wire.console_faults import FaultLine, FaultRequest, FaultsView


class MemoryFaults:
    """Implements ``console.faults.FaultStore``. ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float], services: Sequence[str] = tuple(POLICIES)[:10]) -> None:
        self._clock = clock
        self._services = tuple(services)
        self._set: dict[str, tuple[FaultRequest, float]] = {}

    async def faults(self) -> FaultsView:
        now = self._clock()
        lines = (
            FaultLine(
                service=name, mode=one.mode, delay_ms=one.delay_ms, rate=one.rate, spoil=one.spoil, left_s=ends - now
            )
            for name, (one, ends) in self._set.items()
            if now < ends
        )
        return FaultsView(services=self._services, faults=tuple(lines))

    async def inject(self, asked: FaultRequest) -> None:
        self._set[self._known(asked.service)] = (asked, self._clock() + asked.for_s)

    async def end(self, service: str | None) -> None:
        for name in self._services if service is None else (self._known(service),):
            self._set.pop(name, None)

    def _known(self, service: str) -> str:
        if service not in self._services:
            raise BadInput("invalid_field", "The store has no such service.")
        return service
