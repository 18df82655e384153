"""What heads tell of the sentences of a model's answer, each read as it is finished, while the next ones stream (G-3).

How likely each is toxic, and how likely it is about something else than the store's matters: one pass tells both.

So the review at the end waits for the last sentence alone. What the review changed since then is read once more.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Final, Self

from msgspec import Struct

from mangaassist.domain.encoding import TOXICITY, Encoded, Encoder
from mangaassist.errors import ModelFailure
from mangaassist.guardrails.scope_head import ScopeHead
from mangaassist.guardrails.sentences import sentences

WAIT_S: Final = 1.0
"""How long the review waits for what is still to be read; then the lexicon judges alone."""
_ENDS: Final = frozenset(".!?\n…")


_SCOPE: Final = ScopeHead.load()


class SentenceRead(Struct, frozen=True):
    """0 to 1 each; None where the encoder does not know."""

    toxic: float | None
    elsewhere: float | None


class SentenceRisks:
    """Of one answer. Leave the block and what is still being read is cancelled."""

    def __init__(self, encoder: Encoder, timeout_factor: float = 1.0) -> None:
        self._encoder = encoder
        self._wait_s = WAIT_S * timeout_factor
        self._open = ""
        self._known: dict[str, SentenceRead] = {}
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

    async def toxicity(self, texts: Sequence[str]) -> Sequence[float] | None:
        """How likely each of these sentences is toxic; None where the encoder is away or late, or does not know."""
        return await self._told(texts, lambda read: read.toxic)

    async def elsewhere(self, texts: Sequence[str]) -> Sequence[float] | None:
        """How likely each is about something else than the store's matters; None as of toxicity."""
        return await self._told(texts, lambda read: read.elsewhere)

    async def _told(self, texts: Sequence[str], what: Callable[[SentenceRead], float | None]) -> Sequence[float] | None:
        texts = [text.strip() for text in texts]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._wait_s):
                if self._task is not None:
                    await asyncio.wait({self._task})
                await self._read([text for text in dict.fromkeys(texts) if text not in self._known])
        reads = [self._known.get(text) for text in texts]
        told = [None if read is None else what(read) for read in reads]
        return [one for one in told if one is not None] if None not in told else None

    async def _read_waiting(self) -> None:
        while self._waiting:
            texts, self._waiting = self._waiting, []
            await self._read(texts)

    async def _read(self, texts: Sequence[str]) -> None:
        """One after another: sentences are of unlike length, and none is kept from its verdict by a longer one."""
        for text in texts:
            try:
                self._known[text] = _of(await self._encoder.reader.read([text]))
            except ModelFailure:
                return


def _of(encoded: Encoded) -> SentenceRead:
    risks, elsewhere = encoded.risks, _SCOPE.elsewhere(encoded)
    return SentenceRead(
        None if risks is None else float(risks[0, TOXICITY]), None if elsewhere is None else elsewhere[0]
    )
