"""Faults in the store's services, injected on purpose and for a while, to see what shoppers get then (O-6)."""

from typing import Final, Protocol

from mangaassist.console.trail import Trail
from mangaassist.errors import Forbidden, NotFound
from mangaassist.wire.console_faults import FaultRequest, FaultsView

OFF: Final = (
    "Faults are not injected here: console.faults is off, as it should be wherever shoppers are."
    " A demo or a rehearsal sets it."
)
NO_FAULTS: Final = "This store has no faults to inject; the demo store does."


class FaultStore(Protocol):
    """A store whose services can be made faulty. Each fault ends there by itself, whatever becomes of this process.

    Raises ``NotFound`` where the store knows no faults, ``Forbidden`` where it lets nobody from here set one, ``BadInput`` for a
    service that it does not have, and ``ServiceFailure``.
    """

    async def faults(self) -> FaultsView:
        """The services, and what is wrong with them now."""
        ...

    async def inject(self, asked: FaultRequest) -> None: ...

    async def end(self, service: str | None) -> None:
        """Make a service well again, None for all."""
        ...


class FaultsDesk:
    """Lives as long as the process. ``store`` None: the settings allow no faults."""

    def __init__(self, store: FaultStore | None, trail: Trail) -> None:
        self._store = store
        self._trail = trail

    @property
    def is_allowed(self) -> bool:
        return self._store is not None

    async def look(self, operator: str) -> FaultsView:
        """What is faulty now, or in words why nothing can be."""
        await self._trail.looks(operator, "console_faults")
        return await self._told()

    async def inject(self, operator: str, asked: FaultRequest) -> FaultsView:
        """Make a service faulty for a while."""
        store = self._allowed()
        await self._trail.note(
            operator, "console_fault", service=asked.service, mode=asked.mode, rate=asked.rate, for_s=asked.for_s
        )
        await store.inject(asked)
        return await self._told()

    async def end(self, operator: str, service: str | None) -> FaultsView:
        """Make a service well before its time, None for all."""
        store = self._allowed()
        await self._trail.note(operator, "console_fault_end", service=service or "all")
        await store.end(service)
        return await self._told()

    def _allowed(self) -> FaultStore:
        if self._store is None:
            raise Forbidden(OFF)
        return self._store

    async def _told(self) -> FaultsView:
        if self._store is None:
            return FaultsView(why=OFF)
        try:
            return await self._store.faults()
        except NotFound:
            return FaultsView(why=NO_FAULTS)
        except Forbidden as refusal:
            return FaultsView(why=str(refusal))
