"""What models have cost, by session and by day (M-5), on counters that any number of processes may share."""

from collections.abc import Callable, Collection
from math import inf
from typing import Final, Protocol

from mangaassist.models.routing import Spend

DAY_S: Final = 86_400.0
UNKNOWN: Final = Spend(inf, inf)
"""What cannot be known counts as spent: the answer steps down to what costs nothing, and does not fail."""

_DAY: Final = "spend:day"


class Counters(Protocol):
    """Sums that end by themselves. A counter's window begins with its first amount; names are printable ASCII."""

    async def add(self, name: str, amount: float, window_s: float) -> float:
        """Add to a counter, and give its total. ``window_s``: seconds after which a window that begins now ends."""
        ...

    async def totals(self, names: Collection[str]) -> dict[str, float]:
        """The total of each name's window; 0 where there is none, or none any more."""
        ...


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
