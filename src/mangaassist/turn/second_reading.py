"""Where our own reading is unsure: the same message by a small model, if it is in time, affordable and believable (M-2, M-5).

Whatever goes wrong with it, our own reading stands, and the answer says what became of the model's.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.evidence import Degradation
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.reading import ModelReader, ModelReading, Outcome, ReadingCall
from mangaassist.domain.writing import NO_USAGE, Usage
from mangaassist.errors import ModelFailure
from mangaassist.models.routing import Router
from mangaassist.models.spending import ModelCalls, SpendLedger
from mangaassist.turn.budget import Budget
from mangaassist.turn.memory import Session
from mangaassist.turn.output import Stop
from mangaassist.turn.paid_calls import PaidCalls
from mangaassist.turn.reader import Understanding
from mangaassist.understanding.doubt import Doubt, doubt_of
from mangaassist.understanding.model_reading import Ungrounded
from mangaassist.wire.page import PageContext

READ_S: Final = 0.4
"""How long a model may read; it comes on top of the turn's other stages (M-10)."""
NO_CLASSIFIER: Final = Degradation("classifier", "understood by a model")


class Read(Struct, frozen=True):
    """``meaning`` is the model's where its reading was ``used``, else our own; ``usage`` is what the reading took."""

    meaning: Meaning
    outcome: Outcome = ""
    usage: Usage = NO_USAGE


class SecondReader:
    """Lives as long as the process. ``noted`` hears of each doubt and what became of its reading."""

    def __init__(
        self,
        reader: ModelReader,
        understanding: Understanding,
        router: Router,
        spending: SpendLedger,
        calls: ModelCalls,
        noted: Callable[[Doubt, Outcome], None],
        factor: float = 1.0,
    ) -> None:
        """``factor`` makes its time this many times as long."""
        self._reader = reader
        self._understanding = understanding
        self._paid = PaidCalls(router, spending, calls)
        self._noted = noted
        self._limit_s = READ_S * factor

    async def read(self, own: Meaning, session: Session, page: PageContext, budget: Budget, stop: Stop) -> Read:
        """``own`` is our reading, which stands where it is sure."""
        doubt = doubt_of(own)
        if doubt is None:
            return Read(own)
        call = self._reader.asked(self._understanding.task(own.text, session, page))
        with budget.on_top("read"):
            read = await self._paid.made(
                session.session_id,
                self._reader.most_usd,
                lambda: self._in_time(call, stop),
                lambda: call.usage.cost_usd,
            )
        outcome, reading = read or ("unaffordable", None)
        meaning = own
        if reading is not None:
            outcome, meaning = self._believed(reading, own, session, page)
        self._noted(doubt, outcome)
        return Read(meaning, outcome, call.usage)

    async def _in_time(self, call: ReadingCall, stop: Stop) -> tuple[Outcome, ModelReading | None]:
        """Nobody waits for it after a stop (W-14)."""
        try:
            with stop:
                async with asyncio.timeout(self._limit_s):
                    reading = await call.read()
                    return "refused" if reading is None else "used", reading
        except TimeoutError:
            return "late", None
        except ModelFailure as failure:
            return "late" if failure.kind == "timeout" else "failed", None
        return "late", None

    def _believed(
        self, reading: ModelReading, own: Meaning, session: Session, page: PageContext
    ) -> tuple[Outcome, Meaning]:
        try:
            meaning = self._understanding.by_model(reading, own.text, session, page, own.care == "secret")
        except Ungrounded:
            return "refused", own
        return "used", structs.replace(meaning, degraded=(NO_CLASSIFIER,) if own.degraded else ())
