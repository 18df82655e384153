"""Readings of messages that go on about a list of books: the next ones, narrowed ones, others of the kind (T-4)."""

from typing import Final

from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.wishes import Wish
from mangaassist.understanding.hearing import (
    OF_CART,
    OF_ORDERS,
    OF_PAGES,
    OF_SHELF,
    VERDICTS,
    Hearing,
    asks_among_cards,
    verdict_of,
)
from mangaassist.understanding.readings import OF_KINDS, Reading, is_open
from mangaassist.understanding.wish_merging import says_something


def agrees_to_nothing(h: Hearing) -> Reading:
    """ "Ok" where nothing was offered: heard, and nothing more; after a question of ours it leaves that open."""
    if not h.moves(Act.YES) or h.ruled or not h.names_nothing:
        return ()
    return (Act.OKAY,) if h.state.acts and not h.state.asked_for else (Act.UNSURE,)


def declines(h: Hearing) -> Reading:
    """ "No" to an offer leaves everything open; "no" to a list wants another one."""
    if not h.moves(Act.NO) or h.ruled or not h.names_nothing:
        return ()
    another = h.state.proposal is None and h.state.shown and h.in_shelf_talk
    return (Act.MORE,) if another else (Act.UNSURE,)


def rejects(h: Hearing) -> Reading:
    """ "Not that one", "already read it": the next ones, with what the message says about them."""
    if h.last in OF_ORDERS | OF_PAGES | OF_CART or (h.utterance.is_question and h.has_cart and not h.in_shelf_talk):
        return ()  # "i just didnt like it" says why it goes back
    if not (h.state.acts or h.state.shown) and any(
        one.kind == "series" and one.role == "named" for one in h.utterance.mentions
    ):
        return ()  # "i can't find it" of the title that a conversation begins with
    return (_shelf_act(h),) if h.moves(Act.REJECT) and not h.ruled else ()


def drops(h: Hearing) -> Reading:
    """ "Take out the violent ones" after a list: what it shall not hold, and nothing of a cart that is not there."""
    says = (h.said.unwanted or h.said.unnamed) and not (h.said.like or h.utterance.targets)
    cart = h.points("cart") or h.has_cart
    of_list = h.in_shelf_talk and bool(h.state.shown) and not h.utterance.is_question
    return (refined_act(h),) if says and of_list and not cart and {one.act for one in h.ruled} <= _DROPS else ()


_DROPS: Final = frozenset({Act.REMOVE_FROM_CART, Act.FIND, Act.COMPLAINT, Act.RECOMMEND, Act.CONTENT})


def _shelf_act(h: Hearing) -> Act:
    """MORE of the same wish, unless the message changes the wish."""
    if h.wishes:
        return h.last_of(OF_SHELF - {Act.MORE, Act.SURPRISE, Act.SIMILAR, Act.BY_SAME_AUTHOR}) or Act.FIND
    return Act.MORE if h.state.shown else Act.RECOMMEND


def asks_among_shown(h: Hearing) -> Reading:
    """ "The cheapest one", "which of them is cheaper": a verdict on what was shown, no new search."""
    return (verdict_of(h),) if asks_among_cards(h) else ()


def chooses(h: Hearing) -> Reading:
    """ "Which would you pick": a verdict on what was shown, with its reason; of the only one whether it is worth it."""
    if not h.points("choice") or h.said.wanted or h.said.like or h.utterance.volumes or h.last in OF_ORDERS:
        return ()
    of = h.utterance.targets or (h.state.targets if len(h.state.targets) > 1 else h.resolved.targets)
    series = {one.series_id for one in of if one.series_id}
    if not series or any(one.act in VERDICTS for one in h.ruled):
        return ()
    return (Act.COMPARE,) if len(series) > 1 else (Act.WORTH_IT,) if h.in_shelf_talk else ()


def asks_for_kind(h: Hearing) -> Reading:
    return (Act.SIMILAR,) if h.points("same_kind") and is_open(h) else ()


def refines(h: Hearing) -> Reading:
    """ "Not scary tho", "under 12 volumes", "finished": the wish so far, narrowed. "Should I worry" after an order narrows none."""
    if h.last in OF_ORDERS and not h.wishes:
        return ()
    wanted = h.wishes or (h.utterance.words and (h.in_shelf_talk or h.state.asked_for)) or h.mentions("person")
    if not (h.moves(Act.REFINE) or (wanted and is_open(h))):
        return ()
    return (refined_act(h),)


def lets_in(h: Hearing) -> Reading:
    """ "Old ones are fine" after a list: the same wish, with what might have been left out."""
    unsure = all(one.act in (Act.UNSURE, Act.FIND) for one in h.ruled)
    return (refined_act(h),) if h.utterance.allows and h.in_shelf_talk and unsure and not h.utterance.targets else ()


def bounds_list(h: Hearing) -> Reading:
    """ "Over 10 volumes is fine" after a list says how its books may be, whatever a model hears in it."""
    said, limits = h.said, h.utterance.limits
    bare = limits.amount is not None and h.utterance.is_fragment and not h.utterance.words
    bounds = (
        bare or not (said.price.is_open and said.volumes.is_open and said.year.is_open) or limits.finished is not None
    )
    of_list = h.in_shelf_talk and bool(h.state.shown) and not (h.utterance.targets or h.utterance.is_question)
    return (refined_act(h),) if bounds and of_list and not h.ruled and not h.utterance.pointers else ()


def adds_to_list(h: Hearing) -> Reading:
    """ "But with a happy ending" after a list asks nothing of its books: it narrows the list."""
    told = bool(h.ruled) and all(one.act is Act.CONTENT for one in h.ruled) and not h.utterance.is_question
    pointed = h.utterance.targets or h.points("it", "they", "among", "choice", "place", "all", "both")
    of_list = h.in_shelf_talk and len(h.state.shown) > 1
    says = h.said.wanted or h.said.unwanted or h.utterance.words
    return (refined_act(h),) if told and of_list and says and not pointed and h.utterance.is_fragment else ()


def names_age(h: Hearing) -> Reading:
    """ "Ok for 13?", "actually it's for a boy 9" after a list wants those of it that suit."""
    of_list = h.in_shelf_talk and len(h.state.shown) > 1 and not h.utterance.targets
    if h.said.reader is None or h.said.reader.age is None or not of_list:
        return ()
    pointers = {pointer.kind for pointer in h.utterance.pointers}
    asks = bool(h.ruled) and all(one.act is Act.AGE_FIT for one in h.ruled) and not pointers
    tells = not h.ruled and pointers == {"it"} and not h.utterance.is_question
    return (refined_act(h),) if asks or tells else ()


def refined_act(h: Hearing) -> Act:
    orders = h.utterance.limits.ordering is not None or bool(h.utterance.limits.comparative)
    kept = h.last_of(
        OF_SHELF
        - (VERDICTS if orders else frozenset[Act]())
        - {Act.MORE, Act.SURPRISE, Act.SIMILAR, Act.BY_SAME_AUTHOR, Act.FROM_PURCHASES, Act.CARRIES}
    )
    if h.last in OF_KINDS and h.said.wanted:
        return Act.OFFERS
    # Why one of a list is on it was asked of the list: "cheaper?" goes on with that.
    compares_book = h.of_one_book and h.last is not Act.WHY and bool(h.utterance.limits.comparative)
    if (h.said.like and not h.said.wanted) or compares_book:
        return Act.SIMILAR
    if h.said.reader is not None and not h.said.reader.is_self and kept is None:
        return Act.GIFT
    return kept or Act.FIND


def knows_already(h: Hearing) -> Reading:
    """ "I've read Naruto" while books are looked for wants others; out of the blue, something like it."""
    known = any(mention.role in ("read", "owned") for mention in h.utterance.mentions)
    doubtful = h.in_shelf_talk and all(one.stage == "model" for one in h.own)
    if h.utterance.experienced and h.in_shelf_talk and not h.ruled:
        changed = says_something(_without_titles(h.said))
        return (_shelf_act(h),) if changed else (Act.MORE,) if h.state.shown else (Act.RECOMMEND,)
    if not known or not (is_open(h) or doubtful):
        return ()
    return (Act.MORE,) if h.in_shelf_talk and h.state.shown else (Act.RECOMMEND,)


def _without_titles(said: Wish) -> Wish:
    return replace(said, unwanted=tuple(one for one in said.unwanted if one.kind != "series"))


def agrees_to_guesses(h: Hearing) -> Reading:
    """ "Yes that one", "is it finished" of several books, of which none was surely meant: which one comes first."""
    recalled = h.state.wish.recalled
    guessed = recalled is not None and recalled.surety == "hardly" and h.in_shelf_talk and len(h.state.shown) > 1
    named = h.utterance.targets or h.points("place", "measured")
    return (Act.FIND,) if guessed and (h.moves(Act.YES) or h.points("it")) and not named else ()


def was_asked(h: Hearing) -> Reading:
    """An answer to what the assistant asked back."""
    if not h.state.asked_for or h.own or not (h.utterance.words or h.resolved.targets):
        return ()
    return (_ANSWERS.get(h.state.asked_for) or h.last or Act.FIND,)


_ANSWERS: Final[dict[str, Act]] = {"taste": Act.RECOMMEND, "reader": Act.GIFT}
