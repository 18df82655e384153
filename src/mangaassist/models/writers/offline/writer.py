"""The offline writer: chooses the composer of the intent and lets its text go in small pieces."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import NO_NOTES, Draft, Usage, WritingNotes, WritingTask
from mangaassist.models.writers.offline import finding, orders, questions, recommending, store, talk
from mangaassist.models.writers.offline.voice import Voice, paragraphs

MODEL: Final = "offline"
WORDS_A_PIECE: Final = 12

_COMPOSERS: Final[dict[Intent, Callable[[WritingTask, Voice], str]]] = {
    Intent.PRODUCT_DISCOVERY: finding.discovery,
    Intent.PRODUCT_QUESTION: questions.question,
    Intent.RECOMMENDATION: recommending.recommendation,
    Intent.ORDER_TRACKING: orders.tracking,
    Intent.RETURN_REQUEST: orders.returns,
    Intent.PROMOTION: store.promotion,
    Intent.CHECKOUT_HELP: store.checkout,
    Intent.FAQ: store.faq,
    Intent.ESCALATION: talk.escalation,
    Intent.CHITCHAT: talk.chitchat,
}
_PIECE: Final = re.compile(rf"(?:\S+\s*){{1,{WORDS_A_PIECE}}}")


class OfflineWriter:
    """Writes from the evidence alone: no network, no model, no key. Never fails."""

    def write(self, task: WritingTask) -> Draft:
        return OfflineDraft(task)


class OfflineDraft:
    def __init__(self, task: WritingTask) -> None:
        self._task = task

    @property
    def usage(self) -> Usage:
        return Usage(MODEL)

    @property
    def notes(self) -> WritingNotes:
        return NO_NOTES

    async def __aiter__(self) -> AsyncIterator[str]:
        for piece in pieces(compose(self._task)):
            yield piece


def compose(task: WritingTask) -> str:
    """The whole answer, with placeholders in place of prices (M-7)."""
    voice = Voice(task.meaning.text)
    return paragraphs(_answer(task, voice), talk.also(task, voice))


def pieces(text: str) -> Iterator[str]:
    """The text a few words at a time; joined they are the text."""
    return (found[0] for found in _PIECE.finditer(text))


def _answer(task: WritingTask, voice: Voice) -> str:
    if task.meaning.between is not None:
        return talk.which_is_meant(task, voice)
    if task.evidence.sign_in_needed:
        return talk.sign_in(task, voice, store.from_page(task, voice, 55))
    return _COMPOSERS[task.meaning.intent](task, voice)
