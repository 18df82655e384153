"""What a conversation is about so far (T-4): a frozen value, stored with the session, that every turn replaces."""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from mangaassist.domain.acts import Act
from mangaassist.domain.products import Format
from mangaassist.domain.wishes import EMPTY_WISH, Label, Wish


class Target(Struct, frozen=True, kw_only=True):
    """Something of the catalog that is talked about: a series, one volume or edition of it, or a product by its ASIN.

    ``series_id`` is None for an ASIN that nobody has looked up yet. ``volume`` None means no particular one.
    """

    series_id: str | None = None
    title: str = ""
    volume: int | None = None
    format: Format | None = None
    asin: str | None = None
    score: float = 1.0
    """How surely the shopper named it: 1.0 for an exact name, lower for a misspelt one."""


class Shown(Struct, frozen=True, kw_only=True):
    """A card as it was shown, or an order as it was told: what "the second one" counts."""

    asin: str
    series_id: str
    title: str
    series_title: str = ""
    volume: int | None = None
    format: Format | None = None
    reason: str = ""
    series_volumes: int = 0
    """How long its series is: what "shorter" is measured by. 0 where nobody knows."""
    price: Decimal | None = None
    """What it cost when it was shown, in the store's currency: what "cheaper" is measured by, never what is told."""
    told: bool = True
    """Whether the answer's text named it: "the last one" is the last that was told, whatever cards stood beside it."""

    def target(self) -> Target:
        return Target(
            series_id=self.series_id or None,
            title=self.series_title or self.title,
            volume=self.volume,
            format=self.format,
            asin=self.asin,
        )


class Proposal(Struct, frozen=True):
    """What the assistant offered to do: "yes" does it (``wish`` replaces the one so far), "no" does not."""

    act: Act
    wish: Wish = EMPTY_WISH
    targets: tuple[Target, ...] = ()


class Rate(Struct, frozen=True):
    """So many books every so often: "3 a month"."""

    count: int
    every: Literal["week", "month", "year"]


class Reckoning(Struct, frozen=True, kw_only=True):
    """How a sum is to be worked out: so many copies of each, without the volumes that the shopper has, with shipping or not;
    with a ``budget``, how many volumes it buys. What begins with "what if" is worked out for each choice that it leaves open."""

    copies: int = 1
    without: tuple[int, ...] = ()
    with_shipping: bool = False
    budget: Decimal | None = None
    once_more: bool = False
    """One of them twice, whichever."""
    left_out: tuple[str, ...] = ()
    """ASINs or series ids of what would be taken out of the cart."""
    one_out: bool = False
    """One thing would be taken out of the cart, whichever."""
    added: bool = False
    """What is asked of would be put into the cart."""
    left: bool = False
    """How many volumes are left after the one that is talked of."""
    last_few: int = 0
    """So many volumes from the end of a series."""
    with_code: bool = False
    """With the code that works on it."""
    whole: bool = False
    """Offers are asked of a whole series, in single volumes: "if i buy all of it at once"."""
    fills_up: bool = False
    """What could be put into the cart as well, so that it ships free."""

    cheapest: bool = False
    """Of what could be put in, the one thing that costs least and is enough."""
    parts: int = 0
    """So many people share it; 0 where nobody does."""
    rate: Rate | None = None
    """How many are bought at a time."""
    against: Literal["", "cheapest", "dearest"] = ""
    """Whether it is asked which of several whole series costs least, or most."""

    @property
    def supposes(self) -> bool:
        """Whether it is about another cart than the one that is there."""
        return bool(self.left_out) or self.one_out or self.added


PLAIN_SUM = Reckoning()


SpecialCase = Literal[
    "",
    "misprint",
    "own_accident",
    "aged",
    "damaged_set",
    "opened_set",
    "dented_box",
    "other_book",
    "unsealed",
    "preorder",
    "backwards",
]
"""What the store has a rule of its own for, whatever holds for other books: a printing defect, what the shopper or time did to a
book, a box set that came damaged, one that may be opened, a box that may be a set's, another book in place of the one bought,
a wrap that is off, a book that is not out yet; and what is no fault at all, that one reads backwards."""
AfterTold = Literal["", "done", "why"]
"""How a message takes up what was told: it was done already and did not help, or the reason is asked for."""
OrderAspect = Literal[
    "others_too",
    "carrier",
    "number",
    "never_comes",
    "release",
    "paid",
    "paid_with",
    "discount",
    "refund_amount",
    "refund_when",
    "refund_where",
    "refund_card",
    "refund_gift_card",
    "send_back",
    "deadline",
    "add_items",
    "elsewhere",
    "next_step",
    "owned",
    "contents",
    "receipt",
    "change_payment",
    "how_long",
    "go_ahead",
    "money_back",
    "address",
    "spent",
    "faster",
    "was_read",
    "lost_number",
    "not_listed",
    "charge",
    "if_shipped",
    "money_or_book",
    "split",
]
"""What of an order is asked for by itself: who brings it, whether it is paid, how much comes back, whether the old copy is kept."""


AskedFor = Literal["", "taste", "order", "product", "reader", "which"]
"""What the assistant asked the shopper back: the next fragment is likely the answer to it."""


class DialogueState(Struct, frozen=True, kw_only=True):
    """Bounded, whatever the length of the conversation. Lists are oldest first."""

    acts: tuple[Act, ...] = ()
    """Those of the last answered message."""
    question: str = ""
    """The last message, made self-contained."""
    targets: tuple[Target, ...] = ()
    """In focus: what "it" and "they" are."""
    talked_of: tuple[Target, ...] = ()
    """In focus before: what "all three" are. At most 8."""
    shown: tuple[Shown, ...] = ()
    """The cards of the newest answer that had any."""
    lists: tuple[tuple[Shown, ...], ...] = ()
    """The lists that were found so far, the newest last: what "the first list" is. At most 4."""
    shown_series: tuple[str, ...] = ()
    """Series ids of everything shown. At most 60."""
    wish: Wish = EMPTY_WISH
    wishes: tuple[Wish, ...] = ()
    """All wishes of the last list, where it was for several people."""
    asked_content: tuple[Label, ...] = ()
    """What was asked of a book's content last: how scary, how sad."""
    reckoning: Reckoning = PLAIN_SUM
    """How the last sum was worked out."""
    read: tuple[str, ...] = ()
    """Series that the shopper has read or owns. At most 60."""
    refused: tuple[str, ...] = ()
    """Series that the shopper turned down. At most 60."""
    orders: tuple[str, ...] = ()
    """Order numbers in focus, the one talked of last first."""
    order_topic: Act | None = None
    """What was asked of orders last, for as long as nothing else than pages is talked of."""
    aspects: tuple[OrderAspect, ...] = ()
    """What of an order was asked for by itself."""
    problem: Act | None = None
    """What was wrong with what came, as long as an order is talked of."""
    case: SpecialCase = ""
    """What the store has a rule of its own for: a misprint."""
    codes: tuple[str, ...] = ()
    """Codes or offer ids in focus."""
    places: tuple[tuple[str, str], ...] = ()
    """Countries in focus, each by its ISO code and as it was said."""
    called: str = ""
    """The name that the shopper gave."""
    refused_data: bool = False
    """Whether the last message asked for another customer's data."""
    page: str = ""
    """The title of the help page in focus."""
    topic: str = ""
    """What of the store's ways is talked of, in a word or two: "gift card"."""
    here: str = ""
    """The ASIN of the product page that the last message came from: another one now is where the shopper looks."""
    proposal: Proposal | None = None
    asked_for: AskedFor = ""
    chosen: str = ""
    """The id of the series of ``targets`` that the answer before named as the one: the funnier, the better rated."""
    phrases: tuple[str, ...] = ()
    """Keys of the wordings used so far, so that none opens two answers. At most 80."""
    summary: str = ""
    """What the turns that are no longer remembered were about, in words."""


NEW_DIALOGUE = DialogueState()
