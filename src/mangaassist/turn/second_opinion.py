"""Whether an answer strays from the store's matters, by a small model where our own head alone finds so (G-3 stage 6, G-5).

It can only excuse: whatever goes wrong with it, what our own head finds stands.
"""

import asyncio
from collections.abc import Callable
from typing import Final, Literal

from mangaassist.domain.opinions import OpinionCall, ScopeJudge
from mangaassist.errors import ModelFailure
from mangaassist.turn.paid_calls import PaidCalls

JUDGE_S: Final = 0.4
"""How long a model may judge: the shopper reads the answer meanwhile."""

Judged = Literal["agreed", "excused", "late", "refused", "failed", "unaffordable"]
"""What became of an opinion: it agreed that the answer strays, excused it, came too late, was none, failed, was not asked for."""
_SAID: Final[dict[bool | None, Judged]] = {True: "agreed", False: "excused", None: "refused"}


class SecondOpinion:
    """Lives as long as the process. ``noted`` hears what became of each."""

    def __init__(
        self, judge: ScopeJudge, paid: PaidCalls, noted: Callable[[Judged], None], factor: float = 1.0
    ) -> None:
        """``factor`` makes its time this many times as long."""
        self._judge = judge
        self._paid = paid
        self._noted = noted
        self._limit_s = JUDGE_S * factor

    async def of(self, session_id: str, answer: str) -> bool | None:
        """Whether the answer is about something else; None where nobody could say so in time and within the budgets."""
        call = self._judge.asked(answer)
        made = await self._paid.made(
            session_id, self._judge.most_usd, lambda: self._in_time(call), lambda: call.usage.cost_usd
        )
        judged = "unaffordable" if made is None else made
        self._noted(judged)
        return {"agreed": True, "excused": False}.get(judged)

    async def _in_time(self, call: OpinionCall) -> Judged:
        try:
            async with asyncio.timeout(self._limit_s):
                return _SAID[await call.read()]
        except TimeoutError:
            return "late"
        except ModelFailure as failure:
            return "late" if failure.kind == "timeout" else "failed"
