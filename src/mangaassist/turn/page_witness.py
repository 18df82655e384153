"""The help pages as a witness of what is asked (M-2, T-4): the page that surely answers a message decides it.

A message is held against the wordings by which pages are asked for, by itself and joined with what is talked of ("gift card: no
email came"). What is nearer counts: who goes on about the store's ways is understood by them, and nobody is asked back, nor
is a vaguer guess believed, while a page holds the answer. What the shopper's own orders, cart or books decide is left alone.
"""

from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.errors import AssistantError
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.knowledge.words import coverage
from mangaassist.turn.pages import page_named
from mangaassist.turn.searches import BEST_PAGE
from mangaassist.turn.speculation import Speculation
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
SURELY: Final = 0.62
"""The same against another act about the store, whose facts may answer more, and against a rule."""
SURELY_ANSWERS: Final = 0.9
"""The least probability, as the reranker judges it, at which a page is believed against an act that a model heard. Of the
messages that the acts were trained on, those about books and taste hardly ever reach it."""
CARRIED: Final = 0.48
"""The same for a message joined with what is talked of: the topic is in the wording, so that it is soon near."""
OF_ITSELF: Final = 0.12
"""What a message joined with a page's title loses against that very page: its title alone is half of the wording."""
LEANS: Final = 0.15
CLEARLY: Final = 0.08
"""By how much a page must be nearer than the one that words and meaning rank first."""
TOLD: Final = 0.99
SHORT: Final = 2
"""Up to so many telling words, all on the page that was told last, go on about that page."""

HEARD: Final = 0.5
"""How likely an act is in its dialogue, from which on no page decides otherwise."""
_IDLE: Final = frozenset({Act.GREETING, Act.THANKS, Act.BYE, Act.JOKE, Act.WORDLESS, Act.INSULT, Act.PRAISE})
SURELY_OF_OFFERS: Final = 0.7
"""The same against the codes and offers that run."""
NEVER: Final = 2.0
_ASK_ON: Final = frozenset({Act.POLICY, Act.MEMBERSHIP})
"""What asks for no fact: within the talk of a page it is answered by the nearest other one."""
_OF_OFFERS: Final = frozenset({Act.CODE, Act.OFFERS})
_SENT_BY_MAIL: Final = frozenset({"gift card", "newsletter", "password", "ebooks"})
"""What comes by e-mail: when it comes is told by its page, and by no days of parcels."""
_FAR_STATES: Final = "shipping to hawaii or alaska"
"""Where the days and ways of the facts don't hold."""
_BEYOND_FACTS: Final = frozenset({"customs duties", "po box", "signature", "gift wrap", "gift message"})
"""Topics that the facts on shipping leave out, whatever country or day is talked of."""
_OF_OWN_THINGS: Final = frozenset({"order"})
_BY_FACTS: Final = frozenset(
    {
        *(Act.SHIPS_TO, Act.DELIVERY_TIME, Act.SHIPPING_COST, Act.FREE_SHIPPING, Act.PAYMENT_METHOD, Act.CONTACT),
        *(Act.MEMBERSHIP, Act.MY_ACCOUNT, Act.OTHER_GOODS),
    }
)
"""What the store's facts answer, as long as it is what their own page answers."""
_OF_A_WORD: Final = frozenset(
    {
        *(
            Act.CANCEL_ORDER,
            Act.CHANGE_ORDER,
            Act.RETURN,
            Act.RETURN_WINDOW,
            Act.REFUND_STATUS,
            Act.EXCHANGE,
            Act.TRACK,
        ),
        *(Act.PRICE, Act.TOTAL, Act.STOCK, Act.WORTH_IT, Act.DETAIL, Act.GIFT, Act.CONTENT, Act.LANGUAGE, Act.EDITION),
        *(
            Act.ADD_TO_CART,
            Act.REMOVE_FROM_CART,
            Act.CODE,
            Act.OFFERS,
            Act.OFFER_ON,
            Act.FREE_SHIPPING,
            Act.SHIPPING_COST,
        ),
        *(Act.DELIVERY_TIME, Act.ARRIVAL, Act.PAYMENT_METHOD, Act.CHECKOUT_PROBLEM, Act.POLICY, Act.MEMBERSHIP),
        *(Act.MY_ACCOUNT, Act.OTHER_GOODS, Act.SHIPS_TO, Act.COMPARE, Act.CARRIES, Act.FIND, Act.RESTOCK, Act.NOTIFY),
    }
)
"""What a rule hears in a single word ("cancel", "how much"), so that it means whatever is talked of."""


_OF_A_BOOK: Final = frozenset({Act.FINISHED, Act.LANGUAGE, Act.AGE_FIT, Act.EDITION, Act.TRANSLATOR, Act.REVIEWS})
"""What is asked of a book, and of the store's books as well."""


class _Found(Struct, frozen=True):
    """The page that answers a question best."""

    question: str
    title: str
    score: float
    answering: float = 0.0
    """The probability that it answers; 0 where it was not judged."""


async def by_page(meaning: Meaning, state: DialogueState, retriever: Retrieval, speculation: Speculation) -> Meaning:
    """The meaning as a page decides it; as it is where nothing is open, no page speaks, or the knowledge is away."""
    if meaning.case or _is_heard(meaning):
        return meaning
    goes_on, is_open = _may_go_on(meaning, state), _is_open(meaning)
    if not goes_on and not is_open and not goes_on_in_a_word(meaning, state):
        return meaning
    if _asks_for_codes(meaning, state):
        return meaning
    search = _Search(retriever, speculation)
    try:
        own = await search.page_for(meaning.own_question, words=meaning.fresh)
        joined = await search.joined(meaning, state) if goes_on else None
        if joined is not None and _carries(joined, own, leans=meaning.is_follow_up or not meaning.topic):
            if joined.score >= _least(meaning, joined, own, state) and not await _facts_answer(meaning, joined, search):
                return _of_page(meaning, joined, is_follow_up=True)
            return meaning
        if goes_on_in_a_word(meaning, state) and await _page_tells(meaning, state, retriever):
            return _of_page(meaning, _Found(meaning.page_questions[-1], state.page, 1.0), is_follow_up=True)
        if own is not None and goes_on and own.score >= ANSWERS and meaning.act in _ASK_ON:
            return _of_page(meaning, own, is_follow_up=False)
        if own is None or not is_open or not _decides(meaning, own) or await _facts_answer(meaning, own, search):
            return meaning
    except AssistantError:
        return meaning
    return _of_page(meaning, own, is_follow_up=False)


def _is_heard(meaning: Meaning) -> bool:
    """Whether the dialogue says surely that something else than the store's ways is asked about."""
    act = meaning.acts[0].act
    return meaning.in_dialogue >= HEARD and ACTS[act].topic != "page" and act is not Act.DETAIL


def texts_asked(meaning: Meaning, state: DialogueState) -> tuple[str, ...]:
    """What ``by_page`` may ask the encoder for of such a message, so that all of it can be sent at once (M-9)."""
    goes_on, is_open = _may_go_on(meaning, state), _is_open(meaning)
    if meaning.case or not (goes_on or is_open or goes_on_in_a_word(meaning, state)):
        return ()
    first = meaning.acts[0].act
    home = (ACTS[first].example,) if first in _BY_FACTS else ()
    return (meaning.own_question, *(meaning.page_questions if goes_on else ()), *home)


def goes_on_in_a_word(meaning: Meaning, state: DialogueState) -> bool:
    """A word or two after a page was told, which name nothing of the catalog by name: "military?", "and mature?"."""
    few = 0 < len(meaning.describes) <= SHORT and bool(meaning.page_questions)
    named = (
        meaning.aspects
        or not meaning.selection.is_open
        or meaning.targets
        or meaning.titles
        or meaning.orders
        or meaning.codes
    )
    return bool(state.page) and few and not meaning.care and not named and meaning.act not in _BY_FACTS


async def _page_tells(meaning: Meaning, state: DialogueState, retriever: Retrieval) -> bool:
    """Whether the page that was told last holds all of the words."""
    words = " ".join(meaning.describes)
    told = await page_named(state.page, retriever)
    return any(coverage(words, f"{one.chunk.title} {one.chunk.content}") >= TOLD for one in told)


class _Search(Struct, frozen=True):
    retriever: Retrieval
    speculation: Speculation

    async def joined(self, meaning: Meaning, state: DialogueState) -> _Found | None:
        """The page that the message finds with what is talked of; with the page that was told where that finds none."""
        for question in meaning.page_questions:
            found = await self.page_for(question, told=state.page, words=meaning.fresh)
            if found is not None and found.score >= CARRIED:
                return found
        return None

    async def page_for(self, question: str, told: str = "", words: tuple[str, ...] = ()) -> _Found | None:
        """The page that is nearest to the question; of about as near ones that whose title holds the message's own words.

        ``told``: the title that the question may begin with.
        """
        vector = await self.speculation.vector_of(question)
        found = await self.retriever.search(question, vector, BEST_PAGE) if vector is not None else ()
        titled = bool(told) and question.startswith(told)
        pages = [
            _Found(
                question,
                one.chunk.title,
                one.score - OF_ITSELF * (titled and one.chunk.title == told),
                one.answering or 0.0,
            )
            for one in found
        ]
        nearest = max(pages, key=lambda one: one.score, default=None)
        named = [
            one for one in pages if words and nearest and nearest.score - one.score < CLEARLY and _holds(one, words)
        ]
        if named:
            return named[0]
        return pages[0] if nearest and nearest.score - pages[0].score < CLEARLY else nearest


def _holds(found: _Found, words: tuple[str, ...]) -> bool:
    return coverage(" ".join(words), found.title) >= TOLD


def _asks_for_codes(meaning: Meaning, state: DialogueState) -> bool:
    """ "Got a promo code?" while the cart or its offers are talked of: which codes work on it, and not how one is typed in."""
    talked = state.acts[0] if state.acts else Act.POLICY
    first = meaning.acts[0]
    return first.act is Act.CODE and first.stage == "rules" and ACTS[talked].topic in ("cart", "offer")


def _carries(joined: _Found, own: _Found | None, *, leans: bool) -> bool:
    """Whether it is said of what is talked of: a fragment ("what about box sets") leans on that, whatever it is like by itself."""
    return own is None or own.title == joined.title or joined.score >= own.score - LEANS * leans


def _least(meaning: Meaning, joined: _Found, own: _Found | None, state: DialogueState) -> float:
    """What facts and offers tell a page must know surely better, and it is not the one that was told a moment ago."""
    first = meaning.acts[0]
    if state.topic in _SENT_BY_MAIL | {_FAR_STATES}:
        return CARRIED
    if first.act in _BY_FACTS and first.confidence >= SURELY and joined.title == state.page:
        return NEVER
    if first.act in _OF_OFFERS and not state.page:
        return CARRIED if own is not None and own.title == joined.title and first.stage != "rules" else SURELY_OF_OFFERS
    return SURELY if first.stage == "rules" and first.act in _BY_FACTS | _OF_OFFERS else CARRIED


def _of_things_in_focus(meaning: Meaning, state: DialogueState) -> bool:
    """Whether books or orders are talked of, which say more than any page."""
    last, act = (state.acts[0] if state.acts else Act.POLICY), meaning.acts[0].act
    if act is Act.POLICY:
        return False
    of_orders = ACTS[last].topic == "order" and bool(state.orders)
    return of_orders or (bool(meaning.targets) and ACTS[last].topic != "page")


def _may_go_on(meaning: Meaning, state: DialogueState) -> bool:
    """Whether it may be said of the store's ways that are talked of."""
    of_an_order = meaning.aspects or not meaning.selection.is_open
    if not meaning.page_questions or meaning.care or meaning.titles or meaning.codes or of_an_order:
        return False
    first = meaning.acts[0]
    by_itself = bool(meaning.countries) and first.act in _BY_FACTS
    by_itself = by_itself or (meaning.day is not None and first.act in (Act.DELIVERY_TIME, Act.CONTACT, Act.ARRIVAL))
    by_itself = by_itself and state.topic not in _SENT_BY_MAIL
    if meaning.store_question or by_itself:
        return False
    if _of_things_in_focus(meaning, state) or _describes_books(meaning):
        return False
    if first.stage == "model":
        return first.act not in _IDLE
    bookless = ACTS[first.act].topic in ("product", "series") and not meaning.targets
    return bookless or first.act in _OF_A_WORD


def _describes_books(meaning: Meaning) -> bool:
    """ "And for me something dark": books are looked for, and of which kind is said."""
    return ACTS[meaning.acts[0].act].topic == "shelf" and any(wish.wanted for wish in meaning.sought)


async def _facts_answer(meaning: Meaning, found: _Found, search: _Search) -> bool:
    """Whether the page says no more than the store's facts do: it is the one that the act itself asks for."""
    act = meaning.acts[0].act
    if act not in _BY_FACTS:
        return False
    home = await search.page_for(ACTS[act].example)
    return home is not None and home.title == found.title


def _is_open(meaning: Meaning) -> bool:
    first = meaning.acts[0]
    if meaning.care or meaning.titles or meaning.orders or meaning.codes or meaning.store_question:
        return False
    if first.act is Act.DETAIL:
        return not meaning.countries
    if first.act in _OF_OFFERS and first.stage != "model" and len(meaning.describes) < SHORT:
        return False
    if first.act in _BY_FACTS | _OF_OFFERS | {Act.CHECKOUT_PROBLEM} - {Act.FREE_SHIPPING}:
        return meaning.topic in _BEYOND_FACTS or not (
            meaning.countries or meaning.day or any(map(says_something, meaning.sought))
        )
    if meaning.targets or meaning.countries:
        return False
    doubted = first.stage == "model" and first.confidence < DOUBTED and first.act not in _IDLE | {Act.POLICY}
    return meaning.between is not None or doubted or _is_bookless(meaning) or _is_supposed(meaning)


def _is_bookless(meaning: Meaning) -> bool:
    """Whether it is asked of a book where none is talked of: "how do i know that a series is finished"."""
    first = meaning.acts[0]
    return first.stage == "rules" and ACTS[first.act].topic in ("product", "series") and first.act in _OF_A_BOOK


def _is_supposed(meaning: Meaning) -> bool:
    """Whether it is said of the cart by its number alone: "can i buy 7 copies of the same volume"."""
    first = meaning.acts[0]
    return first.stage == "dialogue" and first.act is Act.CART_TOTAL and not meaning.is_follow_up


def _decides(meaning: Meaning, page: _Found) -> bool:
    first, topic = meaning.acts[0], ACTS[meaning.acts[0].act].topic
    if meaning.topic in _BEYOND_FACTS:
        return page.score >= ANSWERS
    if _is_bookless(meaning) or _is_supposed(meaning):
        return page.answering >= SURELY_ANSWERS
    if page.answering >= SURELY_ANSWERS and first.stage == "model" and topic not in _OF_OWN_THINGS:
        return True
    if first.act is Act.DETAIL or first.stage != "model":
        return page.score >= SURELY
    if meaning.between is not None:
        own = Intent.FAQ not in meaning.between and topic in _OF_OWN_THINGS
        return page.score >= ANSWERS_BETWEEN and not own
    if topic in _OF_OWN_THINGS or any(map(says_something, meaning.sought)):
        return False
    if topic == "page":
        return page.score >= SURELY
    if topic in ("product", "series"):
        return page.score >= (ANSWERS if first.confidence < page.score else ANSWERS_BOOKLESS)
    return page.score >= max(ANSWERS, first.confidence)


def _of_page(meaning: Meaning, found: _Found, *, is_follow_up: bool) -> Meaning:
    """The same message as a question about the store, which this page answers; paying has an intent that reads pages itself."""
    if meaning.act is Act.CHECKOUT_PROBLEM and not is_follow_up:
        return structs.replace(meaning, wants_page=found.title)
    by: Final = "dialogue" if is_follow_up else "model"
    return structs.replace(
        meaning,
        acts=(HeardAct(Act.POLICY, found.score, by),),
        guess=IntentGuess(Intent.FAQ, found.score, "rules" if is_follow_up else "model"),
        between=None,
        sought=(),
        targets=(),
        question=found.question,
        wants_page=found.title,
        is_follow_up=is_follow_up,
    )
