"""Twenty conversations and what a shopper holds after each of their messages, whatever protocol it was told in (R-1, R-7, R-10)."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.domain.evidence import Degradation
from mangaassist.testing.scripted_answers import ScriptedAnswers
from mangaassist.turn.memory import Session
from mangaassist.turn.output import Output, Stop
from mangaassist.turn.stages import Answered, Message
from mangaassist.wire.cards import Button

BROKEN: Final = "Something went wrong on our side. Please ask again."
CARD: Final = ("B0ABCDEFGH",)


class Heard(Struct, frozen=True, kw_only=True):
    """``problem``: in words for the shopper, where there is no whole answer; nothing is said of the others then."""

    text: str = ""
    products: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()
    problem: str | None = None
    stopped: bool = False


class Say(Struct, frozen=True):
    """``cut``: half a second later the line is lost, and the shopper comes back; ``stop``: then they stop the answer."""

    text: str
    heard: Heard
    cut: bool = False
    stop: bool = False


class Joins(Struct, frozen=True):
    """A person is in, and writes."""

    words: str


class Leaves(Struct, frozen=True):
    pass


Step = Say | Joins | Leaves

HELLO: Final = Say("hello", Heard(text="hello "))
ALL: Final = Heard(text="one right ", products=CARD, buttons=("Look",), suggestions=("And?",), degraded=("reviews",))

CONVERSATIONS: Final[dict[str, tuple[Step, ...]]] = {
    "one answer": (HELLO,),
    "two answers": (HELLO, Say("two words", Heard(text="two words "))),
    "a correction": (Say("one wrong", Heard(text="one right ")),),
    "words after those that were wrong": (Say("wrong two three", Heard(text="right two three ")),),
    "two corrections": (Say("wrong pause wrong", Heard(text="right right ")),),
    "a correction and a card": (Say("one wrong card", Heard(text="one right ", products=CARD)), HELLO),
    "a card": (Say("card one", Heard(text="one ", products=CARD)),),
    "buttons and suggestions": (Say("more", Heard(text="more ", buttons=("Look",), suggestions=("And?",))),),
    "without a service": (Say("without", Heard(text="without ", degraded=("reviews",))), HELLO),
    "everything at once": (
        Say("without more wrong card", replace(ALL, text="without more right ")),
        Say("one", Heard(text="one ")),
    ),
    "a failure": (Say("one boom", Heard(problem=BROKEN)),),
    "an answer after a failure": (Say("one boom", Heard(problem=BROKEN)), Say("two", Heard(text="two "))),
    "a line that is lost in mid-answer": (
        HELLO,
        Say("one pause two card", Heard(text="one two ", products=CARD), cut=True),
    ),
    "a line that is lost before the first word": (HELLO, Say("pause one", Heard(text="one "), cut=True), HELLO),
    "a correction while nobody listens": (
        HELLO,
        Say("one wrong pause card", Heard(text="one right ", products=CARD), cut=True),
    ),
    "without a service, over two lines": (
        HELLO,
        Say("without pause one", Heard(text="without one ", degraded=("reviews",)), cut=True),
    ),
    "a failure while nobody listens": (HELLO, Say("one pause boom", Heard(problem=BROKEN), cut=True)),
    "a stop": (
        HELLO,
        Say("one forever two", Heard(text="one ", stopped=True), stop=True),
        Say("two", Heard(text="two ")),
    ),
    "a stop of what was wrong": (HELLO, Say("wrong forever card", Heard(text="right ", stopped=True), stop=True)),
    "a person": (
        HELLO,
        Joins("Hello, I am Oda."),
        Say("thank you", Heard()),
        Leaves(),
        Say("one wrong", Heard(text="one right ")),
    ),
}


class Staged(ScriptedAnswers):
    """Answers with ``without`` in them do without a service; those with ``more`` have a button and a suggestion."""

    async def answer(self, message: Message, session: Session, output: Output, stop: Stop) -> Answered:
        words = message.text.split()
        if "without" in words:
            await output.degraded(Degradation(service="reviews", fallback="left out"))
        answered = await super().answer(message, session, output, stop)
        if "without" in words:
            answered = replace(answered, metadata=replace(answered.metadata, degraded=("reviews",)))
        if "more" in words and answered.ending == "whole":
            button = Button(label="Look", type="view_product", asin=CARD[0])
            answered = replace(answered, actions=(button,), suggestions=("And?",))
        return answered
