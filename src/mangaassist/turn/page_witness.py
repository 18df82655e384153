"""A help page as a witness of what is asked (M-2): where message and model leave it open, the page that answers it decides.

Nobody is asked back, and no weak guess is believed, while the store's own pages hold the answer.
"""

from typing import Final

from msgspec import structs

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.errors import AssistantError
from mangaassist.knowledge.retrieval import RetrievalPlan, Retriever
from mangaassist.knowledge.words import coverage
from mangaassist.turn.pages import page_named
from mangaassist.turn.speculation import Speculation
from mangaassist.understanding.hearing import OF_PAGES
from mangaassist.understanding.wish_merging import says_something

DOUBTED: Final = 0.9
"""Under this confidence a model's act may be mistaken."""
ANSWERS: Final = 0.5
"""The least cosine of a page that is believed instead. Among 1,180 messages of shoppers, with the conditions below, a page above it
was the better reading in nine of ten."""
ANSWERS_BETWEEN: Final = 0.42
"""The same where two readings are too close to call: asking back costs the shopper a turn."""
ANSWERS_BOOKLESS: Final = 0.55
"""The same for what is asked of a book where none is talked of, however sure the model is."""
SURELY: Final = 0.6
"""The same against another act about the store, whose facts may answer more."""
TOLD: Final = 0.99
SHORT: Final = 2
"""Up to so many telling words, all on the page that was told last, go on about that page: "military?", "and mature?"."""

_BEST_PAGE: Final = RetrievalPlan(source_types=("faq", "policy"), k=1, ranker="precision", candidates=5)
_OF_OWN_THINGS: Final = frozenset({"order"})
_IDLE: Final = frozenset({Act.GREETING, Act.THANKS, Act.BYE, Act.JOKE, Act.WORDLESS, Act.INSULT, Act.PRAISE})


async def by_page(meaning: Meaning, state: DialogueState, retriever: Retriever, speculation: Speculation) -> Meaning:
    """The meaning as a page decides it; as it is where nothing is open, no page speaks, or the knowledge is away."""
    try:
        if _may_go_on(meaning, state) and await _page_tells(meaning, state, retriever):
            return _of_page(meaning, state.page, 1.0, meaning.page_question)
        if not _is_open(meaning):
            return meaning
        vector = await speculation.vector_of(meaning.own_question)
        found = await retriever.search(meaning.own_question, vector, _BEST_PAGE) if vector is not None else ()
    except AssistantError:
        return meaning
    if not found or not _decides(meaning, found[0]):
        return meaning
    return _of_page(meaning, "", found[0].score, meaning.own_question)


def _may_go_on(meaning: Meaning, state: DialogueState) -> bool:
    """A word or two after a page was told, which name nothing of the catalog by name."""
    few = 0 < len(meaning.describes) <= SHORT and meaning.selection.is_open and not meaning.aspects
    return bool(state.page) and few and not meaning.care and not _names_things(meaning) and meaning.act not in OF_PAGES


async def _page_tells(meaning: Meaning, state: DialogueState, retriever: Retriever) -> bool:
    told = await page_named(state.page, retriever)
    words = " ".join(meaning.describes)
    return any(coverage(words, f"{one.chunk.title} {one.chunk.content}") >= TOLD for one in told)


def _is_open(meaning: Meaning) -> bool:
    first = meaning.acts[0]
    if first.act is Act.DETAIL and first.stage == "dialogue":
        return not (meaning.care or meaning.countries)
    if meaning.care or _names_things(meaning) or meaning.countries:
        return False
    doubted = first.stage == "model" and first.confidence < DOUBTED and first.act not in _IDLE | {Act.POLICY}
    return meaning.between is not None or doubted


def _names_things(meaning: Meaning) -> bool:
    return bool(meaning.targets or meaning.titles or meaning.orders or meaning.codes)


def _decides(meaning: Meaning, page: ScoredChunk) -> bool:
    first, topic = meaning.acts[0], ACTS[meaning.acts[0].act].topic
    if first.act is Act.DETAIL:
        return page.score >= SURELY
    if meaning.between is not None:
        own = Intent.FAQ not in meaning.between and topic in _OF_OWN_THINGS
        return page.score >= ANSWERS_BETWEEN and not own
    if topic in _OF_OWN_THINGS or any(map(says_something, meaning.sought)):
        return False
    if topic == "page":
        return page.score >= max(SURELY, first.confidence)
    if topic in ("product", "series"):
        return page.score >= (ANSWERS if first.confidence < page.score else ANSWERS_BOOKLESS)
    return page.score >= max(ANSWERS, first.confidence)


def _of_page(meaning: Meaning, title: str, confidence: float, question: str) -> Meaning:
    """The same message as a question about the store; ``title`` is the page that it goes on about."""
    act = Act.POLICY
    return structs.replace(
        meaning,
        acts=(HeardAct(act, confidence, "dialogue" if title else "model"),),
        guess=IntentGuess(Intent.FAQ, confidence, "rules" if title else "model"),
        between=None,
        sought=(),
        targets=(),
        question=question,
        wants_page=title,
        is_follow_up=bool(title),
    )
