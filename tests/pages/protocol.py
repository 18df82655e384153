"""The protocol's tables, frames and client, as the code has them: for ``docs/protocol.md``."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, cast, get_args

import msgspec
from msgspec import Struct

from mangaassist.edge.connection import CLOSES, EVENTS, TRANSITIONS, On, State
from mangaassist.edge.dialects.ag_ui import AgUiEncoder, Run
from mangaassist.edge.dialects.ui_messages import UIMessageEncoder
from mangaassist.edge.routes import EVERYWHERE, REFUSALS, ROUTES, UPGRADE, Route
from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.examples import EXAMPLES
from mangaassist.wire.frames import (
    Actions,
    AnswerFrame,
    ConversationFrame,
    Correction,
    Degraded,
    Done,
    Failed,
    Products,
    SendMessage,
    ServerFrame,
    SessionTurn,
    Start,
    Suggestions,
    Token,
)
from mangaassist.wire.metadata import AnswerMetadata, Source
from mangaassist.wire.page import PageContext
from mangaassist.wire.problems import CODES, Problem, WrongField
from tests.pages.markdown import code, names, table

EXAMPLE_FILES: Final = Path(__file__).parents[2] / "docs" / "examples"
CLIENT: Final = EXAMPLE_FILES / "client.mjs"
RESUMING: Final = EXAMPLE_FILES / "resuming.mjs"
TAKEN: Final = (PageContext, *(route.takes for route in ROUTES if route.takes))


def states() -> str:
    """One row an event: what is done about it, and the state that follows in each state that it counts in."""
    counted = [state for state in State if TRANSITIONS[state]]
    head = ("what happens", "what is done", *(f"`{state}` →" for state in counted))
    return table(
        head, ((event.value, EVENTS[event].words, *(_next(state, event) for state in counted)) for event in On)
    )


def _next(state: State, event: On) -> str:
    follows = TRANSITIONS[state].get(event)
    return "passed over" if follows is None else "" if follows is state else f"`{follows}`"


def closes() -> str:
    return table(("closes with", "because of"), ((str(code), why) for code, why in CLOSES.items()))


def codes() -> str:
    return table(("code", "what it tells"), ((f"`{code}`", told) for code, told in CODES.items()))


def upgrade() -> str:
    return table(("refused with", "because"), ((str(status), means) for status, means in UPGRADE.items()))


def statuses() -> str:
    rows = (
        (str(status), refusal.means, names(each.name for each in refusal.headers))
        for status, refusal in REFUSALS.items()
    )
    return table(("status", "what it tells", "headers"), rows)


def routes() -> str:
    head = ("", "", "takes", "gives", "refuses with, beside those of any route")
    return table(head, (_row(route) for route in ROUTES if route.published))


def _row(route: Route) -> tuple[str, ...]:
    path = re.sub(r":\w+}", "}", route.path)
    takes = names(_fields(route.takes)) if route.takes else ""
    gives = ", ".join(dict.fromkeys(_gives(answer.kind, answer.media_type) for answer in route.gives))
    own = (str(status) for status in route.refusals if status not in EVERYWHERE)
    return f"`{route.method} {path}`", route.summary, takes, gives, ", ".join(own)


def _gives(kind: type[Struct] | None, media_type: str | None) -> str:
    return names(_fields(kind)) if kind else f"{media_type}" if media_type else "nothing"


def _fields(kind: type[Struct]) -> Iterable[str]:
    """With a ``?`` what may be missing: what a client may leave out, and what the server leaves out for its default."""
    is_whole = not kind.__struct_config__.omit_defaults and kind not in TAKEN
    for field in msgspec.structs.fields(kind):
        always = field.required or is_whole or (field.name == "seq" and issubclass(kind, ConversationFrame))
        yield field.encode_name if always else f"{field.encode_name}?"


TOLD: Final = tuple(
    cast(AnswerFrame, EXAMPLES[kind])
    for kind in (Start, Token, Correction, Degraded, Products, Actions, Suggestions, Done, Failed)
)
WHOLE: Final[Mapping[type[Struct], str]] = {
    Start: "`session_id`, `response_id`",
    Token: "`response_text`",
    Correction: "`response_text`, put right",
    Degraded: "`metadata.degraded`",
    Products: "`products`",
    Actions: "`actions`",
    Suggestions: "`follow_up_suggestions`",
    Done: "`metadata`",
    Failed: "a problem document",
}


def server_frames() -> str:
    return _structs("frame", get_args(ServerFrame), _tag)


def dialects() -> str:
    """What each frame of an answer is told as, by telling one; REST's fields are what becomes of it in the end."""
    head = ("frame", "REST", "UI message stream, `?reset=1`", "without", "AG-UI")
    return table(head, ((f"`{_tag(type(frame))}`", *_told_as(frame)) for frame in TOLD))


def _told_as(frame: AnswerFrame) -> tuple[str, ...]:
    """In mid-answer, but for the start: that is told as the first thing."""
    before = () if isinstance(frame, Start) else (EXAMPLES[Start], EXAMPLES[Token])
    streams: list[str] = []
    for resets in (True, False):
        encoder = UIMessageEncoder("s", resets)
        encoder.encode(cast(tuple[AnswerFrame, ...], before))
        streams.append(names(dict.fromkeys(_tag(type(part)) for part in encoder.encode([frame]))))
    runs = AgUiEncoder(Run(thread_id="t", run_id="r", session_id="s"))
    for each in before:
        runs.encode(cast(AnswerFrame, each))
    return WHOLE.get(type(frame), ""), *streams, names(_tag(type(event)) for event in runs.encode(frame))


def parts() -> str:
    """What frames and bodies are made of."""
    return _structs(
        "", (PageContext, SessionTurn, ProductCard, Button, AnswerMetadata, Source, Problem, WrongField), _name
    )


def _structs(head: str, kinds: tuple[type[Struct], ...], named: Callable[[type[Struct]], str]) -> str:
    return table((head, "fields"), ((f"`{named(kind)}`", names(_fields(kind))) for kind in kinds))


def _tag(kind: type[Struct]) -> str:
    return str(kind.__struct_config__.tag)


def _name(kind: type[Struct]) -> str:
    return kind.__name__


def exchange() -> str:
    """The short ones of a conversation's frames, as they look on the line."""
    told = (SendMessage, Start, Degraded, Token, Correction)
    return code("json", "".join(f"{msgspec.json.encode(EXAMPLES[kind]).decode()}\n" for kind in told))


def client() -> str:
    return code("js", CLIENT.read_text(encoding="utf-8"))


def resuming() -> str:
    return code("js", RESUMING.read_text(encoding="utf-8"))


BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    made.__name__: made
    for made in (
        upgrade, exchange, server_frames, parts, dialects, closes, codes, states, routes, statuses, client, resuming,
    )
}  # fmt: skip
