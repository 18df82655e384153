"""The offline writer: one composer an intent, injected; what a message asks of two intents is answered in full for both."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final, Protocol

from msgspec import structs

from mangaassist.domain.acts import ACTS, Act, intent_of
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct
from mangaassist.domain.writing import Draft, Usage, WritingNotes, WritingTask
from mangaassist.models.writers.offline import care, chitchat, opinions
from mangaassist.models.writers.offline.leading_verdicts import led
from mangaassist.models.writers.offline.opening_hours import holiday_today, next_opening
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.wording import paragraphs

MODEL: Final = "offline"
WORDS_A_PIECE: Final = 12
MOST_SUGGESTIONS: Final = 3
LONGEST_SUGGESTION: Final = 80

_PIECE: Final = re.compile(rf"(?:\S+\s*){{1,{WORDS_A_PIECE}}}")


class Composer(Protocol):
    """What there is per intent: a module with these three functions."""

    def compose(self, task: WritingTask, phrasing: Phrasing) -> str:
        """The answer to the acts of this intent, with placeholders in place of prices (M-7)."""
        ...

    def offer_next(self, task: WritingTask, phrasing: Phrasing) -> str:
        """One thing to go on with, or nothing."""
        ...

    def suggestions(self, task: WritingTask) -> Iterator[str]:
        """What the shopper may ask next, the likeliest first (W-4)."""
        ...


Composers = Mapping[Intent, Composer]


class OfflineWriter:
    """Writes from the evidence alone: no network, no model, no key. Never fails."""

    def __init__(self, composers: Composers) -> None:
        self._composers = composers

    def write(self, task: WritingTask) -> Draft:
        return OfflineDraft(*self.compose(task))

    def compose(self, task: WritingTask) -> tuple[str, WritingNotes]:
        """The whole answer, and what it did to the dialogue."""
        phrasing = Phrasing(task)
        return _answer(task, phrasing, self._composers), phrasing.notes

    def suggestions(self, task: WritingTask) -> tuple[str, ...]:
        """Up to three, none of them what was just asked, none where care comes first."""
        if care.is_everything(task):
            return ()
        asked = {ACTS[heard.act].example for heard in task.meaning.acts} | {task.meaning.question}
        answered = set(map(_plain, asked))
        offered = dict.fromkeys(
            one for one in self._offered(task) if len(one) <= LONGEST_SUGGESTION and _plain(one) not in answered
        )
        return tuple(offered)[:MOST_SUGGESTIONS]

    def _offered(self, task: WritingTask) -> Iterator[str]:
        if task.meaning.between is not None:
            yield from filter(None, (_example(intent) for intent in task.meaning.between))
            return
        for intent, part in parts_of(task):
            yield from self._composers[intent].suggestions(part)


class OfflineDraft:
    def __init__(self, text: str, notes: WritingNotes) -> None:
        self._text = text
        self._notes = notes

    @property
    def usage(self) -> Usage:
        return Usage(MODEL)

    @property
    def notes(self) -> WritingNotes:
        return self._notes

    async def __aiter__(self) -> AsyncIterator[str]:
        for piece in pieces(self._text):
            yield piece


def pieces(text: str) -> Iterator[str]:
    """The text a few words at a time; joined they are the text."""
    return (found[0] for found in _PIECE.finditer(text))


def parts_of(task: WritingTask) -> list[tuple[Intent, WritingTask]]:
    """The task once for each intent that its acts belong to, with those acts alone, in the message's order.

    Small talk beside a question is no part of its own: a word in front of the answer is enough. Neither is what is asked of a book
    that nobody named, beside a wish for books: it was the wish that was heard twice.
    """
    acts: dict[Intent, list[HeardAct]] = {}
    for heard in task.meaning.acts:
        acts.setdefault(intent_of(heard.act), []).append(heard)
    if len(acts) > 1:
        acts.pop(Intent.CHITCHAT, None)
    if not task.meaning.targets and any(ACTS[heard.act].topic == "shelf" for heard in task.meaning.acts):
        acts.pop(Intent.PRODUCT_QUESTION, None)
    if not acts:
        return [(task.meaning.intent, task)]
    return [(intent, _with_acts(task, tuple(own))) for intent, own in acts.items()]


def _with_acts(task: WritingTask, acts: tuple[HeardAct, ...]) -> WritingTask:
    return structs.replace(task, meaning=structs.replace(task.meaning, acts=acts))


def _answer(task: WritingTask, phrasing: Phrasing, composers: Composers) -> str:
    first = care.compose(task, phrasing)
    if care.is_everything(task):
        return first
    first = paragraphs(first, opinions.too_old(task, phrasing))
    if task.meaning.between is not None:
        return paragraphs(first, _which_is_meant(task.meaning.between, phrasing))
    parts = parts_of(task)
    word = _opening(task, parts[0][0], phrasing)
    said = dict.fromkeys(led(composers[intent].compose(part, phrasing), intent, part) for intent, part in parts)
    intent, part = parts[-1]
    told = paragraphs(first, f"{word} {paragraphs(*said)}".strip(), composers[intent].offer_next(part, phrasing))
    return paragraphs(told, _nobody_there(told, task, phrasing))


def _nobody_there(told: str, task: WritingTask, phrasing: Phrasing) -> str:
    """Who is sent to the store's people hears once when they are back, where nobody is there now."""
    back = next_opening(task) if _A_PERSON in told and not task.meaning.asks(*_HOURS_ANYWAY) else ""
    if not back:
        return ""
    holiday = holiday_today(task)
    return phrasing.once(f"common.away.{'holiday' if holiday else 'closed'}", holiday=holiday, back=back)


_A_PERSON: Final = "**Talk to a person**"
_HOURS_ANYWAY: Final = (Act.HUMAN, Act.COMPLAINT, Act.CALLBACK, Act.WAIT, Act.CONTACT, Act.HANDED_OVER)


def _opening(task: WritingTask, intent: Intent, phrasing: Phrasing) -> str:
    """A word in front: of sympathy to who is upset, where the answer has none of its own; of courtesy to who greets or thanks."""
    if intent is Intent.CHITCHAT:
        return ""
    if task.meaning.upset and not task.meaning.asks(*_SORRY_ANYWAY) and intent in _TROUBLED:
        return phrasing.once("common.sorry")
    return chitchat.courtesy(task, phrasing)


_TROUBLED: Final = frozenset({Intent.ORDER_TRACKING, Intent.RETURN_REQUEST, Intent.PROMOTION, Intent.FAQ})
_SORRY_ANYWAY: Final = frozenset({Act.LATE, Act.NOT_RECEIVED, Act.DAMAGED, Act.WRONG_ITEM, Act.MISSING_ITEM})


def _which_is_meant(between: tuple[Intent, Intent], phrasing: Phrasing) -> str:
    """The question back when two intents are too close to call (M-2)."""
    one, other = (phrasing.say(f"common.meant.{intent}") for intent in between)
    phrasing.ask_for("which")
    return phrasing.say("common.between", one=one, other=other)


def _example(intent: Intent) -> str:
    """How a shopper asks for it: that of the first of its acts."""
    return next((row.example for row in ACTS.values() if row.intent is intent), "")


def _plain(text: str) -> str:
    return text.strip().lower().rstrip("?!. ")
