"""One short conversation in every dialect, said by the encoders that serve it: for ``docs/dialects.md``."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mangaassist.edge import ag_ui, stream
from mangaassist.edge.asking import Told
from mangaassist.edge.dialects.ag_ui import Run, activity
from mangaassist.edge.dialects.resuming import Placed, Telling
from mangaassist.edge.dialects.ui_messages import UIMessageEncoder
from mangaassist.edge.limits import Standing
from mangaassist.edge.rest import response_of
from mangaassist.wire.ag_ui import MessagesSnapshot, RunInput, RunMessage, RunStop
from mangaassist.wire.examples import EXAMPLES
from mangaassist.wire.frames import (
    AnswerFrame,
    Correction,
    Degraded,
    Done,
    Handoff,
    HandoffView,
    HumanMessage,
    Products,
    SendMessage,
    SessionOpened,
    SessionTurn,
    Start,
    Stop,
    Token,
)
from mangaassist.wire.rest import ChatRequest
from mangaassist.wire.transcript import Transcript
from mangaassist.wire.ui_messages import StreamRequest
from tests.pages import agents_answer
from tests.pages.markdown import code

K = TypeVar("K", bound=Struct)


def example(kind: type[K]) -> K:
    return cast(K, EXAMPLES[kind])


def _done() -> Done:
    """With less in its metadata than there is, so that it can be read."""
    done = example(Done)
    return replace(done, metadata=replace(done.metadata, timings={"understand": 2.1, "write": 27.9}, traceparent=""))


ANSWER: Final[tuple[AnswerFrame, ...]] = (
    example(Start),
    example(Degraded),
    example(Token),
    example(Correction),
    example(Products),
    replace(_done(), seq=6),
)
SESSION: Final = example(SessionOpened).session_id
EPOCH: Final = example(SessionOpened).epoch
HEARD: Final = example(Token)
"""The last that was heard before the line broke."""
KEY: Final = "Idempotency-Key: 8f14e45f-ceea-467f"


def moments() -> str:
    """Asking, then each frame of the answer, then what may come between."""
    told = (ASKED, *(_moment(frame) for frame in ANSWER), _handoff(), _resumed(), STOPPED)
    return "\n".join(
        f"## {title}\n\n{words}\n\n{''.join(_said(*each) for each in lines)}" for title, words, lines in told
    )


Lines = tuple[tuple[str, str], ...]
Moment = tuple[str, str, Lines]


def _said(dialect: str, lines: str) -> str:
    return f"**{dialect}**\n\n{code('text', lines)}\n"


FRAMES, REST, UI, AG_UI, MCP = "Frames", "REST", "UI message stream", "AG-UI", "MCP"


def json(value: object) -> str:
    return f"{msgspec.json.encode(value).decode()}\n"


ASKED: Final[Moment] = (
    "Asking",
    "On the socket, or at an API Gateway's WebSocket API, where the same text goes to the route `$default`. The others post.",
    (
        (FRAMES, json(example(SendMessage))),
        (REST, f"POST /chat/message\n{KEY}\n\n{json(example(ChatRequest))}"),
        (UI, f"POST /chat/stream?reset=1\n\n{json(example(StreamRequest))}"),
        (AG_UI, f"POST /ag-ui\n\n{json(example(RunInput))}"),
        (MCP, f"POST /mcp\n\n{agents_answer.asked(example(SendMessage).message)}"),
    ),
)
WORDS: Final[Mapping[type[Struct], tuple[str, str]]] = {
    Start: ("The answer begins", "It has an id, by which it is rated, and the session that it belongs to."),
    Degraded: ("A service is missed", "Stock could not be asked: the answer goes on without it, and says so."),
    Token: ("Words", "As they are written, some every 40 ms."),
    Correction: (
        "A word that was wrong",
        "The review read the whole text, and a price of it is not the store's. What shoppers saw is replaced in place.",
    ),
    Products: (
        "A card",
        "Buttons and suggestions come in the same way. A card is the store's data: title, price and stock as they are now.",
    ),
    Done: (
        "The end",
        "The answer is saved, and this is its receipt. REST and MCP, which were silent until now, say all of it at once.",
    ),
}


def _moment(frame: AnswerFrame) -> Moment:
    before = ANSWER[: ANSWER.index(frame)]
    streamed = (
        (FRAMES, json(frame)),
        (UI, _after(before, frame, _streamed())),
        (AG_UI, _after(before, frame, _run(Telling(RUN)))),
    )
    at_once = ((REST, _whole()), (MCP, agents_answer.given())) if isinstance(frame, Done) else ()
    title, words = WORDS[type(frame)]
    return title, words, (*streamed, *at_once)


Encoder = Callable[[Iterable[AnswerFrame]], bytes]
RUN: Final = Run(
    thread_id=example(RunInput).thread_id,
    run_id=example(RunInput).run_id,
    session_id=SESSION,
    before=lambda: example(RunInput).messages,
)


def _after(before: Iterable[AnswerFrame], frame: AnswerFrame, encode: Encoder) -> str:
    encode(before)
    return _lines(encode([frame]))


def _lines(events: bytes) -> str:
    return events.decode().rstrip("\n") + "\n"


def _streamed() -> Encoder:
    encoder = UIMessageEncoder(SESSION, resets=True)
    return lambda frames: stream.written(encoder.encode(frames))


def _run(telling: Telling) -> Encoder:
    return lambda frames: ag_ui.numbered(telling.tell(frames))


def _whole() -> str:
    transcript = Transcript()
    transcript.apply_all(ANSWER)
    return json(response_of(Told(SESSION, transcript, cast(Standing, None))))


def _handoff() -> Moment:
    asked, written = example(Handoff), example(HumanMessage)
    view = msgspec.convert(msgspec.to_builtins(asked), HandoffView)
    turn = SessionTurn(response_id="w1", in_reply_to="", message="", answer=written.content, name=written.name)
    said = RunMessage(id=turn.response_id, role="assistant", content=written.content, name=written.name)
    read = f"GET /chat/sessions/{SESSION}\n\n{json(turn)}"
    return (
        "A person takes over",
        "The shopper waits at the second place, then somebody writes. Who has no line to be told on reads the turns; "
        "to AG-UI's clients a run that asks nothing tells it.",
        (
            (FRAMES, json(asked) + json(written)),
            (REST, read),
            (UI, read),
            (AG_UI, _lines(ag_ui.written([activity(asked.ticket_id, view), MessagesSnapshot(messages=(said,))]))),
            (MCP, "(nobody is asked for: a remark `no_person_here` names the store's own chat)\n"),
        ),
    )


def _resumed() -> Moment:
    place = _heard_last().place
    left = [frame for frame in ANSWER if frame.seq > HEARD.seq]
    opened = replace(example(SessionOpened), resumed=True, recovered=True, last_seq=HEARD.seq)
    again = f"{opened.session_id}&last_seq={HEARD.seq}&epoch={EPOCH}"
    running = _run(Telling(RUN, place))
    running(ANSWER[: ANSWER.index(HEARD) + 1])
    body = json(example(RunInput))
    return (
        "The line broke, and is back",
        "After the words above, wherever the answer is written now, also if its process was killed meanwhile. "
        "Shown is what comes first.",
        (
            (FRAMES, f"GET /ws?session_id={again}\n\n{json(opened)}{json(left[0])}"),
            (REST, f"POST /chat/message\n{KEY}\n\n(the same body; the answer comes with Idempotent-Replayed: true)\n"),
            (UI, f"GET /chat/stream/{SESSION}/stream?reset=1\n\n{_lines(_streamed()(ANSWER[:3]))}"),
            (AG_UI, f"POST /ag-ui\nLast-Event-ID: {place}\n\n{body}\n{_lines(running(left[:1]))}"),
            (MCP, "(ask again: nothing was kept)\n"),
        ),
    )


def _heard_last() -> Placed:
    return Telling(RUN).tell(ANSWER[: ANSWER.index(HEARD) + 1])[-1]


STOPPED: Final[Moment] = (
    "Stopping",
    "What was said stays, and the receipt says `stopped`. Whoever only goes away stops nothing.",
    (
        (FRAMES, json(example(Stop))),
        (REST, "(a `stop` on another line of the same session)\n"),
        (UI, "(a `stop` on another line of the same session)\n"),
        (AG_UI, f"POST /ag-ui/stop\n\n{json(example(RunStop))}"),
        (MCP, "(the call is given up)\n"),
    ),
)
