"""A book's own description as a witness of what is asked (M-2): "old man becomes a robot" looks for the book that tells of it."""

from typing import Final

from msgspec import structs

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.wishes import Wish
from mangaassist.errors import AssistantError
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.knowledge.words import asked, coverage
from mangaassist.turn.searches import BEST_BOOK
from mangaassist.turn.speculation import Speculation

DOUBTED: Final = 0.9
"""Under this confidence a model's act may be mistaken."""
LEAST_WORDS: Final = 2
"""Fewer telling words are rather a name than a description."""
TOLD: Final = ((0.45, 0.3), (0.35, 0.7))
"""The least cosine of a description that is believed, with the part of the message's telling words that it must hold beside it:
what comes near in meaning says it in other words, what comes less near must say most of it in the same."""

_OPEN: Final = frozenset({Act.UNSURE, Act.CARRIES, Act.ABOUT, Act.DETAIL, Act.PAGES})


async def by_book(meaning: Meaning, retriever: Retrieval, speculation: Speculation) -> Meaning:
    """The meaning as a description decides it; as it is where nothing is open, no book is told of, or the knowledge is away."""
    if not _is_open(meaning):
        return meaning
    try:
        vector = await speculation.vector_of(meaning.own_question)
        found = await retriever.search(meaning.own_question, vector, BEST_BOOK) if vector is not None else ()
    except AssistantError:
        return meaning
    if not found or not _tells(meaning, found[0]):
        return meaning
    return structs.replace(
        meaning,
        acts=(HeardAct(Act.FIND, found[0].score, "model"),),
        guess=IntentGuess(Intent.PRODUCT_DISCOVERY, found[0].score, "model"),
        between=None,
        sought=(Wish(words=tuple(asked(meaning.own_question))),),
        question=meaning.own_question,
        is_follow_up=False,
    )


def _is_open(meaning: Meaning) -> bool:
    """Nothing is named, nothing is wished by a word that the catalog knows, and no rule has heard what is asked."""
    if meaning.targets or meaning.titles or meaning.orders or meaning.codes or meaning.care or meaning.is_follow_up:
        return False
    if any(wish.wanted or wish.unwanted or wish.like for wish in meaning.sought):
        return False
    first = meaning.acts[0]
    doubted = (
        first.act in _OPEN or (first.stage == "model" and first.confidence < DOUBTED) or meaning.between is not None
    )
    return doubted and len(asked(meaning.own_question)) >= LEAST_WORDS


def _tells(meaning: Meaning, book: ScoredChunk) -> bool:
    said = coverage(meaning.own_question, book.chunk.content)
    return any(book.score >= near and said >= part for near, part in TOLD)
