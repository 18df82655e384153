"""A piece of the store's knowledge (K-1), and how well it answers a question."""

from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

IN_FOLDER: Final = "folder/"
"""How the ids of pages begin that a folder beside the store brings and that name none themselves."""
SourceType = Literal["product", "faq", "policy", "editorial", "reviews"]
OF_A_SERIES: Final[frozenset[SourceType]] = frozenset({"product", "reviews"})
"""What belongs to one series, which its category names; the category of anything else is a topic."""


class Chunk(Struct, frozen=True, kw_only=True):
    """At most 512 tokens of one document. The embedding stays in the index: nobody else needs it.

    ``language`` is that of the store whose page it is, as BCP 47 names it; empty for what is told in every store.
    """

    chunk_id: str
    document_id: str
    title: str
    content: str
    source_type: SourceType
    category: str
    asin: str | None = None
    last_updated: datetime
    version: int
    language: str = ""

    @property
    def series_id(self) -> str | None:
        """The series that it belongs to; None where it is of none."""
        return self.category if self.source_type in OF_A_SERIES and self.category else None

    @property
    def is_answer(self) -> bool:
        """Whether it is what its page says to one question, approved as such: it is told whole."""
        return "#0=" in self.chunk_id

    @property
    def is_published(self) -> bool:
        """Whether the store itself shows a page of this id: what only a folder beside the store brings stands on none."""
        return not self.document_id.startswith(IN_FOLDER)


class ScoredChunk(Struct, frozen=True):
    """``score`` is the cosine of chunk and question, 0 to 1, or what one to a wording of the question counts as where that is
    more; what ranked it (fusion, MMR) shows in its position alone."""

    chunk: Chunk
    score: float
    sentences: tuple[float, ...] = ()
    """The cosine of each of its ``sentences_of`` to the question; empty where they were not compared."""
    answering: float | None = None
    """The probability that the chunk answers the question, as the reranker judges it; None where it was not judged (M-4)."""
    answers: tuple[float, ...] = ()
    """Of each of its sentences how likely it is the one that answers, 0 to 1; empty where they were not judged."""
    alone: tuple[float, ...] = ()
    """The same for a message that goes on from another one, by itself; ``answers`` is then for it joined with what is talked of."""
