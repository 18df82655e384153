"""One attempt at an answer on its way into the log: its frames are numbered, gathered for a moment and appended together (W-4).

The first text leaves at once. What comes after it leaves every 40 ms, as one token frame, and ever more seldom as an attempt
uses up its numbers: 256 are all that a crash may void.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from mangaassist.conversation.hold import Hold
from mangaassist.domain.evidence import Degradation
from mangaassist.guardrails.corrections import CorrectionDraft, Ledger
from mangaassist.guardrails.edits import Edit
from mangaassist.wire.frames import AnswerFrame, Correction, Degraded, Start, Token

GATHERED_S: Final = 0.04
TOKEN_FRAMES: Final = 192
MOST_CORRECTIONS: Final = 40
HELD_CHARS: Final = 32_768
"""Text that waits for a log that is away; past it the writer waits too."""

_ENCODER: Final = msgspec.json.Encoder()


class AnswerStream:
    """The ``Output`` of a turn, and what comes before and after it. Raises what ``Hold.append`` raises."""

    def __init__(self, hold: Hold) -> None:
        self._hold = hold
        self._response_id = ""
        self._ledger = Ledger()
        self._frames: list[AnswerFrame] = []
        self._text: list[str] = []
        self._held_chars = 0
        self._token_frames = 0
        self._timer: asyncio.TimerHandle | None = None
        self._one_flush = asyncio.Lock()

    @property
    def last(self) -> int:
        """The number of the last frame that was appended."""
        return self._hold.last

    @property
    def has_begun(self) -> bool:
        return bool(self._response_id)

    def begin(self, response_id: str, in_reply_to: str, attempt: int) -> None:
        """Everything from here on belongs to this answer."""
        self._response_id = response_id
        self._frames.append(Start(response_id=response_id, in_reply_to=in_reply_to, attempt=attempt))
        self._flush_later()

    async def degraded(self, degradation: Degradation) -> None:
        as_of = degradation.as_of.isoformat() if degradation.as_of else None
        self._frames.append(
            Degraded(
                response_id=self._response_id,
                service=degradation.service,
                fallback=degradation.fallback,
                as_of=as_of,
            )
        )
        self._flush_later()

    async def text(self, content: str) -> None:
        self._text.append(content)
        self._held_chars += len(content)
        if not self._token_frames or self._held_chars > HELD_CHARS:
            await self.flush()
        else:
            self._flush_later()

    def corrections(self, edits: Sequence[Edit]) -> tuple[CorrectionDraft, ...]:
        """What takes wrong words back: edits of the text that was sent, as corrections of its frames."""
        return self._ledger.corrections(edits, MOST_CORRECTIONS)

    def exposures(self, edits: Sequence[Edit]) -> Iterator[tuple[str, float, int]]:
        """By which stage, for how many seconds until now, and how many characters of what is taken back could be seen (G-8)."""
        now = asyncio.get_running_loop().time()
        return ((one.stage, now - one.since, one.characters) for one in self._ledger.exposures(edits))

    async def correct(self, drafts: Sequence[CorrectionDraft]) -> None:
        corrections = (
            Correction(
                response_id=self._response_id,
                replace_seq=draft.replace_seq,
                through_seq=draft.through_seq,
                content=draft.content,
                stage=draft.stage,
            )
            for draft in drafts
        )
        await self.flush(tuple(corrections))

    def close(self) -> None:
        """Nothing more is appended by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def flush(self, tail: Sequence[AnswerFrame] = (), ack: str | None = None) -> None:
        """Append what was gathered, then ``tail``; ``ack`` acknowledges the entry in the same step (T-13)."""
        async with self._one_flush:
            self.close()
            frames = self._numbered([*self._frames, *self._gathered_text(), *tail])
            self._frames = []
            if frames or ack is not None:
                await self._hold.append(tuple(map(_ENCODER.encode, frames)), ack)

    def _gathered_text(self) -> Iterator[AnswerFrame]:
        if content := "".join(self._text):
            yield Token(response_id=self._response_id, content=content)
        self._text.clear()
        self._held_chars = 0

    def _numbered(self, frames: Sequence[AnswerFrame]) -> list[AnswerFrame]:
        numbered = [replace(frame, seq=seq) for seq, frame in enumerate(frames, self._hold.last + 1)]
        for frame in numbered:
            if isinstance(frame, Token):
                self._ledger.sent(frame.seq, frame.content, asyncio.get_running_loop().time())
                self._token_frames += 1
        return numbered

    def _flush_later(self) -> None:
        if self._timer is None:
            left = TOKEN_FRAMES - self._token_frames
            if left > 1:  # the last one is for the end of the text
                wait_s = GATHERED_S * TOKEN_FRAMES / left
                self._timer = asyncio.get_running_loop().call_later(wait_s, self._due)

    def _due(self) -> None:
        self._timer = None
        self._hold.spawn(self.flush)
