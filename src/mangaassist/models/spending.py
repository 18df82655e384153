"""What models have cost, by session and by day (M-5), and how often they are called (R-5), on counters that processes may share."""

import time
from collections.abc import Callable
from typing import Final

from mangaassist.domain.counting import Bucket, Counters
from mangaassist.models.routing import NOTHING_SPENT, UNKNOWN, Shortage, Spend

DAY_S: Final = 86_400.0
MINUTE_S: Final = 60

_DAY: Final = "spend:day"
_CALLS: Final = "limit:model_calls"


class SpendLedger:
    """Never raises. ``failed`` hears of each time that the counters could not be asked.

    What an answer may cost is reserved before it is written, in one step with reading what had been spent: of two processes that
    would spend the last of a budget at once, the second sees the first. Whoever dies in between has spent what it reserved.
    """

    def __init__(self, counters: Counters, failed: Callable[[], None] = lambda: None) -> None:
        self._counters = counters
        self._failed = failed
        self.day_usd = 0.0
        """What everybody had spent within a day when somebody last asked."""

    async def reserve(self, session_id: str, usd: float) -> Spend:
        """Book what an answer may cost at most, in US dollars; gives what session and everybody had spent within a day before.

        Nothing is asked about what costs nothing. ``UNKNOWN`` where nobody can say: then nothing is reserved.
        """
        if usd == 0:
            return NOTHING_SPENT
        try:
            day = await self._counters.add(_DAY, usd, DAY_S)
            session = await self._counters.add(_session(session_id), usd, DAY_S)
        except Exception:  # see UNKNOWN
            self._failed()
            return UNKNOWN
        self.day_usd = day
        return Spend(session - usd, day - usd)

    async def settle(self, session_id: str, reserved: float, cost: float) -> None:
        """Put what an answer has cost in the place of what was reserved for it, both in US dollars."""
        usd = cost - reserved
        if usd == 0:
            return
        try:
            await self._counters.add(_DAY, usd, DAY_S)
            await self._counters.add(_session(session_id), usd, DAY_S)
        except Exception:  # the answer is written; whatever it is, it must not take it away
            self._failed()

    async def spent(self, session_id: str) -> Spend:
        """What the session and everybody together have cost within a day, with what is reserved."""
        session = _session(session_id)
        try:
            totals = await self._counters.totals((session, _DAY))
        except Exception:  # see UNKNOWN
            self._failed()
            return UNKNOWN
        return Spend(totals[session], totals[_DAY])


class ModelCalls:
    """The one limit of everybody's calls of models. Never raises; ``failed`` as above. ``clock`` gives monotonic seconds."""

    def __init__(
        self,
        counters: Counters,
        per_minute: int,
        failed: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._counters = counters
        self._bucket = Bucket(per_minute, MINUTE_S)
        self._failed = failed
        self._clock = clock
        self._used, self._used_at = 0.0, clock()

    def share(self) -> float:
        """How much of the limit is used now, 0 to 1, as the last call that this process counted knew it."""
        return max(0.0, self._used - (self._clock() - self._used_at) / MINUTE_S)

    async def shortage(self) -> Shortage | None:
        """Count a call that is about to be made; why it may not be made. Where nobody can count, nothing is called."""
        try:
            taken = await self._counters.take(_CALLS, self._bucket)
        except Exception:  # the answer is written by what costs nothing
            self._failed()
            return Shortage.UNKNOWN
        self._used, self._used_at = 1 - taken.remaining / self._bucket.capacity, self._clock()
        return None if taken.allowed else Shortage.CALLS


def _session(session_id: str) -> str:
    return f"spend:session:{session_id}"
