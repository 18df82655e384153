"""Calls of a small model beside the answer: what one may cost is reserved before it is made, as that of an answer is (M-5)."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec import Struct

from mangaassist.models.routing import UNKNOWN, Router
from mangaassist.models.spending import ModelCalls, SpendLedger

T = TypeVar("T")


class PaidCalls(Struct, frozen=True):
    """Lives as long as the process."""

    router: Router
    spending: SpendLedger
    calls: ModelCalls

    async def made(
        self, session_id: str, most_usd: float, call: Callable[[], Awaitable[T]], cost_usd: Callable[[], float]
    ) -> T | None:
        """What the call gives; None where no budget holds ``most_usd``, or too many calls were made. ``cost_usd``: what it took."""
        before = await self.spending.reserve(session_id, most_usd)
        try:
            if self.router.shortage(most_usd, before) is not None or await self.calls.shortage() is not None:
                return None
            return await call()
        finally:
            if before != UNKNOWN:
                await self.spending.settle(session_id, most_usd, cost_usd())
