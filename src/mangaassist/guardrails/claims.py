"""What an answer may not claim (G-4): promises nobody can keep, and facts that this turn's evidence does not hold.

Sentences are the unit: one that says too much is taken out whole, because half of it would say something else.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.guardrails.folding import caseless, straightened

IN_PLACE_OF_A_PROMISE: Final = (
    "I can't do that from this chat, but I can show you where to do it or hand you to a colleague."
)


class Sentence(Struct, frozen=True):
    """``text[start:end]`` with the space after it."""

    start: int
    end: int
    text: str


class Claim(Struct, frozen=True):
    """A kind of claim, how it is worded, and what must be in the evidence for it to stand.

    ``clues``, in small letters: a text without any of them words no such claim.
    """

    kind: str
    clues: tuple[str, ...]
    shape: re.Pattern[str]
    backed: Callable[[str, Evidence], bool]


def sentences(text: str, titles: Iterable[str] = ()) -> Iterator[Sentence]:
    """The sentences of a text, and the lines of a list. A full stop inside a number, a price or "Vol. 3" ends none.

    Nor does one that belongs to one of ``titles``: "**Haikyu!!** is $9.99" is one sentence.
    """
    start = 0
    spelt = _spans(text, titles)
    for found in _SENTENCE_END.finditer(text):
        if found.end() > start and not _inside(text, found, spelt):
            yield Sentence(start, found.end(), text[start : found.end()])
            start = found.end()
    if start < len(text):
        yield Sentence(start, len(text), text[start:])


def _spans(text: str, titles: Iterable[str]) -> list[tuple[int, int]]:
    """Where titles with a sentence's end in them are spelt out."""
    telling = {title for title in titles if any(mark in title for mark in ".!?…")}
    return [found.span() for title in telling for found in re.finditer(re.escape(title), text, re.IGNORECASE)]


def _inside(text: str, ending: re.Match[str], spelt: Iterable[tuple[int, int]]) -> bool:
    """The mark is a title's own: the title goes on behind it, or ends there and the sentence goes on."""
    goes_on = "\n" not in ending[0] and not text[ending.end() : ending.end() + 1].isupper() and ending.end() < len(text)
    return any(start < ending.start() < end and (ending.end() < end or goes_on) for start, end in spelt)


def unbacked(text: str, evidence: Evidence) -> Iterator[tuple[Sentence, str]]:
    """Every sentence that claims what nobody can promise or what the evidence does not hold, and the kind of claim."""
    small = caseless(straightened(text))
    possible = tuple(claim for claim in CLAIMS if any(clue in small for clue in claim.clues))
    if not possible:
        return
    for sentence in sentences(text, titles_of(evidence)):
        said = straightened(sentence.text)
        for claim in possible:
            if (
                claim.shape.search(said)
                and not claim.backed(said, evidence)
                and not _is_quoted(claim, sentence, evidence)
            ):
                yield sentence, claim.kind
                break


# It begins with the mark and looks back from behind it, so that the search runs from mark to mark.
_SENTENCE_END: Final = re.compile(
    r"[.!?…。！？\n](?:"
    r"(?<=[.!?…])(?<!\b[Vv]ol.)(?<!\b[Vv]ols.)(?<!\b[Nn]o.)(?<!\bMr.)(?<!\bMs.)(?<!\bDr.)(?<!\bSt.)"
    r"[.!?…]*[\"')\]*_]{0,3}(?:\s+|$)"
    r"|(?<=[。！？])\s*|(?<=\n)\n*)"
)


def _is_quoted(claim: Claim, sentence: Sentence, evidence: Evidence) -> bool:
    """A help page says just this: it is true of the store, though not of the product that is talked of. No promise is."""
    said = sentence.text.strip()
    pages = (scored.chunk for scored in evidence.chunks if scored.chunk.source_type in ("faq", "policy"))
    return claim.kind != "promise" and any(said in page.content for page in pages)


def _never(_: str, __: Evidence) -> bool:
    return False


def _stock(said: str, evidence: Evidence) -> bool:
    """Every product named, or all of them when none is, has a stock state that fits the words."""
    known = named_products(said, evidence)
    if not known:
        return bool(_says_so(said, evidence))
    return all(product.stock is not None and product.stock.state in _states(said) for product in known)


def titles_of(evidence: Evidence) -> tuple[str, ...]:
    """Every title and series of the evidence."""
    everything = (*evidence.products, *evidence.cart)
    return tuple({name for known in everything for name in (known.product.title, known.product.series_title)})


def named_products(said: str, evidence: Evidence) -> tuple[ProductEvidence, ...]:
    """The products that a sentence is about: those it names, else every one of the evidence."""
    return named_in(said, evidence) or (*evidence.products, *evidence.cart)


def named_in(said: str, evidence: Evidence) -> tuple[ProductEvidence, ...]:
    """The products of the evidence that the words name by title, else by series and volume, else by series."""
    lowered = straightened(said).lower()
    everything = {known.asin: known for known in (*evidence.products, *evidence.cart)}.values()
    if by_title := tuple(known for known in everything if _names(known.product.title, lowered)):
        return by_title
    by_series = tuple(known for known in everything if _names(known.product.series_title, lowered))
    volumes = {int(found[1]) for found in _VOLUME.finditer(lowered)}
    by_volume = tuple(known for known in by_series if known.product.volume in volumes)
    return by_volume or by_series


def _names(title: str, lowered: str) -> bool:
    return bool(title) and re.search(rf"(?<!\w){re.escape(straightened(title).lower())}(?!\w)", lowered) is not None


_VOLUME: Final = re.compile(r"\b(?:volumes?|vol\.?|book|no\.?|#)\s?(\d{1,3})\b")


def _states(said: str) -> frozenset[str]:
    for shape, states in _STOCK_WORDS:
        if shape.search(said):
            return states
    return frozenset()


_STOCK_WORDS: Final = (
    (
        re.compile(r"\b(?:not in stock|out of stock|sold out|unavailable|not available)\b", re.I),
        frozenset({"out_of_stock", "backorder", "preorder"}),
    ),
    (
        re.compile(
            r"\b(?:low (?:in |on )?stock|only (?:a few|\d+) left|few (?:copies )?left|almost gone|running low)\b", re.I
        ),
        frozenset({"low_stock"}),
    ),
    (re.compile(r"\b(?:pre-?order)\b", re.I), frozenset({"preorder"})),
    (re.compile(r"\b(?:back-?order(?:ed)?)\b", re.I), frozenset({"backorder", "out_of_stock"})),
    (
        re.compile(r"\b(?:in stock|ready to ship|available (?:now|today|right now))\b", re.I),
        frozenset({"in_stock", "low_stock"}),
    ),
)


def _says_so(said: str, evidence: Evidence) -> bool:
    """The claim is general and a chunk of the knowledge base uses the same words."""
    words = {word for shape, _ in _STOCK_WORDS for word in (found[0].lower() for found in shape.finditer(said))}
    return any(word in scored.chunk.content.lower() for word in words for scored in evidence.chunks)


def _delivery(said: str, evidence: Evidence) -> bool:
    """The date or the span of days is one that a shipment, an order or the knowledge base names."""
    known = " ".join((*_known_dates(evidence), *(scored.chunk.content.lower() for scored in evidence.chunks)))
    named = [found[0].lower() for found in _WHEN.finditer(said)]
    return all(re.search(rf"(?<!\w){re.escape(_unpadded(when))}(?!\w)", known) for when in named)


def _unpadded(when: str) -> str:
    return re.sub(r"\b0(\d)\b", r"\1", re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", when))


def _known_dates(evidence: Evidence) -> Iterator[str]:
    for owned in evidence.orders:
        for shipment in owned.shipments:
            yield from _spellings(shipment.eta)
            yield from _spellings(shipment.last_event_at.date() if shipment.last_event_at else None)
        yield from _spellings(owned.order.delivered_at.date() if owned.order.delivered_at else None)
        yield from _spellings(owned.order.placed_at.date())
    for known in (*evidence.products, *evidence.cart):
        yield from _spellings(known.stock.restock_date if known.stock else None)
    yield from _concluded_days(evidence)
    yield from _spans_of(evidence.facts)


def _concluded_days(evidence: Evidence) -> Iterator[str]:
    """Days that follow from the evidence, and today and tomorrow where one of its days is that."""
    today = evidence.now.date() if evidence.now else None
    window = evidence.facts.due(evidence.now) if evidence.now else None
    days = [window[0], window[1]] if window else []
    days += [day] if evidence.now and (day := evidence.facts.express_due(evidence.now)) else []
    for verdict in evidence.derived.orders:
        days += filter(None, (verdict.expected, verdict.return_until))
    parcels = [shipment.eta for owned in evidence.orders for shipment in owned.shipments if shipment.eta]
    for day in days:
        yield from _spellings(day)
    yield from (word for word, ahead in _NEAR.items() if today and today + timedelta(ahead) in (*days, *parcels))


def _spans_of(facts: StoreFacts) -> Iterator[str]:
    """How many days things take, as the store says it."""
    delivery = facts.delivery
    for count in (delivery.least_days, delivery.most_days, delivery.express_days, facts.return_days):
        yield from (f"{count} {unit}" for unit in _UNITS if count is not None)
    if delivery.least_days is not None and delivery.most_days is not None:
        yield from (f"{delivery.least_days} to {delivery.most_days} {unit}" for unit in _UNITS)


def _spellings(day: date | None) -> Iterator[str]:
    if day is not None:
        month, short, weekday = day.strftime("%B").lower(), day.strftime("%b").lower(), day.strftime("%A").lower()
        yield f"{month} {day.day} ; {short} {day.day} ; {day.day} {month} ; {day.day} {short}"
        yield f"{weekday} ; {day.isoformat()}"
        yield f"{day.month}/{day.day}/{day.year} ; {day.month}/{day.day}"


def _cart(said: str, evidence: Evidence) -> bool:
    named = named_products(said, evidence)
    in_cart = {known.asin for known in evidence.cart}
    return bool(in_cart) and all(known.asin in in_cart for known in named)


def _promotion(said: str, evidence: Evidence) -> bool:
    texts = [
        f"{deal.title} {deal.description} {deal.terms} {deal.code or ''} {deal.percent_off or ''}%"
        for deal in evidence.promotions
    ]
    texts += [scored.chunk.content for scored in evidence.chunks]
    texts += [f"{discount.label}" for price in evidence.priced().values() for discount in price.discounts]
    known = " ".join(texts).lower()
    named = [re.sub(r"\s", "", found[0].lower()) for found in _OFFERED.finditer(said)]
    return all(re.search(rf"(?<![\w.]){re.escape(offer.replace('percent', '%'))}", known) for offer in named)


_NEAR: Final = {"today": 0, "tomorrow": 1}
_UNITS: Final = ("day", "days", "business day", "business days")
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WHEN: Final = re.compile(
    rf"\b(?:{_MONTH}\.?\s\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH}|\d{{4}}-\d\d-\d\d"
    rf"|\d{{1,2}}/\d{{1,2}}(?:/\d{{4}})?"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|tonight|today|next (?:week|day)|this (?:week|weekend)"
    r"|\d{1,2}(?:\s?(?:-|to)\s?\d{1,2})?\s(?:business |working )?(?:days?|hours?|weeks?))\b",
    re.IGNORECASE,
)
_OFFERED: Final = re.compile(r"\b\d{1,2}\s?(?:%|percent)(?=\s(?:off|discount|savings?|cheaper|less))", re.IGNORECASE)
_DONE: Final = (
    r"(?:refunded|cancell?ed|changed|updated|placed|processed|issued|sent|shipped|reserved|applied|added"
    r"|removed|upgraded|expedited"
    r"|credited|submitted|initiated|started|approved|arranged|scheduled|booked|set aside|ordered|returned"
    r"|escalated|extended|waived|emailed|called)"
)
_I: Final = r"\b(?:i|we)(?:'ve| have| 've)?(?: (?:just|already|now|gone ahead and|successfully|also))*"

CLAIMS: Final[tuple[Claim, ...]] = tuple(
    Claim(kind, tuple(clues.split("|")), re.compile(shape, re.IGNORECASE), backed)
    for kind, clues, shape, backed in (
        (
            "promise",
            "ed |placed |sent |set aside ",
            rf"{_I} {_DONE} (?:you\b|your\b|the (?:order|item|refund|return|payment|package|address|price"
            rf"|shipping|discount|book|volume)|it\b|that\b|this\b|them\b|an? )",
            _never,
        ),
        (
            "promise",
            "has been|is now|was just|is being",
            r"\byour (?:refund|order|return|cancell?ation|payment|replacement|credit) (?:has been|is now"
            r"|was just|is being) (?:\w+ )?(?:issued|processed|cancell?ed|refunded|placed|approved|initiated"
            r"|submitted|credited|expedited)(?! (?:on|by the)\b)(?=.{0,60}\b(?:now|just|for you|by me"
            r"|as (?:you )?requested)\b)",
            _never,
        ),
        (
            "promise",
            "guarantee|promise|make sure |ensure |refund|cancel|expedite|reserve|waive|match the price|price|credit",
            r"\b(?:i|we)(?:'ll| will| can| am going to|'m going to) (?:personally )?(?:guarantee|promise"
            r"|make sure (?:it|your|that)|ensure (?:it|your|that)|refund|cancel|expedite|reserve|waive"
            r"|match the price|price[- ]match|credit)\b",
            _never,
        ),
        (
            "promise",
            "guarantee|promise|swear|assure you",
            r"\b(?:i|we) (?:guarantee|promise|swear|assure you)\b|\bguaranteed (?:delivery|to (?:arrive|ship"
            r"|be)|refund|lowest|by)\b|\bdelivery is guaranteed\b",
            _never,
        ),
        (
            "promise",
            "lowest price|best price|cheapest price|price match|price-match",
            r"\b(?:lowest|best|cheapest) prices? (?:anywhere|online|guaranteed|on the (?:internet|market"
            r"|web))\b|\bprice[- ]match(?:ing)? guarantee\b",
            _never,
        ),
        (
            "stock",
            "stock|sold out|ready to ship|available|left|running low|ordered",
            r"\b(?:in stock|out of stock|sold out|ready to ship|available (?:now|today|right now)|only (?:a few"
            r"|\d+) left|few (?:copies )?left|low (?:in |on )?stock|running low|back-?ordered|not available"
            r"|unavailable)\b",
            _stock,
        ),
        (
            "delivery",
            "arriv|deliver|ship|reach|get|be there|with you",
            r"\b(?:arriv(?:e|es|ing|ed)|deliver(?:y|ed|s|ing)?|ship(?:s|ped|ping)?|reach(?:es)? you|get (?:it"
            r"|there|here)|gets (?:to|here|there)|be there|with you)\b.{0,60}\b(?:by|on|within|in|before"
            r"|tomorrow|today|tonight|next|this)\b",
            _delivery,
        ),
        ("promotion", "%|percent", r"\b\d{1,2}\s?(?:%|percent) (?:off|discount|savings?|cheaper|less)\b", _promotion),
        (
            "cart",
            "in your cart|in your basket",
            r"\b(?:is|are|it's|they're) (?:now |already )?in your (?:cart|basket)\b",
            _cart,
        ),
    )
)
