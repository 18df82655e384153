"""Ask and hear the answer out: what a wire does that gives answers whole (R-1)."""

from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Final

import msgspec
from msgspec import Struct

from mangaassist.conversation.attempt import ID_REUSED
from mangaassist.conversation.conversations import Conversation, Said
from mangaassist.conversation.log import Batch, Cursor, Hole, Joined, Offered, Revoked
from mangaassist.edge.limits import Limits, Standing
from mangaassist.errors import AssistantError, BadInput, NotFound
from mangaassist.wire.frames import AnswerFrame, ServerFrame, Start
from mangaassist.wire.problems import Problem, problem
from mangaassist.wire.transcript import Transcript

_FRAMES: Final = msgspec.json.Decoder(ServerFrame)


class AnswerFailed(AssistantError):
    """The turn broke; ``problem`` is what the shopper may know of it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class Told(Struct, frozen=True):
    """An answer, where it was given, and whether it was given before."""

    session_id: str
    transcript: Transcript
    standing: Standing | None = None
    """How the caller stands with the limit of messages, None for an answer that is told again: that costs nothing."""


_REFUSED: Final[Mapping[str, Callable[[], AssistantError]]] = {
    "busy": lambda: BadInput("busy", "This conversation is still answering. Wait for its answer.", status=409),
    "foreign": lambda: NotFound("There is no such conversation."),
    "id_reused": lambda: BadInput(ID_REUSED.code, ID_REUSED.detail, status=ID_REUSED.status),
}
"""What is said to a message that was not taken."""


async def offered(limits: Limits, conversation: Conversation, said: Said, address: str) -> tuple[Offered, Standing]:
    """Raises what words it when the message cannot be taken, or there were too many (R-5)."""
    found, standing = await limits.say(conversation, said, address)
    if refused := _REFUSED.get(found.verdict):
        raise refused()
    return found, standing


async def heard_out(conversation: Conversation, after: int, message_id: str) -> Transcript:
    """The answer to a message, whose frames come after a number. Raises ``AnswerFailed`` when there is none to be had."""
    transcript = Transcript()
    async with aclosing(conversation.follow(Cursor(after))) as followed:
        async for news in followed:
            match news:
                case Batch():
                    _apply(news, message_id, transcript)
                    if transcript.problem is not None:
                        raise AnswerFailed(transcript.problem)
                    if transcript.metadata is not None:
                        return transcript
                case Revoked():
                    break
                case Joined() | Hole():  # a hole ends before the open answer begins again
                    pass
    raise AnswerFailed(problem(503, "unavailable", "The answer could not be followed to its end. Please ask again."))


async def heard_before(conversation: Conversation, message_id: str) -> Transcript | None:
    """The answer to a message as far as the log still tells it at this moment: ended, or None."""
    transcript, last = Transcript(), 0
    async with aclosing(conversation.follow(Cursor(0))) as followed:
        async for news in followed:
            match news:
                case Joined():
                    heard, last = 0, news.last
                case Batch():
                    _apply(news, message_id, transcript)
                    heard = news.last
                case Hole():
                    heard = news.to_seq
                case Revoked():
                    break
            if heard >= last:
                break
    return transcript if transcript.has_ended else None


def _apply(batch: Batch, message_id: str, transcript: Transcript) -> None:
    for frame in map(_FRAMES.decode, batch.frames):
        if _belongs(frame, message_id, transcript):
            transcript.apply(frame)


def _belongs(frame: ServerFrame, message_id: str, transcript: Transcript) -> bool:
    """The frame is of the answer to this message, and not to another that was said before it."""
    if isinstance(frame, Start):
        return frame.in_reply_to == message_id
    return isinstance(frame, AnswerFrame) and frame.response_id == transcript.response_id
