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

_FAULT: Final = frozenset({Act.EXCHANGE, Act.RETURN, Act.RETURN_WINDOW})
"""A book that came broken or wrong goes back by rules of its own."""
_MONEY_BACK: Final = frozenset({Act.RETURN, Act.RETURN_WINDOW, Act.REFUND_STATUS})
"""Of these the first one alone is answered: "my money back" is one question, whatever else it sounds like."""
SAID_BY: Final[dict[Act, frozenset[Act]]] = {
    Act.ARRIVAL: frozenset({Act.TRACK}),
    Act.LATE: frozenset({Act.TRACK, Act.ARRIVAL}),
    Act.NOT_RECEIVED: frozenset({Act.TRACK, Act.ARRIVAL, Act.LATE}),
    Act.DAMAGED: _FAULT,
    Act.WRONG_ITEM: _FAULT,
    Act.MISSING_ITEM: _FAULT,
    Act.CART_TOTAL: frozenset({Act.CART_CONTENTS}),
    Act.COMPLAINT: frozenset({Act.HUMAN}),
    Act.CALLBACK: frozenset({Act.HUMAN}),
}
"""What the answer to an act says anyway: "where is it and when does it come" is one answer."""


def answered(task: WritingTask, phrasing: Phrasing, rows: Mapping[Act, Answer], otherwise: Act) -> str:
    """The answers of ``rows`` to the acts of the message, joined; that of ``otherwise`` where none of them has a row."""
    asked = [heard.act for heard in task.meaning.acts if heard.act in rows]
    said_anyway = frozenset[Act]().union(*(SAID_BY.get(act, frozenset()) for act in asked))
    if asked and asked[0] in _MONEY_BACK:
        said_anyway |= _MONEY_BACK - {asked[0]}
    acts = [act for act in asked if act not in said_anyway] or [otherwise]
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
