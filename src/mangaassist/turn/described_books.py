"""Which of the books that were shown a message describes: "the robot one, is that finished" is asked of *Pluto* (T-4).

The catalog's own description of each is held against the shopper's words, by meaning and by word. Where one of them surely
fits, the message is read as if it named that book; else it stands as it was written.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.encoding import Encoder, Vectors
from mangaassist.errors import AssistantError
from mangaassist.knowledge.index import StoredChunk
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.knowledge.words import coverage
from mangaassist.turn.memory import Session
from mangaassist.turn.reader import Understanding
from mangaassist.understanding.descriptions import Description, descriptions, with_names
from mangaassist.understanding.utterance import Utterance
from mangaassist.wire.page import PageContext

WORDS_COUNT: Final = 0.3
"""What holding all of a description's telling words is worth beside a cosine."""
LEAST: Final = 0.4
"""The least sum of both of a book that is surely described."""
AHEAD: Final = 0.1
"""By so much it must stand before the next book: of two about basketball "the basketball one" is neither."""
MOST_BOOKS: Final = 40
_DENIED: Final = ("No,", "No:")
"""How a line begins that says what a book is not: no description fits it by that."""


class _Book(Struct, frozen=True):
    asin: str
    series_id: str
    title: str


class _Told(Struct, frozen=True, eq=False):
    """A book with all that was told of it: the catalog's description, and what answers said."""

    series_id: str
    title: str
    stored: StoredChunk
    text: str


async def as_named(
    text: str,
    session: Session,
    page: PageContext,
    understanding: Understanding,
    retriever: Retriever,
    encoder: Encoder,
) -> Utterance:
    """The message with the titles of the books that it describes; as it is where none surely is, or the knowledge is away."""
    own, books = understanding.heard(text), _books(session.dialogue, page)
    described = descriptions(own) if books and retriever.takes_vectors else ()
    if not described:
        return own
    try:
        told = await _told(books, session, understanding, retriever)
        found = [_best(one, told, await encoder.encode(one.words)) for one in described]
    except AssistantError:
        return own
    named = [(one.start, *best) for one, best in zip(described, found, strict=True) if best is not None]
    instead = understanding.heard(with_names(text, tuple((start, end, book.title) for start, end, book in named)))
    heard = {mention.value for mention in instead.mentions if mention.kind == "series"}
    return instead if all(book.series_id in heard for _, _, book in named) else own


def _books(state: DialogueState, page: PageContext) -> tuple[_Book, ...]:
    """What was shown or talked of, newest first, what is looked at and what is in the cart."""
    shown = (*state.shown, *(card for cards in reversed(state.lists) for card in cards))
    books = [_Book(card.asin, card.series_id, card.series_title or card.title) for card in shown]
    talked = (*state.targets, *reversed(state.talked_of))
    books += [_Book(one.asin, one.series_id, one.title) for one in talked if one.asin and one.series_id]
    books += [_Book(asin, "", "") for asin in (page.current_asin, *page.cart_asins) if asin]
    return tuple({book.series_id or book.asin: book for book in reversed(books)}.values())[-MOST_BOOKS:]


async def _told(
    books: Sequence[_Book], session: Session, understanding: Understanding, retriever: Retriever
) -> list[_Told]:
    kept = await retriever.products([book.asin for book in books])
    answers = [turn.answer for turn in session.turns]
    told: dict[str, _Told] = {}
    for book in books:
        if (stored := kept.get(book.asin)) is None:
            continue
        chunk = stored.chunk
        title = book.title or understanding.title_of(chunk.category)
        lines = (
            line
            for answer in answers
            for line in answer.splitlines()
            if f"**{title}**" in line and not line.startswith(_DENIED)
        )
        told[chunk.category] = _Told(chunk.category, title, stored, " ".join((chunk.title, chunk.content, *lines)))
    return list(told.values())


def _best(described: Description, told: Sequence[_Told], vectors: Vectors) -> tuple[int, _Told] | None:
    """Where the description ends, and the book that it fits best; None where none surely is meant."""
    fits = [
        (float(book.stored.vector @ vector) + WORDS_COUNT * coverage(words, book.text), end, book)
        for end, words, vector in zip(described.ends, described.words, vectors, strict=True)
        for book in told
    ]
    if not fits:
        return None
    fit, end, best = max(fits, key=lambda one: (one[0], one[1]))
    beside = max((score for score, at, book in fits if at == end and book is not best), default=0.0)
    return (end, best) if fit >= LEAST and fit - beside >= AHEAD else None
