"""One call for all who ask the same thing at once: what goes stale under load is fetched once, not a thousand times."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Flight(Generic[T]):
    """A call on its way. It is cancelled when nobody waits for it any more."""

    def __init__(self, fetch: Callable[[], Awaitable[T]]) -> None:
        async def fly() -> T:
            return await fetch()

        self.task = asyncio.create_task(fly())
        self.abandoned = False
        self._waiters = 0

    async def landed(self) -> T:
        """What the call gives. It keeps its own time; who waits may leave at any moment."""
        self._waiters += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self._waiters -= 1
            if not self._waiters:
                self.abandoned = True
                self.task.cancel()


class Flights(Generic[T]):
    """The calls on their way, by what they ask for. At most as many as there are waiting callers."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, Flight[T]] = {}

    def on_its_way(self, key: Hashable) -> Flight[T] | None:
        """A call to join, if there is one; one that is being cancelled is none."""
        flight = self._flights.get(key)
        return None if flight is None or flight.abandoned else flight

    def depart(self, key: Hashable, fetch: Callable[[], Awaitable[T]]) -> Flight[T]:
        """Begin the call; ``fetch`` keeps its own time."""
        flight = self._flights[key] = Flight(fetch)
        flight.task.add_done_callback(lambda _: self._forget(key, flight))
        return flight

    async def close(self) -> None:
        """Cancel what is still on its way."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, key: Hashable, flight: Flight[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
