"""Which wish a message leaves behind, the one so far or another, and what shall not be suggested (T-4, T-12)."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Final

import msgspec

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import Target
from mangaassist.domain.wishes import ANY_RANGE, EMPTY_WISH, Label, Range, Wish
from mangaassist.understanding.constraints import ABOUT
from mangaassist.understanding.hearing import VERDICTS, Hearing, agrees
from mangaassist.understanding.readings_of_makers import refuses_maker
from mangaassist.understanding.recipient import for_grown_up
from mangaassist.understanding.references import distinct
from mangaassist.understanding.several_readers import wish_for
from mangaassist.understanding.vocabulary import tables
from mangaassist.understanding.wish_merging import begun, merged, read_in, refused_in, says_something

MOST_REMEMBERED: Final = 60
_SEEKS: Final = frozenset(
    {*(act for act, row in ACTS.items() if row.topic == "shelf"), Act.SIMILAR, Act.BY_SAME_AUTHOR, Act.OFFERS}
)
_GOES_ON: Final = frozenset({Act.MORE, Act.SURPRISE, Act.WHY})
_LIKE_WHAT_WAS_READ: Final = frozenset({Act.SIMILAR, Act.RECOMMEND, Act.GIFT})
_SUITS: Final = frozenset({Act.AGE_FIT, Act.CONTENT, Act.WORTH_IT})
_ORDERED: Final = frozenset({*VERDICTS, Act.NEW_RELEASES})
_KEEPS_ORDER: Final = _ORDERED | {Act.MORE}
_HAS_A_PRICE: Final = frozenset({Act.CARRIES, Act.PRICE, Act.STOCK, Act.EDITION, Act.SET_OR_SINGLES, Act.ADD_TO_CART})
_OF_CONTENT: Final = frozenset({"mood", "theme", "genre"})
_MOOD_OF: Final = {
    "darker": ("dark", "dark"),
    "scarier": ("scary", "scary"),
    "lighter": ("light", "light"),
    "funnier": ("funny", "funny"),
    "sadder": ("sad", "sad"),
}
"""What "which of them is darker" asks of their content."""
_MEASURED: Final = frozenset({"shorter", "longer", "cheaper"})
_ORDERS_THEM: Final = _MEASURED | {"older", "newer"}
"""What a comparison measures what was shown by, and does not turn it down."""
_CENT: Final = Decimal("0.01")
_OTHERS_THAN_SHOWN: Final = frozenset({Act.MORE, Act.SURPRISE})


def is_sought(acts: tuple[Act, ...]) -> bool:
    """Whether the acts look for books."""
    return any(act in _SEEKS for act in acts)


def wishes_of(
    hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...], said: tuple[Wish, ...]
) -> tuple[Wish, ...]:
    wishes = tuple(_out_in(wish, hearing, acts) for wish in _wishes_of(hearing, acts, targets, said))
    return tuple(for_grown_up(wish, hearing.utterance.language) for wish in wishes)


def _wishes_of(
    hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...], said: tuple[Wish, ...]
) -> tuple[Wish, ...]:
    """The complete wishes of a message that looks for books; none for any other."""
    state = hearing.state
    if state.proposal is not None and agrees(hearing) and state.proposal.act in acts[:1]:
        proposed = state.proposal.wish
        return (proposed if not proposed.is_empty else state.wish,) if is_sought(acts) else ()
    if not acts or not is_sought(acts):
        return _for_whom(hearing, acts, targets)
    first = next(iter(acts), None)
    if first in VERDICTS and targets:
        return _of_editions(targets)
    if len(said) > 1:
        return tuple(begun(EMPTY_WISH, wish) for wish in said)
    new = _with_likes(next(iter(said), EMPTY_WISH), hearing, acts, targets)
    new = _within_budget(new, hearing, acts)
    if refuses_maker(hearing):
        makers = tuple(label for label in state.wish.wanted if label.kind == "author")
        new = msgspec.structs.replace(new, unwanted=(*new.unwanted, *makers), other_makers=True)
    if first is Act.OFFERS and not new.narrows:
        goes_on = Act.OFFERS in state.acts and hearing.utterance.is_fragment and state.wish.narrows
        return (merged(state.wish, new),) if goes_on else ()
    is_bound = not (new.price.is_open and new.volumes.is_open and new.year.is_open)  # "over 10 volumes is fine"
    if hearing.utterance.allows and not state.wish.is_empty and not is_bound:
        return (_loosened(state.wish, new),)
    if (own := wish_for(state.wishes, hearing.utterance, new.reader)) is not None:
        return (measured(merged(own, new), hearing),)
    if _only_refuses(hearing, new):
        new = msgspec.structs.replace(new, words=())  # what is said beside it is the reason
    if _goes_on(hearing, acts, new):
        kept = _unordered(state.wish, hearing, acts)
        return (measured(merged(kept, new, _replaces(hearing)), hearing),)
    for_another = hearing.utterance.is_another and new.reader is None
    return (begun(msgspec.structs.replace(state.wish, reader=None) if for_another else state.wish, new),)


def _out_in(wish: Wish, hearing: Hearing, acts: tuple[Act, ...]) -> Wish:
    """What is asked for by its month, "whats coming in december", is bounded by it, and described by no other word."""
    if not _BY_MONTH.intersection(acts):
        return msgspec.structs.replace(wish, month=None) if wish.month else wish
    months: Mapping[str, int] = tables(hearing.utterance.language).get("days", {}).get("months", {})
    named = next((months[word.lower()] for word in hearing.utterance.telling if word.lower() in months), None)
    return msgspec.structs.replace(wish, month=named, words=()) if named else wish


_BY_MONTH: Final = frozenset({Act.PREORDERS, Act.NEW_RELEASES})


def _loosened(wish: Wish, allowed: Wish) -> Wish:
    """ "Old ones are fine", "gore is ok": the wish so far, without what kept that out."""
    keys = {label.key for label in allowed.wanted}
    return msgspec.structs.replace(
        wish,
        unwanted=tuple(label for label in wish.unwanted if label.key not in keys),
        year=ANY_RANGE,
        volumes=ANY_RANGE if allowed.ordering == "longest" else wish.volumes,
        finished=None if allowed.finished is not None else wish.finished,
    )


def _within_budget(new: Wish, hearing: Hearing, acts: tuple[Act, ...]) -> Wish:
    """ "Secret santa, 20 dollars": what stands beside a wish without a word that bounds may be spent; "about 25 dollars" for
    somebody else is as well."""
    reader = new.reader or hearing.state.wish.reader
    is_given = acts[0] is Act.GIFT or (reader is not None and not reader.is_self)
    least, most = new.price.least, new.price.most
    if is_given and least is not None and most is not None:
        most = most / (1 + ABOUT) if least * (1 + ABOUT) == most * (1 - ABOUT) else most
        return msgspec.structs.replace(new, price=Range(None, most.quantize(_CENT)))
    if new.in_full and new.price.most is not None and (new.count or 1) > 1:  # "two manga for 25 dollars total"
        each = (new.price.most / (new.count or 1)).quantize(_CENT, ROUND_FLOOR)
        return msgspec.structs.replace(new, price=Range(None, each), in_full=False)
    amount = hearing.utterance.limits.amount
    if amount is None or not new.price.is_open or acts[0] not in _SPENDS:
        return new
    each = (amount / (new.count or 1)).quantize(_CENT, ROUND_FLOOR)  # "3 books for 30 dollars"
    return msgspec.structs.replace(new, price=Range(None, each))


_SPENDS: Final = frozenset({Act.GIFT, Act.RECOMMEND, Act.FIND, Act.SIMILAR})


def _of_editions(targets: tuple[Target, ...]) -> tuple[Wish, ...]:
    """The cheapest of one series is looked for among its volumes and editions; of several things nothing is looked for."""
    only = targets[0]
    if len(targets) > 1 or only.series_id is None or only.volume is not None:
        return ()
    editions = (Label("format", only.format.value),) if only.format is not None else ()
    return (Wish(wanted=(Label("series", only.series_id, only.title), *editions)),)


def _for_whom(hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Wish, ...]:
    """A question whether a book suits somebody looks for nothing, but has a reader; "Berserk under $20" has a limit."""
    if targets and not hearing.said.price.is_open and any(act in _HAS_A_PRICE for act in acts):
        return (Wish(price=hearing.said.price),)
    ordering = hearing.utterance.limits.ordering
    if Act.COMPARE in acts and not hearing.said.price.is_open:
        return (Wish(price=hearing.said.price),)
    if Act.COMPARE in acts and ordering in ("shortest", "longest"):
        return (Wish(ordering=ordering),)
    if not any(act in _SUITS for act in acts):
        return ()
    reader = hearing.said.reader or hearing.state.wish.reader
    asked = hearing.said.wanted if Act.CONTENT in acts else ()
    asked = tuple(label for label in asked if label.kind in _OF_CONTENT)
    if Act.CONTENT in acts and not asked and (mood := _MOOD_OF.get(hearing.utterance.limits.comparative or "")):
        asked = (Label("mood", *mood),)
    if Act.CONTENT in acts and not asked and hearing.utterance.is_fragment | bool(hearing.utterance.targets):
        asked = hearing.state.asked_content if not hearing.ruled else ()
    unnamed = hearing.said.unnamed if Act.CONTENT in acts else ()
    return (Wish(reader=reader, wanted=asked, unnamed=unnamed),) if reader is not None or asked or unnamed else ()


def _goes_on(hearing: Hearing, acts: tuple[Act, ...], new: Wish) -> bool:
    """Whether it adds to the wish so far: it makes no sense alone, or it says how and not what."""
    if hearing.utterance.is_another or (hearing.state.wish.is_empty and not hearing.utterance.limits.comparative):
        return False
    if (acts[0] is Act.BY_SAME_AUTHOR and not new.narrows) or _is_for_another(hearing.state.wish, new):
        return False
    utterance = hearing.utterance
    leans = utterance.is_fragment or utterance.limits.comparative or hearing.moves(Act.REFINE, Act.REJECT)
    only_how = not (new.wanted or new.like or new.words) or _only_refuses(hearing, new)
    was_asked = hearing.state.asked_for in ("taste", "reader")
    return bool(leans or only_how or was_asked or acts[0] in _GOES_ON)


def _is_for_another(old: Wish, new: Wish) -> bool:
    """ "He has a sister, 6, loves cats": what one person likes is no part of a wish for another one."""
    if old.reader is None or new.reader is None or not (old.reader.said and new.reader.said):
        return False
    return old.reader.said != new.reader.said and bool(new.wanted or new.like)


def _only_refuses(hearing: Hearing, new: Wish) -> bool:
    """ "Drop anything with drinking, parents complain" after a list takes out of it and looks for nothing else."""
    state = hearing.state
    of_list = hearing.in_shelf_talk or (len(state.shown) > 1 and not state.wish.is_empty)
    return bool((new.unwanted or new.unnamed) and not (new.wanted or new.like) and of_list)


def _unordered(wish: Wish, hearing: Hearing, acts: tuple[Act, ...]) -> Wish:
    """The wish without the order that was asked for once: another question after "new releases" is none for the newest."""
    was_asked = hearing.last in _ORDERED and not any(act in _KEEPS_ORDER for act in acts)
    return msgspec.structs.replace(wish, ordering=None) if was_asked else wish


def measured(wish: Wish, hearing: Hearing) -> Wish:
    """ "Shorter", "cheaper": than what is pointed at, else than everything that was shown last."""
    compared = hearing.utterance.limits.comparative
    if compared not in _MEASURED or hearing.said.like or not hearing.said.volumes.is_open:
        return wish  # "longer than 5 but under 12" says by itself what is meant
    pointed = hearing.resolved.targets if hearing.state.targets or hearing.points("place", "both") else ()
    series = {one.series_id for one in pointed}
    shown = [card for card in hearing.state.shown if not series or card.series_id in series]
    if compared == "cheaper":
        prices = [card.price for card in shown if card.price is not None]
        most = min(prices) - _CENT if prices else None
        return msgspec.structs.replace(wish, price=Range(None, most), ordering=None) if most else wish
    lengths = [card.series_volumes for card in shown if card.series_volumes]
    if not lengths or (compared == "shorter" and min(lengths) < 2):
        return wish
    bounds = Range(None, Decimal(min(lengths) - 1)) if compared == "shorter" else Range(Decimal(max(lengths) + 1), None)
    return msgspec.structs.replace(wish, volumes=bounds, ordering=None)


def _replaces(hearing: Hearing) -> bool:
    """ "No, romance" takes the wish's place; "not romance, family stuff" after "i want to cry" says what it shall not be about."""
    utterance, said = hearing.utterance, hearing.said
    old = {label.key for label in hearing.state.wish.wanted}
    refuses = said.unnamed or (said.unwanted and old.isdisjoint(label.key for label in said.unwanted))
    turns_around = utterance.is_instead or (utterance.is_negated and not refuses)
    return bool(turns_around and (said.wanted or said.like))


def _with_likes(wish: Wish, hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> Wish:
    """What it shall be like: the series named for it, or what is talked of, or what was just read."""
    likes = wish.like
    if Act.SIMILAR in acts and not (likes or _still_like_before(hearing, acts)):
        likes = (*likes, *(one.series_id for one in targets if one.series_id))
    if not likes and any(act in _LIKE_WHAT_WAS_READ for act in acts):
        known = {start for start, role in hearing.utterance.experienced if role == "read"}
        series = (m for m in hearing.utterance.mentions if m.kind == "series")
        likes = tuple(m.value for m in series if m.role == "read" or m.start in known)
    return msgspec.structs.replace(wish, like=tuple(dict.fromkeys(likes))[:8])


def _still_like_before(hearing: Hearing, acts: tuple[Act, ...]) -> bool:
    """ "Something like it but happy" after a list of what is like a series means that series, not the list's first."""
    points = hearing.utterance.pointers
    vague = bool(points) and all(pointer.kind in ("it", "they", "same_kind") for pointer in points)
    return vague and len(hearing.state.shown) > 1 and bool(hearing.state.wish.like) and not hearing.state.targets[1:]


def read_by(hearing: Hearing) -> tuple[str, ...]:
    own = any(one.act is Act.HAVE_READ for one in hearing.own)  # "have you read it" says nothing of the shopper
    return _remembered(hearing.state.read, () if own else read_in(hearing.utterance))


def refused_by(hearing: Hearing) -> tuple[str, ...]:
    """What was turned down so far: by name, by a word that points, or by "not that one"."""
    by_name = refused_in(hearing.utterance)
    pointed = _turned_down(hearing) if not by_name and not read_in(hearing.utterance) else ()
    return _remembered(hearing.state.refused, (*by_name, *pointed))


def _turned_down(hearing: Hearing) -> tuple[str, ...]:
    if not hearing.moves(Act.REJECT) and not (hearing.utterance.is_negated and hearing.utterance.pointers):
        return ()
    targets = hearing.resolved.targets or hearing.state.targets
    if not targets and hearing.in_shelf_talk:  # "nah, seen those" turns the whole list down
        targets = tuple(card.target() for card in hearing.state.shown)
    return tuple(one.series_id for one in distinct(targets) if one.series_id)


def avoided(
    hearing: Hearing, acts: tuple[Act, ...], wishes: tuple[Wish, ...], known: tuple[str, ...]
) -> tuple[str, ...]:
    """Series that shall not be suggested. ``known`` are those read and refused; what was shown before is left out only where
    something else is asked for, not where a list is narrowed."""
    compared = hearing.utterance.limits.comparative
    same_again = bool(hearing.state.shown) and wishes[:1] == (hearing.state.wish,) and acts[0] in _SPENDS
    orders_them = _MEASURED if hearing.points("it", "they") else _ORDERS_THEM  # "older than that" is another one
    wants_others = (
        same_again or any(act in _OTHERS_THAN_SHOWN for act in acts) or bool(compared and compared not in orders_them)
    )
    wants_others = wants_others or hearing.moves(Act.REJECT)
    # "He has Slam Dunk already" takes one off the list, "more" all of it.
    named = {*read_in(hearing.utterance), *refused_in(hearing.utterance)}
    of_one = bool(named & {card.series_id for card in hearing.state.shown}) and not hearing.moves(Act.MORE)
    shown = hearing.state.shown_series if wants_others and not of_one else ()
    liked = (*(series for wish in wishes for series in wish.like), *hearing.state.wish.like)
    return tuple(dict.fromkeys((*known, *liked, *shown)))


def _remembered(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Both, the newest last; the oldest are forgotten."""
    return tuple(dict.fromkeys((*(one for one in old if one not in new), *new)))[-MOST_REMEMBERED:]


def narrows(said: tuple[Wish, ...]) -> bool:
    return any(map(says_something, said))
