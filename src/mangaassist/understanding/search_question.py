"""What knowledge is searched for, and by which words a page's sentences are chosen, for a message in its dialogue (T-4)."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import OrderAspect, Target
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.domain.wishes import Wish
from mangaassist.understanding.analysis import analyse, stem
from mangaassist.understanding.hearing import ABROAD, FAULTS, OF_PAGES, PROBLEMS, Hearing, topic_asked
from mangaassist.understanding.orders_and_offers import aspects_meant
from mangaassist.understanding.questions import (
    LONGEST,
    OF_MEMBERSHIP,
    TWO_CODES,
    in_context,
    page_question,
    place_question,
    question_of,
)
from mangaassist.understanding.readings import FEW
from mangaassist.understanding.readings_of_pages import is_far, key_of_wait, store_question
from mangaassist.understanding.special_cases import case_meant, question_of_case
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.vocabulary import (
    language_named,
    questions_of_orders,
    questions_of_store,
    tables,
    topic_in,
)

MOST_WORDS: Final = 12
MOST_TOLD: Final = 10
"""Telling words of a fault: in a longer story the other words (photos, cards, refunds) lead to other pages."""
_KIND_ASKED: Final = {Act.PRICE: "cost", Act.DELIVERY_TIME: "long", Act.SHIPPING_COST: "cost"}
"""The stem for what is asked of a page by words that say little: "how much is that", "how long"."""


def wish_question(utterance: Utterance) -> str:
    """The message without the words for the wares: "manga about jazz" is about jazz. The message where nothing is left."""
    wares = frozenset(tables(utterance.language).get("reading", {}).get("wares", "").split())
    kept = [word for word in utterance.text.split() if word.lower().strip(".,;:!?") not in wares]
    return " ".join(kept)[:LONGEST] or utterance.text[:LONGEST]


class Searched(Struct, frozen=True, kw_only=True):
    """The fields of a ``Meaning`` of the same names; ``places`` are pairs of a country's code and how it was said."""

    store_question: str
    aspects: tuple[OrderAspect, ...]
    places: tuple[tuple[str, str], ...]
    question: str
    describes: tuple[str, ...]
    wants_page: str
    is_follow_up: bool


def searched_for(
    hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...], wishes: tuple[Wish, ...], store: StoreFacts
) -> Searched:
    """What is searched: a question of the store's own words where the message asks one, else the message made self-contained."""
    key = store_question(hearing) or key_of_wait(hearing, acts)
    aspects = aspects_meant(hearing, acts)
    language = hearing.utterance.language
    asked = store.worded(questions_of_store(language).get(key, ""))
    found_first = bool(aspects) and aspects[0] == "elsewhere" and acts[0] in PROBLEMS | {Act.RETURN, Act.RETURN_WINDOW}
    if not asked and aspects and not found_first:
        asked = questions_of_orders(language).get(aspects[0], "")
    far = is_far(hearing) and acts == (Act.POLICY,)
    follows_page = not key and not far and _follows_page(hearing, acts)
    is_follow_up = not far and (follows_page or _is_follow_up(hearing, targets, wishes))
    places = _places(hearing, acts)
    carried = places if not hearing.mentions("country") else ()
    own = (*_stems(asked), *(hearing.utterance.stems if aspects else ()))
    return Searched(
        store_question=key,
        aspects=aspects,
        places=places,
        question=(
            asked
            or _of_places(hearing, acts, places, carried=bool(carried))
            or (_of_page(hearing, acts) if follows_page else "")
            or _of_itself(hearing, acts, targets, wishes, store.wares.many, is_complete=not is_follow_up)
            if hearing.utterance.text.strip()
            else hearing.state.question  # nothing said asks nothing new
        ),
        describes=own if asked else _words_of(hearing, carried, follows_page=follows_page),
        wants_page=hearing.state.page if follows_page and not carried and acts[0] is not Act.MEMBERSHIP else "",
        is_follow_up=is_follow_up,
    )


def _of_places(hearing: Hearing, acts: tuple[Act, ...], places: tuple[tuple[str, str], ...], *, carried: bool) -> str:
    """What the pages are asked of shipping to the countries that are talked of; else nothing."""
    is_asked = carried or acts[0] in (Act.DELIVERY_TIME, Act.SHIPPING_COST)
    return place_question(acts[0], tuple(said for _, said in places)) if places and is_asked else ""


def _of_page(hearing: Hearing, acts: tuple[Act, ...]) -> str:
    """What goes on about the page that was told last, with its topic; nothing where a special case has a rule of its own."""
    if acts[0] is Act.MEMBERSHIP and hearing.last is Act.MEMBERSHIP:
        return f"{OF_MEMBERSHIP}: {hearing.utterance.text}"
    return "" if case_meant(hearing, acts) else page_question(hearing.utterance.text, hearing.state)


def _words_of(hearing: Hearing, carried: tuple[tuple[str, str], ...], *, follows_page: bool) -> tuple[str, ...]:
    """The telling words: the message's own, and those that it leaves to what was talked of."""
    utterance = hearing.utterance
    kinds = (_KIND_ASKED[one.act] for one in hearing.ruled if one.act in _KIND_ASKED)
    before = (*_asked_before(hearing), *kinds) if follows_page else ()
    return (*utterance.stems, *stems_of_names((said for _, said in carried), utterance.language), *before)


def _of_itself(
    hearing: Hearing,
    acts: tuple[Act, ...],
    targets: tuple[Target, ...],
    wishes: tuple[Wish, ...],
    wares: str,
    *,
    is_complete: bool,
) -> str:
    """A short question of the store's ways goes on about the order, return or offer that was talked of."""
    if acts[:2] == (Act.POLICY, Act.CODE):
        return TWO_CODES
    if case := case_meant(hearing, acts):
        return f"{question_of_case(case)}: {hearing.utterance.text.strip()}"[:LONGEST]
    named = topic_in(hearing.utterance.folded, hearing.utterance.language)
    if named and acts == (Act.POLICY,) and not hearing.ruled and is_complete:
        return f"{named}: {hearing.utterance.text.strip()}"[:LONGEST]
    topic = topic_asked(hearing, acts)
    if topic is not None:
        told_at_length = topic in FAULTS and len(hearing.utterance.stems) > MOST_TOLD
        return in_context("" if told_at_length else hearing.utterance.text, topic)
    return question_of(hearing.utterance.text, acts, targets, wishes, wares, is_complete=is_complete)


def _follows_page(hearing: Hearing, acts: tuple[Act, ...]) -> bool:
    """Whether it goes on about the help page that was told last."""
    state, utterance = hearing.state, hearing.utterance
    was_page = any(act in OF_PAGES for act in state.acts)
    implied = all(one.act is not acts[0] for one in hearing.own)
    leans = utterance.is_fragment or implied or (bool(utterance.pointers) and not hearing.resolved.targets)
    told = bool(state.page or state.question)
    return told and was_page and acts[0] in OF_PAGES and leans and not utterance.targets


def _places(hearing: Hearing, acts: tuple[Act, ...]) -> tuple[tuple[str, str], ...]:
    """Countries that are named, by code and as each was said last ("Lyon, France"); else those talked of, for what is asked about
    shipping there."""
    named = tuple((m.value, m.said) for m in hearing.utterance.mentions if m.kind == "country")
    asks_on = acts[0] in ABROAD and any(act in OF_PAGES for act in hearing.state.acts) and not is_far(hearing)
    return tuple(dict(named).items()) or (hearing.state.places if asks_on else ())


def _asked_before(hearing: Hearing) -> tuple[str, ...]:
    """The telling words of the question that a word or two go on from: "to hawaii?" after "how long does shipping take"."""
    if len(hearing.utterance.stems) > FEW or hearing.utterance.after:
        return ()
    read = analyse(hearing.state.question)
    stop = language_named(read.language).stop
    return tuple(token.stem for token in read.tokens if token.text not in stop and token.text[0].isalnum())[:MOST_WORDS]


def _stems(question: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token.stem for token in analyse(question).tokens if token.text[0].isalnum()))


def stems_of_names(names: Iterable[str], language: str) -> tuple[str, ...]:
    """The stems of every word of ``names``."""
    return tuple(stem(word, language) for name in names for word in name.lower().split())


def _is_follow_up(hearing: Hearing, targets: tuple[Target, ...], wishes: tuple[Wish, ...]) -> bool:
    implied = bool(targets) and not hearing.resolved.targets
    carried = bool(wishes) and not hearing.state.wish.is_empty and wishes[0] != hearing.said
    return hearing.utterance.is_fragment or hearing.resolved.by_dialogue or implied or carried
