"""What an act needs to be asked at all, and what a message asks whatever a model makes of it: tables over typed values."""

from collections.abc import Callable
from typing import Final

import msgspec

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct
from mangaassist.understanding.utterance import Utterance

UNSURE: Final = 0.6
"""Under this confidence of the model what the message names counts for more."""

SURE: Final = 0.8
"""From this probability the intent head is right nine times in ten."""

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
    return _has("author")(utterance, has_focus) or names_book(utterance, has_focus)


_NEEDS: Final[dict[Act, tuple[_Holds, Act]]] = {
    Act.SHIPS_TO: (_has("country"), Act.POLICY),
    Act.CODE: (_has("code"), Act.OFFERS),
    Act.OFFER_ON: (names_book, Act.OFFERS),
    Act.SIMILAR: (_can_be_like, Act.RECOMMEND),
    Act.EDITION: (_asks_for_edition, Act.FIND),
    Act.START: (_can_start, Act.RECOMMEND),
    Act.BY_SAME_AUTHOR: (_can_have_author, Act.FIND),
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
    return heard.act in _OF_SHELF and _has("goods")(u, has_focus) and not u.targets


def _is_of_no_order(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """An order is asked about, doubtfully, with a country beside it: whether it ships there."""
    doubtful = heard.confidence < UNSURE and not _has("order")(u, has_focus)
    return heard.act in _OF_ORDERS and doubtful and _has("country")(u, has_focus)


def _names_code(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    return heard.act in _OF_SHELF | _OF_TALK | {Act.POLICY, Act.ABOUT} and _has("code")(u, has_focus) and not u.targets


def _talks_of_book(heard: HeardAct, u: Utterance, has_focus: bool) -> bool:
    """Whoever names a series is not chatting, and hardly asking for a person."""
    idle = heard.act in _OF_TALK - {Act.HUMAN, Act.CALLBACK, Act.COMPLAINT, Act.FAVOURITE}
    return bool(u.targets) and (idle or (heard.act is Act.HUMAN and heard.confidence < UNSURE))


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
    kind = any(m.kind in ("genre", "theme", "demographic", "author", "mood") for m in u.mentions)
    return about_book and kind and not names_book(u, has_focus) and heard.confidence < UNSURE


_Row = tuple[Callable[[HeardAct, Utterance, bool], bool], Act]
_OVERRIDES: Final[tuple[_Row, ...]] = (
    (_names_goods, Act.OTHER_GOODS),
    (_is_of_no_order, Act.SHIPS_TO),
    (_names_code, Act.CODE),
    (_asks_for_maker, Act.BY_SAME_AUTHOR),
    (_asks_for_latest, Act.LATEST),
    (_talks_of_book, Act.CARRIES),
    (_only_limits, Act.FIND),
    (_looks_for_kind, Act.FIND),
)


def overridden(heard: HeardAct, utterance: Utterance, has_focus: bool) -> HeardAct:
    """What the first fitting row makes of an act that the model heard; what a rule heard stands."""
    if heard.stage == "rules":
        return heard
    act = next((act for fits, act in _OVERRIDES if fits(heard, utterance, has_focus)), heard.act)
    return heard if act is heard.act else msgspec.structs.replace(heard, act=act)
