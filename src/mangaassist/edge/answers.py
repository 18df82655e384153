"""One answer of a conversation, followed to its receipt: live, or told again from where it began."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, TypeGuard

import msgspec
from msgspec import Struct

from mangaassist.conversation.conversations import Conversation
from mangaassist.conversation.log import LOG, Batch, Cursor, Hole, Joined, Revoked
from mangaassist.conversation.records import retold_frames
from mangaassist.conversation.sessions import SessionStore
from mangaassist.errors import ServiceFailure
from mangaassist.turn.memory import TurnRecord
from mangaassist.wire.frames import AnswerFrame, Done, Failed, ServerFrame, Start

LOOKED_FOR_S: Final = 5.0
BEGINS_WITHIN_S: Final = 0.25
"""A message that has just been taken shows itself by the start of its answer, and by nothing before it."""
BEGINNING: Final = Cursor(0)

_FRAMES: Final = msgspec.json.Decoder(ServerFrame)


class Answer(Struct, frozen=True):
    """The answer to one message, whose frames come after the cursor."""

    conversation: Conversation
    message_id: str
    after: Cursor

    async def frames(self, sessions: SessionStore) -> AsyncGenerator[tuple[AnswerFrame, ...]]:
        """What comes together, from ``start`` to the receipt; what is no longer kept is told as it was saved.

        Ends without a receipt when the conversation is somebody else's by now. Raises ``ServiceFailure``.
        """
        picked = Picked(self.message_id)
        async with aclosing(self.conversation.follow(self.after)) as followed:
            async for news in followed:
                match news:
                    case Batch():
                        if frames := picked.of(news):
                            yield frames
                        if frames and isinstance(frames[-1], Done | Failed):
                            return
                    case Hole():
                        if told := await self._saved(sessions):
                            yield told
                            return
                    case Joined() | Revoked():
                        pass

    async def _saved(self, sessions: SessionStore) -> tuple[AnswerFrame, ...]:
        turn = await sessions.turn(self.conversation.session_id, self.message_id)
        return () if turn is None else retold(turn)


class Picked:
    """Picks the frames of the answer to one message out of a conversation's batches."""

    def __init__(self, message_id: str) -> None:
        self._message_id = message_id
        self._response_id: str | None = None

    def of(self, batch: Batch) -> tuple[AnswerFrame, ...]:
        return tuple(filter(self._belongs, map(_FRAMES.decode, batch.frames)))

    def _belongs(self, frame: ServerFrame) -> TypeGuard[AnswerFrame]:
        if isinstance(frame, Start) and frame.in_reply_to == self._message_id:
            self._response_id = frame.response_id
        return isinstance(frame, AnswerFrame) and frame.response_id == self._response_id


def retold(turn: TurnRecord) -> tuple[AnswerFrame, ...]:
    """A saved answer, from its start to its receipt."""
    start = Start(response_id=turn.response_id, in_reply_to=turn.message_id, attempt=turn.attempt)
    return (start, *retold_frames(turn))


async def running_answer(conversation: Conversation) -> Answer | None:
    """The answer that has begun and not ended, from its beginning; None when there is none, and none begins at once.

    Raises ``ServiceFailure``.
    """
    is_all_heard = False
    try:
        async with asyncio.timeout(LOOKED_FOR_S) as limit, aclosing(_running(conversation)) as heard:
            async for start in heard:
                if start is not None:
                    return Answer(conversation, start.in_reply_to, Cursor(start.seq - 1))
                if not is_all_heard:
                    is_all_heard = True
                    limit.reschedule(asyncio.get_running_loop().time() + BEGINS_WITHIN_S)
    except TimeoutError:
        if not is_all_heard:
            raise ServiceFailure(LOG, "timeout") from None
    return None


async def _running(conversation: Conversation) -> AsyncGenerator[Start | None]:
    """What runs: once all that is known has been heard, and again with everything that is said then."""
    running, heard, through = None, 0, 0
    async with aclosing(conversation.follow(BEGINNING)) as followed:
        async for news in followed:
            match news:
                case Joined():
                    running, heard, through = None, 0, news.last
                case Hole():
                    heard = news.to_seq
                case Batch():
                    heard = news.last
                    for frame in map(_FRAMES.decode, news.frames):
                        match frame:
                            case Start():
                                running = frame
                            case Done() | Failed():
                                running = None
                            case _:
                                pass
                case Revoked():
                    return
            if heard >= through:
                yield running
