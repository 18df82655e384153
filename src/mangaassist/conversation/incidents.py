"""Blocks and corrections, counted by session: three within ten minutes raise an alarm (O-9)."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from mangaassist.domain.counting import Counters
from mangaassist.telemetry.logs import logger
from mangaassist.telemetry.metrics import Metrics

TOO_MANY: Final = 3
WITHIN_S: Final = 600
_SLOT_S: Final = 30
"""What happens within a slot is one sum. Ten minutes are the newest slots together, so that they slide."""
_log = logger("conversation")


class Incidents:
    """Counts for all processes that share the counters. Never raises: nobody waits for a figure. ``now`` gives UTC."""

    def __init__(self, counters: Counters, metrics: Metrics, now: Callable[[], datetime]) -> None:
        self._counters = counters
        self._metrics = metrics
        self._now = now

    async def note(self, session_id: str, count: int) -> None:
        """So many blocks and corrections of the session have just been shown. The alarm is raised once for those that make it."""
        if count == 0:
            return
        slot = int(self._now().timestamp()) // _SLOT_S
        slots = [_name(session_id, slot - back) for back in range(WITHIN_S // _SLOT_S + 1)]
        try:
            await self._counters.add(slots[0], count, WITHIN_S + _SLOT_S)
            total = int(sum((await self._counters.totals(slots)).values()))
        except Exception:  # the answer was shown, whatever is known of it
            self._metrics.counters_failed.inc()
            return
        if total - count < TOO_MANY <= total:
            self._metrics.raise_session_alarm(self._now())
            _log.warning("session_alarm", session=session_id[:6], blocks_and_corrections=total, within_s=WITHIN_S)


def _name(session_id: str, slot: int) -> str:
    return f"incidents:{session_id}:{slot}"
