"""Stages of the review that another service does (G-9): asked within a limit, and the local stage whenever it cannot be had."""

import time
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from mangaassist.errors import ServiceFailure
from mangaassist.guardrails.findings import Stage
from mangaassist.guardrails.review_context import ReviewContext, ReviewStage, StageResult

RESTS_S: Final = 5.0
"""A service that failed is not asked again before: no answer waits for what was away a moment ago."""


class Elsewhere:
    """``there`` raises ``ServiceFailure`` when it cannot be had; then ``here`` does it, and the result says so.

    What the store's own writer wrote is made of the evidence, and nobody else is asked of it. ``clock`` gives monotonic seconds.
    """

    def __init__(self, there: ReviewStage, here: ReviewStage, clock: Callable[[], float] = time.monotonic) -> None:
        self._there = there
        self._here = here
        self._clock = clock
        self._away = ""
        self._rests_until = clock()

    @property
    def name(self) -> Stage:
        return self._here.name

    async def examine(self, context: ReviewContext) -> StageResult:
        if not context.by_model:
            return await self._here.examine(context)
        if self._clock() >= self._rests_until:
            try:
                return await self._there.examine(context)
            except ServiceFailure as failure:
                self._away, self._rests_until = failure.service, self._clock() + RESTS_S
        return replace(await self._here.examine(context), degraded=self._away)
