"""What an act needs to be asked at all, and what a message asks whatever a model makes of it: tables over typed values."""

from collections.abc import Callable
from typing import Final

import msgspec

from mangaassist.domain.acts import ACTS, MOVES, Act, counts_as
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct
from mangaassist.understanding.utterance import Utterance

UNSURE: Final = 0.6
"""Under this confidence of the model what the message names counts for more."""

SURE: Final = 0.6
"""From this probability on the intent head is right more often than what a message names (measure_decision.py)."""

_Holds = Callable[[Utterance, bool], bool]


def names_book(utterance: Utterance, has_focus: bool = False) -> bool:
    """A series, volume or product is named or pointed at, or something is in focus."""
    return bool(utterance.targets or utterance.volumes or utterance.pointers or has_focus)


def _has(kind: str) -> _Holds:
    return lambda utterance, _: any(mention.kind == kind for mention in utterance.mentions)


def _sounds_like(intent: Intent) -> _Holds:
    """The model is sure of the intent, whatever is named."""
    return lambda utterance, _: any(one is intent and p >= SURE for one, p in utterance.intents[:1])


def _asks_for_edition(utterance: Utterance, has_focus: bool) -> bool:
    asked = _sounds_like(Intent.PRODUCT_QUESTION)(utterance, has_focus)
    return names_book(utterance, has_focus) or not utterance.formats or asked


def _can_start(utterance: Utterance, has_focus: bool) -> bool:
    return names_book(utterance, has_focus) or not _sounds_like(Intent.RECOMMENDATION)(utterance, has_focus)


def _can_be_like(utterance: Utterance, has_focus: bool) -> bool:
    liked = any(m.role in ("like", "read") or m.kind == "medium" for m in utterance.mentions)
    return liked or names_book(utterance, has_focus)


def _can_have_author(utterance: Utterance, has_focus: bool) -> bool:
    return _has("author")(utterance, has_focus) or bool(utterance.targets) or has_focus


def _names_kind(utterance: Utterance) -> bool:
    return any(m.kind in ("genre", "theme", "demographic", "author", "mood", "medium") for m in utterance.mentions)


def _read_several(utterance: Utterance) -> bool:
    """ "Read Naruto and Bleach, what's next", "loved Monster, what's next": no volume of one of them, but another series."""
    known = {m.value for m in utterance.mentions if m.kind == "series" and m.role in ("read", "like", "owned")}
    return bool(known) and not utterance.volumes and not any(one.volume for one in utterance.targets)


_NEEDS: Final[dict[Act, tuple[_Holds, Act]]] = {
    Act.SHIPS_TO: (_has("country"), Act.POLICY),
    Act.OFFER_ON: (names_book, Act.OFFERS),
    Act.SIMILAR: (_can_be_like, Act.RECOMMEND),
    Act.EDITION: (_asks_for_edition, Act.FIND),
    Act.START: (_can_start, Act.RECOMMEND),
    Act.BY_SAME_AUTHOR: (_can_have_author, Act.FIND),
    Act.SET_OR_SINGLES: (names_book, Act.POLICY),
    Act.COMPARE: (lambda u, focused: names_book(u, focused) or not u.formats, Act.POLICY),
    Act.STOCK: (lambda u, focused: focused or names_book(u) or not _names_kind(u), Act.FIND),
    Act.LATEST: (names_book, Act.NEW_RELEASES),
    Act.NEXT_VOLUME: (lambda u, _: not _read_several(u), Act.RECOMMEND),
    Act.PAGES: (lambda u, focused: names_book(u, focused) or not u.limits.pages, Act.FIND),
    Act.CARRIES: (lambda u, focused: bool(u.targets or u.words or u.formats or focused or not u.mentions), Act.FIND),
}
"""What must be there, and the act that it is where that is missing."""


def as_fits(act: Act, utterance: Utterance, has_focus: bool) -> Act:
    """The act, or the one that it is where what it needs is missing."""
    needs = _NEEDS.get(act)
    return act if needs is None or needs[0](utterance, has_focus) else needs[1]


_OF_STORE: Final = frozenset(
    {*(act for act, row in ACTS.items() if row.topic in ("page", "offer")), Act.CHECKOUT_PROBLEM, Act.RETURN}
)
_OF_ORDERS: Final = frozenset(act for act, row in ACTS.items() if row.topic == "order")
_OF_TALK: Final = frozenset(act for act, row in ACTS.items() if row.topic == "talk")
_OF_SHELF: Final = frozenset({Act.FIND, Act.CARRIES, Act.RECOMMEND, Act.NEW_RELEASES})


def _names_goods(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """ "Do you have figures" looks for no book."""
    return heard.act in _OF_SHELF and _has("goods")(u, has_focus) and not u.targets and not _names_kind(u)


def _is_of_no_order(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """An order is asked about, doubtfully, with a country beside it: whether it ships there."""
    doubtful = heard.confidence < UNSURE and not _has("order")(u, has_focus)
    return heard.act in _OF_ORDERS and doubtful and _has("country")(u, has_focus)


def _names_code(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    return (
        heard.act in _OF_SHELF | _OF_TALK | {Act.POLICY, Act.ABOUT, Act.CHECKOUT_PROBLEM}
        and _has("code")(u, has_focus)
        and not u.targets
    )


def _talks_of_book(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """Whoever names a series is not chatting, hardly asking for a person, and for no goods that are not named."""
    idle = heard.act in _OF_TALK - {Act.HUMAN, Act.CALLBACK, Act.COMPLAINT, Act.FAVOURITE}
    idle = idle or (heard.act is Act.OTHER_GOODS and not _has("goods")(u, has_focus))
    return bool(u.targets) and (idle or (heard.act is Act.HUMAN and heard.confidence < UNSURE))


def _only_names_books(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """ "Pluto", "fma 2", "demon slayer box": whoever names a book and nothing else wants to see it."""
    named = {m.kind for m in u.mentions} <= {"series", "volume", "format", "asin"}
    spoken_of = all(m.role in ("named", "wanted") for m in u.mentions)
    stray = heard.act in (_OF_SHELF - {Act.CARRIES}) | _OF_STORE | {
        Act.MORE,
        Act.SURPRISE,
        Act.CART_TOTAL,
        Act.FROM_PURCHASES,
    }
    otherwise = any(one.act not in _OF_SHELF | MOVES for one in u.acts)
    return stray and not otherwise and bool(u.targets) and named and spoken_of and not (u.words or u.pointers)


def _asks_for_latest(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    last = any(pointer.kind == "last_volume" for pointer in u.pointers)
    return heard.act in _OF_SHELF and last and bool(u.targets or has_focus)


def _asks_for_maker(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    if heard.act is Act.AUTHOR and heard.confidence >= UNSURE:
        return False
    same = any(pointer.kind == "same_author" for pointer in u.pointers)
    return same and heard.act in _OF_SHELF | {Act.SIMILAR, Act.POLICY, Act.AUTHOR, Act.ABOUT}


def _only_limits(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """ "Under $10 please" narrows what is looked for, whatever store page it sounds like."""
    limits = u.limits
    bounded = not (limits.price.is_open and limits.volumes.is_open and limits.year.is_open)
    return bounded and heard.act in _OF_STORE | _OF_TALK and not (u.targets or u.words or u.pointers)


def _looks_for_kind(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """A question about a book, of which there is none, beside a kind of manga: that is looked for."""
    about_book = ACTS[heard.act].topic in ("series", "product") and heard.act not in (Act.SIMILAR, Act.BY_SAME_AUTHOR)
    kind = any(m.kind in ("genre", "theme", "demographic", "author", "mood") for m in u.mentions) or (
        bool(u.formats) and not u.limits.price.is_open
    )
    return about_book and kind and not names_book(u, has_focus)


def _is_no_gift(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """A gift that nobody speaks of, for nobody: what is described is looked for."""
    return (
        heard.act is Act.GIFT and heard.confidence < UNSURE and u.limits.reader is None and not _has("person")(u, False)
    )


def _jokes_of_books(heard: HeardAct, u: Utterance) -> bool:
    """ "Funny manga pls": a rule heard that books are looked for; "tell me something funny" names none."""
    of_books = (one for one in u.acts if one.act in _OF_SHELF or ACTS[one.act].topic in ("series", "product"))
    return heard.act is Act.JOKE and any(one.stage == "rules" for one in of_books)


def _names_a_taste(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """Whoever names a kind of manga talks of books, whatever it sounds like to a model."""
    is_strange = heard.act in (Act.OFF_TOPIC, Act.BORED, Act.CHECKOUT_PROBLEM, Act.WORDLESS) or (
        heard.act is Act.OTHER_GOODS and not _has("goods")(u, False)
    )
    is_strange = is_strange or (heard.act is Act.JOKE and any(m.kind in ("genre", "theme") for m in u.mentions))
    is_strange = is_strange or _jokes_of_books(heard, u)
    of_books = ACTS[heard.act].topic in ("shelf", "series", "product")
    is_doubtful = heard.confidence < UNSURE and not of_books and not u.words
    return (is_strange or is_doubtful) and _names_kind(u) and not u.targets


def _wants_several(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """A surprise is one book; "give me 3 mystery manga" and "weird manga" are none."""
    return heard.act is Act.SURPRISE and ((u.limits.count or 1) > 1 or _names_kind(u))


def _only_names_kind(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """ "Mystery manga" asks for that and for no surprise, whatever a model makes of its only word."""
    kind = any(m.kind in ("genre", "theme", "demographic", "mood") and m.role == "wanted" for m in u.mentions)
    strange = heard.act in _OF_TALK | {Act.SURPRISE, Act.POLICY, Act.MORE} and heard.act not in _WITH_A_PERSON
    return strange and kind and not (u.targets or u.words or u.pointers)


def _names_several_sets(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """ "Naruto box set or One Piece box set": which there are, and nothing about single volumes."""
    return heard.act is Act.SET_OR_SINGLES and len({one.series_id for one in u.targets if one.format}) > 1


def _compares_formats(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """ "The difference between omnibus and 3 in 1" of no book is explained by a page."""
    compares = any(one.act is Act.COMPARE for one in u.acts)
    return heard.act is Act.EDITION and compares and not (u.targets or has_focus or u.pointers)


_WITH_A_PERSON: Final = frozenset({Act.HUMAN, Act.CALLBACK, Act.COMPLAINT, Act.INSULT})
_Row = tuple[Callable[[HeardAct, Utterance, bool], bool], Act]
_OVERRIDES: Final[tuple[_Row, ...]] = (
    (_names_goods, Act.OTHER_GOODS),
    (_is_of_no_order, Act.SHIPS_TO),
    (_names_code, Act.CODE),
    (_asks_for_maker, Act.BY_SAME_AUTHOR),
    (_asks_for_latest, Act.LATEST),
    (_names_several_sets, Act.CARRIES),
    (_compares_formats, Act.POLICY),
    (_only_names_books, Act.CARRIES),
    (_talks_of_book, Act.CARRIES),
    (_only_limits, Act.FIND),
    (_looks_for_kind, Act.FIND),
    (_only_names_kind, Act.FIND),
    (_is_no_gift, Act.FIND),
    (_names_a_taste, Act.FIND),
    (_wants_several, Act.FIND),
)


def _borne_out(act: Act, utterance: Utterance) -> bool:
    """Whether the intent head is sure of the very intent of an act: then a kind of manga beside it looks for nothing."""
    return ACTS[act].topic != "page" and _sounds_like(counts_as(act))(utterance, False)


def overridden(heard: HeardAct, utterance: Utterance, has_focus: bool) -> HeardAct:
    """What the first fitting row makes of an act that the model heard; what a rule heard stands."""
    if heard.stage == "rules":
        return heard
    act = next((act for fits, act in _OVERRIDES if fits(heard, utterance, has_focus)), heard.act)
    if act is Act.FIND and _borne_out(heard.act, utterance) and not _jokes_of_books(heard, utterance):
        return heard
    return heard if act is heard.act else msgspec.structs.replace(heard, act=act)


MOST_TOGETHER: Final = 3


def with_clauses(acts: tuple[HeardAct, ...], utterance: Utterance) -> tuple[HeardAct, ...]:
    """What each clause surely asks, where only the others were heard: all of a message is answered, in its order."""
    clauses = [clause.act for clause in utterance.clauses if clause.act is not None]
    several = len({heard.act for heard in clauses}) > 1
    told_apart = utterance.apart or (tuple(clauses) if several else ())
    topics = {ACTS[heard.act].topic for heard in acts}
    apart = [msgspec.structs.replace(one, act=as_fits(one.act, utterance, has_focus=False)) for one in told_apart]
    unheard = len(acts) < len({heard.act for heard in clauses})
    known = {heard.act for heard in acts}
    missing = [one for one in apart if ACTS[one.act].topic not in topics or (unheard and one.act not in known)]
    if not missing:
        return acts
    places = {heard.act: place for place, heard in enumerate(apart)}
    by_topic = {ACTS[heard.act].topic: place for place, heard in reversed(list(enumerate(apart)))}
    order = sorted((*acts, *missing), key=lambda one: places.get(one.act, by_topic.get(ACTS[one.act].topic, 0)))
    return tuple(order)[:MOST_TOGETHER]
