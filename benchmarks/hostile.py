"""Messages made to keep a reader busy: the longest that each room takes over any of them, in processor time."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from benchmarks import evidence
from benchmarks.measuring import Row, at_most, percentile
from benchmarks.questions import QUESTIONS
from mangaassist.domain.dialogue import NEW_DIALOGUE
from mangaassist.guardrails.intake import Intake
from mangaassist.understanding.reader import MeaningReader
from mangaassist.understanding.utterance_reader import UtteranceReader
from mangastore.catalog.search import Query, Search
from mangastore.data.products import make_products
from mangastore.data.series import load_series

CHARACTERS: Final = 2000
OF_ORDERS: Final = (
    "act ", "your ", "pretend you are ", "ignore all your ", "1 ", "12-", "a.b@", "{{", "12 Main ", "A", "\u200b", "[", 'say "',
)  # fmt: skip
OF_QUESTIONS: Final = (
    "where is the thing that i love ", "my ", "please ", "can you ", "how long ", "not ", "thanks ", "hi, ", "'", "; ",
)  # fmt: skip
OF_TITLES: Final = ("berzerk ", "titn on piece ", "vinlnd vol 0 $ ", "no a the under ", "jojoo 1, - ")
UNITS: Final = (*OF_ORDERS, *OF_QUESTIONS, *OF_TITLES)
"""Repeated to a whole message: beginnings of what rules, guardrails and titles look for, that never end as they should."""


def messages() -> list[Row]:
    """One row a room. A reader that compares everything with everything misses its bar by far."""
    reader = MeaningReader(evidence.lexicon())

    def understood(text: str) -> object:
        return reader.without_model(reader.heard(text), NEW_DIALOGUE)

    rooms: dict[str, tuple[Callable[[str], object], float]] = {
        "intake": (Intake().screen, 50),
        "the message's own words": (UtteranceReader(evidence.lexicon()).read, 100),
        "its whole meaning": (understood, 100),
    }
    rows = [
        at_most(f"hostile message, {room}, longest of {len(UNITS)}", max(_taken(read)), "ms", bar)
        for room, (read, bar) in rooms.items()
    ]
    return [*rows, _store_search(Search(make_products(load_series()), lambda: evidence.TODAY))]


def _taken(read: Callable[[str], object]) -> Iterator[float]:
    """Milliseconds of the processor for each unit, the best of three."""
    for unit in UNITS:
        message = (unit * CHARACTERS)[:CHARACTERS]
        yield min(_spent(read, message) for _ in range(3))


def _spent(read: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    read(text)
    return (time.thread_time() - began) * 1000


def _store_search(search: Search) -> Row:
    taken = [
        _spent(lambda text: search.find(Query(text=text, one_per_series=True)), question)
        for questions in QUESTIONS.values()
        for question in questions
    ]
    return at_most("the demo store's search, p50", percentile(taken, 50), "ms", 3)
