"""A message beside what it points at and what was talked of: what its acts, targets and wishes are decided by (T-4)."""

from typing import Final

from msgspec import Struct

from mangaassist.domain.acts import ACTS, MOVES, Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.meaning import HeardAct
from mangaassist.domain.wishes import Wish
from mangaassist.understanding.references import Resolved
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.wish_merging import says_something

OF_ORDERS: Final = frozenset(act for act, row in ACTS.items() if row.topic == "order")
OF_SHELF: Final = frozenset(
    {*(act for act, row in ACTS.items() if row.topic == "shelf"), Act.SIMILAR, Act.BY_SAME_AUTHOR} - {Act.REMEMBER}
)
OF_PAGES: Final = frozenset(act for act, row in ACTS.items() if row.topic == "page")
OF_BOOKS: Final = frozenset(act for act, row in ACTS.items() if row.topic in ("product", "series")) - OF_SHELF
VERDICTS: Final = frozenset({Act.CHEAPEST, Act.DEAREST, Act.BEST_RATED, Act.LONGEST, Act.SHORTEST})
"""Which of several is the cheapest, dearest, best, longest or shortest."""
_BY_ORDERING: Final[dict[str, Act]] = {
    "cheapest": Act.CHEAPEST,
    "dearest": Act.DEAREST,
    "best": Act.BEST_RATED,
    "longest": Act.LONGEST,
    "shortest": Act.SHORTEST,
}
_BY_COMPARATIVE: Final[dict[str, Act]] = {
    "cheaper": Act.CHEAPEST,
    "longer": Act.LONGEST,
    "shorter": Act.SHORTEST,
}
"""What "which one is longer" asks; without "which" such a word asks for another book."""
PROBLEMS: Final = frozenset({Act.DAMAGED, Act.WRONG_ITEM, Act.MISSING_ITEM, Act.EXCHANGE, Act.NOT_RECEIVED, Act.LATE})
"""What went wrong with an order: shoppers tell it in words that no page holds."""
FAULTS: Final = frozenset({Act.DAMAGED, Act.WRONG_ITEM, Act.MISSING_ITEM})
"""What was wrong with what came."""
OF_CART: Final = frozenset({*(act for act, row in ACTS.items() if row.topic == "cart")})
SHORT: Final = 5
"""Telling words of a message that hardly says by itself what it is about."""
ABROAD: Final = frozenset({Act.SHIPS_TO, Act.DELIVERY_TIME, Act.SHIPPING_COST})
"""What depends on the country that it goes to."""


class Hearing(Struct, frozen=True, kw_only=True):
    """A message with all that is known when its acts are decided. ``said`` is its own wish, before it is merged."""

    utterance: Utterance
    state: DialogueState
    resolved: Resolved
    said: Wish
    has_cart: bool = False

    @property
    def own(self) -> tuple[HeardAct, ...]:
        """What it asks by itself, moves left out."""
        return tuple(heard for heard in self.utterance.acts if heard.act not in MOVES)

    @property
    def ruled(self) -> tuple[HeardAct, ...]:
        return tuple(heard for heard in self.own if heard.stage == "rules")

    def moves(self, *acts: Act) -> bool:
        return any(heard.act in acts for heard in self.utterance.acts)

    @property
    def last(self) -> Act | None:
        return self.state.acts[0] if self.state.acts else None

    def last_of(self, acts: frozenset[Act]) -> Act | None:
        """The last message's first act among ``acts``."""
        return next((act for act in self.state.acts if act in acts), None)

    @property
    def order_topic(self) -> Act | None:
        """What was asked of orders last, pages that were told since aside."""
        return self.state.order_topic

    def mentions(self, kind: str) -> bool:
        return any(mention.kind == kind for mention in self.utterance.mentions)

    def points(self, *kinds: str) -> bool:
        return any(pointer.kind in kinds for pointer in self.utterance.pointers)

    @property
    def wishes(self) -> bool:
        return says_something(self.said)

    @property
    def wishes_for_books(self) -> bool:
        """Whether it describes books, beyond how dear, long or new they are."""
        return bool(self.said.wanted or self.said.unwanted or self.said.like or not self.said.price.is_open)

    @property
    def in_shelf_talk(self) -> bool:
        """Whether the last thing said was a list of books or a question about what to read."""
        return self.last in OF_SHELF or self.state.asked_for in ("taste", "reader")

    @property
    def of_one_book(self) -> bool:
        """Whether the last message was about a book and not about what to read."""
        return self.last_of(OF_BOOKS) is not None and not self.in_shelf_talk

    @property
    def held_against_shown(self) -> bool:
        """ "Is that one darker" after others by its maker: the first of them, held against the book that was talked of."""
        others = self.last in (Act.BY_SAME_AUTHOR, Act.SIMILAR) and len(self.state.targets) == 1
        shown = self.state.shown[:1]
        apart = shown and shown[0].series_id != self.state.targets[0].series_id if others else False
        bare = not (self.names_other_books or self.said.like or self.points("among", "both", "place"))
        return bool(apart and bare and self.points("it") and self.utterance.limits.comparative)

    @property
    def describes_unknown(self) -> bool:
        """ "The bald guy one" of a list where nobody found which one that is: it is none rather than the first."""
        several = len(self.state.shown) > 1
        definite = any(pointer.kind not in ("it", "they", "cart") for pointer in self.utterance.pointers)
        return self.utterance.describes_one and several and not definite and not self.utterance.targets

    @property
    def names_other_books(self) -> bool:
        """Whether it names books itself, whatever was talked of."""
        return bool(self.utterance.targets or self.utterance.volumes)

    @property
    def names_no_thing(self) -> bool:
        """Whether it names nothing that the store has, whatever its words: "until when", "and who pays"."""
        return not (self.resolved.targets or self.wishes or self.utterance.mentions)

    @property
    def names_nothing(self) -> bool:
        return not (self.resolved.targets or self.wishes or self.utterance.mentions or self.utterance.words)


def agrees(h: Hearing) -> bool:
    """Whether it takes up what was offered: "yes"; "tell me more" where more about the same book was offered."""
    if h.state.proposal is None:
        return False
    onward = h.utterance.is_onward and h.of_one_book and h.state.proposal.act in OF_BOOKS
    return onward or (h.moves(Act.YES) and not h.ruled)


def asks_among_cards(h: Hearing) -> bool:
    """Whether it asks which of the things that are talked of is the cheapest, dearest or best."""
    several = len(h.state.shown) > 1 or len(h.state.targets) > 1
    # After "the most expensive in the shop", "and the cheapest?" is asked of the shop as well.
    by_order = h.state.wish.ordering is not None
    of_shelves = h.last in VERDICTS and not h.resolved.is_list and not h.of_one_book and by_order
    bare = h.utterance.limits.ordering in ("shortest", "longest") and not h.ruled and not h.utterance.words
    about_shown = h.resolved.is_list or ((h.utterance.is_fragment or bare) and several and not of_shelves)
    narrows = h.said.wanted or h.said.unwanted or h.said.like or not h.said.price.is_open
    return bool(about_shown and not narrows and not _settles_elsewhere(h) and verdict_of(h) is not Act.SELECT)


def verdict_of(h: Hearing) -> Act:
    heard = next((heard.act for heard in h.ruled if heard.act in VERDICTS), None)
    limits = h.utterance.limits
    after_verdict = h.last in VERDICTS and len(h.state.shown) > 1 and h.state.wish.ordering is None
    chooses = h.points("among") or len(h.state.targets) > 1 or (after_verdict and len(h.utterance.stems) <= 1)
    compared = _BY_COMPARATIVE.get(limits.comparative) if chooses else None
    return heard or compared or _BY_ORDERING.get(limits.ordering or "", Act.SELECT)


def topic_asked(h: Hearing, acts: tuple[Act, ...]) -> Act | None:
    """The topic that the pages have to be asked about beside the message's own words; None where those say it."""
    if acts[0] in PROBLEMS:
        return acts[0]
    if acts[0] is Act.REFUND_STATUS:
        return acts[0]
    topic = h.last_of(
        OF_ORDERS | {Act.HUMAN, Act.CALLBACK, Act.COMPLAINT}
        if h.ruled
        else OF_ORDERS | {Act.CODE, Act.OFFERS, Act.HUMAN, Act.CALLBACK, Act.COMPLAINT, Act.CHECKOUT_PROBLEM}
    )
    goes_on = acts[0] in (Act.POLICY, topic) and len(h.utterance.stems) <= SHORT
    return topic if topic is not None and goes_on and not h.utterance.targets else None


def _settles_elsewhere(h: Hearing) -> bool:
    chosen = {Act.COMPARE} if h.points("among") else set[Act]()
    return any(heard.act not in VERDICTS | {Act.FIND} | chosen for heard in h.ruled)
