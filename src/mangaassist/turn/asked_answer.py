"""The pages' answers decide what is asked, where one of them is surely what the message wants in its conversation (M-2, T-4, K-2).

Every message that may be about the store's ways is held against all answers of all pages, by itself and behind the question before
it, and a trained head says which of them it asks for, or that it asks for none. Nothing else reads it as a question of a page.
"""

from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.chunks import Chunk
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.errors import AssistantError
from mangaassist.knowledge.asked_answers import Talk, behind
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.turn.asked_head import AskedHead
from mangaassist.turn.asked_signs import signs_of
from mangaassist.turn.speculation import Speculation

TRAINED_ON: Final = "en"


class Least(Struct, frozen=True):
    """How likely any answer must be asked for, and how likely the likeliest of them, so that what was heard is given up for it."""

    any_of_them: float
    this_one: float


OF_PAGES: Final = Least(0.7, 0.0)
"""Where a page is meant anyway: which answer of which."""
DOUBTED: Final = Least(0.8, 0.35)
"""Where a model guessed an act, or nobody knows of an answer."""
HEARD: Final = Least(0.9, 0.45)
"""Where the store's own data answers what was heard: it knows more of this shopper and this book than a page does."""
TOLD: Final = 0.45
"""How likely an answer must be, to be told; else the pages are searched for whatever answers best, the one that it is on first."""
SURE: Final = 0.9
"""From this confidence on a model's act is no guess."""
_IDLE: Final = frozenset({Act.GREETING, Act.THANKS, Act.BYE, Act.JOKE, Act.WORDLESS, Act.INSULT, Act.PRAISE})
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
    meaning: Meaning, before: Before, retriever: Retrieval, speculation: Speculation, head: AskedHead
) -> Meaning:
    """The meaning as a question that an answer of the pages serves; as it is where none does, or the knowledge is away."""
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
    likeliest, least = int(chances.argmax()), least_for(meaning)
    chance = float(chances[likeliest])
    if 1 - none < least.any_of_them or chance < least.this_one:
        return meaning
    return _of_pages(meaning, talk, chunks[likeliest], chance)


def may_ask(meaning: Meaning, state: DialogueState) -> bool:
    """Whether an answer of a page may be what it asks for, so that the search is worth its time."""
    first = meaning.acts[0]
    by_rules = first.stage == "rules"
    has_its_own_rule = meaning.case or meaning.store_question or (first.act in _BY_FACTS and meaning.countries)
    is_more_than_one = meaning.joins and len(meaning.acts) > 1
    if meaning.language != TRAINED_ON or meaning.care or has_its_own_rule or is_more_than_one:
        return False
    if by_rules and first.act in _IDLE:
        return False
    is_settled = by_rules and not meaning.likely and not state.acts
    return not is_settled or _is_of_pages(first.act) or first.act is Act.DETAIL


def _is_of_pages(act: Act) -> bool:
    return ACTS[act].topic == "page" and act not in _BY_FACTS


def texts_asked(meaning: Meaning, state: DialogueState) -> tuple[str, ...]:
    """What ``by_answer`` asks the encoder for, so that all of it can be sent at once (M-9)."""
    if not may_ask(meaning, state):
        return ()
    joined = (behind(state.question, meaning.own_question),) if state.question else ()
    return (meaning.own_question, *joined)


def least_for(meaning: Meaning) -> Least:
    """What it takes to give up what was heard."""
    first = meaning.acts[0]
    if _is_of_pages(first.act):
        return OF_PAGES
    guessed = first.stage == "model" and first.confidence < SURE
    return DOUBTED if guessed or first.act is Act.DETAIL else HEARD


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
    """The same message as a question about the store: what it asks for where that is sure, else what lies nearest is its page."""
    goes_on = talk.joined is not None
    told = likeliest.is_answer and chance >= TOLD
    return structs.replace(
        meaning,
        acts=(HeardAct(Act.POLICY, chance, "dialogue" if goes_on else "model"),),
        guess=IntentGuess(Intent.FAQ, chance, "model"),
        between=None,
        sought=(),
        targets=(),
        store_question="",
        question=behind(talk.before, talk.text) if goes_on else talk.text,
        wants_answers=((likeliest.chunk_id, chance),) if told else (),
        wants_page=likeliest.title if goes_on and not told else "",
        is_follow_up=meaning.is_follow_up or (goes_on and not told),
    )
