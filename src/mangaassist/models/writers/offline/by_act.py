"""Answers every act of a message by its row of a composer's table, each in full."""

from collections.abc import Callable, Mapping
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.wording import paragraphs

Answer = Callable[[WritingTask, Phrasing], str]

MOST_ANSWERS: Final = 3
"""Nobody asks more in one message; what a model hears beyond is a guess."""


def answered(task: WritingTask, phrasing: Phrasing, rows: Mapping[Act, Answer], otherwise: Act) -> str:
    """The answers of ``rows`` to the acts of the message, joined; that of ``otherwise`` where none of them has a row."""
    acts = [heard.act for heard in task.meaning.acts if heard.act in rows] or [otherwise]
    chosen = dict.fromkeys(rows[act] for act in acts)
    said = dict.fromkeys(answer(task, phrasing) for answer in list(chosen)[:MOST_ANSWERS])
    return paragraphs(*said)


def nothing_more(task: WritingTask, phrasing: Phrasing) -> str:
    """What a composer offers next that offers nothing: an answer is no longer than what was asked."""
    return ""


def first_name(task: WritingTask) -> str:
    """ ", Aiko" when the shopper's name is known."""
    customer = task.evidence.customer
    first = customer.name.split()[0] if customer and customer.name.split() else ""
    return f", {first}" if first else ""
