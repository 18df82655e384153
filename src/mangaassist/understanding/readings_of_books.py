"""Readings of messages that go on about a book, its editions and its volumes, or a sum of them (T-4)."""

from typing import Final

from mangaassist.domain.acts import MOVES, Act
from mangaassist.domain.products import Format
from mangaassist.understanding.hearing import OF_BOOKS, OF_ORDERS, OF_SHELF, Hearing
from mangaassist.understanding.lexicon import tastes
from mangaassist.understanding.readings import BOUND, DOUBTFUL, UNSURE, Reading, is_open

_KEPT_FOR_EDITIONS: Final = frozenset(
    {Act.PRICE, Act.STOCK, Act.ADD_TO_CART, Act.TOTAL, Act.OFFER_ON, Act.PAGES, Act.ISBN, Act.RESTOCK, Act.CHEAPEST}
)
_ASKED_ONCE: Final = frozenset(
    {Act.WHY, Act.COMPARE, Act.SET_OR_SINGLES, Act.ADD_TO_CART, Act.REMOVE_FROM_CART, Act.SELECT}
)
"""Acts that another series named after them does not repeat: "what about Naruto" after these asks what there is of it."""


def sums_up(h: Hearing) -> Reading:
    """ "Plus vol 6", "minus the first two, i have those", "with shipping": the sum so far, worked out anew."""
    utterance, was_sum = h.utterance, h.last_of(_SUMMED | _WEIGHED) is not None
    stray = {Act.FIND} if utterance.takes_off and _names_books(h) else set[Act]()
    otherwise = any(one.act not in _SUMMED | {Act.SHIPPING_COST, Act.CARRIES} | stray for one in h.ruled)
    if otherwise or h.points("cart") or (h.state.orders[:1] and h.last in OF_ORDERS):
        return ()
    if utterance.with_shipping and (h.resolved.targets or (was_sum and h.state.targets)):
        return (Act.TOTAL,)
    changes = (utterance.adds and _names_books(h)) or (utterance.takes_off and (_names_books(h) or h.points("place")))
    return (Act.TOTAL,) if was_sum and h.state.targets and changes else ()


def compares_set_and_singles(h: Hearing) -> Reading:
    """ "So which is cheaper" after a box of a series was held against its volumes."""
    books = (*h.state.targets, *h.state.talked_of)
    one_series = len({one.series_id for one in books}) == 1 and len(books) > 1
    both = any(one.format in BOUND for one in books) and any(one.format not in BOUND for one in books)
    cheaper = h.utterance.limits.comparative == "cheaper" or h.utterance.limits.ordering == "cheapest"
    asks = (cheaper or h.points("among")) and not h.utterance.targets
    return (Act.SET_OR_SINGLES,) if one_series and both and asks else ()


def measures_several(h: Hearing) -> Reading:
    """ "Which is funnier", "is it like haikyu", "which would you pick": what is named or was talked of is measured by an aspect."""
    if not h.utterance.measures or h.said.reader is not None:
        return ()
    if h.held_against_shown:
        return (Act.COMPARE,)
    named = {one.series_id for one in h.utterance.targets} | set(h.said.like)
    before = {one.series_id for one in (*h.resolved.targets, *h.state.targets)}
    among = h.points("among", "both", "they") or h.utterance.is_question
    if len(named) > 1 and h.utterance.targets:  # what one likes and another likes is held against nothing
        return (Act.COMPARE,)
    if len(named) == 1 and before - named and (h.of_one_book or h.last is Act.CARRIES) and h.utterance.is_question:
        return (Act.COMPARE,)
    several = len(before) > 1 or len(h.state.shown) > 1
    sought = h.said.wanted or h.utterance.targets or h.said.like
    return (Act.COMPARE,) if several and among and not (sought and named) and _asks_which(h) else ()


def _asks_which(h: Hearing) -> bool:
    """ "Something funnier" looks for another one; "which is funnier" asks of those that are there."""
    return h.points("among") or h.utterance.aspect_which


def measures_named(h: Hearing) -> Reading:
    """ "Is parasyte shorter than monster": two that are named are held against each other, nothing else is looked for."""
    named = {one.series_id for one in h.utterance.targets}
    return (Act.COMPARE,) if len(named) > 1 and h.utterance.limits.comparative and not h.ruled else ()


def leaves_out(h: Hearing) -> Reading:
    """ "Not 5, 6" after volumes 4 to 7: what the others come to."""
    several = [one for one in h.state.targets if one.volume is not None]
    taken = h.utterance.takes_off and h.utterance.volumes and not h.utterance.targets
    return (Act.TOTAL,) if taken and len(several) > 1 and not h.ruled else ()


def goes_on_with_several(h: Hearing) -> Reading:
    """ "I read up to 12, get me the next 3": those, and what they come to."""
    return (Act.TOTAL,) if next_few(h) else ()


def next_few(h: Hearing) -> tuple[int, ...]:
    """The numbers of the volumes that follow the one that is read or owned, where several are asked for; else none."""
    few = h.utterance.limits.next_few
    volumes = [one.volume for one in h.utterance.targets if one.volume] or list(h.utterance.volumes)
    before = [one.volume for one in h.state.targets if one.volume and not h.utterance.targets]
    if not few or not (volumes or before):
        return ()
    told_next = not volumes and Act.NEXT_VOLUME in h.state.acts  # "next is volume 13": it is the first of them
    last = max(volumes or before) - told_next
    return tuple(range(last + 1, last + few + 1))


def goes_on_reading(h: Hearing) -> Reading:
    """ "Next one" after talk of one volume is the volume after it, not another series."""
    one = h.state.targets[0] if len(h.state.targets) == 1 else None
    if one is None or one.volume is None or h.in_shelf_talk or not h.points("next_volume", "previous_volume"):
        return ()
    return (h.resolved.act or h.last_of(_OF_VOLUMES) or Act.STOCK,) if not h.ruled else ()


_OF_VOLUMES: Final = frozenset({Act.PRICE, Act.STOCK, Act.PAGES, Act.ISBN, Act.NEXT_VOLUME, Act.ADD_TO_CART})


def cheaper_edition(h: Hearing) -> Reading:
    """ "Any cheaper one" after talk of a box set or a deluxe edition: which other editions there are."""
    kinds = {one.format for one in h.state.targets} & _DEAR_EDITIONS
    bare = not (h.said.wanted or h.said.like or h.utterance.targets or h.utterance.words)
    one_series = len({one.series_id for one in h.state.targets}) == 1
    asks = h.utterance.limits.comparative == "cheaper" and h.of_one_book | (h.last is Act.CARRIES)
    if not (one_series and bare and asks) or h.ruled:
        return ()
    if kinds:
        return (Act.EDITION,)
    return (Act.SET_OR_SINGLES,) if h.last in _OF_ALL_EDITIONS else ()


_OF_ALL_EDITIONS: Final = frozenset({Act.EDITION, Act.SET_OR_SINGLES, Act.TOTAL})
"""After these of one series "cheaper?" asks for a cheaper way to own it, and for no other series."""


_DEAR_EDITIONS: Final = frozenset({Format.OMNIBUS, Format.BOX_SET, Format.HARDCOVER})


def _names_books(h: Hearing) -> bool:
    return bool(h.utterance.targets or h.utterance.volumes)


_SUMMED: Final = frozenset({Act.TOTAL, Act.PRICE})
_WEIGHED: Final = frozenset({Act.SET_OR_SINGLES, Act.EDITION, Act.VOLUMES})


def asks_open_place(h: Hearing) -> Reading:
    """ "And the last one", "the next one?": which volume that is, and what was asked of the one before."""
    newest = h.utterance.limits.ordering == "newest" and h.of_one_book and not h.said.wanted
    placed = Act.LATEST if newest else h.resolved.act
    if placed is None or not is_open(h):
        return ()
    carried = h.last_of(frozenset({Act.PRICE, Act.STOCK, Act.ADD_TO_CART}))
    return (placed, carried) if carried else (placed,)


def names_edition(h: Hearing) -> Reading:
    """ "Hardcover?" after a book; after a list it narrows the list."""
    if not (h.utterance.formats and h.resolved.targets and is_open(h)) or h.utterance.targets or h.in_shelf_talk:
        return ()
    if h.last is Act.OFFERS:
        return (Act.OFFERS,)
    if h.utterance.formats == (Format.PAPERBACK,) and any(one.format in BOUND for one in h.state.targets):
        return (Act.SET_OR_SINGLES,)
    return (h.last_of(_KEPT_FOR_EDITIONS) or Act.EDITION,)


_OF_PREMISE: Final = {"price": Act.PRICE, "cancelled": Act.FINISHED}


def believes(h: Hearing) -> Reading:
    """ "You said naruto is free today": what it costs. "Since they cancelled it": how it stands."""
    act = _OF_PREMISE.get(h.utterance.premise)
    return (act,) if act and h.resolved.targets and not h.ruled else ()


def asks_the_unknown(h: Hearing) -> Reading:
    """ "Will it come wrapped" after talk of a book: a whole question with words of its own is no repeated one (M-2)."""
    whole = h.utterance.is_question and bool(h.utterance.stems)
    elsewhere = h.utterance.targets or h.utterance.volumes or h.utterance.formats or h.wishes or h.mentions("person")
    of_it = len(h.resolved.targets) == 1 and h.points("it") and not h.points("place", "other")
    of_book = h.of_one_book or h.last is Act.CARRIES or h.in_shelf_talk
    return (Act.DETAIL,) if whole and of_it and of_book and not elsewhere and is_open(h) else ()


def corrects_title(h: Hearing) -> Reading:
    """ "Sorry, i meant solanin": what was asked last, of the title that was meant."""
    if not (h.utterance.corrects and h.utterance.targets) or any(
        one.act not in _BESIDE_A_CORRECTION for one in h.ruled
    ):
        return ()
    asked = h.last_of(OF_BOOKS | {Act.SIMILAR, Act.OFFER_ON, Act.CARRIES, Act.LATEST} - _NOT_CARRIED - {Act.DETAIL})
    return (asked or Act.CARRIES,)


_BESIDE_A_CORRECTION: Final = frozenset({Act.APOLOGY, Act.REJECT, Act.MEANT, Act.CARRIES, Act.ABOUT})


def carries_on(h: Hearing) -> Reading:
    """ "And 4?", "what about Naruto?": the same question of something else."""
    if not (h.resolved.targets and is_open(h)) or (h.utterance.formats and h.in_shelf_talk and not h.utterance.volumes):
        return ()
    if h.moves(Act.REFINE) and not h.utterance.volumes:
        return ()
    if h.utterance.targets and h.last in (Act.OFFERS, Act.CODE):
        return (Act.CODE if h.state.codes and h.last is Act.CODE else Act.OFFER_ON,)
    if h.utterance.targets and not h.utterance.volumes and h.last in (_ASKED_ONCE | OF_SHELF) - {Act.SIMILAR}:
        return (Act.CARRIES,)
    carried = h.last_of(OF_BOOKS | {Act.SIMILAR, Act.OFFER_ON, Act.CARRIES, Act.LATEST} - _NOT_CARRIED)
    if h.points("place", "other") and h.utterance.volumes and h.in_shelf_talk:
        return (Act.CARRIES,)
    if _is_run_of_volumes(h) and carried in _OF_SERIES_AS_A_WHOLE:
        return (Act.CARRIES,)
    if h.moves(Act.SELECT) or h.points("place", "other"):
        return (carried if carried and carried in OF_BOOKS and not h.in_shelf_talk else Act.ABOUT,)
    if carried is None and h.resolved.is_list:
        return (Act.COMPARE,) if _asks_to_weigh(h) else (h.last_of(OF_SHELF) or Act.UNSURE,)
    volume_asked = carried in _OF_SERIES_AS_A_WHOLE and any(
        one.volume is not None and one.format not in BOUND for one in h.resolved.targets
    )
    return (Act.CARRIES,) if carried is None or volume_asked else (carried,)


def _asks_to_weigh(h: Hearing) -> bool:
    """A list is held against itself where that is asked; "and 3 of them" wants no table."""
    return bool(h.utterance.limits.comparative)


def _is_run_of_volumes(h: Hearing) -> bool:
    """ "The first three" of a series."""
    targets = h.resolved.targets
    return len(targets) > 1 and len({one.series_id for one in targets}) == 1 and all(one.volume for one in targets)


_NOT_CARRIED: Final = frozenset({Act.WHY, Act.SELECT})
_OF_SERIES_AS_A_WHOLE: Final = frozenset(
    {
        Act.EDITION,
        Act.SET_OR_SINGLES,
        Act.VOLUMES,
        Act.FINISHED,
        Act.AUTHOR,
        Act.START,
        Act.READING_ORDER,
        Act.ADAPTATION,
        Act.LATEST,
        Act.GENRE,
    }
)
"""Questions that make no sense of one volume: "vol 3?" after them wants the book."""


def keeps_adding(h: Hearing) -> Reading:
    """ "2 copies", "the same twice" after something was put into the cart."""
    adds = h.last is Act.ADD_TO_CART and bool(h.state.targets) and not h.ruled
    unsure = not h.own or h.own[0].confidence < UNSURE
    return (Act.ADD_TO_CART,) if adds and unsure and h.utterance.stems and not h.wishes and not h.moves(*MOVES) else ()


def for_a_reader(h: Hearing) -> Reading:
    """ "My brother is 13, ok for him?" after talk of one book asks whether it suits."""
    suits = h.said.reader is not None and h.of_one_book and bool(h.state.targets)
    return (Act.AGE_FIT,) if suits and is_open(h) and not (h.said.wanted or h.said.unwanted) else ()


def asks_content(h: Hearing) -> Reading:
    """ "Gory?", "does it have zombies" after talk of one book asks it of that book; "sad too?" after a list narrows the list."""
    labels = h.said.wanted
    turns = h.utterance.limits.comparative or h.moves(Act.REFINE)
    fits = labels and not turns and all(label.kind in ("mood", "theme", "genre") for label in labels)
    about = h.last in _OF_ITS_CONTENT or h.utterance.is_question
    of_book = h.of_one_book and len(h.state.targets) == 1 and not h.utterance.targets
    itself = h.utterance.is_question and h.points("it") and not h.points("other", "place")
    sought = all(one.act in OF_SHELF for one in h.ruled)
    if fits and itself and sought and not h.utterance.targets and len(h.resolved.targets) == 1:
        return (Act.CONTENT,)
    return (Act.CONTENT,) if fits and about and of_book and not h.ruled and h.utterance.is_fragment else ()


def asks_for_notes(h: Hearing) -> Reading:
    """ "Any animal deaths?", "any gore" after talk of one book is asked of it: nobody looks for a shelf of that."""
    labels = h.said.wanted
    are_notes = labels and all(
        label.kind == "mood" and label.value in tastes() and tastes()[label.value].level for label in labels
    )
    alone = (
        h.utterance.is_fragment
        and not h.utterance.pointers
        and not h.utterance.targets
        and not h.utterance.limits.comparative
    )
    of_book = h.of_one_book and len(h.state.targets) == 1
    return (Act.CONTENT,) if are_notes and alone and of_book and {one.act for one in h.ruled} <= _LOOKS else ()


_LOOKS: Final = frozenset({Act.FIND, Act.RECOMMEND, Act.CARRIES, Act.CONTENT})
_OF_ITS_CONTENT: Final = frozenset({Act.CONTENT, Act.ABOUT, Act.REVIEWS, Act.WORTH_IT, Act.GENRE, Act.AGE_FIT})


def wants_finished(h: Hearing) -> Reading:
    """ "Finished?" after talk of one series is a question about it; after a list it narrows the list."""
    only = h.utterance.limits.finished is not None and not (h.said.wanted or h.said.unwanted)
    return (Act.FINISHED,) if only and h.of_one_book and h.utterance.is_fragment and h.state.targets else ()


def same_question(h: Hearing) -> Reading:
    """ "Any bad ones?" after the reviews: a fragment of which a model makes nothing asks the same again."""
    doubtful = not h.own or h.own[0].confidence < DOUBTFUL
    asked = h.last_of(OF_BOOKS)
    return (asked,) if asked and h.utterance.is_fragment and doubtful and h.of_one_book and h.utterance.words else ()


def is_said_of_reader(h: Hearing) -> bool:
    """ "My niece is 10", and nothing that is wished."""
    reader = h.said.reader
    return reader is not None and reader.age is not None and not (h.said.wanted or h.said.like or h.utterance.words)
