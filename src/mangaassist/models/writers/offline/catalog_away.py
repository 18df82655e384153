"""What is said while the catalog cannot be reached: prose (S-1), what pages tell of the very book that is asked about."""

from collections.abc import Iterable
from typing import Final

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.help_pages import passage
from mangaassist.models.writers.offline.opinions import voices_on

ENOUGH_FIT: Final = 0.34
"""A passage that meets less of the question than this does not answer it."""
_OF_THE_STORE: Final = frozenset({"faq", "policy"})
_OF_BOOKS: Final = frozenset({"product", "reviews"})
"""Pages whose category is the series that they are about."""


def of_the_book(task: WritingTask) -> str:
    """What a page tells of the book that is asked about; where none is named, what a page of the store's answers."""
    pages = tuple(_pages_asked(task))
    readers = next((one.chunk for one in pages if one.chunk.source_type == "reviews"), None)
    if readers is not None and (said := voices_on(readers)):
        return f"From our page “{readers.title}”: {said}"
    found = passage(task, pages=pages) if pages else None
    return f"From our page “{found.chunk.title}”: {found.text}" if found and found.fit >= ENOUGH_FIT else ""


def of_the_kind(task: WritingTask) -> str:
    """Which guide of the store's is near to what is looked for. A page of a single book is none: nobody asked for that one."""
    guide = next((one.chunk.title for one in task.evidence.chunks if one.chunk.source_type == "editorial"), "")
    return f"Our guide “{guide}” may help meanwhile." if guide else ""


def _pages_asked(task: WritingTask) -> Iterable[ScoredChunk]:
    series = {target.series_id for target in task.meaning.targets}
    if not series:
        return (scored for scored in task.evidence.chunks if scored.chunk.source_type in _OF_THE_STORE)
    of_books = (scored for scored in task.evidence.chunks if scored.chunk.source_type in _OF_BOOKS)
    return (scored for scored in of_books if scored.chunk.category in series)
