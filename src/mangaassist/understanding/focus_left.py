"""What an answer leaves in focus for the next message: cards, targets, and what was talked of before (T-4)."""

from typing import Final

import msgspec

from mangaassist.domain.dialogue import DialogueState, Shown, Target
from mangaassist.domain.meaning import Meaning
from mangaassist.understanding.hearing import VERDICTS
from mangaassist.understanding.references import distinct

MOST_TALKED_OF: Final = 8


def in_focus(state: DialogueState, meaning: Meaning, shown: tuple[Shown, ...]) -> tuple[Target, ...]:
    """What was asked of, as the cards know it; a list of several suggestions leaves nothing particular in focus."""
    if meaning.act in VERDICTS and shown:
        return (shown[0].target(),)
    if meaning.targets:
        return tuple(_as_found(_as_shown(_as_sold(one, shown), shown), shown) for one in meaning.targets)
    if shown:
        return (shown[0].target(),) if len(shown) == 1 or _is_recalled(meaning) else ()
    return state.targets


def _is_recalled(meaning: Meaning) -> bool:
    """Of a plot that was recalled the first book is meant, where it is not hardly sure; the others were only named beside it."""
    recalled = meaning.seeks.recalled
    return recalled is not None and recalled.surety != "hardly"


def list_shown(state: DialogueState, shown: tuple[Shown, ...], *, searched: bool) -> tuple[Shown, ...]:
    """The cards that places count. An answer about some of a list leaves the list: "the second one" may still come; a list that
    was narrowed is another one."""
    if searched and shown:
        return shown
    of_list = {card.series_id for card in shown} <= {card.series_id for card in state.shown}
    return state.shown if of_list and len(shown) < len(state.shown) else shown or state.shown


def _as_sold(target: Target, shown: tuple[Shown, ...]) -> Target:
    """Without an edition of which the answer had nothing to show: what is asked next is of the book, not of what is not there."""
    of_series = [card.format for card in shown if card.series_id == target.series_id and card.format is not None]
    missing = target.format is not None and bool(of_series) and target.format not in of_series
    return msgspec.structs.replace(target, format=None) if missing else target


def _as_shown(target: Target, shown: tuple[Shown, ...]) -> Target:
    """A target that was only an ASIN, by the card that told what it is."""
    if target.series_id is not None:
        return target
    return next((card.target() for card in shown if card.asin == target.asin), target)


def _as_found(target: Target, shown: tuple[Shown, ...]) -> Target:
    """An edition that was looked for in vain is not in focus: "cheapest version" after it means those that there are."""
    formats = {card.format for card in shown if card.series_id == target.series_id}
    if target.format is None or not formats or target.format in formats:
        return target
    return msgspec.structs.replace(target, format=None)


def talked_of_before(state: DialogueState, targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """What was in focus before, without what is in focus now."""
    now = distinct(targets)
    before = (one for one in distinct((*state.talked_of, *state.targets)) if one not in now)
    return tuple(before)[-MOST_TALKED_OF:]


def newest(values: tuple[str, ...], most: int) -> tuple[str, ...]:
    """Each once, where it came last; the oldest go."""
    return tuple(reversed(tuple(dict.fromkeys(reversed(values)))))[-most:]
