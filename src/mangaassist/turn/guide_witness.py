"""The store's guides as a witness of what is wished (M-2, T-5): a wish that one is surely written for is answered from it."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.wishes import Label, LabelKind, Wish, WrittenFor
from mangaassist.errors import AssistantError
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.knowledge.words import asked, coverage
from mangaassist.turn.searches import BEST_GUIDE
from mangaassist.turn.speculation import Speculation

BY_MAKER: Final = "reading-order"
"""The category of guides through what a maker made."""
WISHED_FOR: Final = frozenset({"guide", "genre-intro", "gift-guide"})
"""Categories of guides that suggest books for a wish; the others go through one series, maker or shelf."""
SUITED: Final[frozenset[LabelKind]] = frozenset({"genre", "theme", "mood", "medium", "demographic"})
"""Kinds of labels that a guide may stand for; who made a book and how it is bound are facts."""
LEAST: Final = 0.33
"""The least cosine of a guide that is believed."""
SURE: Final = 0.55
"""The least sum of its cosine and twice what it stands before the next guide. Of the wishes among 147 messages that were written
before any guide had wordings, 21 that a guide is written for are believed with it and NEAR, and 3 that none is."""
NEAR: Final = 0.52
"""From this cosine on it is believed however near the next one is: "romance for adults" is the matter of two guides."""
DOUBTED: Final = 0.9
"""Under this confidence a model's act may be mistaken."""
LEAST_WORDS: Final = 2
_DENYING: Final = ("don't like", "without", "never")
"""Words of a title behind which stands what its readers do not want."""
_LOOKS: Final = frozenset({Act.FIND, Act.RECOMMEND, Act.GIFT, Act.SIMILAR})
_OPEN: Final = frozenset({Act.UNSURE, Act.CARRIES, Act.ABOUT, Act.DETAIL, Act.PAGES, Act.GENRE, Act.CONTENT})


async def by_guide(meaning: Meaning, state: DialogueState, retriever: Retrieval, speculation: Speculation) -> Meaning:
    """The meaning with the guide that is written for its wish; as it is where none surely is, or the knowledge is away."""
    if not _may_be_wished(meaning, state):
        return meaning
    try:
        vector = await speculation.vector_of(meaning.wish_question)
        found = await retriever.search(meaning.wish_question, vector, BEST_GUIDE) if vector is not None else ()
    except AssistantError:
        return meaning
    best = _of_maker(meaning.would_seek, found) or _best(meaning.would_seek, found)
    if best is None or not _is_there(meaning, best.page) or _turned_down(meaning, best.page):
        return meaning
    return _written_for(meaning, best)


def _of_maker(wish: Wish, found: Sequence[ScoredChunk]) -> "_Best | None":
    """The guide through the works of the one maker who is named."""
    makers = wish.values("author")
    titled = (
        one for one in found if one.chunk.category == BY_MAKER and len(makers) == 1 and makers[0] in one.chunk.title
    )
    return next((_Best(one, 0.0) for one in titled), None)


class _Best(Struct, frozen=True):
    page: ScoredChunk
    ahead: float
    """By how much it is nearer than the next guide."""


def _best(wish: Wish, found: Sequence[ScoredChunk]) -> _Best | None:
    """The guide that is surely written for it."""
    pages = {
        one.chunk.title: one for one in sorted(found, key=lambda one: one.score) if one.chunk.category in WISHED_FOR
    }
    if wish.values("author"):
        return None
    first, *others = sorted(pages.values(), key=lambda one: -one.score) or (None,)
    if first is None:
        return None
    ahead = first.score - (others[0].score if others else BEST_GUIDE.floor or 0.0)
    is_sure = first.score >= NEAR or (first.score >= LEAST and first.score + 2 * ahead >= SURE)
    return _Best(first, ahead) if is_sure else None


def _may_be_wished(meaning: Meaning, state: DialogueState) -> bool:
    """Whether something is looked for that a guide may be written for: nothing is named, and no wish of the talk is bent."""
    named = meaning.targets or meaning.orders or meaning.codes or meaning.case or meaning.store_question
    if named or meaning.other_works or (meaning.care and meaning.care != "sorrow") or len(meaning.sought) > 1:
        return False
    wish = meaning.would_seek
    if not _can_be_written_for(wish) or wish.like or wish.other_makers:
        return False
    if state.acts and _says_what(state.wish) and meaning.is_follow_up:
        return False
    first = meaning.acts[0]
    if first.act in _LOOKS:
        return True
    if wish.values("author") or (state.acts and meaning.is_follow_up):
        return False
    doubted = first.stage == "model" and first.confidence < DOUBTED
    return (first.act in _OPEN or doubted or meaning.between is not None) and _tells(meaning)


def _can_be_written_for(wish: Wish) -> bool:
    """Whether it says anything that a guide may be about: what, for whom, how long. An order is the catalog's matter."""
    says = (
        wish.wanted
        or wish.unwanted
        or wish.words
        or wish.reader
        or not wish.volumes.is_open
        or wish.finished is not None
    )
    is_of_guides = not (wish.values("series") or wish.values("format"))
    return bool(says) and is_of_guides and wish.ordering is None and wish.year.is_open


def _tells(meaning: Meaning) -> bool:
    return ACTS[meaning.acts[0].act].topic != "page" and len(asked(meaning.own_question)) >= LEAST_WORDS


def _says_what(wish: Wish) -> bool:
    """More than for whom it is and what it may cost."""
    return bool(wish.wanted or wish.words or wish.like or wish.guide)


def _is_there(meaning: Meaning, page: ScoredChunk) -> bool:
    """Whether the guide speaks of where it shall be set, if that is said."""
    return all(coverage(place, page.chunk.content) for place in meaning.places)


def _turned_down(meaning: Meaning, page: ScoredChunk) -> bool:
    """Whether what the message refuses is what the guide is about; one that is written for who refuses it says so itself. Where
    nothing but that is said, it tells nothing of what is wanted instead."""
    title, wish = page.chunk.title, meaning.would_seek
    only_refuses = not (wish.wanted or wish.words)
    refused = [one for one in wish.unwanted if only_refuses or coverage(one.said or one.value, title)]
    return any(not _speaks_to_doubters(title, label) for label in refused)


def _speaks_to_doubters(title: str, label: Label) -> bool:
    """ "Sports manga for people who don't like sports": the title itself turns down what is refused."""
    return any(coverage(label.said or label.value, title.partition(word)[2]) for word in _DENYING)


def _written_for(meaning: Meaning, best: _Best) -> Meaning:
    title = best.page.chunk.title
    wish = meaning.would_seek
    kept = tuple(label for label in wish.unwanted if not coverage(label.said or label.value, title))
    covers = tuple(label.key for label in wish.wanted if label.kind in SUITED)
    unnamed = tuple(phrase for phrase in wish.unnamed if not coverage(phrase, title))
    wish = structs.replace(wish, guide=WrittenFor(title, covers), unwanted=kept, unnamed=unnamed)
    if meaning.acts[0].act in _LOOKS:
        return structs.replace(meaning, sought=(wish,))
    return structs.replace(
        meaning,
        acts=(HeardAct(Act.FIND, best.page.score, "model"),),
        guess=IntentGuess(Intent.PRODUCT_DISCOVERY, best.page.score, "model"),
        between=None,
        sought=(wish,),
        question=meaning.own_question,
        is_follow_up=False,
    )
