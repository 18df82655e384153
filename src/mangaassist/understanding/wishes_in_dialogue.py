"""Which wish a message leaves behind, the one so far or another, and what shall not be suggested (T-4, T-12)."""

from typing import Final

import msgspec

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import Target
from mangaassist.domain.wishes import EMPTY_WISH, Label, Wish
from mangaassist.understanding.hearing import VERDICTS, Hearing, agrees
from mangaassist.understanding.references import distinct
from mangaassist.understanding.wish_merging import begun, merged, read_in, refused_in, says_something

MOST_REMEMBERED: Final = 60
_SEEKS: Final = frozenset(
    {*(act for act, row in ACTS.items() if row.topic == "shelf"), Act.SIMILAR, Act.BY_SAME_AUTHOR, Act.OFFERS}
)
_GOES_ON: Final = frozenset({Act.MORE, Act.SURPRISE, Act.WHY})
_LIKE_WHAT_WAS_READ: Final = frozenset({Act.SIMILAR, Act.RECOMMEND})
_SUITS: Final = frozenset({Act.AGE_FIT, Act.CONTENT, Act.WORTH_IT})
_OTHERS_THAN_SHOWN: Final = frozenset({Act.MORE, Act.SURPRISE})


def is_sought(acts: tuple[Act, ...]) -> bool:
    """Whether the acts look for books."""
    return any(act in _SEEKS for act in acts)


def wishes_of(
    hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...], said: tuple[Wish, ...]
) -> tuple[Wish, ...]:
    """The complete wishes of a message that looks for books; none for any other."""
    state = hearing.state
    if state.proposal is not None and agrees(hearing) and state.proposal.act in acts[:1]:
        proposed = state.proposal.wish
        return (proposed if not proposed.is_empty else state.wish,) if is_sought(acts) else ()
    if not acts or not is_sought(acts):
        return _for_whom(hearing, acts)
    first = next(iter(acts), None)
    if first in VERDICTS and targets:
        return _of_editions(targets)
    if len(said) > 1:
        return tuple(begun(EMPTY_WISH, wish) for wish in said)
    new = _with_likes(next(iter(said), EMPTY_WISH), hearing, acts, targets)
    if first is Act.OFFERS and not new.narrows:
        goes_on = Act.OFFERS in state.acts and hearing.utterance.is_fragment and state.wish.narrows
        return (merged(state.wish, new),) if goes_on else ()
    if _goes_on(hearing, acts, new):
        return (merged(state.wish, new, _replaces(hearing)),)
    for_another = hearing.utterance.is_another and new.reader is None
    return (begun(msgspec.structs.replace(state.wish, reader=None) if for_another else state.wish, new),)


def _of_editions(targets: tuple[Target, ...]) -> tuple[Wish, ...]:
    """The cheapest of one series is looked for among its volumes and editions; of several things nothing is looked for."""
    only = targets[0]
    if len(targets) > 1 or only.series_id is None or only.volume is not None:
        return ()
    editions = (Label("format", only.format.value),) if only.format is not None else ()
    return (Wish(wanted=(Label("series", only.series_id, only.title), *editions)),)


def _for_whom(hearing: Hearing, acts: tuple[Act, ...]) -> tuple[Wish, ...]:
    """A question whether a book suits somebody looks for nothing, but has a reader."""
    if not any(act in _SUITS for act in acts):
        return ()
    reader = hearing.said.reader or hearing.state.wish.reader
    return (Wish(reader=reader),) if reader is not None else ()


def _goes_on(hearing: Hearing, acts: tuple[Act, ...], new: Wish) -> bool:
    """Whether it adds to the wish so far: it makes no sense alone, or it says how and not what."""
    if hearing.state.wish.is_empty or hearing.utterance.is_another:
        return False
    utterance = hearing.utterance
    leans = utterance.is_fragment or utterance.limits.comparative or hearing.moves(Act.REFINE, Act.REJECT)
    only_how = not (new.wanted or new.like or new.words)
    was_asked = hearing.state.asked_for in ("taste", "reader")
    return bool(leans or only_how or was_asked or acts[0] in _GOES_ON)


def _replaces(hearing: Hearing) -> bool:
    turns_around = hearing.utterance.is_instead or hearing.utterance.is_negated
    return bool(turns_around and (hearing.said.wanted or hearing.said.like))


def _with_likes(wish: Wish, hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> Wish:
    """What it shall be like: the series named for it, or what is talked of, or what was just read."""
    likes = wish.like
    if Act.SIMILAR in acts:
        likes = (*likes, *(one.series_id for one in targets if one.series_id))
    if not likes and any(act in _LIKE_WHAT_WAS_READ for act in acts):
        likes = tuple(m.value for m in hearing.utterance.mentions if m.kind == "series" and m.role == "read")
    return msgspec.structs.replace(wish, like=tuple(dict.fromkeys(likes))[:8])


def read_by(hearing: Hearing) -> tuple[str, ...]:
    return _remembered(hearing.state.read, read_in(hearing.utterance))


def refused_by(hearing: Hearing) -> tuple[str, ...]:
    """What was turned down so far: by name, by a word that points, or by "not that one"."""
    by_name = refused_in(hearing.utterance)
    pointed = _turned_down(hearing) if not by_name and not read_in(hearing.utterance) else ()
    return _remembered(hearing.state.refused, (*by_name, *pointed))


def _turned_down(hearing: Hearing) -> tuple[str, ...]:
    if not hearing.moves(Act.REJECT) and not (hearing.utterance.is_negated and hearing.utterance.pointers):
        return ()
    targets = hearing.resolved.targets or hearing.state.targets
    if not targets and len(hearing.state.shown) == 1:
        targets = (hearing.state.shown[0].target(),)
    return tuple(one.series_id for one in distinct(targets) if one.series_id)


def avoided(
    hearing: Hearing, acts: tuple[Act, ...], wishes: tuple[Wish, ...], known: tuple[str, ...]
) -> tuple[str, ...]:
    """Series that shall not be suggested. ``known`` are those read and refused; what was shown before is left out only where
    something else is asked for, not where a list is narrowed."""
    wants_others = any(act in _OTHERS_THAN_SHOWN for act in acts) or bool(hearing.utterance.limits.comparative)
    shown = hearing.state.shown_series if wants_others or hearing.moves(Act.REJECT) else ()
    liked = (series for wish in wishes for series in wish.like)
    return tuple(dict.fromkeys((*known, *liked, *shown)))


def _remembered(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Both, the newest last; the oldest are forgotten."""
    return tuple(dict.fromkeys((*(one for one in old if one not in new), *new)))[-MOST_REMEMBERED:]


def narrows(said: tuple[Wish, ...]) -> bool:
    return any(map(says_something, said))
