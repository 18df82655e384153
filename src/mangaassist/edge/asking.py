"""Ask and hear the answer out: what a wire does that gives answers whole (R-1)."""

from contextlib import aclosing

from msgspec import Struct

from mangaassist.conversation.conversations import Conversation, Said
from mangaassist.conversation.log import Batch, Hole, Joined, Offered, Revoked
from mangaassist.conversation.sessions import SessionStore
from mangaassist.edge.answers import BEGINNING, Answer, Picked
from mangaassist.edge.limits import Limits, Standing
from mangaassist.errors import AssistantError, BadInput, NotFound
from mangaassist.wire.problems import CUT_OFF, NOT_TAKEN, Problem
from mangaassist.wire.transcript import Transcript


class AnswerFailed(AssistantError):
    """The turn broke; ``problem`` is what the shopper may know of it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class Told(Struct, frozen=True):
    """An answer, where it was given, and whether it was given before. ``standing``: with the limit that it counts for."""

    session_id: str
    transcript: Transcript
    standing: Standing
    is_replay: bool = False


async def offered(limits: Limits, conversation: Conversation, said: Said, address: str) -> tuple[Offered, Standing]:
    """Raises what words it when the message cannot be taken, or there were too many (R-5)."""
    found, standing = await limits.say(conversation, said, address)
    if found.verdict == "foreign":
        raise NotFound("There is no such conversation.")
    if why := NOT_TAKEN.get(found.verdict):
        raise BadInput(why.code, why.detail, status=why.status)
    return found, standing


async def heard_out(answer: Answer, sessions: SessionStore) -> Transcript:
    """The whole answer. Raises ``AnswerFailed`` when there is none to be had."""
    transcript = Transcript()
    async with aclosing(answer.frames(sessions)) as heard:
        async for frames in heard:
            transcript.apply_all(frames)
    if transcript.problem is not None:
        raise AnswerFailed(transcript.problem)
    if transcript.metadata is None:
        raise AnswerFailed(CUT_OFF)
    return transcript


async def heard_before(conversation: Conversation, message_id: str) -> Transcript | None:
    """The answer to a message as far as the log still tells it at this moment: ended, or None."""
    transcript, picked, last = Transcript(), Picked(message_id), 0
    async with aclosing(conversation.follow(BEGINNING)) as followed:
        async for news in followed:
            match news:
                case Joined():
                    heard, last = 0, news.last
                case Batch():
                    transcript.apply_all(picked.of(news))
                    heard = news.last
                case Hole():
                    heard = news.to_seq
                case Revoked():
                    break
            if heard >= last:
                break
    return transcript if transcript.has_ended else None
