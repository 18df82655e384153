"""What a message is asked of: the things that are named, pointed at, proposed or in focus (T-4)."""

from typing import Final

import msgspec

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import DialogueState, Target
from mangaassist.understanding.hearing import OF_BOOKS, VERDICTS, Hearing, agrees, asks_among_cards
from mangaassist.understanding.references import carted, distinct, focus
from mangaassist.understanding.scene import Scene

MOST_IN_FOCUS: Final = 50
_ABOUT_BOOKS: Final = frozenset(
    {*(act for act, row in ACTS.items() if row.topic in ("product", "series")), Act.OFFER_ON, Act.WHY}
)
_SEARCHES: Final = frozenset(act for act, row in ACTS.items() if row.topic == "shelf") - VERDICTS - {Act.WHY}
"""What they look for is in the wish: "she" and "that one" beside them are nothing that is asked about."""
_NAMED_ONLY: Final = frozenset({Act.CARRIES})
"""About a series that the message has to name: "do you have horror" asks about none that is in focus."""
_BY_KIND: Final = frozenset({"genre", "demographic", "author"})
_ASKS_KIND: Final = frozenset(
    {Act.CONTENT, Act.GENRE, Act.AGE_FIT, Act.AUTHOR, Act.BY_SAME_AUTHOR, Act.SIMILAR, Act.WHY}
)


def asked_of(hearing: Hearing, acts: tuple[Act, ...], scene: Scene) -> tuple[Target, ...]:
    """What it is asked of: named, pointed at, proposed; else, for what is asked of books, what is in focus."""
    state = hearing.state
    if hearing.describes_unknown and not all(act in _SEARCHES for act in acts):
        return ()
    if acts[0] in VERDICTS | {Act.COMPARE} and asks_among_cards(hearing):
        several = state.targets if len(state.targets) > 1 else tuple(card.target() for card in state.shown)
        return hearing.resolved.targets or several
    if acts[0] is Act.WHICH_VOLUME or (acts[0] is Act.VOLUMES and "left" in hearing.utterance.sums):
        return hearing.utterance.targets or _several_carted(hearing, scene) or focus(state, scene)[:1]
    if acts[0] in VERDICTS and _of_its_editions(hearing):
        return state.targets
    if hearing.resolved.targets:
        found = hearing.resolved.targets
        return () if all(act in _SEARCHES for act in acts) else _added_up(found, state) if Act.TOTAL in acts else found
    if state.proposal is not None and agrees(hearing) and state.proposal.act in acts[:1]:
        return state.proposal.targets
    if Act.CODE in acts and hearing.last_of(OF_BOOKS | {Act.OFFER_ON}) and hearing.utterance.is_fragment:
        return focus(state, scene)
    of_books = hearing.last_of(OF_BOOKS | {Act.CARRIES, Act.ADD_TO_CART}) is not None or hearing.utterance.limits.copies
    if Act.FREE_SHIPPING in acts and of_books and not scene.cart:
        return focus(state, scene)
    if not any(act in _ABOUT_BOOKS - _NAMED_ONLY for act in acts) or _names_a_kind(hearing, acts):
        return ()
    if hearing.said.like and Act.SIMILAR in acts:
        return ()
    strange = hearing.utterance.words and not hearing.utterance.pointers
    if not state.targets and len(state.shown) > 1 and strange:
        return ()
    if not state.targets and len(state.shown) > 1 and not scene.is_new_to(state) and Act.ADD_TO_CART not in acts:
        return tuple(card.target() for card in state.shown)
    return focus(state, scene) or (carted(scene) if not strange else ())


def _several_carted(hearing: Hearing, scene: Scene) -> tuple[Target, ...]:
    """ "Are these first volumes" of what is in the cart, where nothing is talked of and no page is looked at."""
    alone = not (hearing.state.targets or hearing.state.shown or scene.page)
    return carted(scene) if alone else ()


def _of_its_editions(hearing: Hearing) -> bool:
    """ "The cheapest one" after the box sets of one series is the cheapest of those."""
    one_series = len({one.series_id for one in hearing.state.targets}) == 1
    bare = not (hearing.said.wanted or hearing.said.like or hearing.utterance.words or hearing.utterance.targets)
    return hearing.of_one_book and one_series and bare


def _added_up(found: tuple[Target, ...], state: DialogueState) -> tuple[Target, ...]:
    """ "Together" of one volume: with the other ones of its series that were talked of just before."""
    one = found[0]
    if len(found) > 1 or one.volume is None or found != state.targets:
        return found
    beside = (other for other in state.talked_of if other.series_id == one.series_id and other.volume is not None)
    return distinct((*beside, one))


def _names_a_kind(hearing: Hearing, acts: tuple[Act, ...]) -> bool:
    """ "How much are romance manga" is not about the book in focus."""
    kinds = any(mention.kind in _BY_KIND for mention in hearing.utterance.mentions)
    return kinds and not hearing.utterance.pointers and not any(act in _ASKS_KIND for act in acts)


def with_titles(targets: tuple[Target, ...], scene: Scene) -> tuple[Target, ...]:
    """With the titles of the catalog, where a target has only its series."""
    return tuple(
        one if one.title or not one.series_id else msgspec.structs.replace(one, title=scene.title(one.series_id))
        for one in targets
    )[:MOST_IN_FOCUS]
