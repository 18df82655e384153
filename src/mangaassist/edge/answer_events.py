"""An answer followed to its end as server-sent events, in whichever protocol: silence and what breaks end it in words."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Final

from mangaassist.conversation.sessions import SessionStore
from mangaassist.edge.answers import Answer
from mangaassist.edge.event_stream import PING, PING_S, or_quiet
from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.logs import logger
from mangaassist.wire.frames import AnswerFrame
from mangaassist.wire.problems import CUT_OFF, TOO_SLOW, Problem

QUIET_LIMIT: Final = 4
"""An answer of which nothing is heard for so many pings is given up."""

_log = logger("edge")


async def answer_events(
    answer: Answer,
    sessions: SessionStore,
    told: Callable[[tuple[AnswerFrame, ...]], Awaitable[bytes]],
    broken_off: Callable[[Problem], bytes],
) -> AsyncGenerator[bytes]:
    """``told`` words what came together; ``broken_off`` what is to be said at the end, whether or not the receipt came."""
    quiet, wrong = 0, CUT_OFF
    try:
        async with aclosing(or_quiet(answer.frames(sessions), PING_S)) as heard:
            async for frames in heard:
                quiet = 0 if frames else quiet + 1
                if quiet == QUIET_LIMIT:
                    wrong = TOO_SLOW
                    break
                yield await told(frames) if frames else PING
    except ServiceFailure:
        pass
    except Exception as error:  # the status has left long ago: this is the one place that can still say so
        _log.error("stream_broke", exc_info=error)
    if ending := broken_off(wrong):
        yield ending
