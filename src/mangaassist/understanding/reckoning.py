"""What a sum is of and how it is worked out: two copies, the whole series without what is owned, with shipping (T-4, T-11)."""

from typing import Final

import msgspec

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import PLAIN_SUM, Reckoning, Target
from mangaassist.understanding.hearing import Hearing
from mangaassist.understanding.readings_of_sums import held_against
from mangaassist.understanding.references import MOST_TARGETS, distinct, series_only
from mangaassist.understanding.scene import NO_SCENE, Scene

_OWNED: Final = frozenset({"owned", "read"})


_OF_CART: Final = frozenset({Act.CART_TOTAL, Act.FREE_SHIPPING})
_WORTH_OF_MEMBERSHIP: Final = "circle_worth"
_OFFERS: Final = frozenset({Act.CODE, Act.OFFER_ON, Act.OFFERS})


def reckoned(
    hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...], scene: Scene = NO_SCENE
) -> tuple[tuple[Target, ...], Reckoning]:
    """The targets of the sum, and how it is summed; both as they were for a message that asks for none."""
    if acts[0] in (Act.OFFER_ON, Act.CODE) and _of_a_whole_series(hearing, targets):
        return distinct(series_only(targets)), Reckoning(whole=True)
    if hearing.utterance.rate is not None and hearing.utterance.store_question == _WORTH_OF_MEMBERSHIP:
        return targets, Reckoning(rate=hearing.utterance.rate)
    if any(act in _OF_CART for act in acts) and Act.TOTAL not in acts:
        return _of_cart(hearing, acts, targets, scene)
    if Act.ADD_TO_CART in acts and Act.TOTAL not in acts:
        return targets, Reckoning(copies=hearing.utterance.limits.copies or 1)
    if acts == (Act.SHIPPING_COST,):
        least = hearing.utterance.limits
        return targets, Reckoning(cheapest=least.ordering == "cheapest" or least.comparative == "cheaper")
    if Act.TOTAL not in acts:
        return targets, Reckoning(left=True) if Act.VOLUMES in acts and "left" in hearing.utterance.sums else PLAIN_SUM
    utterance, limits = hearing.utterance, hearing.utterance.limits
    before = hearing.state.reckoning if Act.TOTAL in hearing.state.acts else PLAIN_SUM
    same = not utterance.targets
    goes_on = (
        utterance.with_shipping or utterance.counts or bool(utterance.parts)
    )  # "and with shipping", "how many is that each"
    without = _without(hearing) or (before.without if same else ())
    kept = _kept(hearing, targets, without)
    spent = limits.price.most if limits.price.most is not None else limits.amount
    return kept, Reckoning(
        copies=limits.copies or (before.copies if same else 1),
        without=without if any(one.volume is None for one in kept) else (),
        with_shipping=utterance.with_shipping,
        once_more="once_more" in utterance.sums,
        last_few=_last_few(hearing, kept),
        budget=spent if spent is not None else None if same and not goes_on else before.budget,
        parts=utterance.parts or (before.parts if same else 0),
        rate=utterance.rate or (before.rate if same else None),
        against=held_against(hearing),
    )


def _of_a_whole_series(hearing: Hearing, targets: tuple[Target, ...]) -> bool:
    whole = hearing.utterance.is_whole and not hearing.utterance.volumes
    return whole and len({one.series_id for one in targets}) == 1 and targets[0].series_id is not None


def _of_cart(
    hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...], scene: Scene
) -> tuple[tuple[Target, ...], Reckoning]:
    """The cart as it is, or as it would be; "and is that free then" goes on with what was supposed before."""
    utterance, before = hearing.utterance, hearing.state.reckoning
    code = "coded" in utterance.sums or any(act in _OFFERS for act in hearing.state.acts)
    least = utterance.limits.ordering == "cheapest"
    least_to_free = least and acts[0] is Act.FREE_SHIPPING and not utterance.targets
    added = Act.ADD_TO_CART in hearing.state.acts and not utterance.targets
    plain = Reckoning(
        copies=utterance.limits.copies or (before.copies if added else 1),
        with_code=code and Act.CART_TOTAL in acts,
        with_shipping=utterance.with_shipping,
        fills_up="fills_up" in utterance.sums or least_to_free,
        cheapest=least,
        parts=utterance.parts,
    )
    taken = _taken_out(hearing, scene)
    if taken and Act.CART_TOTAL in acts and not utterance.sums:
        return (), msgspec.structs.replace(plain, left_out=taken)
    if not scene.cart or not utterance.sums & {"supposes", "alone"}:
        goes_on = before.supposes and bool(scene.cart) and _leans(hearing)
        return ((), before) if goes_on and before.added is False else (targets, plain)
    held = tuple(one for one in targets if _is_in(one, scene))
    named = tuple(one.value for one in utterance.mentions if one.kind == "series") if not targets else ()
    if "takes_out" in utterance.sums or ("alone" in utterance.sums and not targets):
        out = (*(one.asin or one.series_id or "" for one in held), *named)
        return (), msgspec.structs.replace(plain, left_out=out, one_out=not out)
    kept = {one.asin or one.series_id for one in held}
    if held and len(held) == len(targets) and "alone" in utterance.sums:
        out = tuple(asin for asin in scene.cart if asin not in kept)
        return (), msgspec.structs.replace(plain, left_out=out)
    return targets, msgspec.structs.replace(plain, added=bool(targets))


def _taken_out(hearing: Hearing, scene: Scene) -> tuple[str, ...]:
    """ "Then what's the total" after "take the second one out": the cart without it, as long as it is still in there."""
    if Act.REMOVE_FROM_CART not in hearing.state.acts or hearing.utterance.targets:
        return ()
    return tuple(one.asin for one in hearing.state.targets if one.asin and one.asin in scene.cart)


def _last_few(hearing: Hearing, kept: tuple[Target, ...]) -> int:
    """ "The last 3 volumes of haikyu": which they are, only its shelf tells."""
    whole = len(kept) == 1 and kept[0].volume is None
    places = (one.places for one in hearing.utterance.pointers if one.kind == "place")
    return next((len(one) for one in places if whole and len(one) > 1 and one == tuple(range(-len(one), 0))), 0)


def _is_in(target: Target, scene: Scene) -> bool:
    """A series that is named may be in it: only who looks the cart up can tell."""
    return target.asin in scene.cart if target.asin else target.series_id is not None


def _leans(hearing: Hearing) -> bool:
    """ "And free shipping with that", "how much is it then"."""
    return Act.FREE_SHIPPING in hearing.state.acts or bool(hearing.utterance.pointers) or hearing.utterance.is_fragment


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
        if all(one.volume is None for one in before):
            return tuple(msgspec.structs.replace(one, format=None, asin=None) for one in distinct(series_only(before)))
        return tuple(one for one in before if one.volume not in without) or before
    if without:
        series = {one.series_id for one in targets}
        base = tuple(one for one in before if one.series_id in series) or distinct(series_only(targets))
        return tuple(one for one in base if one.volume not in without) or base
    if hearing.utterance.adds and (hearing.utterance.targets or hearing.utterance.volumes):
        goes_on = Act.TOTAL in hearing.state.acts or Act.PRICE in hearing.state.acts
        return distinct((*before, *targets))[:MOST_TARGETS] if goes_on else targets
    return targets or before
