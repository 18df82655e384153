"""An orchestrator that answers as the message tells it to, so that a test of the conversation decides every step."""

import asyncio
from contextlib import suppress
from typing import Final

from msgspec.structs import replace

from mangaassist.errors import Overloaded
from mangaassist.guardrails.edits import Edit
from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.turn.memory import Session
from mangaassist.turn.output import Output, Stop
from mangaassist.turn.stages import Answered, Ending, Message
from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.metadata import AnswerMetadata

CARD: Final = ProductCard(
    asin="B0ABCDEFGH",
    title="Berserk, Vol. 1",
    author="Kentaro Miura",
    format="Paperback",
    price="$12.00",
    currency="USD",
    image_url="",
    url="",
)
RIGHT: Final = "right"


class ScriptedAnswers:
    """Says the words of the message, each a piece. Some words are stage directions:

    ``pause`` waits a second, ``forever`` until it is stopped, ``boom`` fails, ``crowd`` is turned away; ``wrong`` is said, and
    put right in the review; ``card`` shows a product. ``asked`` are the messages that were answered, ``closed`` how many of
    them were cut off while they were waiting, ``buttons`` stand under every answer.
    """

    def __init__(self) -> None:
        self.buttons: tuple[Button, ...] = ()
        self.asked: list[Message] = []
        self.sessions: list[Session] = []
        self.closed = 0

    async def answer(self, message: Message, session: Session, output: Output, stop: Stop) -> Answered:
        self.asked.append(message)
        self.sessions.append(session)
        said: list[str] = []
        for word in message.text.split():
            if stop.is_set:
                break
            if word in ("pause", "forever"):
                await self._wait(1.0 if word == "pause" else 1e6, stop)
            elif word == "boom":
                raise RuntimeError("broken on purpose")
            elif word == "crowd":
                raise Overloaded
            elif word != "card":
                said.append(f"{word} ")
                await output.text(said[-1])
        answered = _answered(message, "".join(said), "stopped" if stop.is_set else "whole")
        return replace(answered, actions=self.buttons) if self.buttons else answered

    async def _wait(self, seconds: float, stop: Stop) -> None:
        with stop:
            try:
                await asyncio.sleep(seconds)
            except asyncio.CancelledError:
                self.closed += 1
                raise


def _answered(message: Message, text: str, ending: Ending) -> Answered:
    edits = tuple(_edits(text))
    findings = tuple(
        Finding(stage="prices", verdict=Verdict.CHANGE, kind="wrong_price", original="wrong", replacement=RIGHT)
        for _ in edits
    )
    metadata = AnswerMetadata(
        intent="faq",
        confidence=1.0,
        stage="rules",
        tier="template",
        model="scripted",
        latency_ms=1.0,
        ttft_ms=1.0,
        timings={},
        stopped=ending == "stopped",
    )
    products = (CARD,) if "card" in message.text.split() and ending == "whole" else ()
    return Answered(
        message=message,
        text=text.replace("wrong", RIGHT),
        metadata=metadata,
        edits=edits,
        findings=(*message.findings, *findings),
        products=products,
        prices={card.asin: card.price for card in products},
        ending=ending,
    )


def _edits(text: str) -> list[Edit]:
    edits: list[Edit] = []
    with suppress(ValueError):
        at = 0
        while True:
            at = text.index("wrong", at)
            edits.append(Edit(at, at + len("wrong"), RIGHT, "prices", "wrong_price"))
            at += 1
    return edits
