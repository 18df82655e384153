"""What models have cost, by session and by day (M-5), on counters that any number of processes may share."""

from collections.abc import Callable
from math import inf
from typing import Final

from mangaassist.domain.counting import Counters
from mangaassist.models.routing import Spend

DAY_S: Final = 86_400.0
UNKNOWN: Final = Spend(inf, inf)
"""What cannot be known counts as spent: the answer steps down to what costs nothing, and does not fail."""

_DAY: Final = "spend:day"


class SpendLedger:
    """Never raises. ``failed`` hears of each time that the counters could not be asked."""

    def __init__(self, counters: Counters, failed: Callable[[], None] = lambda: None) -> None:
        self._counters = counters
        self._failed = failed

    async def add(self, session_id: str, usd: float) -> None:
        """Book what an answer has cost, in US dollars."""
        if usd == 0:
            return
        try:
            await self._counters.add(_DAY, usd, DAY_S)
            await self._counters.add(_session(session_id), usd, DAY_S)
        except Exception:  # the answer is written; whatever it is, it must not take it away
            self._failed()

    async def spent(self, session_id: str) -> Spend:
        """What the session and everybody together have cost within a day."""
        session = _session(session_id)
        try:
            totals = await self._counters.totals((session, _DAY))
        except Exception:  # see UNKNOWN
            self._failed()
            return UNKNOWN
        return Spend(totals[session], totals[_DAY])


def _session(session_id: str) -> str:
    return f"spend:session:{session_id}"
