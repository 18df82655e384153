"""Who is asked what a message means once it was read: the pages, the guides and the books, each by its search (M-2, K-2)."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from msgspec import Struct

from mangaassist.domain.meaning import Meaning
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.turn.asked_answer import Before, by_answer
from mangaassist.turn.asked_clauses import by_clauses
from mangaassist.turn.asked_head import AskedHead
from mangaassist.turn.book_recalled import by_recall
from mangaassist.turn.book_witness import by_book
from mangaassist.turn.guide_witness import by_guide
from mangaassist.turn.speculation import Speculation


class Hearing(Struct, frozen=True, eq=False):
    """What a witness may look at beside the meaning."""

    before: Before
    search: Retrieval
    speculation: Speculation
    head: AskedHead


Witness = Callable[[Meaning, Hearing], Awaitable[Meaning]]
"""Gives the same meaning back where it knows of nothing better."""

WITNESSES: Final[tuple[Witness, ...]] = (
    lambda heard, at: by_recall(heard, at.search, at.speculation),
    lambda heard, at: by_clauses(heard, at.before, at.search, at.speculation, at.head),
    lambda heard, at: by_answer(heard, at.before, at.search, at.speculation, at.head),
    lambda heard, at: by_guide(heard, at.before.state, at.search, at.speculation),
    lambda heard, at: by_book(heard, at.search, at.speculation),
)
"""In the order in which they are asked: a book that is recalled, each of several questions, a page, a guide, a description."""


async def witnessed(heard: Meaning, hearing: Hearing, witnesses: Iterable[Witness] = WITNESSES) -> Meaning:
    """The meaning as the first witness tells it who knows better; else as it was heard."""
    for witness in witnesses:
        told = await witness(heard, hearing)
        if told is not heard:
            return told
    return heard
