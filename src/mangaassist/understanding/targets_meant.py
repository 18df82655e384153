"""What a message is about once its acts are known: the targets asked of, as its acts take them, and how they are summed (T-4)."""

import msgspec

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import PLAIN_SUM, DialogueState, Reckoning, Target
from mangaassist.domain.products import Format
from mangaassist.understanding.asked_of import asked_of, with_titles
from mangaassist.understanding.hearing import Hearing
from mangaassist.understanding.readings import BOUND, FEW
from mangaassist.understanding.readings_of_books import next_few
from mangaassist.understanding.reckoning import reckoned
from mangaassist.understanding.references import distinct, series_only
from mangaassist.understanding.scene import Scene


def targets_meant(hearing: Hearing, acts: tuple[Act, ...], scene: Scene) -> tuple[tuple[Target, ...], Reckoning]:
    """What is asked about, and how it is summed. Each step takes the targets of the one before."""
    targets = with_titles(_held_against(hearing, acts, asked_of(hearing, acts, scene)), scene)
    targets = _from_the_start(hearing, acts, _as_suggested(hearing, acts, targets))
    if few := _the_next_few(hearing, acts, targets):
        return few, PLAIN_SUM
    targets, reckoning = reckoned(hearing, acts, targets, scene)
    targets = _as_series(hearing, acts, targets)
    targets = _as_the_boxes(hearing, acts, targets)
    targets = _of_any_edition(hearing, acts, targets)
    return _as_one_edition(hearing, acts, _as_whole(acts, targets)), reckoning


def _as_series(hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """Its latest volume, or all of it, is asked of a series, whichever of its books was talked of."""
    utterance = hearing.utterance
    is_all = utterance.is_whole and not any(one.format for one in utterance.targets)
    return distinct(series_only(targets)) if Act.LATEST in acts or is_all else targets


def _as_the_boxes(hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """ "Cheaper than singles?" after a box is about that box, though it names the single volumes."""
    of_set = acts[0] is Act.SET_OR_SINGLES and not hearing.utterance.targets
    return hearing.state.targets if of_set and _are_boxes_of(targets, hearing.state) else targets


def _of_any_edition(hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """One book, held against the other editions of its series."""
    cheaper = Act.EDITION in acts and hearing.utterance.limits.comparative == "cheaper"
    if len(targets) != 1 or not (Act.COMPARE in acts or cheaper):
        return targets
    return tuple(_plain(one) for one in targets if one.series_id) or targets


def _plain(target: Target) -> Target:
    """Of no particular edition."""
    return msgspec.structs.replace(target, format=None, asin=None)


def _held_against(hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """ "Is it like Horimiya", "scarier than Uzumaki": what it is measured by is the other one that is compared."""
    if Act.COMPARE in acts and hearing.held_against_shown:
        return distinct((hearing.state.shown[0].target(), *series_only(hearing.state.targets)))
    measured = hearing.utterance.measures or hearing.points("it")
    if Act.COMPARE in acts and measured and len({one.series_id for one in targets}) == 1:
        before = hearing.state.targets if hearing.utterance.targets else ()
        targets = distinct(series_only((*before[:1], *targets)))
    if Act.COMPARE not in acts or not hearing.said.like or len(targets) > 1:
        return targets
    return distinct((*series_only(targets), *(Target(series_id=one) for one in hearing.said.like)))


def _as_suggested(hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """ "Why" after "something like Berserk" asks of what was suggested, and not of what it shall be like."""
    shown = {card.series_id for card in hearing.state.shown}
    if acts[0] is not Act.WHY or hearing.utterance.targets or not hearing.in_shelf_talk or not shown:
        return targets
    return tuple(one for one in targets if one.series_id in shown) or (hearing.state.shown[0].target(),)


def _from_the_start(hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """ "After that" once it was told where a series starts is after its first volume."""
    goes_on = Act.NEXT_VOLUME in acts and Act.START in hearing.state.acts and not hearing.utterance.targets
    if not goes_on or len(targets) != 1 or targets[0].volume is not None or not targets[0].series_id:
        return targets
    return (msgspec.structs.replace(targets[0], volume=1, asin=None),)


def _the_next_few(hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """ "The next 3" are those volumes, and not the ones that are there already."""
    named = targets or hearing.state.targets
    numbers = next_few(hearing) if Act.TOTAL in acts and len({one.series_id for one in named}) == 1 else ()
    return tuple(msgspec.structs.replace(_plain(named[0]), volume=one) for one in numbers)


def _as_whole(acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """ "The total in singles", "the rest": single volumes of no particular number are the whole series."""
    if Act.TOTAL not in acts:
        return targets
    return tuple(
        _plain(one) if one.volume is None and one.format is Format.PAPERBACK and one.series_id else one
        for one in targets
    )


def _as_one_edition(hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """ "How many of them are there" after four omnibuses were shown asks about the edition, not about those four."""
    if acts[0] is Act.EDITION and _are_editions(targets):
        return tuple(msgspec.structs.replace(one, volume=None, format=None, asin=None) for one in targets[:1])
    all_meant = any(one.kind in ("all", "they") and not one.places for one in hearing.utterance.pointers)
    of_all = all_meant and hearing.utterance.limits.count is None and all(one.volume is None for one in targets)
    same = len({(one.series_id, one.format) for one in targets}) == 1
    is_whole = acts[0] in (Act.EDITION, Act.SET_OR_SINGLES) or (acts[0] is Act.TOTAL and of_all)
    if not is_whole or len(targets) < FEW or not same or targets[0].series_id is None:
        return targets
    return distinct(series_only(targets))


def _are_boxes_of(targets: tuple[Target, ...], state: DialogueState) -> bool:
    """Single volumes of the series whose boxes were talked of."""
    singles = all(one.format is Format.PAPERBACK for one in targets)
    series = {one.series_id for one in targets} == {one.series_id for one in state.targets}
    return singles and series and any(one.format in BOUND for one in state.targets)


def _are_editions(targets: tuple[Target, ...]) -> bool:
    """Several editions of one series."""
    series, formats = {one.series_id for one in targets}, {one.format for one in targets}
    return len(series) == 1 and len(formats) > 1 and None not in series
