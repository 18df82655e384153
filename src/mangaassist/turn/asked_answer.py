"""The pages' answers decide what is asked, where one of them is surely what the message wants in its conversation (M-2, T-4, K-2).

Every message that may be about the store's ways is held against all answers of all pages, by itself and behind the question before
it, and a trained head says which of them it asks for, or that it asks for none. Nothing else reads it as a question of a page.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.chunks import Chunk
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.errors import AssistantError
from mangaassist.knowledge.answer_features import Floats
from mangaassist.knowledge.asked_answers import Talk, behind
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.turn.asked_head import AskedHead
from mangaassist.turn.asked_signs import signs_of
from mangaassist.turn.speculation import Speculation

TRAINED_ON: Final = "en"
LIKELY: Final = 0.7
"""How likely any answer must be asked for, to be believed."""
SURELY: Final = 0.9
"""The same where the store's own data answers what was heard: it knows more of this shopper and this book than a page does."""
THIS_ONE: Final = 0.3
"""How likely the likeliest of them must be."""
UNSURE: Final = 0.5
"""Under this probability of the likeliest answer another one is told as well that is ``NEARLY`` as likely."""
NEARLY: Final = 0.7
MOST_ANSWERS: Final = 2
_IDLE: Final = frozenset({Act.GREETING, Act.THANKS, Act.BYE, Act.JOKE, Act.WORDLESS, Act.INSULT, Act.PRAISE})
_BY_DATA: Final = frozenset({"shelf", "product", "series", "order", "cart", "offer"})
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
    if numbers is None or not chunks:
        return meaning
    signs = signs_of(meaning, before.state, is_guest=before.is_guest, has_cart=before.has_cart)
    none, chances = head.probabilities(numbers, signs)
    wanted = answers_wanted(meaning, none, chances, chunks)
    return _of_answers(meaning, wanted, before.state) if wanted else meaning


def may_ask(meaning: Meaning, state: DialogueState) -> bool:
    """Whether a page may be what answers it, so that the search is worth its time: not where a rule settles how a talk begins."""
    first = meaning.acts[0]
    settled = first.stage == "rules" and not meaning.likely
    if meaning.language != TRAINED_ON or meaning.care or (settled and not state.acts):
        return False
    return not (first.act in _IDLE and first.stage == "rules")


def texts_asked(meaning: Meaning, state: DialogueState) -> tuple[str, ...]:
    """What ``by_answer`` asks the encoder for, so that all of it can be sent at once (M-9)."""
    if not may_ask(meaning, state):
        return ()
    joined = (behind(state.question, meaning.own_question),) if state.question else ()
    return (meaning.own_question, *joined)


def answers_wanted(
    meaning: Meaning, none: float, chances: Floats, chunks: Sequence[Chunk]
) -> tuple[tuple[str, float], ...]:
    """The chunks of the answers that are asked for, the likeliest first, with their probabilities; none where that is unsure."""
    ranked = sorted(zip(chances.tolist(), (one.chunk_id for one in chunks), strict=True), reverse=True)
    first = ranked[0][0]
    if 1 - none < _least(meaning) or first < THIS_ONE:
        return ()
    as_likely = ranked[:MOST_ANSWERS] if first < UNSURE else ranked[:1]
    return tuple((chunk_id, chance) for chance, chunk_id in as_likely if chance >= NEARLY * first)


def _least(meaning: Meaning) -> float:
    act = meaning.acts[0].act
    return SURELY if ACTS[act].topic in _BY_DATA or act in _BY_FACTS else LIKELY


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


def _of_answers(meaning: Meaning, wanted: tuple[tuple[str, float], ...], state: DialogueState) -> Meaning:
    """The same message as a question about the store."""
    chance = sum(one for _, one in wanted)
    return structs.replace(
        meaning,
        acts=(HeardAct(Act.POLICY, chance, "dialogue" if state.acts else "model"),),
        guess=IntentGuess(Intent.FAQ, chance, "model"),
        between=None,
        sought=(),
        targets=(),
        store_question="",
        question=meaning.own_question,
        wants_answers=wanted,
        wants_page="",
    )
