"""A shopper whose line breaks or is closed with the process behind it, and who holds every frame against what was promised."""

import asyncio
import random
from collections.abc import Callable
from typing import Final

import msgspec
import websockets
from msgspec import Struct

from mangaassist.wire.frames import (
    AnswerFrame,
    ConversationFrame,
    Done,
    Drain,
    ErrorFrame,
    Failed,
    Gap,
    SendMessage,
    ServerFrame,
    SessionOpened,
    SessionTurn,
    Start,
)
from mangaassist.wire.page import NOWHERE
from mangaassist.wire.transcript import Transcript

HEAR_LIMIT_S: Final = 240.0
"""Long past a takeover or a restart on any machine."""
AGAIN_S: Final = 0.05
REFUSED_S: Final = 1.0
_FRAMES: Final = msgspec.json.Decoder(ServerFrame)


class Told(Struct, frozen=True):
    """How one question was answered. ``receipts`` are the endings that came, ``retold`` counts the starts after the first.

    ``turned_away``: in place of an answer it was said that too many are asking. ``refused``: how often the message could not be
    taken just then, and was sent again.
    """

    message_id: str
    response_id: str
    text: str
    receipts: int
    retold: int
    seconds: float
    turned_away: bool
    refused: int


class Shopper:
    """Asks one question at a time at whichever address answers; keeps its cursor over every loss of the line.

    As the widget does, it stays on the line of a server that is going away until that is closed.
    """

    def __init__(self, addresses: Callable[[], str]) -> None:
        """``addresses`` gives where to connect next."""
        self._address = addresses
        self.session_id = ""
        self.gaps = 0
        """How often numbers were missed."""
        self.answered: list[str] = []
        self._line: websockets.ClientConnection | None = None
        self._pause_s = 0.0
        self._epoch = ""
        self._heard = 0
        self._contents: dict[int, bytes] = {}
        self._answers: dict[str, Transcript] = {}

    async def overhear(self, session_id: str, message_id: str) -> Told:
        """Hear what is answered to somebody else's question, or one's own on another screen. Raises as ``ask`` does."""
        self.session_id = session_id
        return await self.ask(message_id, None)

    async def ask(self, message_id: str, text: str | None, asked: Callable[[], None] = lambda: None) -> Told:
        """Ask until the receipt is there. Raises ``AssertionError`` for a frame that breaks a promise, ``TimeoutError``.

        ``asked`` is called whenever the question has been sent.
        """
        began = asyncio.get_running_loop().time()
        answer = _Answer(message_id)
        async with asyncio.timeout(HEAR_LIMIT_S):
            while answer.receipts == 0:
                try:
                    await self._over_one_line(answer, text, asked)
                except _RefusedError:
                    answer.refused += 1
                    await asyncio.sleep(REFUSED_S)
                except (OSError, websockets.WebSocketException):
                    self._line = None
                    await asyncio.sleep(max(self._pause_s, AGAIN_S))
        if not answer.turned_away:
            self.answered.append(message_id)
        return Told(
            message_id=message_id,
            response_id=answer.response_id,
            text=answer.text,
            receipts=answer.receipts,
            retold=max(0, answer.starts - 1),
            seconds=asyncio.get_running_loop().time() - began,
            turned_away=answer.turned_away,
            refused=answer.refused,
        )

    async def hang_up(self) -> None:
        """Another page: the next question is asked over another line."""
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    async def _over_one_line(self, answer: "_Answer", text: str | None, asked: Callable[[], None]) -> None:
        """Everything that one connection brings, until the receipt or the line's end."""
        line = self._line = self._line or await self._connected(answer)
        if text is not None:
            await line.send(msgspec.json.encode(SendMessage(answer.message_id, text, NOWHERE)).decode())
            asked()
        while answer.receipts == 0:
            self._hear(await line.recv(), answer)

    async def _connected(self, answer: "_Answer") -> websockets.ClientConnection:
        self._pause_s = 0.0
        query = f"?session_id={self.session_id}&last_seq={self._heard}&epoch={self._epoch}" if self.session_id else ""
        line = await websockets.connect(self._address() + query, open_timeout=10, ping_interval=None)
        self._hear(await line.recv(), answer)
        return line

    def _hear(self, data: str | bytes, answer: "_Answer") -> None:
        raw = data if isinstance(data, bytes) else data.encode()
        match frame := _FRAMES.decode(raw):
            case SessionOpened():
                assert not self.session_id or frame.session_id == self.session_id, "the session is forgotten"
                assert not self.session_id or frame.last_seq >= self._heard, "the log went back"
                self.session_id, self._epoch, self._heard = frame.session_id, frame.epoch, frame.last_seq
            case Gap():
                assert frame.from_seq == self._heard + 1, f"a gap from {frame.from_seq} after {self._heard}"
                self._heard, self._epoch, self.gaps = frame.to_seq, frame.epoch, self.gaps + 1
                for turn in frame.turns:
                    answer.was_told(turn)
            case ConversationFrame():
                assert frame.seq == self._heard + 1, f"frame {frame.seq} after {self._heard}"
                assert self._contents.setdefault(frame.seq, raw) == raw, f"frame {frame.seq} has two contents"
                self._heard = frame.seq
                if isinstance(frame, AnswerFrame):
                    answer.hear(frame)
            case Drain():
                self._pause_s = frame.reconnect_after_ms / 1000 * random.uniform(0.5, 1.5)
            case ErrorFrame() if frame.problem.code == "unavailable" and frame.in_reply_to == answer.message_id:
                raise _RefusedError
            case ErrorFrame():
                raise AssertionError(f"an error in place of an answer: {frame.problem}")
            case _:
                pass


class _RefusedError(Exception):
    """The message cannot be taken just now; it may have been all the same, and is sent again under its own id."""


class _Answer:
    """The answer to one message, as far as it has come."""

    def __init__(self, message_id: str) -> None:
        self.message_id = message_id
        self.response_id = ""
        self.text = ""
        self.turned_away = False
        self.refused = 0
        self.starts = 0
        self.receipts = 0
        self._attempt = 0
        self._transcript = Transcript()

    def was_told(self, turn: SessionTurn) -> None:
        if turn.in_reply_to == self.message_id:
            assert turn.problem is None, turn.problem
            self.response_id, self.text, self.receipts = turn.response_id, turn.answer, self.receipts + 1

    def hear(self, frame: AnswerFrame) -> None:
        if isinstance(frame, Start) and frame.in_reply_to == self.message_id:
            assert frame.attempt > self._attempt, f"attempt {frame.attempt} after {self._attempt}"
            self._attempt, self.starts = frame.attempt, self.starts + 1
        elif frame.response_id != self._transcript.response_id:
            return
        self._transcript.apply(frame)
        match frame:
            case Done():
                self.response_id, self.text = frame.response_id, self._transcript.text
                self.receipts += 1
            case Failed() if frame.problem.code == "overloaded":
                self.response_id, self.turned_away = frame.response_id, True
                self.receipts += 1
            case Failed():
                raise AssertionError(f"the answer failed: {frame.problem}")
            case _:
                pass
