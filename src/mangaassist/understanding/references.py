"""What "it", "the second one", "both", "vol 3 instead" and "hardcover?" are, by the dialogue and the page (T-4, T-6)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import DialogueState, Shown, Target
from mangaassist.domain.products import Format
from mangaassist.understanding.scene import Scene
from mangaassist.understanding.utterance import Pointer, PointerKind, Utterance

MOST_TARGETS: Final = 50
"""As many as one range of volumes may name."""
MOST_CARTED: Final = 4
"""Books in the cart of which each is told what was asked."""
_TOGETHER: Final = frozenset({Act.ADD_TO_CART, Act.REMOVE_FROM_CART, Act.TOTAL, Act.COMPARE, Act.CART_TOTAL})
"""Acts that take "this and vol 2" as two things; any other means volume 2 of this."""


class Resolved(Struct, frozen=True, kw_only=True):
    """``targets`` are what the message names or points at; ``act`` is what an open place asks ("the last one": LATEST).

    ``by_dialogue`` says that earlier messages were needed for it, ``is_list`` that several of what was shown are meant.
    """

    targets: tuple[Target, ...] = ()
    act: Act | None = None
    by_dialogue: bool = False
    is_list: bool = False


_OF_EDITIONS: Final = frozenset({Act.EDITION})
_VAGUE: Final[frozenset[PointerKind]] = frozenset({"it", "they"})
"""Words that repeat what a definite one says: "the second one, is it finished"."""
NOTHING: Final = Resolved()


def resolve(utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """Names win; then words that point; then volumes and editions, which are of what is in focus."""
    if utterance.targets:
        return Resolved(targets=_first_few(utterance) or _with_loose_volumes(utterance))
    pointed = _pointed(utterance, state, scene)
    base = pointed.targets or focus(state, scene)
    if utterance.volumes:
        return _volumes_of(base or _cart_targets(scene, 1), utterance, pointed)
    if utterance.formats and base and not pointed.is_list:
        return _edition_of(base, utterance, pointed)
    if len(utterance.formats) == 1 and pointed.is_list and _has(utterance, _OF_EDITIONS):
        each = (_another(one, None, utterance.formats[0]) for one in pointed.targets)
        return msgspec.structs.replace(pointed, targets=distinct(each))
    return pointed


def focus(state: DialogueState, scene: Scene) -> tuple[Target, ...]:
    """What "it" is: the product that the shopper has just gone to, else what was talked of, else the page, unless others were
    listed on it since, else the first card."""
    if scene.page is not None and scene.is_new_to(state):
        return (known(scene.page, state),)
    if state.targets:
        return state.targets
    if scene.page is not None and not _lists_others(state, scene):
        return (known(scene.page, state),)
    return tuple(card.target() for card in state.shown[:1])


def _lists_others(state: DialogueState, scene: Scene) -> bool:
    """Whether the last answer listed books of which none is the page's."""
    listed = bool(state.acts) and (ACTS[state.acts[0]].topic == "shelf" or state.acts[0] in _LIST_BOOKS)
    return listed and len(state.shown) > 1 and all(card.asin != scene.here for card in state.shown)


_LIST_BOOKS: Final = frozenset({Act.SIMILAR, Act.BY_SAME_AUTHOR})


def carted(scene: Scene) -> tuple[Target, ...]:
    """The cart as what is talked of, where nothing else is: "is this stuff ok for a kid"; none of a cart too full to tell of."""
    return _cart_targets(scene) if len(scene.cart) <= MOST_CARTED else ()


def known(target: Target, state: DialogueState) -> Target:
    """The same target with what the dialogue knows of its ASIN."""
    if target.series_id is not None or target.asin is None:
        return target
    cards = (card.target() for card in state.shown)
    return next((one for one in (*cards, *state.targets, *state.talked_of) if one.asin == target.asin), target)


def distinct(targets: Iterable[Target]) -> tuple[Target, ...]:
    """Each once, in their order, whatever they are called."""
    return tuple({(one.series_id, one.volume, one.format, one.asin): one for one in targets}.values())


def _first_few(utterance: Utterance) -> tuple[Target, ...]:
    """ "Naruto then, first 3": its volumes 1 to 3; nothing where that is not what is said."""
    places = next((one.places for one in utterance.pointers if one.kind == "place" and len(one.places) > 1), ())
    alone = len(utterance.targets) == 1 and utterance.targets[0].volume is None and utterance.targets[0].series_id
    if not alone or utterance.volumes or places != tuple(range(len(places))):
        return ()
    return tuple(_volume(utterance.targets[0], place + 1) for place in places)


def _with_loose_volumes(utterance: Utterance) -> tuple[Target, ...]:
    """ "Naruto ... and vol 3 too" names the volume apart from its series."""
    last = utterance.targets[-1]
    loose = tuple(msgspec.structs.replace(last, volume=volume, asin=None) for volume in utterance.volumes)
    replaces = bool(loose) and last.volume is None
    kept = utterance.targets[:-1] if replaces else utterance.targets
    return distinct((*kept, *loose))[:MOST_TARGETS]


def _pointed(utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """What all pointing words mean together."""
    definite = tuple(pointer for pointer in utterance.pointers if pointer.kind not in _VAGUE) or utterance.pointers
    found = [_POINTED[pointer.kind](pointer, utterance, state, scene) for pointer in definite]
    return Resolved(
        targets=distinct(target for one in found for target in one.targets)[:MOST_TARGETS],
        act=next((one.act for one in found if one.act is not None), None),
        by_dialogue=any(one.by_dialogue for one in found),
        is_list=any(one.is_list for one in found),
    )


def _volumes_of(base: tuple[Target, ...], utterance: Utterance, pointed: Resolved) -> Resolved:
    """ "And 4?", "volumes 1-5", "this and vol 2"."""
    if not base or (base[0].series_id is None and base[0].asin is None):
        return pointed
    format_ = utterance.formats[0] if utterance.formats else None
    # "Which costs less for vol 1" of several series is volume 1 of each.
    each = distinct(series_only(base)) if pointed.is_list and len(utterance.volumes) == 1 else base[:1]
    of_it = tuple(_volume(one, number, format_) for one in each for number in utterance.volumes)
    both = pointed.targets if _has(utterance, _TOGETHER) else ()
    return Resolved(targets=distinct((*both, *of_it))[:MOST_TARGETS], by_dialogue=True)


def _volume(of: Target, number: int, format_: Format | None = None) -> Target:
    return _another(of, volume=number, format_=format_ or of.format)


def _another(of: Target, volume: int | None, format_: Format | None) -> Target:
    """Another volume or edition of the same series. An ASIN stays only where the series is not known by any other name."""
    asin = None if of.series_id else of.asin
    return Target(series_id=of.series_id, title=of.title, volume=volume, format=format_, asin=asin)


def _edition_of(base: tuple[Target, ...], utterance: Utterance, pointed: Resolved) -> Resolved:
    """ "Hardcover?": of the volume in focus, where there is one."""
    editions = (_another(one, one.volume, format_) for one in base[:4] for format_ in utterance.formats)
    return Resolved(targets=distinct(editions), by_dialogue=True, act=pointed.act)


def _it(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    targets = _chosen(state) or focus(state, scene) or _cart_targets(scene, 1)
    return Resolved(targets=targets, by_dialogue=bool(targets) and targets[0].asin != scene.here)


def _chosen(state: DialogueState) -> tuple[Target, ...]:
    """Of several that were measured the one that the answer named: "is that one finished"."""
    return tuple(one for one in state.targets if state.chosen and one.series_id == state.chosen)


def _they(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """Several that are talked of, else the cards, else whatever there is."""
    if len(state.targets) > 1:
        return Resolved(targets=state.targets, by_dialogue=True, is_list=True)
    if len(state.shown) > 1:
        return Resolved(targets=_cards(state), by_dialogue=True, is_list=True)
    targets = state.targets or _cards(state) or _cart_targets(scene) or focus(state, scene)
    return Resolved(targets=targets, by_dialogue=bool(state.targets or state.shown), is_list=len(targets) > 1)


def _all(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """ "All three" after three messages about a volume each are those; after a list of cards they are the cards."""
    if state.acts[:1] and state.acts[0] in _OF_SERIES and len(state.targets) == 1 and not pointer.places:
        kept = state.acts[0] is Act.EDITION
        whole = (
            msgspec.structs.replace(one, format=one.format if kept else None) for one in series_only(state.targets)
        )
        return Resolved(targets=tuple(whole), by_dialogue=True)
    if utterance.is_whole and len(state.targets) == 1 and not pointer.places and utterance.limits.count is None:
        return Resolved(targets=series_only(state.targets), by_dialogue=True)
    number = len(pointer.places) if len(pointer.places) > 1 else utterance.limits.count
    lists = (state.targets, _cards(state), _talk(state), _cart_targets(scene))
    fitting = next((one for one in lists if number is not None and len(one) == number), None)
    if fitting is None and number is not None:
        fitting = next((one[-number:] for one in (_talk(state), _cards(state)) if len(one) >= number), None)
    fitting = fitting or next((one for one in lists if len(one) > 1), ())
    if not fitting and len(state.targets) == 1 and state.targets[0].series_id:
        return Resolved(targets=series_only(state.targets), by_dialogue=True)
    return (
        Resolved(targets=fitting, by_dialogue=True, is_list=True)
        if fitting
        else _they(pointer, utterance, state, scene)
    )


_OF_SERIES: Final = frozenset({*(act for act, row in ACTS.items() if row.topic == "series"), Act.WHICH_VOLUME})
"""After these of one book "all of them" are the volumes of its series."""


def _both(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    talk = _talk(state)[-2:]
    volumes = {one.series_id for one in talk if one.volume is not None}
    if len(state.targets) == 1 and len(talk) == 2 and len(volumes) == 1 and all(one.volume for one in talk):
        return Resolved(targets=talk, by_dialogue=True, is_list=True)
    lists = (state.targets, _cards(state), _talk(state), _cart_targets(scene))
    exact = next((one for one in lists if len(one) == 2), None)
    talked = _talk(state)[-2:]
    two = exact or (talked if len(talked) > 1 else _cards(state)[:2] or _cart_targets(scene)[:2])
    return Resolved(targets=two, by_dialogue=bool(two), is_list=len(two) > 1)


def _among(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """ "Which one is longer": of those that are talked of together, of the last two talked of one after the other, of the cards."""
    one_by_one = _talk(state)[-2:] if state.targets else ()
    several = next((one for one in (state.targets, one_by_one, _cards(state)) if len(one) > 1), ())
    return (
        Resolved(targets=several, by_dialogue=True, is_list=True)
        if several
        else _they(pointer, utterance, state, scene)
    )


def _measured(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """ "The shorter one": of what was compared or shown last, the one that is it, as far as the cards tell."""
    said = utterance.limits.comparative or utterance.limits.ordering or ""
    among = {one.series_id for one in state.targets} if len(state.targets) > 1 else set[str | None]()
    cards = [card for card in state.shown if not among or card.series_id in among]
    measure = _BY_MEASURE.get(said)
    known = [card for card in cards if measure and measure(card) is not None]
    if measure is None or len(known) < 2:
        return _among(pointer, utterance, state, scene)
    return Resolved(targets=(min(known, key=lambda card: measure(card) or 0.0).target(),), by_dialogue=True)


def _first_list(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    return _listed(state.lists[:1])


def _earlier_list(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """The list before the one that was shown last."""
    return _listed([one for one in state.lists if one != state.shown][-1:] or state.lists[-1:])


def _listed(lists: Sequence[tuple[Shown, ...]]) -> Resolved:
    targets = tuple(card.target() for cards in lists for card in cards)
    return Resolved(targets=targets, by_dialogue=bool(targets), is_list=len(targets) > 1)


def _short(card: Shown) -> float | None:
    return float(card.series_volumes) if card.series_volumes else None


def _long(card: Shown) -> float | None:
    return -float(card.series_volumes) if card.series_volumes else None


def _cheap(card: Shown) -> float | None:
    return float(card.price) if card.price is not None else None


def _dear(card: Shown) -> float | None:
    return -float(card.price) if card.price is not None else None


_BY_MEASURE: Final[dict[str, Callable[[Shown], float | None]]] = {
    **dict.fromkeys(("shorter", "shortest"), _short),
    **dict.fromkeys(("longer", "longest"), _long),
    **dict.fromkeys(("cheaper", "cheapest"), _cheap),
    "dearest": _dear,
}


def _place(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """Places among the cards. "The last one" after talk of one volume is the last volume."""
    listed = _counted(state, pointer) if len(state.shown) > 1 or not state.targets else state.targets
    if scene.cart and (_has(utterance, _TAKES_OUT) or utterance.sums & {"takes_out", "alone"} or _in_cart_talk(state)):
        listed = tuple(known(one, state) for one in _cart_targets(scene))
    if not listed and not _has(utterance, _PUTS_IN):
        listed = tuple(known(one, state) for one in _cart_targets(scene))
    if pointer.places == (-1,) and len(listed) <= 1:
        return _last_volume(pointer, utterance, state, scene)
    if len(listed) == 1 and len(pointer.places) > 1 and pointer.places[0] == 0 and listed[0].series_id:
        return Resolved(targets=tuple(_volume(listed[0], place + 1) for place in pointer.places), by_dialogue=True)
    if len(listed) == 1 and len(pointer.places) == 1 and pointer.places[0] > 0 and listed[0].series_id:
        return Resolved(targets=(_volume(listed[0], pointer.places[0] + 1),), by_dialogue=True)
    chosen = tuple(listed[place] for place in pointer.places if -len(listed) <= place < len(listed))
    return Resolved(targets=distinct(chosen), by_dialogue=bool(chosen))


def _counted(state: DialogueState, pointer: Pointer) -> tuple[Target, ...]:
    """The cards; from the end only those that the answer told of as well, for that is where its reader counts from."""
    told = tuple(card.target() for card in state.shown if card.told)
    return told if told and any(place < 0 for place in pointer.places) else _cards(state)


_PUTS_IN: Final = frozenset({Act.ADD_TO_CART})
_TAKES_OUT: Final = frozenset({Act.REMOVE_FROM_CART})


def _in_cart_talk(state: DialogueState) -> bool:
    return bool(state.acts) and (ACTS[state.acts[0]].topic == "cart" or state.reckoning.supposes)


def _other(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """The card or the thing of before that is not in focus."""
    keys = {(one.series_id, one.volume, one.format) for one in state.targets}
    rest = tuple(one for one in _cards(state) if not any(_shows(one, of) for of in state.targets))
    rest = rest or tuple(
        one for one in reversed(state.talked_of) if (one.series_id, one.volume, one.format) not in keys
    )
    if not state.targets and len(state.shown) > 1:
        rest = _cards(state)[1:]
    return Resolved(targets=rest[:1], by_dialogue=bool(rest))


def _shows(card: Target, of: Target) -> bool:
    """Whether the card is the book that was talked of: what was left open there, the card decided."""
    same_volume = of.volume is None or card.volume == of.volume
    return card.series_id == of.series_id and same_volume and (of.format is None or card.format is of.format)


def _page(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    return Resolved(targets=(known(scene.page, state),)) if scene.page else _it(pointer, utterance, state, scene)


def _cart(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """Only acts about products take the cart's books as what they are about; the cart's own acts read the cart."""
    of_goods = (heard.act for heard in utterance.acts)
    about_products = any(act is Act.OFFER_ON or ACTS[act].topic in ("product", "series") for act in of_goods)
    putting = _has(utterance, frozenset({Act.ADD_TO_CART}))
    return Resolved(targets=_cart_targets(scene)) if about_products and not putting else NOTHING


def _next_volume(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """Who asks for the next one as such names the last one read: what comes next is worked out from it (T-11)."""
    if any(heard.act is Act.NEXT_VOLUME and heard.stage == "rules" for heard in utterance.acts):
        return Resolved(targets=_from_the_start(focus(state, scene)[-1:], state), by_dialogue=True)
    if Act.NEXT_VOLUME in state.acts and state.targets:
        return Resolved(targets=state.targets[-1:], act=Act.NEXT_VOLUME, by_dialogue=True)
    return _beside(state, scene, 1, Act.NEXT_VOLUME)


def _next_few(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """ "And the next 5 after that": so many volumes after the last one that was talked of."""
    base = focus(state, scene)
    if not base or not base[0].series_id or len({one.series_id for one in base}) > 1:
        return NOTHING
    last = max((one.volume or 0 for one in base), default=0)
    following = tuple(_volume(base[0], last + place + 1) for place in pointer.places)
    return Resolved(targets=following, by_dialogue=True)


def _from_the_start(targets: tuple[Target, ...], state: DialogueState) -> tuple[Target, ...]:
    """After "start with volume 1" what comes next is what comes after that one."""
    if Act.START not in state.acts:
        return targets
    return tuple(_volume(one, 1) if one.series_id and one.volume is None else one for one in targets)


def _previous_volume(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    return _beside(state, scene, -1, None)


def _beside(state: DialogueState, scene: Scene, step: int, otherwise: Act | None) -> Resolved:
    base = focus(state, scene)[-1:]
    if base and base[0].volume is not None and base[0].series_id and base[0].volume + step > 0:
        return Resolved(targets=(_volume(base[0], base[0].volume + step),), by_dialogue=True)
    return Resolved(targets=base, act=otherwise, by_dialogue=True)


def _last_volume(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    return Resolved(targets=series_only(focus(state, scene)[:1]), act=Act.LATEST, by_dialogue=True)


def _first_volume(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    base = focus(state, scene)[:1]
    return Resolved(targets=tuple(_volume(one, 1) for one in base if one.series_id) or base, by_dialogue=True)


def series_only(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """Without a particular volume."""
    return tuple(
        Target(series_id=one.series_id, title=one.title, format=one.format) if one.series_id else one for one in targets
    )


def _like_focus(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    return Resolved(targets=focus(state, scene), by_dialogue=True)


def _nothing(pointer: Pointer, utterance: Utterance, state: DialogueState, scene: Scene) -> Resolved:
    """Orders and offers are no targets."""
    return Resolved(by_dialogue=bool(state.orders or state.codes))


def _cards(state: DialogueState) -> tuple[Target, ...]:
    return tuple(card.target() for card in state.shown)


def _talk(state: DialogueState) -> tuple[Target, ...]:
    return distinct((*state.talked_of, *state.targets))


def _cart_targets(scene: Scene, only: int | None = None) -> tuple[Target, ...]:
    """``only`` that many, or none."""
    return tuple(Target(asin=asin) for asin in scene.cart) if only is None or len(scene.cart) == only else ()


def _has(utterance: Utterance, acts: frozenset[Act]) -> bool:
    return any(heard.act in acts for heard in utterance.acts)


_Resolver = Callable[[Pointer, Utterance, DialogueState, Scene], Resolved]
_POINTED: Final[dict[PointerKind, _Resolver]] = {
    "it": _it,
    "they": _they,
    "place": _place,
    "both": _both,
    "among": _among,
    "choice": _among,
    "measured": _measured,
    "first_list": _first_list,
    "earlier_list": _earlier_list,
    "all": _all,
    "other": _other,
    "page": _page,
    "cart": _cart,
    "next_volume": _next_volume,
    "next_few": _next_few,
    "previous_volume": _previous_volume,
    "last_volume": _last_volume,
    "first_volume": _first_volume,
    "same_author": _like_focus,
    "same_kind": _like_focus,
    "last_order": _nothing,
    "that_offer": _nothing,
}
