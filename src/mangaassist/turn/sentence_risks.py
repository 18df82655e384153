"""How toxic the sentences of a model's answer are, each read as it is finished, while the next ones stream (G-3).

So the review at the end waits for the last sentence alone. What the review changed since then is read once more.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final, Self

from mangaassist.domain.encoding import TOXICITY, Encoder
from mangaassist.errors import ModelFailure
from mangaassist.guardrails.sentences import sentences

WAIT_S: Final = 1.0
"""How long the review waits for what is still to be read; then the lexicon judges alone."""
_ENDS: Final = frozenset(".!?\n…")


class SentenceRisks:
    """Of one answer. Leave the block and what is still being read is cancelled."""

    def __init__(self, encoder: Encoder, timeout_factor: float = 1.0) -> None:
        self._encoder = encoder
        self._wait_s = WAIT_S * timeout_factor
        self._open = ""
        self._known: dict[str, float] = {}
        self._waiting: list[str] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def heard(self, piece: str) -> None:
        """The next piece of the answer, as it was sent."""
        self._open += piece
        if _ENDS.isdisjoint(piece):
            return
        *finished, last = sentences(self._open)
        self._open = last.text
        self._waiting += (sentence.text.strip() for sentence in finished)
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._read_waiting(), name="sentence risks")

    async def of(self, texts: Sequence[str]) -> Sequence[float] | None:
        """How likely each of these sentences is toxic; None where the encoder is away or late, or does not know."""
        texts = [text.strip() for text in texts]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._wait_s):
                if self._task is not None:
                    await asyncio.wait({self._task})
                await self._read([text for text in dict.fromkeys(texts) if text not in self._known])
        known = [self._known.get(text) for text in texts]
        return [risk for risk in known if risk is not None] if None not in known else None

    async def _read_waiting(self) -> None:
        while self._waiting:
            texts, self._waiting = self._waiting, []
            await self._read(texts)

    async def _read(self, texts: Sequence[str]) -> None:
        """One after another: sentences are of unlike length, and none is kept from its verdict by a longer one."""
        for text in texts:
            try:
                risks = (await self._encoder.reader.read([text])).risks
            except ModelFailure:
                return
            if risks is not None:
                self._known[text] = float(risks[0, TOXICITY])
