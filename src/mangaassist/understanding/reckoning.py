"""What a sum is of and how it is worked out: two copies, the whole series without what is owned, with shipping (T-4, T-11)."""

from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import PLAIN_SUM, Reckoning, Target
from mangaassist.understanding.hearing import Hearing
from mangaassist.understanding.references import MOST_TARGETS, distinct, series_only

_OWNED: Final = frozenset({"owned", "read"})


def reckoned(
    hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]
) -> tuple[tuple[Target, ...], Reckoning]:
    """The targets of the sum, and how it is summed; both as they were for a message that asks for none."""
    if Act.TOTAL not in acts:
        return targets, PLAIN_SUM
    utterance, limits = hearing.utterance, hearing.utterance.limits
    before = hearing.state.reckoning if Act.TOTAL in hearing.state.acts else PLAIN_SUM
    same = not utterance.targets
    without = _without(hearing) or (before.without if same else ())
    kept = _kept(hearing, targets, without)
    spent = limits.price.most if limits.price.most is not None else limits.amount
    return kept, Reckoning(
        copies=limits.copies or (before.copies if same else 1),
        without=without if any(one.volume is None for one in kept) else (),
        with_shipping=utterance.with_shipping,
        budget=spent if spent is not None else None if same else before.budget,
    )


def _without(hearing: Hearing) -> tuple[int, ...]:
    """The volumes that are taken off: they are owned, or said to be left out."""
    utterance = hearing.utterance
    owned = any(mention.kind == "series" and mention.role in _OWNED for mention in utterance.mentions)
    if not (utterance.takes_off or owned):
        return ()
    named = tuple(one.volume for one in utterance.targets if one.volume is not None)
    if utterance.is_whole and not (utterance.targets or utterance.volumes or utterance.pointers):
        return _before_the_rest(hearing)
    first = (place + 1 for pointer in utterance.pointers for place in pointer.places if place >= 0)
    volumes = tuple(dict.fromkeys((*named, *utterance.volumes))) or tuple(dict.fromkeys(first))
    return tuple(range(1, volumes[0] + 1)) if len(volumes) == 1 and utterance.is_up_to else volumes


def _before_the_rest(hearing: Hearing) -> tuple[int, ...]:
    """ "The rest" after the volume that is to be read next is that one and all after it, else what was not talked of."""
    volumes = tuple(one.volume for one in hearing.state.targets if one.volume is not None)
    if Act.NEXT_VOLUME in (*hearing.state.acts, hearing.last) and volumes:
        return tuple(range(1, volumes[-1]))
    return volumes


def _kept(hearing: Hearing, targets: tuple[Target, ...], without: tuple[int, ...]) -> tuple[Target, ...]:
    before = hearing.state.targets
    if without and hearing.utterance.is_whole:
        return distinct(series_only(targets))
    if without and not hearing.utterance.targets:
        return tuple(one for one in before if one.volume not in without) or before
    if without:
        series = {one.series_id for one in targets}
        base = tuple(one for one in before if one.series_id in series) or distinct(series_only(targets))
        return tuple(one for one in base if one.volume not in without) or base
    if hearing.utterance.adds and (hearing.utterance.targets or hearing.utterance.volumes):
        goes_on = Act.TOTAL in hearing.state.acts or Act.PRICE in hearing.state.acts
        return distinct((*before, *targets))[:MOST_TARGETS] if goes_on else targets
    return targets or before
