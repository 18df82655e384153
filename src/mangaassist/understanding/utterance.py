"""What one message says by its own words alone: the value between reading the text and knowing the dialogue.

Nothing after it looks at the text again; ``state.merge`` makes a ``Meaning`` of it and the dialogue so far.
"""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from mangaassist.domain.claims import NO_CLAIM, Claim
from mangaassist.domain.days import NamedDay
from mangaassist.domain.dialogue import AfterTold, OrderAspect, Rate, SpecialCase, Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import (
    ANY_ORDER,
    AskedAs,
    Asker,
    AskingClause,
    Care,
    HeardAct,
    OrderSelection,
    Premise,
    Tally,
    Untold,
)
from mangaassist.domain.products import Format
from mangaassist.domain.wishes import ANY_RANGE, LabelKind, Ordering, Range, Reader

Role = Literal["named", "wanted", "unwanted", "read", "owned", "like", "unlike"]
"""``named``: spoken of, and the acts say what about; ``wanted`` and ``unwanted`` describe what is looked for ("not Junji Ito");
``read`` and ``owned`` are known already ("already own X"); ``like`` and ``unlike`` measure ("like X", "nothing like X")."""

MentionKind = LabelKind | Literal["volume", "order", "asin", "code", "goods", "country", "person"]


class Mention(Struct, frozen=True, kw_only=True):
    """A stretch of the folded text that names something. ``value`` is the catalog's, store's or ISO word for it."""

    kind: MentionKind
    value: str
    said: str
    start: int
    end: int
    role: Role = "named"
    score: float = 1.0

    @property
    def is_refused(self) -> bool:
        return self.role in ("unwanted", "unlike")


class Limits(Struct, frozen=True, kw_only=True):
    """Numbers with a comparator and a unit, read once: "under $15", "5 volumes max", "from the 90s", "for a 9yo"."""

    price: Range = ANY_RANGE
    volumes: Range = ANY_RANGE
    year: Range = ANY_RANGE
    in_full: bool = False
    """Whether the price is one of a whole series."""
    pages: str = ""
    """How many pages a book shall have, as it was said: "under 300 pages"."""
    reader: Reader | None = None
    finished: bool | None = None
    in_stock: bool = False
    ordering: Ordering | None = None
    count: int | None = None
    copies: int | None = None
    """ "Two copies of it"."""
    next_few: int | None = None
    """ "The next 3" of a series."""
    comparative: Literal[
        "",
        "cheaper",
        "shorter",
        "longer",
        "lighter",
        "darker",
        "older",
        "newer",
        "scarier",
        "milder",
        "funnier",
        "sadder",
    ] = ""
    """Measured by what was shown: "something shorter", "not as long", "less gory"."""
    amount: Decimal | None = None
    """An amount that bounds nothing: "is it really $5?"."""


SumMark = Literal["supposes", "takes_out", "once_more", "fills_up", "coded", "alone", "left", "dearer"]
"""Of a sum: "what if i …", "… take one out", "… one of them twice", "what could i add to get there", "with the code",
"only the first", "how many are left" and "which costs more"."""


PointerKind = Literal[
    "it",
    "they",
    "place",
    "both",
    "among",
    "choice",
    "measured",
    "first_list",
    "earlier_list",
    "all",
    "other",
    "page",
    "cart",
    "next_volume",
    "next_few",
    "previous_volume",
    "last_volume",
    "first_volume",
    "same_author",
    "same_kind",
    "last_order",
    "that_offer",
]


class Pointer(Struct, frozen=True, kw_only=True):
    """A word that points: "it", "the second one" (``places`` (1,), -1 is the last), "both", "the next one"."""

    kind: PointerKind
    places: tuple[int, ...] = ()
    start: int = 0
    end: int = 0


class Utterance(Struct, frozen=True, kw_only=True):
    """``acts`` are those that rules heard, the first in the message first; ``settled`` says that they leave nothing open, so that
    no model is asked. ``targets`` are the series, volumes and products that are named to be spoken of.
    """

    text: str
    folded: str
    language: str = "en"
    mentions: tuple[Mention, ...] = ()
    targets: tuple[Target, ...] = ()
    volumes: tuple[int, ...] = ()
    """Volume numbers without a series: "and 4?", "vol 3 instead"."""
    formats: tuple[Format, ...] = ()
    limits: Limits = Limits()
    pointers: tuple[Pointer, ...] = ()
    acts: tuple[HeardAct, ...] = ()
    apart: tuple[HeardAct, ...] = ()
    """What each of several clauses surely asks, where they ask for different things; empty for any other message."""
    clauses: tuple[AskingClause, ...] = ()
    """Its questions, each by itself; empty where it asks only one."""
    aside: tuple[str, ...] = ()
    """Series that another clause names than the one that asks of an order: "where is my order and do you have akira"."""
    settled: bool = False
    intents: tuple[tuple[Intent, float], ...] = ()
    """What the model says of the message as a whole, likeliest first; empty where it was not asked."""
    words: tuple[str, ...] = ()
    """The describing words that nothing above covers, as typed."""
    counts: bool = False
    """Asks how many there are: "how many of those", "how many volumes are in it"."""
    quotable: tuple[str, ...] = ()
    """Those of them that it surely says of what it looks for: "something dumb n funny"."""
    telling: tuple[str, ...] = ()
    """``words``, with those that only its acts explain: all that it asks about beside names, kinds and limits."""
    refusing: tuple[str, ...] = ()
    """Words that refuse and describe nothing: "sick", "of"."""
    refused_words: tuple[str, ...] = ()
    """Those that a refusal stands before: "nothing with bugs"."""
    experienced: tuple[tuple[int, Role], ...] = ()
    """Where the titles begin of which it tells that somebody knows them or gave them up, with what they are for them."""
    recalls: str = ""
    """What it tells of the one book that it tries to recall: "a doctor saves a boy who grows up to kill"."""
    stems: tuple[str, ...] = ()
    """The telling words of all of it, stemmed."""
    selection: OrderSelection = ANY_ORDER
    """Which of several orders it would mean, if it is about orders: "the most recent one", "the delivered ones"."""
    tally: Tally = ""
    """What it would ask of several of the shopper's orders together: "how many havent arrived", "what did i buy so far"."""
    tallies_own: bool = False
    """Whether it says itself that these are the shopper's: else it may ask about whatever is talked of."""
    case: SpecialCase = ""
    """What it would have a rule of its own for, if it is about sending back or a faulty book."""
    after: AfterTold = ""
    """How it takes up what was told: "checked spam", "why not"."""
    aspects: tuple[OrderAspect, ...] = ()
    """What of an order it would ask for by itself: "who is the carrier", "have i paid for it"."""
    minutes_ago: int | None = None
    """Of a moment that is just past: "it was like 10 min ago"."""
    day: NamedDay | None = None
    """The first day that is named: "by friday", "sundays?"."""
    care: Care = ""
    premise: Premise = ""
    claim: Claim = NO_CLAIM
    """What it would take to be so of a series and asks to hear confirmed."""
    store_question: str = ""
    """The key of a question of the store's ways that it asks in words that no page holds, whatever it names beside."""
    measures: tuple[str, ...] = ()
    """What it measures things by: "which is funnier", "is it like haikyu"."""
    aspect_less: bool = False
    aspect_which: bool = False
    """Whether it asks which of several has more of it."""
    aspect_than: bool = False
    """Whether one is held against another: "is it sadder than nana"."""
    called: str = ""
    """The name that the shopper gives."""
    untold: Untold = ""
    """What it would ask for that no catalog tells of a book: "does she end up with him", "is the print big"."""
    upset: bool = False
    is_fragment: bool = False
    """Makes no sense by itself: "and 4?", "the other one", "not scary tho", "why?"."""
    describes_one: bool = False
    """Describes a book instead of naming it: "the robot one"."""
    is_either: bool = False
    """One of the tastes that it names is enough: "chess or board games"."""
    is_another: bool = False
    """Begins another wish: "and for me something dark"."""
    allows: bool = False
    """Only lets in what might have been left out: "old ones are fine"."""
    is_onward: bool = False
    """Only asks to go on with what was told: "more", "tell me more", "go on"."""
    is_question: bool = False
    is_pleading: bool = False
    """Begins by pressing for something: "please", "come on"."""
    joins: bool = False
    """Holds a word that adds one thing to another: "and", "also"."""
    parts: int = 0
    """How many people share a sum: "5 of us split it"."""
    rate: Rate | None = None
    """How many books are bought at a time: "3 a month"."""
    percent: int | None = None
    """ "The 30% code"."""
    asker: Asker = ""
    asked_as: AskedAs = ""
    """Whom a question for yes or no is about."""
    asks_ongoing: bool = False
    """Asks whether something still goes on: "is it still running"."""
    asks_either: bool = False
    """Asks which of both is so: "finished or still going"."""
    asks_must: bool = False
    """Asks whether something has to be: "do i need an account"."""
    is_negated: bool = False
    """Begins by turning down what was said: "no", "nah not that one"."""
    is_instead: bool = False
    """Replaces what was wanted: "actually romance instead"."""
    corrects: bool = False
    """Names the title that was meant before: "no, i meant solanin"."""
    is_whole: bool = False
    """Means all of a series: "and the whole series?"."""
    with_shipping: bool = False
    """Of a sum: with the shipping."""
    adds: bool = False
    """Adds to a sum: "plus vol 6"."""
    is_up_to: bool = False
    """ "Up to 60": the volume that is named and all before it."""
    sums: frozenset[SumMark] = frozenset()
    """How a sum, or the cart, would be another one."""
    takes_off: bool = False
    """Takes off a sum: "minus the first two, i have those"."""
    readers: tuple[Reader | None, ...] = ()
    """For whom each part between ``splits`` is; empty where there is but one part."""
    splits: tuple[int, ...] = ()
    """Places in ``folded`` where another wish begins: "mecha for me and | something about fashion for her"."""
