"""The pages' answers decide what is asked, where one of them is surely what the message wants in its conversation (M-2, T-4, K-2).

Every message that may be about the store's ways is held against all answers of all pages, by itself and behind the question before
it, and a trained head says which of them it asks for, or that it asks for none. Nothing else reads it as a question of a page.
"""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.chunks import Chunk
from mangaassist.domain.claims import NO_CLAIM
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.errors import AssistantError
from mangaassist.knowledge.asked_answers import Talk, behind
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.knowledge.words import coverage
from mangaassist.turn.asked_head import AskedHead
from mangaassist.turn.asked_signs import signs_of
from mangaassist.turn.speculation import Speculation

TRAINED_ON: Final = "en"

LIKELY: Final = 0.45
"""How likely the likeliest answer must be, to be what a message asks for."""
TOGETHER, TOGETHER_FOR_FACTS = 0.6, 0.8
"""How likely all answers of one page must be together, where each by itself is less likely: "is apo extra" asks for that page. The
second is for what the store's facts answer as well."""
ON_TOPIC, ELSEWHERE = 0.25, 0.6
"""The same where the message names no topic and one is talked of: of an answer that speaks of that, and of another. Who asks
"can i use 2 at once" after "do gift cards expire" asks nothing of promo codes."""
OF_PAGES, DOUBTED, HEARD = 0.7, 0.8, 0.9
"""How likely any of them must be asked for, to be believed: where a page is meant anyway; where a model guessed, or nobody knows of
an answer; where the store's own data answers what was heard, which knows more of this shopper and this book than a page."""
NEVER: Final = 2.0
SURE: Final = 0.9
"""From this confidence on a model's act is no guess."""
_IDLE: Final = frozenset({Act.GREETING, Act.THANKS, Act.BYE, Act.JOKE, Act.WORDLESS, Act.INSULT, Act.PRAISE})
_READ_PAGES: Final = frozenset({Act.POLICY, Act.MEMBERSHIP, Act.MY_ACCOUNT, Act.CHECKOUT_PROBLEM})
"""What is answered with the pages that are found in any case."""
_BY_FACTS: Final = frozenset(
    {Act.SHIPS_TO, Act.DELIVERY_TIME, Act.SHIPPING_COST, Act.FREE_SHIPPING, Act.PAYMENT_METHOD, Act.CONTACT}
)


class Before(Struct, frozen=True):
    """What the conversation came to before a message."""

    state: DialogueState
    answer: str = ""
    """As it was told last."""
    is_guest: bool = True
    has_cart: bool = False


async def by_answer(
    meaning: Meaning,
    before: Before,
    retriever: Retrieval,
    speculation: Speculation,
    head: AskedHead,
    *,
    is_clause: bool = False,
) -> Meaning:
    """The meaning as a question that an answer of the pages serves; as it is where none does, or the knowledge is away.

    A clause of a message asks for a certain answer or for none.
    """
    if not may_ask(meaning, before.state):
        return meaning
    try:
        talk = await _talk(meaning, before, speculation)
        chunks, numbers = await retriever.asked_in(talk) if talk is not None else ((), None)
    except AssistantError:
        return meaning
    if talk is None or numbers is None or not chunks:
        return meaning
    signs = signs_of(meaning, before.state, is_guest=before.is_guest, has_cart=before.has_cart)
    none, chances = head.probabilities(numbers, signs)
    together = NEVER if is_clause else _together(meaning.acts[0])
    likeliest = _likeliest(chunks, chances.tolist(), lambda one: _this_one(meaning, before.state, one), together)
    if likeliest is None or 1 - none < least_for(meaning, is_guest=before.is_guest):
        return meaning
    return _of_pages(meaning, talk, chunks[likeliest], float(chances[likeliest]))


def _likeliest(
    chunks: Sequence[Chunk], chances: Sequence[float], least: Callable[[Chunk], float], together: float
) -> int | None:
    """The place of the answer that is asked for; None where none is likely enough, nor any page by all of its answers together."""
    of_page: dict[str, float] = {}
    for chunk, chance in zip(chunks, chances, strict=True):
        of_page[chunk.document_id] = of_page.get(chunk.document_id, 0.0) + chance
    page = max(of_page, key=lambda one: of_page[one])
    first = max(range(len(chances)), key=lambda place: chances[place])
    is_of_page = chunks[first].document_id == page
    if chances[first] >= LIKELY or (is_of_page and chances[first] >= least(chunks[first])):
        return first if chances[first] >= least(chunks[first]) else None
    if of_page[page] < together:
        return None
    whole = (place for place, one in enumerate(chunks) if one.document_id == page and not one.is_answer)
    return first if is_of_page and chances[first] >= of_page[page] / 2 else next(whole, None)


def _together(first: HeardAct) -> float:
    """How likely all answers of one page must be, where no certain one of them is."""
    if is_of_pages(first.act):
        return TOGETHER
    return TOGETHER_FOR_FACTS if first.stage != "rules" and ACTS[first.act].topic == "page" else NEVER


def may_ask(meaning: Meaning, state: DialogueState) -> bool:
    """Whether an answer of a page may be what it asks for, so that the search is worth its time."""
    first = meaning.acts[0]
    by_rules = first.stage == "rules"
    done = meaning.after == "done" and first.act is Act.NOT_RECEIVED  # what comes next, no page of what was done
    has_its_own_rule = done or meaning.case or meaning.store_question or (first.act in _BY_FACTS and meaning.countries)
    is_more_than_one = meaning.joins and len(meaning.acts) > 1
    untold = meaning.untold and first.act is Act.DETAIL and bool(meaning.targets)  # of this book no page knows it
    claims = meaning.claim != NO_CLAIM  # of a series the catalog says yes or no
    if meaning.language != TRAINED_ON or meaning.care or has_its_own_rule or is_more_than_one or untold or claims:
        return False
    if (by_rules and first.act in _IDLE) or meaning.telling:
        return False
    is_settled = by_rules and not meaning.likely and not state.acts
    return not is_settled or is_of_pages(first.act) or first.act is Act.DETAIL


def is_of_pages(act: Act) -> bool:
    return ACTS[act].topic == "page" and act not in _BY_FACTS


def texts_asked(meaning: Meaning, state: DialogueState) -> tuple[str, ...]:
    """What ``by_answer`` asks the encoder for, so that all of it can be sent at once (M-9)."""
    if not may_ask(meaning, state):
        return ()
    joined = (behind(state.question, meaning.own_question),) if state.question else ()
    return (meaning.own_question, *joined)


def least_for(meaning: Meaning, *, is_guest: bool) -> float:
    """How likely an answer must be asked for, to be believed before what was heard. Of their own orders no page tells anybody, and
    where rules hear what the facts answer, these do."""
    first = meaning.acts[0]
    if is_of_pages(first.act):
        return OF_PAGES
    of_their_own = ACTS[first.act].topic == "order" and not is_guest and first.stage != "model"
    if of_their_own or (first.act in _BY_FACTS and first.stage == "rules"):
        return NEVER
    guessed = first.stage == "model" and first.confidence < SURE
    return DOUBTED if guessed or first.act is Act.DETAIL else HEARD


def _this_one(meaning: Meaning, state: DialogueState, likeliest: Chunk) -> float:
    """How likely this answer must be."""
    if not state.topic or meaning.topic:
        return LIKELY
    speaks_of_it = coverage(state.topic, f"{likeliest.title} {likeliest.content}") > 0
    return ON_TOPIC if speaks_of_it else ELSEWHERE


async def _talk(meaning: Meaning, before: Before, speculation: Speculation) -> Talk | None:
    """None where the encoder gives no vector (M-11)."""
    state = before.state
    own = await speculation.vector_of(meaning.own_question)
    joined = None
    if state.question and own is not None:
        joined = await speculation.vector_of(behind(state.question, meaning.own_question))
    if own is None:
        return None
    return Talk(
        text=meaning.own_question,
        own=own,
        before=state.question if joined is not None else "",
        joined=joined,
        told=before.answer,
        page=state.page,
    )


def _of_pages(meaning: Meaning, talk: Talk, likeliest: Chunk, chance: float) -> Meaning:
    """The same message as a question about the store. An answer is told; a page that is asked for as a whole is looked through."""
    goes_on = talk.joined is not None
    if not likeliest.is_answer and meaning.act in _READ_PAGES:
        return meaning
    return structs.replace(
        meaning,
        acts=(HeardAct(Act.POLICY, chance, "dialogue" if goes_on else "model"),),
        guess=IntentGuess(Intent.FAQ, chance, "model"),
        between=None,
        sought=(),
        targets=(),
        store_question="",
        question=behind(talk.before, talk.text) if goes_on else talk.text,
        wants_answers=((likeliest.chunk_id, chance),) if likeliest.is_answer else (),
        wants_page="" if likeliest.is_answer or not goes_on else likeliest.title,
        is_follow_up=meaning.is_follow_up or (goes_on and not likeliest.is_answer),
    )
