"""What is said not to be there, worded here and nowhere else: a denial needs proof that it was looked for (S-5).

What was not searched is never called not found. Each denial names the services that its search rests on; when one of them could
not be used in this turn, the answer says that it could not look.
"""

from typing import Final

from msgspec import Struct

from mangaassist.domain.meaning import Untold
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.phrasing import Phrasing

HUMAN: Final = "**Talk to a person** below gets you a colleague."
_AGAIN: Final = "Please ask me again in a few minutes."


class Denial(Struct, frozen=True):
    """``words`` deny, ``unsure`` says what could not be looked at; both may hold fields that the composer fills in."""

    key: str
    rests_on: tuple[str, ...]
    words: tuple[str, ...]
    unsure: str

    def told(self, task: WritingTask, phrasing: Phrasing, **fields: str) -> str:
        """The denial, in words not heard yet, if everything that it rests on was asked and answered; else that nobody can say."""
        looked = not any(map(task.evidence.failed, self.rests_on))
        return phrasing.pick(f"denials.{self.key}", self.words if looked else (self.unsure,), **fields)


_PAGES: Final = ("knowledge", "embedding", "classifier")
_SHELVES: Final = ("catalog", "knowledge", "embedding", "recommendations")

PAGE: Final = Denial(
    "unknown",
    _PAGES,
    (
        "I don't know that one, and I'd rather not guess. A person on our team can tell you for sure: choose **Talk to a person** "
        "below, or try asking me in other words.",
        "I couldn't find that in our help pages, so I won't make something up. **Talk to a person** below gets you somebody who "
        "knows, or ask me again in other words.",
    ),
    f"I can't search our help pages as I should just now, and I'd rather not guess. {_AGAIN} Or choose **Talk to a person** below: "
    "they can tell you right away.",
)
UNTOLD_REST: Final = Denial(
    "untold rest",
    ("catalog", "knowledge", "embedding"),
    (
        "The other thing I don't know: neither our catalog nor our pages say it.",
        "The rest I don't know: our catalog and our pages don't say.",
    ),
    "I can't look up the rest just now, and I'd rather not guess.",
)
"""What is asked beside something that was just told."""
NONE_WITHIN: Final = Denial(
    "none within",
    ("catalog", "pricing"),
    ("None of these is {limit}: the cheapest is {name} at {price}.",),
    "I can't hold all of their prices against that just now; {name} is {price}.",
)
NONE_IN_FORMAT: Final = Denial(
    "none in format",
    ("catalog",),
    ("No, none of these comes as {format}: {titles}.",),
    "I can't look through all editions of {titles} just now, so there may well be {format}.",
)
UNTOLD: Final = Denial(
    "untold",
    ("catalog", "knowledge", "embedding"),
    (
        "I don't know that of {name}: neither our catalog nor our pages say.",
        "That I don't know of {name}: our catalog and our pages don't say.",
        "I'd have to guess, and I'd rather not: nothing that we have on {name} says it.",
    ),
    "I can't look that up for {name} just now, and I'd rather not guess.",
)
_UNTOLD_WORDS: Final[tuple[tuple[Untold, tuple[str, ...]], ...]] = (
    (
        "cover",
        (
            "I can't see covers, so I don't know who is on which one of {name}; the product page shows it large.",
            "I don't know who is on the covers of {name}: I can't see pictures. Each product page shows its own.",
        ),
    ),
    (
        "story",
        (
            "I don't know that: our catalog tells what {name} is about, not what happens in it or who is who.",
            "Only who has read it can say: I don't know what happens in {name}, and to whom; our catalog doesn't tell.",
        ),
    ),
    (
        "making",
        (
            "I don't know how {name} is printed: our catalog has no word on print, paper or weight.",
            "How {name} is printed I don't know: print, paper and weight aren't in our catalog.",
        ),
    ),
    (
        "sold",
        (
            "I don't know how many copies of {name} were sold: nothing of ours counts them.",
            "How many of {name} were sold I don't know: we have no figures on that.",
        ),
    ),
    (
        "maker",
        (
            "I don't know: of {who}, who made {name}, our catalog has the name and the books, nothing else.",
            "That I don't know: {name} is by {who}, and of its makers our catalog tells no more than name and books.",
        ),
    ),
)
UNTOLD_OF: Final[dict[Untold, Denial]] = {
    kind: Denial(f"untold {kind}", UNTOLD.rests_on, words, UNTOLD.unsure) for kind, words in _UNTOLD_WORDS
}
"""The same of what people ask most often that no catalog tells, by the kind of thing."""
UNTOLD_BOOKLESS: Final = Denial(
    "untold of no book",
    ("catalog", "knowledge", "embedding"),
    (
        "I don't know that: I know this store's {wares}, its prices and its rules, and I found nothing there about it.",
        "I can't tell you that: I found nothing about it in our store's catalog and pages.",
    ),
    "I can't look that up just now, and I'd rather not guess.",
)
UNTOLD_STORY: Final = Denial(
    "untold story of no book",
    ("catalog", "knowledge", "embedding"),
    (
        "That I don't know: our catalog tells what a book is about, not what happens in it.",
        "Only who has read it can say: I don't know what happens in a story, our catalog doesn't tell.",
    ),
    "I can't look that up just now, and I'd rather not guess.",
)
TITLE: Final = Denial(
    "no title",
    _SHELVES,
    (
        "I don't find that title in our catalog: we sell {wares}. If I misread it, give me its author or another "
        "spelling; or tell me what you like about it, and I'll look for {wares} in that vein.",
        "We don't seem to have that title; what we sell is {wares}. Try another spelling or the author, or tell "
        "me what it's like, and I'll suggest something close.",
    ),
    f"I can't look through all of our titles just now, so I can't say whether we have that one. {_AGAIN}",
)
UNHEARD: Final = Denial(
    "which",
    _SHELVES,
    (
        "I can't tell which book that is: no title of ours is in your question. Give me another spelling or its author, or open "
        "its page and ask me there.",
        "I find none of our titles in that. Which book do you mean? Another spelling or the author would help me.",
    ),
    f"I can't look through all of our titles just now, so I can't tell which book that is. {_AGAIN}",
)
NEAREST_SEEN: Final = Denial(
    "nearest seen",
    _SHELVES,
    (
        "I don't find {sought}. What comes nearest you've just seen: {nearest}.",
        "We don't have {sought}; nothing comes nearer than what I showed: {nearest}.",
    ),
    "I can't look for {sought} as I should just now.",
)
UNCHECKED: Final = Denial(
    "unchecked",
    ("catalog",),
    ("We have no label for {what}, so I can't rule it out.", "I can't rule out {what}: we have no label for it."),
    "I can't check {what} just now.",
)
PAGES_UNCHECKED: Final = Denial(
    "pages unchecked",
    ("catalog",),
    (
        "I have no way to look for books by their pages, so “{what}” isn't checked: each product page tells how many there are.",
        "There's no searching by pages, so I couldn't go by “{what}”: each product page tells how many there are.",
    ),
    "I can't check “{what}” just now.",
)
UNHEARD_WORDS: Final = Denial(
    "unheard words",
    ("catalog",),
    ("We have no label for {what}, so I couldn't go by that.", "I couldn't go by {what}: we have no label for it."),
    "I can't check {what} just now.",
)
NONE_FINISHED: Final = Denial(
    "none finished",
    ("catalog",),
    ("None of them is finished: {titles} still go on.",),
    "I can't look up just now whether {titles} are finished.",
)
UNVOICED: Final = Denial(
    "unvoiced",
    ("catalog", "reviews", "knowledge"),
    ("I don't know how well {name} is drawn: readers' reviews here don't say.",),
    "I can't look up just now what readers say of how {name} is drawn.",
)
WITHOUT: Final = Denial(
    "without",
    ("catalog",),
    ("nothing in its labels says {words}",),
    "I can't check just now whether it is {words}",
)
WHOLE_UNCHECKED: Final = Denial(
    "whole unchecked",
    ("catalog", "pricing"),
    ("I don't know what all of it costs: that holds of volume 1.",),
    "I can't work out just now what all of it costs: that holds of volume 1.",
)
NAMED: Final = Denial(
    "named",
    _SHELVES,
    ("I couldn't find {named} the way you describe it. Shall I look for single books, or for something similar?",),
    f"I can't look up all there is of {{named}} just now. {_AGAIN}",
)
NAMED_TITLES: Final = Denial(
    "named titles",
    _SHELVES,
    ("I don't find {titles} in our catalog.", "We don't have {titles}."),
    "I can't check just now whether we have {titles}.",
)
MATCH: Final = Denial(
    "nothing",
    _SHELVES,
    (
        "I don't find anything{sought} to match that. What are you looking for? A title, a genre, a mood or something you "
        "loved is enough.",
        "That didn't lead me to anything{sought}. Tell me what you're looking for: a title, an author, a genre, or "
        "something you enjoyed.",
    ),
    f"I can't search all of our shelves{{sought}} just now, so there may well be something that fits. {_AGAIN}",
)
KIND_WITHIN_LIMIT: Final = Denial(
    "kind",
    (*_SHELVES, "pricing"),
    ("I don't find {kind} up to {limit}. The least expensive is {over} at {price}.",),
    "I can't check just now whether there is {kind} up to {limit}; of what I can see, {over} is {price}.",
)
CHEAPER: Final = Denial(
    "cheaper",
    (*_SHELVES, "pricing"),
    (
        "I looked for something like it that costs less and found nothing: {over}, at {price}, is the least expensive of "
        "these.",
    ),
    "I can't look for something that costs less just now; {over} is {price}.",
)
THIS_FORMAT: Final = Denial(
    "this format",
    ("catalog",),
    ("We don't have {series} as {format}.", "I don't find {series} as {format}."),
    "I can't check just now whether we have {series} as {format}.",
)
VOLUME: Final = Denial(
    "volume",
    ("catalog",),
    ("I don't find volume {volume} of {series} in our catalog.",),
    "I can't check just now whether we have volume {volume} of {series}.",
)
VOLUME_BEYOND: Final = Denial(
    "volume beyond",
    ("catalog",),
    ("There's no volume {volume} of {series} in our catalog: it lists {total}.",),
    "I can't check just now whether we have volume {volume} of {series}.",
)
FACT: Final = Denial(
    "fact",
    ("catalog",),
    ("I don't have {fact} for {name}; its product page has the latest.",),
    "I can't look up {fact} for {name} just now; its product page has the latest.",
)
TRANSLATOR: Final = Denial(
    "translator",
    ("catalog",),
    ("I don't know who translated {name}: our catalog names the author and the publisher only.",),
    "I can't look up who translated {name} just now.",
)
ADAPTATION: Final = Denial(
    "adaptation",
    ("catalog", "knowledge"),
    (
        "I don't know of an anime of {name}, nor how it differs from the books: I only know the books.",
        "I don't know whether {name} has an anime, or what it tells otherwise: I only know the books.",
    ),
    "I can't look up whether {name} has an anime just now.",
)
CRITICISM: Final = Denial(
    "criticism",
    ("reviews", "knowledge", "embedding"),
    ("I don't have a critical review of {name} at hand.",),
    "I can't look through the reviews of {name} just now.",
)
CONTENT: Final = Denial(
    "content",
    ("catalog",),
    ("Nothing in the genres and themes of {name} says {asked}: it's {kind}.",),
    "I can't look up just now how {asked} {name} is.",
)
CONTENT_UNKNOWN: Final = Denial(
    "content unknown",
    ("catalog",),
    (
        "We don't know that for sure: our content labels leave open whether {name} has {asked}.",
        "I don't know whether {name} has {asked}: our content labels leave it open, and I'd rather not guess.",
    ),
    "I can't look up just now whether {name} has {asked}.",
)
CONTENTS: Final = Denial(
    "contents",
    ("catalog",),
    ("Nothing in the genres and themes of these says {asked}:",),
    "I can't look up just now how {asked} these are:",
)
PREMISED_OFFER: Final = Denial(
    "premised offer",
    ("promotions",),
    (
        "None of our current offers covers it, so the full price applies.",
        "There's no offer on it today, whatever else is on sale.",
    ),
    "I can't check our current offers just now.",
)
SEQUEL: Final = Denial(
    "sequel",
    ("catalog",),
    ("There's no sequel to {name} in our catalog.",),
    "I can't check just now whether there is a sequel to {name}.",
)
SPECIAL_EDITION: Final = Denial(
    "special edition",
    ("catalog",),
    ("We don't have that edition of {name}.",),
    "I can't check just now which editions of {name} there are.",
)
PICKED_ORDERS: Final = Denial(
    "orders in a state",
    ("orders",),
    (
        "I don't see an order on your account that is {which}.",
        "None of the orders that I can see on your account is {which}.",
    ),
    "I can't look up just now which of your orders are {which}.",
)
NEXT_VOLUME: Final = Denial(
    "next volume",
    ("catalog",),
    ("There's no volume after that yet: {name} has {total} so far.",),
    "I can't check just now which volume of {name} comes next.",
)
AFTER_THE_LAST: Final = Denial(
    "after the last",
    ("catalog",),
    ("There's no volume after that: {name} is finished, with {total} in all.",),
    NEXT_VOLUME.unsure,
)
UPCOMING: Final = Denial(
    "upcoming",
    ("catalog", "inventory"),
    (
        "There's no date for {which} of {name} in our catalog yet, so it can't be preordered{hiatus}. The newest is {newest}.",
    ),
    "I can't look up just now when {which} of {name} comes out. The newest that I see is {newest}.",
)
RELAXED: Final = Denial(
    "relaxed",
    (*_SHELVES, "pricing"),
    ("I don't find {sought}. {instead}", "There's no match for {sought}. {instead}"),
    "I can't search everything for {sought} just now. {instead}",
)
SOUGHT: Final = Denial(
    "sought",
    _SHELVES,
    ("I don't find {sought}. {hint}", "I don't see any {sought} on our shelves. {hint}"),
    f"I can't search all of our shelves for {{sought}} just now, so there may well be something. {_AGAIN}",
)
WORDS: Final = Denial(
    "words",
    _SHELVES,
    (
        "I don't find anything that goes by “{words}”. {hint}",
        "I don't see anything that “{words}” would describe. {hint}",
    ),
    f"I can't search all of our shelves for “{{words}}” just now, so there may well be something. {_AGAIN}",
)
SOUGHT_WITHIN: Final = Denial("sought within", (*_SHELVES, "pricing"), SOUGHT.words, SOUGHT.unsure)
NO_MORE: Final = Denial(
    "no more",
    _SHELVES,
    ("I don't have more {sought} than you've seen. {hint}", "I don't find any more {sought}. {hint}"),
    f"I can't search all of our shelves for more {{sought}} just now. {_AGAIN}",
)
PREORDERS: Final = Denial(
    "preorders",
    ("catalog", "inventory"),
    ("I don't see anything to preorder right now.",),
    "I can't look up preorders just now.",
)
PURCHASES: Final = Denial(
    "purchases",
    ("orders",),
    (
        "I don't see anything bought on your account yet, so I can't go by that. What readers here love:",
        "There are no purchases on your account yet. To begin with, what other readers love:",
    ),
    "I can't see what you bought just now. What readers here love:",
)
PREORDERS_OF: Final = Denial(
    "preorders of a kind",
    ("catalog", "inventory"),
    ("There's no {sought} to preorder right now.", "Nothing that can be preordered is {sought}."),
    "I can't look up preorders just now.",
)
SAME_AUTHOR: Final = Denial(
    "same author",
    ("catalog",),
    ("I don't find anything else by {author}.",),
    "I can't look up what else there is by {author} just now.",
)
SETS: Final = Denial(
    "sets",
    ("catalog", "pricing"),
    ("I don't find a set of {name} to hold against the single volumes.",),
    "I can't hold a set of {name} against the single volumes just now.",
)
REVIEWS: Final = Denial("reviews", ("catalog", "reviews", "knowledge", "embedding"), FACT.words, FACT.unsure)
RESTOCK_DATE: Final = Denial(
    "restock", ("inventory",), ("There's no date for it yet.",), "I can't look up a date for it just now."
)
ORDERS: Final = Denial(
    "no orders",
    ("orders",),
    (
        "I don't see any orders on your account.",
        "There are no orders on this account yet.",
    ),
    "I couldn't load your order just now, and I don't want to guess. Please try again in a few minutes, or choose "
    "**Talk to a person** below and a colleague will look it up.",
)
NAMED_ORDER: Final = Denial(
    "order",
    ("orders",),
    (
        "I can't find order {ids} on your account. Could you check the number? It's in your confirmation e-mail. "
        f"If it's right, {HUMAN}",
    ),
    "I couldn't load order {ids} just now, and I don't want to guess. Please try again in a few minutes, or choose "
    "**Talk to a person** below and a colleague will look it up.",
)
OTHER_ORDERS: Final = Denial(
    "other orders",
    ("orders",),
    ("I can't find order {ids} on your account.",),
    "I couldn't load order {ids} just now; please try again in a few minutes.",
)
ORDERED: Final = Denial(
    "ordered",
    ("orders",),
    ("I don't see {titles} in your recent orders.",),
    "I couldn't load all of your orders just now.",
)
RETURN_DETAILS: Final = Denial(
    "return details",
    ("orders", "returns"),
    (f"I have no return details for your orders right now. {HUMAN}",),
    f"I couldn't load the return details of your orders just now. {HUMAN}",
)
OFFER: Final = Denial(
    "none",
    ("promotions",),
    (
        "I don't see an offer for that right now. Tell me a genre and a price limit, and I'll find what fits.",
        "There's no offer on that at the moment. With a genre and a price limit from you, I can find what fits.",
    ),
    "I can't look up our current offers just now, so I won't promise you one. Please look at the product page or try me "
    "again in a few minutes.",
)
CODE: Final = Denial(
    "code",
    ("promotions",),
    ("I can't find the code {code} among our current offers.",),
    "I can't check the code {code} just now.",
)
PERCENT: Final = Denial(
    "percent",
    ("promotions",),
    (
        "We have no code or offer like that right now.",
        "There's no such code or offer of ours at the moment.",
    ),
    "I can't look up just now whether there is such a code.",
)
CART: Final = Denial(
    "cart",
    ("catalog",),
    ("I don't see anything in your cart yet.", "Your cart looks empty from here."),
    f"I can't look into your cart just now. {_AGAIN}",
)
