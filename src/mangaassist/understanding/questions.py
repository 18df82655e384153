"""The self-contained question: what retrieval searches for and a model is asked, in place of a fragment (T-4)."""

import re
from collections.abc import Iterable
from typing import Final

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import DialogueState, Target
from mangaassist.domain.wishes import Range, Wish

LONGEST: Final = 400
_SAID_WHOLE: Final = frozenset({"page", "talk", "cart", "order"})
"""Topics of which a follow-up says all that can be searched for."""
_IT: Final = re.compile(r"\b(?:it|they|them|a particular kind of book|a book|the books?|that one)\b")
_KINDS_OF_BOOK: Final = {"paperback": "paperback", "hardcover": "hardcover", "omnibus": "omnibus", "box_set": "box set"}


def question_of(
    text: str,
    acts: Iterable[Act],
    targets: tuple[Target, ...],
    wishes: tuple[Wish, ...],
    wares: str,
    *,
    is_complete: bool,
) -> str:
    """The message itself where it is complete; else what its acts ask, of what it was resolved to, with the message's words."""
    acts = list(acts)
    if is_complete or ACTS[acts[0]].topic in _SAID_WHOLE:
        return text.strip()[:LONGEST]
    if acts[0] is Act.DETAIL:  # no act says it better than the shopper's own words, beside the name that they leave out
        return ": ".join(filter(None, (_listed(map(named, targets[:2])), text.strip())))[:LONGEST]
    return " ".join(_sentence(act, targets, wishes, wares) for act in acts[:2]).strip()[:LONGEST]


def page_question(text: str, state: DialogueState) -> str:
    """A follow-up on a help page, with its topic or title, or with what was asked where the store's facts answered it."""
    return f"{state.topic or state.page or state.question}: {text.strip()}"[:LONGEST]


def place_question(act: Act, places: tuple[str, ...]) -> str:
    """A follow-up on a country that was talked of: "How long does delivery take to canada?"."""
    return f"{_ABROAD.get(act, ACTS[act].example.rstrip('?'))} to {_listed(places)}?"[:LONGEST]


_ABROAD: Final = {
    Act.DELIVERY_TIME: "How long does international delivery take",
    Act.SHIPPING_COST: "How much is international shipping",
    Act.SHIPS_TO: "Do you ship",
}


OF_MEMBERSHIP: Final = "The membership"
"""What goes on about the membership may be told on any of its pages: its refunds, its renewal, its worth."""
TWO_CODES: Final = "Can I combine promo codes?"
"""What the pages are asked of a message that names two: no page knows the codes themselves."""


def in_context(text: str, topic: Act) -> str:
    """What the pages are asked of a message that leaves its topic unsaid: "I want to return something: who pays"."""
    return f"{ACTS[topic].example}: {text.strip()}".removesuffix(": ")[:LONGEST]


def _sentence(act: Act, targets: tuple[Target, ...], wishes: tuple[Wish, ...], wares: str) -> str:
    row = ACTS[act]
    wanted = "; ".join(filter(None, (wish_in_words(wish, wares) for wish in wishes)))
    if wanted and (row.topic == "shelf" or act in _LEADS):
        return f"{_LEADS.get(act, 'Show me')} {wanted}."
    names = _listed(named(target) for target in targets[:8])
    if names and act in _OF_SEVERAL:
        return _OF_SEVERAL[act].replace("{}", names)
    if not names or row.topic == "shelf":
        return _ended(_OF_NOTHING.get(act, row.example).replace("{wares}", wares))
    template = _OF_THEM.get(act) or _IT.sub("{}", row.example, count=1)
    return _ended(template.replace("{}", names) if "{}" in template else f"{row.example} ({names})")


_LEADS: Final[dict[Act, str]] = {
    Act.RECOMMEND: "Recommend me",
    Act.GIFT: "I need a gift:",
    Act.MORE: "Show me more:",
    Act.CHEAPEST: "What is the cheapest:",
    Act.DEAREST: "What is the dearest:",
    Act.BEST_RATED: "What is the best rated:",
    Act.SIMILAR: "Show me something similar:",
    Act.BY_SAME_AUTHOR: "Show me more by the same author:",
    Act.SURPRISE: "Surprise me:",
    Act.OFFERS: "What is on offer of",
}
_OF_SEVERAL: Final[dict[Act, str]] = {
    Act.CHEAPEST: "What costs least: {}?",
    Act.DEAREST: "What costs most: {}?",
    Act.BEST_RATED: "What is rated best: {}?",
    Act.LONGEST: "What is longest: {}?",
    Act.SHORTEST: "What is shortest: {}?",
}
_OF_NOTHING: Final[dict[Act, str]] = {Act.FIND: "Show me {wares}", Act.CARRIES: "Do you have it?"}
_OF_THEM: Final[dict[Act, str]] = {
    Act.CARRIES: "Do you have {}?",
    Act.VOLUMES: "How many volumes of {} are there?",
    Act.LATEST: "What is the latest volume of {}?",
    Act.NEXT_VOLUME: "Which volume comes after {}?",
    Act.START: "Where do I start with {}?",
    Act.ISBN: "What is the ISBN of {}?",
    Act.EDITION: "Which editions of {} are there?",
    Act.SET_OR_SINGLES: "Is the box set of {} cheaper than the singles?",
    Act.REVIEWS: "How are the reviews of {}?",
    Act.GENRE: "What genre is {}?",
    Act.BY_SAME_AUTHOR: "Anything else by the author of {}?",
    Act.WHY: "Why did you suggest {}?",
    Act.RETURN: "I want to return {}",
    Act.EXCHANGE: "I want a replacement for {}",
    Act.DAMAGED: "{} arrived damaged",
    Act.AGE_FIT: "For which age is {}?",
    Act.CONTENT: "How sad, scary or violent is {}?",
}
"""Of the acts whose example has no "it" to put names in place of."""


def _ended(sentence: str) -> str:
    return sentence if sentence[-1:] in "?.!" else f"{sentence}."


def named(target: Target) -> str:
    """ "Berserk, Vol. 3 (hardcover)"."""
    name = target.title or target.asin or target.series_id or ""
    volume = f", Vol. {target.volume}" if target.volume is not None else ""
    edition = f" ({_KINDS_OF_BOOK[target.format]})" if target.format is not None else ""
    return f"{name}{volume}{edition}"


def wish_in_words(wish: Wish, wares: str) -> str:
    """ "romance, seinen manga, without gore, up to 11 volumes, finished, for my nephew (10)"."""
    labels = ", ".join(dict.fromkeys((*wish.said(), *wish.words)))
    parts = (
        f"{labels} {wares}" if labels else "",
        _after("without ", _listed(label.said or label.value for label in wish.unwanted if label.kind != "series")),
        _bounds(wish.price, "price "),
        _bounds(wish.volumes, "", " volumes"),
        _bounds(wish.year, "from "),
        {True: "finished", False: "still running", None: ""}[wish.finished],
        "in stock" if wish.in_stock else "",
        _after("", wish.ordering or ""),
        _for_whom(wish),
    )
    return ", ".join(filter(None, parts))


def _for_whom(wish: Wish) -> str:
    reader = wish.reader
    if reader is None:
        return ""
    age = f"{reader.age} years old" if reader.age is not None else ""
    return _after("for ", " ".join(filter(None, (reader.said, f"({age})" if reader.said and age else age))))


def _bounds(bounds: Range, before: str, after: str = "") -> str:
    if bounds.is_open:
        return ""
    if bounds.least is None:
        return f"{before}up to {bounds.most}{after}"
    return (
        f"{before}{bounds.least} or more{after}"
        if bounds.most is None
        else f"{before}{bounds.least} to {bounds.most}{after}"
    )


def _after(before: str, words: str) -> str:
    return f"{before}{words}" if words else ""


def _listed(names: Iterable[str]) -> str:
    listed = [name for name in names if name]
    return " and ".join(filter(None, (", ".join(listed[:-1]), listed[-1]))) if listed else ""
