"""What a message says: what is asked of what, the things it names, and what "the second one" refers to."""

from typing import Final, Literal, get_args

from msgspec import Struct

from mangaassist.domain.acts import Act, Topic
from mangaassist.domain.claims import NO_CLAIM, Claim
from mangaassist.domain.days import DaySpan, NamedDay
from mangaassist.domain.dialogue import PLAIN_SUM, AfterTold, OrderAspect, Reckoning, SpecialCase, Target
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.intents import Intent
from mangaassist.domain.wishes import EMPTY_WISH, Reader, Wish


class IntentGuess(Struct, frozen=True):
    """``stage`` says who decided: the rules (stage 1) or the model (stage 2)."""

    intent: Intent
    confidence: float
    stage: Literal["rules", "model"]
    secondary: Intent | None = None


class HeardAct(Struct, frozen=True):
    """One act of a message (T-10). ``stage`` says who heard it: rules, the model, or the dialogue that it goes on from."""

    act: Act
    confidence: float = 1.0
    stage: Literal["rules", "model", "dialogue"] = "rules"


class AskingClause(Struct, frozen=True):
    """One of several clauses that ask, in the shopper's words; ``act`` is what a rule surely heard in it, None where none did."""

    text: str
    act: HeardAct | None = None


Care = Literal["", "distress", "danger", "other_customer", "child", "secret", "sorrow"]
"""What comes before everything else (G-1, G-11): somebody in distress, in danger, another customer's data, a child who asks
for mature titles, a card number or password typed into the chat, and last the bad news that somebody tells."""
ALONE: Final[frozenset[Care]] = frozenset({"distress", "danger", "other_customer", "child"})
"""These are the whole answer; what is said beside the others is answered as well."""

Telling = Literal["", "moved", "glad", "grumble", "life"]
"""What a message only tells, and asks nothing: how a book moved somebody, what made them glad, what annoys them of prices or of our
answers, what their day or their shelf is like."""

Premise = Literal[
    "",
    "price",
    "offer",
    "stock",
    "volumes",
    "sequel",
    "edition",
    "promise",
    "multibuy",
    "sales",
    "ending",
    "cancelled",
    "complete_set",
    "before",
]
"""What the message takes for granted, or asks to hear confirmed, and the evidence knows better: "since everything is 50 % off", "is
the box the whole story", "do i have to read anything before it"."""


Untold = Literal["", "cover", "story", "making", "going", "taste", "sold", "maker", "currency"]
"""What is asked of a book that no catalog tells: who is on its cover, what happens in it, how it is printed, whether it keeps its
level, whether somebody will like it, how much of it was sold, who its makers are, what it costs in other money."""
UNTOLD: Final[tuple[Untold, ...]] = tuple(kind for kind in get_args(Untold) if kind)


OrderPick = Literal[
    "latest",
    "oldest",
    "placed",
    "shipped",
    "delivered",
    "cancelled",
    "refunded",
    "preorder",
    "backorder",
    "gift",
    "parcels",
    "sent_back",
    "soonest",
    "under_way",
]
"""Which of several orders is meant: by its age, by where it stands, by what it is ("my preorder", "the one I sent back"); those
that are ``under_way`` have not arrived, shipped or not."""
BY_AGE: Final[frozenset[OrderPick]] = frozenset({"latest", "oldest", "soonest"})
"""Of those that fit, one alone: the newest, the oldest, the one that is due first."""


class OrderSelection(Struct, frozen=True):
    """Which of a shopper's orders are meant; all that is named has to hold of them."""

    picks: tuple[OrderPick, ...] = ()
    days: DaySpan | None = None
    """When it was placed, delivered or refunded: "from last week", "yesterday's"."""

    @property
    def is_open(self) -> bool:
        return not self.picks and self.days is None

    @property
    def kinds(self) -> tuple[OrderPick, ...]:
        """The picks that do not choose one alone."""
        return tuple(pick for pick in self.picks if pick not in BY_AGE)


ANY_ORDER: Final = OrderSelection()

Tally = Literal["", "rest", "due", "count", "books", "bought", "sum", "dearest", "cheapest"]
"""What is asked of several of the shopper's own orders together: whether a rest is still to come, what comes until a day, how many
there are, how many books they hold, what was bought, which book or order cost most or least. Of which orders, an
``OrderSelection`` says."""


FAR_TOPICS: Final = frozenset({"shipping to hawaii or alaska", "po box"})
"""Topics of places at home to which the usual days do not hold: their page tells them."""

Fault = Literal["", "damaged", "misprint", "wrong_item", "missing_item"]
"""What was wrong with what came, each with a rule of its own."""
_FAULTS: Final[dict[Act, Fault]] = {
    Act.DAMAGED: "damaged",
    Act.WRONG_ITEM: "wrong_item",
    Act.MISSING_ITEM: "missing_item",
}


Asker = Literal["", "shopper", "store", "it"]
"""Whom a question for yes or no is about: "can i", "do you", "is it"; empty where no yes or no is asked for."""


AskedAs = Literal["", "turned", "open", "choice"]
"""How a yes in front of an answer would be heard: as yes to what is asked; ``turned`` round ("is it too late"); or as yes to
nothing, since a thing was asked for (``open``: "what did i pay") or one of two (``choice``: "do i send it back or keep it")."""


class Meaning(Struct, frozen=True, kw_only=True):
    """A message understood, complete without what came before it (T-4).

    ``text`` is for the prompt and the record: nothing after understanding matches its words (the house's rule 3).
    """

    text: str
    guess: IntentGuess
    acts: tuple[HeardAct, ...] = ()
    """What is asked, the most important first; never a move alone (``domain/acts.MOVES``)."""
    targets: tuple[Target, ...] = ()
    """What it is asked of: series, volumes, editions, products; what "it", "both" and "the second one" were resolved to."""
    sought: tuple[Wish, ...] = ()
    """The wishes, each complete with what earlier messages said; more than one where the message holds two ("mecha for me
    and something about fashion for my girlfriend")."""
    other_works: tuple[str, ...] = ()
    """Works of other media that were asked for by name alone ("harry potter"), as the shopper wrote them."""
    titles: tuple[tuple[str, str], ...] = ()
    """Id and title of every series that the message names, whatever of it is said."""
    unknown: tuple[str, ...] = ()
    """Telling words of a message that names nothing of the catalog: they may be a title that it lacks."""
    orders: tuple[str, ...] = ()
    """Order numbers named or in focus."""
    order_items: tuple[str, ...] = ()
    """Series ids or words by which the message names what an order holds ("the monster one")."""
    selection: OrderSelection = ANY_ORDER
    """Which orders are meant by age, state, kind or day; open where the message does not say it."""
    tally: Tally = ""
    """What is asked of those orders together."""
    place_asked: int | None = None
    """Of "is this the first one": 0, of "is it the last one": -1; None where no place is named."""
    case: SpecialCase = ""
    after: AfterTold = ""
    """How it takes up what was told: "checked spam", "neighbors don't have it", "why not"."""
    aspects: tuple[OrderAspect, ...] = ()
    """What of an order is asked for by itself; the most telling one first."""
    problem: Act | None = None
    """What was wrong with what came, as far as the talk of the order has told: what "do i have to send it back" is about."""
    aside: tuple[str, ...] = ()
    """Series that are asked about beside an order, in another clause: no order is looked for by them."""
    codes: tuple[str, ...] = ()
    offer_words: tuple[str, ...] = ()
    """Words of the offer that is meant: "the sports deal" -> ("sports",); "student discount" -> ("student",)."""
    goods: tuple[str, ...] = ()
    """Things beside what a bookstore sells first that are asked for: "figures", "light novels"."""
    countries: tuple[str, ...] = ()
    """ISO 3166 codes of countries that are named."""
    places: tuple[str, ...] = ()
    """The same countries as they were said, carried on where a follow-up asks more about them."""
    minutes_ago: int | None = None
    """Of "i ordered 10 min ago"."""
    day: NamedDay | None = None
    """The day that is named: until when something is needed, or on which somebody is asked for."""
    read: tuple[str, ...] = ()
    """Series ids that the shopper has read or owns, this message's included."""
    avoid: tuple[str, ...] = ()
    """Series ids that shall not be suggested: read, refused, or shown before while something else is asked for."""
    seen: tuple[str, ...] = ()
    """Series ids of the list that was shown last: whoever wants more of them is told others first."""
    told: tuple[str, ...] = ()
    """Those of them that the text of the answer told of, where it was more than one."""
    refused: tuple[str, ...] = ()
    """Series ids that the shopper has turned down so far, this message's included."""
    here: str = ""
    """The ASIN of the product page that the message came from."""
    premise: Premise = ""
    claim: Claim = NO_CLAIM
    """What it takes to be so of the first of ``targets``, and asks to hear confirmed."""
    untold: Untold = ""
    """What it asks that no catalog tells, so that this is said before what is known beside it."""
    telling: Telling = ""
    """What it only tells, asking nothing."""
    store_question: str = ""
    """The key of a question of the store's ways that is asked in words that no page holds: "amazon has it for $7"."""
    reckoning: Reckoning = PLAIN_SUM
    """How what is asked for is summed, where it is."""
    counted: bool = False
    """How many there are is asked, of books of an edition as of volumes."""
    quotable: tuple[str, ...] = ()
    """Describing words that it surely says of what it looks for: what is quoted where nothing answers them."""
    question: str = ""
    """The self-contained question: what retrieval searches for and a model is asked (T-4)."""
    own_question: str = ""
    """What retrieval searches for where a page that the message finds by itself may decide what is asked (M-2)."""
    recalls: str = ""
    """What it tells of the one book that it tries to recall; empty where it names what it means."""
    would_seek: Wish = EMPTY_WISH
    """The wish of a message that looks for books; of any other what it would look for, if it did."""
    wish_question: str = ""
    """The message without the words for what is sold, which say nothing of which of it: what the guides are searched for."""
    page_questions: tuple[str, ...] = ()
    """The message joined with what of the store's ways is talked of, if it may go on about that: "gift card: no email came"."""
    topic: str = ""
    """What of the store's ways the message names itself: "gift card"."""
    describes: tuple[str, ...] = ()
    """The telling words of the question, stemmed: what a help page's sentences are chosen by."""
    fresh: tuple[str, ...] = ()
    """Those of the message itself, where ``describes`` holds words of the question that it goes on from."""
    aspect: str = ""
    """What several series are measured by: "scary", "easy", "better", or "alike" (the writer's ``aspects.toml``)."""
    aspect_less: bool = False
    """Whether the one that has less of it is asked for: "which is less scary"."""
    aspect_than: bool = False
    """Whether the first is asked about, held against the other: "is it scarier than uzumaki"."""
    left_over: str = ""
    """What a question about a book asks that no act explains, in the shopper's words: "waterproof", "right to left"."""
    wants_answers: tuple[tuple[str, float], ...] = ()
    """The chunks of the pages' answers that it asks for in its conversation, each with how likely it does, the likeliest first;
    empty where none is asked for or nobody judged (K-2)."""
    wants_page: str = ""
    """The help page in focus, where a follow-up goes on about it."""
    told_page: str = ""
    """The help page that was told last, where a follow-up may go on about that one as well."""
    in_dialogue: float = 0.0
    """How likely the first act is by a trained reading of the whole dialogue, 0 to 1; 0 where none was asked."""
    likely: tuple[tuple[Topic, float], ...] = ()
    """How likely something of each topic is asked, by the same reading; empty where none was asked."""
    care: Care = ""
    reader: Reader | None = None
    """For whom it is, as this message says it, whatever it asks: "i'm 11, can i buy it"."""
    called: str = ""
    """The name that the shopper gives in this message: "my name is lena"."""
    chooses: bool = False
    """One of several shall be picked, with a reason."""
    asker: Asker = ""
    asked_as: AskedAs = ""
    asks_ongoing: bool = False
    """Whether it asks if something still goes on, and not if it has ended."""
    asks_either: bool = False
    """Whether it asks which of both is so: "finished or still going"."""
    asks_must: bool = False
    """Whether it asks if something has to be: "do i need an account"."""
    joins: bool = False
    """Whether it adds one thing to another, so that there may be more than one question in it."""
    clauses: tuple[AskingClause, ...] = ()
    """Its questions, each by itself; empty where it asks only one."""
    percent: int | None = None
    """The percentage that it names: "the 30% code"."""
    upset: bool = False
    is_follow_up: bool = False
    language: str = "en"
    between: tuple[Intent, Intent] | None = None
    """Two intents too close to call: the shopper is asked which one is meant (M-2)."""
    degraded: tuple[Degradation, ...] = ()
    """What could not be used to understand it (S-5)."""

    @property
    def fault(self) -> Fault:
        """What was wrong with what came; a printing defect has a rule of its own."""
        named = _FAULTS.get(self.problem) if self.problem else None
        return "misprint" if named == "damaged" and self.case == "misprint" else named or ""

    @property
    def intent(self) -> Intent:
        return self.guess.intent

    @property
    def act(self) -> Act | None:
        """What is asked first."""
        return self.acts[0].act if self.acts else None

    @property
    def order_targets(self) -> tuple[Target, ...]:
        """The targets by which an order may be found."""
        return tuple(target for target in self.targets if target.series_id not in self.aside)

    @property
    def seeks(self) -> Wish:
        """The first wish, or an empty one."""
        return self.sought[0] if self.sought else EMPTY_WISH

    def asks(self, *acts: Act) -> bool:
        """Whether any of ``acts`` is among what is asked."""
        return any(heard.act in acts for heard in self.acts)
