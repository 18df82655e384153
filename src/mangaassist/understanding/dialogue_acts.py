"""What is asked, once the dialogue is known: fragments and moves carry on what was talked of before (T-4, T-10).

A table of readings, of which the first that fits counts. Each sees typed values only: what the message names and points at,
what it asks by itself, and what the conversation was about. Its order is from what leaves no doubt to what is left:
first a "yes" to what was offered, then what several things are measured by, moves on a list ("not that one", "the cheapest"),
what a rule heard in the message's own words, what it names (a code, an order, a country), what it goes on about (an offer, an
order, a page), and last a book or a wish that a fragment may add to. What is then still open is a model's guess, and a guess at
a question about a book counts as far as it explains the question's words (``coverage.py``).
"""

from collections.abc import Iterable
from typing import Final

from mangaassist.domain.acts import MOVES, Act
from mangaassist.domain.meaning import HeardAct
from mangaassist.understanding.act_conditions import with_clauses
from mangaassist.understanding.asked_itself import asks_itself
from mangaassist.understanding.coverage import is_doubtful
from mangaassist.understanding.hearing import (
    FAULTS,
    OF_BOOKS,
    OF_CART,
    OF_ORDERS,
    OF_PAGES,
    OF_SHELF,
    VERDICTS,
    Hearing,
    agrees,
)
from mangaassist.understanding.readings import DOUBTFUL, OF_OFFERS, SENT_BACK, SURELY, Reading, Row
from mangaassist.understanding.readings_of_books import (
    asks_content,
    asks_for_notes,
    asks_open_place,
    asks_the_unknown,
    believes,
    carries_on,
    cheaper_edition,
    compares_set_and_singles,
    corrects_title,
    for_a_reader,
    goes_on_reading,
    goes_on_with_several,
    is_said_of_reader,
    keeps_adding,
    leaves_out,
    measures_named,
    measures_several,
    names_edition,
    same_question,
    sums_up,
    wants_finished,
)
from mangaassist.understanding.readings_of_cart import (
    cheaper_cart,
    fills_cart,
    offers_on_cart,
    pays_then,
    sets_number,
    supposes_of_cart,
    takes_one_twice,
)
from mangaassist.understanding.readings_of_claims import asks_whether_so
from mangaassist.understanding.readings_of_lists import (
    adds_to_list,
    agrees_to_guesses,
    agrees_to_nothing,
    asks_among_shown,
    asks_for_kind,
    bounds_list,
    chooses,
    declines,
    drops,
    knows_already,
    lets_in,
    names_age,
    refines,
    rejects,
    was_asked,
)
from mangaassist.understanding.readings_of_makers import asks_for_maker, goes_back, which_is_older
from mangaassist.understanding.readings_of_orders import (
    adds_beside_order,
    asks_about_offer,
    asks_aspect,
    asks_for_day,
    asks_of_code,
    chooses_order,
    drops_matter,
    goes_on_with_change,
    keeps_fault,
    lists_kind,
    names_code,
    names_order,
    of_order_in_focus,
    same_offer,
    still_of_offers,
    still_of_orders,
    tells_case,
)
from mangaassist.understanding.readings_of_pages import (
    as_topical,
    asks_how_sent,
    asks_of_store,
    goes_on_about_page,
    names_country,
    names_far_place,
    names_goods,
    reads_backwards,
)
from mangaassist.understanding.readings_of_sums import (
    buys_at_a_time,
    buys_for,
    costs_more_in_full,
    sets_or_singles,
    shares_sum,
)
from mangaassist.understanding.readings_of_talk import another_joke, presses_on
from mangaassist.understanding.readings_of_untold import asks_what_nobody_tells
from mangaassist.understanding.tallies import tallies_orders
from mangaassist.understanding.vocabulary import topic_in

MOST_ACTS: Final = 4
NOT_UNDERSTOOD: Final = HeardAct(Act.POLICY, 0.0, "rules")
"""Nothing was heard and no model could be asked: the knowledge base is (M-11)."""


_OF_A_SUM: Final = frozenset({Act.TOTAL, Act.PRICE, Act.SET_OR_SINGLES})
"""What "dark fantasy under $100 for all of it" sounds like: a limit of a kind is no question what something costs."""


def _accepts(h: Hearing) -> Reading:
    proposal = h.state.proposal
    if proposal is None:
        return ()
    return (proposal.act,) if agrees(h) else ()


def _model_says(h: Hearing) -> Reading:
    return tuple(dict.fromkeys(as_topical(_as_guessed(heard.act, h), h) for heard in h.own))


def _as_guessed(act: Act, h: Hearing) -> Act:
    """What a model takes a message for, as far as what is named or talked of leaves it possible."""
    named = [one for one in h.utterance.targets if one.series_id]
    if act in _OF_WHAT_IS_NEW and h.said.year.most is not None:
        return Act.FIND  # "sports but nothing new"
    if act in VERDICTS and h.wishes_for_books and h.utterance.limits.ordering is None:
        return Act.FIND  # "max 8 dollars each, funny" bounds a wish and asks for no extreme
    if act in (Act.CARRIES, Act.FIND) and named and not h.said.like:
        return Act.EDITION if any(one.format and one.volume is None for one in named) else Act.CARRIES
    if act in OF_SHELF and any(one.volume for one in named) and not (h.said.like or h.said.reader):
        return Act.CARRIES
    if act in OF_ORDERS and named and not _is_of_orders(h) and _is_doubted(act, h):
        if any(one.volume for one in named):
            return Act.LATEST
        return Act.FINISHED if act in (Act.ARRIVAL, Act.TRACK) else Act.ABOUT
    if act is Act.CART_TOTAL and h.resolved.targets and not h.points("cart"):
        return Act.TOTAL
    talked = h.last in OF_BOOKS | {Act.CARRIES} and bool(h.state.targets)
    if act in OF_ORDERS and talked and not h.utterance.stems:
        return Act.RESTOCK
    kind = h.said.wanted or h.said.finished is not None
    if act in _OF_A_SUM and kind and not (h.resolved.targets or h.said.price.is_open):
        return Act.FIND
    if act in OF_BOOKS and _talks_of_no_book(h, act):
        return Act.POLICY
    if act in (Act.GIFT, Act.RECOMMEND) and talked and len(h.state.targets) == 1 and is_said_of_reader(h):
        return Act.AGE_FIT
    return act


_OF_WHAT_IS_NEW: Final = frozenset({Act.NEW_RELEASES, Act.PREORDERS, Act.UPCOMING})


def _talks_of_no_book(h: Hearing, act: Act) -> bool:
    """ "What do i do first", "whats 17x23": nothing is named or pointed at, and no book is talked of: the pages may know."""
    leans = h.utterance.pointers or h.utterance.words or h.utterance.volumes or h.utterance.formats
    before = h.of_one_book or h.in_shelf_talk or h.state.shown
    return bool(h.utterance.stems or act is Act.START) and h.names_no_thing and not leans and not before and not h.ruled


def _is_of_orders(h: Hearing) -> bool:
    return bool(h.state.orders or h.mentions("order") or h.points("last_order") or h.last_of(OF_ORDERS))


def _is_doubted(act: Act, h: Hearing) -> bool:
    least = SURELY if act in (Act.ARRIVAL, Act.TRACK) else DOUBTFUL
    return any(one.act is act and one.stage == "model" and one.confidence < least for one in h.own)


def _says_nothing(h: Hearing) -> Reading:
    """ "Lol", "hm hm" after an answer is heard; out of the blue nobody knows what it wants."""
    if not h.names_nothing or h.utterance.stems or h.utterance.pointers:
        return ()
    return (Act.OKAY,) if h.state.acts and not h.utterance.is_question else (Act.WORDLESS,)


def _moves_nowhere(h: Hearing) -> Reading:
    """ "The second one" where nothing was shown."""
    return (Act.UNSURE,) if h.moves(*MOVES) else ()


_DIALOGUE: Final[tuple[Row, ...]] = (
    _accepts,
    corrects_title,
    agrees_to_guesses,
    reads_backwards,
    another_joke,
    presses_on,
    drops_matter,
    goes_on_with_change,
    adds_beside_order,
    tallies_orders,
    tells_case,
    keeps_fault,
    asks_of_code,
    asks_aspect,
    asks_for_day,
    names_far_place,
    asks_how_sent,
    asks_of_store,
    asks_whether_so,
    buys_for,
    shares_sum,
    buys_at_a_time,
    sets_or_singles,
    costs_more_in_full,
    supposes_of_cart,
    offers_on_cart,
    fills_cart,
    cheaper_cart,
    sets_number,
    takes_one_twice,
    pays_then,
    chooses_order,
    goes_on_with_several,
    compares_set_and_singles,
    measures_several,
    lists_kind,
    sums_up,
    goes_back,
    measures_named,
    which_is_older,
    leaves_out,
    goes_on_reading,
    cheaper_edition,
    declines,
    drops,
    rejects,
    chooses,
    asks_for_notes,
    asks_among_shown,
    asks_for_maker,
    lets_in,
    names_age,
    adds_to_list,
    bounds_list,
    asks_content,
    asks_what_nobody_tells,
    asks_itself,
    agrees_to_nothing,
    names_code,
    names_order,
    names_country,
    names_goods,
    asks_about_offer,
    same_offer,
    asks_for_kind,
    of_order_in_focus,
    still_of_orders,
    still_of_offers,
    goes_on_about_page,
    asks_open_place,
    asks_the_unknown,
    names_edition,
    knows_already,
    for_a_reader,
    believes,
    carries_on,
    keeps_adding,
    wants_finished,
    refines,
    was_asked,
)
_LAST_RESORT: Final[tuple[Row, ...]] = (same_question, _model_says, _says_nothing, _moves_nowhere)


def settled_by_dialogue(hearing: Hearing) -> tuple[HeardAct, ...]:
    """The acts, where rules and dialogue decide them; empty where a model has to be asked."""
    acts = next((acts for row in _DIALOGUE if (acts := row(hearing))), ())
    heard = _as_heard(acts, hearing)
    return () if heard and _is_doubtful(heard, hearing) else heard


def acts_of(hearing: Hearing) -> tuple[HeardAct, ...]:
    """The acts, the most important first; never empty, never a move."""
    acts = next((acts for row in (*_DIALOGUE, *_LAST_RESORT) if (acts := row(hearing))), ())
    return _as_far_as_explained(_as_heard(acts, hearing) or (NOT_UNDERSTOOD,), hearing)


def _as_far_as_explained(heard: tuple[HeardAct, ...], hearing: Hearing) -> tuple[HeardAct, ...]:
    """A question of which the guessed act leaves telling words over is one that no act asks: nothing else is told instead."""
    if not _is_doubtful(heard, hearing):
        return heard
    unknown = HeardAct(Act.DETAIL, heard[0].confidence, "dialogue")
    by_rule = heard[0].stage == "rules" and hearing.utterance.joins and heard[0].act in _FACTS
    return (heard[0], unknown) if by_rule else (unknown,)


_FACTS: Final = frozenset({Act.AUTHOR, Act.VOLUMES, Act.FINISHED, Act.PRICE, Act.STOCK, Act.PAGES, Act.YEAR, Act.ABOUT})
"""What a rule hears beside another question that no act asks: "who wrote it, and must i know the other one first"."""


def _is_doubtful(heard: tuple[HeardAct, ...], hearing: Hearing) -> bool:
    named = bool(hearing.utterance.targets or hearing.resolved.targets)
    return is_doubtful(heard, hearing.utterance, names_book=named)


def _asks_of_no_book(acts: Reading, h: Hearing) -> bool:
    """ "What is the scariest thing you got" where no book is named, shown or talked of looks for one."""
    there = h.resolved.targets or h.utterance.targets or h.state.targets or h.state.shown
    return bool(acts) and not there and bool(h.said.wanted) and all(act in _OF_SOME_BOOK for act in acts)


_OF_SOME_BOOK: Final = frozenset({Act.CONTENT, Act.COMPARE, Act.ABOUT, Act.GENRE, Act.WORTH_IT, Act.REVIEWS})
_LISTS: Final = frozenset({Act.FIND, Act.RECOMMEND, Act.SIMILAR, Act.GIFT})
"""Acts that the same list answers: whichever was heard first."""


def _talked_elsewhere(acts: Reading, h: Hearing) -> Reading:
    """ "Gift wrap both", "expedited?" while something else than shelves is talked of: words alone are no wish for books."""
    described = h.wishes or h.said.reader is not None or h.utterance.targets or not h.utterance.words
    ruled = any(one.act in OF_SHELF for one in h.ruled)
    if not acts or acts[0] not in _LISTS or described or ruled or h.in_shelf_talk or h.state.asked_for:
        return acts
    if topic_in(h.utterance.folded, h.utterance.language) or h.last in OF_PAGES | SENT_BACK:
        return (Act.POLICY,)
    last = h.last_of(OF_ORDERS | OF_OFFERS)
    return (last,) if last else (Act.UNSURE,) if h.last in OF_CART else acts


def _one_list(acts: Iterable[Act]) -> tuple[Act, ...]:
    told = tuple(acts)
    first = next((act for act in told if act in _LISTS), None)
    idle = {Act.CARRIES} if Act.TOTAL in told else set[Act]()  # a sum says what is there
    return tuple(act for act in told if act not in idle and (act not in _LISTS or act is first))


def _fault_first(acts: tuple[Act, ...], h: Hearing) -> tuple[Act, ...]:
    """What came broken or wrong is the matter, whatever shall become of it: "throw it out" takes nothing out of a cart then."""
    if not FAULTS & set(acts):
        return acts
    kept = (act for act in acts if h.has_cart or act is not Act.REMOVE_FROM_CART)
    return tuple(sorted(kept, key=lambda act: act not in FAULTS and act in SENT_BACK))


def _as_heard(acts: Reading, hearing: Hearing) -> tuple[HeardAct, ...]:
    """With the confidence of whoever heard them. A move that stands for a proposal is what was proposed."""
    heard = {one.act: one for one in hearing.own}
    if _asks_of_no_book(acts, hearing):
        acts = (Act.FIND,)
    if hearing.said.like and not hearing.utterance.targets:  # "is there anything like haikyuu about music"
        asked = {Act.CARRIES} if hearing.points("it", "place", "page") else {Act.CARRIES, *_OF_SOME_BOOK}
        acts = tuple(Act.SIMILAR if act in asked else act for act in acts)
    acts = _talked_elsewhere(acts, hearing)
    distinct = _fault_first(_one_list(dict.fromkeys(act for act in acts if act not in MOVES)), hearing)
    told = tuple(heard.get(act, HeardAct(act, 0.9, "dialogue")) for act in distinct)[:MOST_ACTS]
    if told and hearing.utterance.case == "backwards":
        return told  # who learns that it is no fault exchanges nothing
    return with_clauses(told, hearing.utterance) if told else ()
