"""What third parties wrote is data (G-10): readers' reviews, pages, titles and other words in the fields of services.

Orders to a model are not among it: characters that nobody sees go, a forged turn goes up to the end of its line, and so does a
sentence that gives a model orders. Writers, prompt, cards and guardrails read what is left: a poisoned page changes no answer.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.customers import Customer, Order, OrderItem, OrderReturn, Shipment
from mangaassist.domain.evidence import OrderEvidence, ProductEvidence
from mangaassist.domain.products import Discount, Price, Product, Promotion, Rating
from mangaassist.domain.sentences import sentences_of
from mangaassist.guardrails.folding import visible
from mangaassist.guardrails.injections import gives_orders
from mangaassist.guardrails.sentences import sentences

T = TypeVar("T")

KNOWN_TEXTS: Final = 8192
"""Texts that are kept fenced: those of products and pages come again in other turns."""

PROSE: Final[Mapping[type[Struct], tuple[str, ...]]] = {
    Product: (
        *("title", "series_title", "aliases", "authors", "publisher", "genres", "themes", "demographic", "age_rating"),
        *("series_status", "description", "traits", "language", "isbn"),
    ),
    Price: ("discounts",),
    Discount: ("label",),
    Rating: ("snippets",),
    ProductEvidence: ("product", "price", "rating", "reason", "told"),
    Promotion: ("title", "description", "terms", "code"),
    Chunk: ("title", "content", "category"),
    ScoredChunk: ("chunk",),
    OrderItem: ("title",),
    Order: ("items", "paid_with"),
    Shipment: ("carrier", "tracking_number", "last_event"),
    OrderReturn: ("reason",),
    OrderEvidence: ("order", "shipments", "returns"),
    Customer: ("name", "locale", "language", "favourite_genres"),
}
"""The fields of each kind of evidence in which somebody's words may stand, or which hold such fields."""


def fenced(value: T) -> T:
    """The same evidence, or tuple of it, with its prose as ``as_data`` leaves it. What needs no change is the same object."""
    if isinstance(value, tuple):
        several = cast("tuple[Any, ...]", value)
        changed = tuple(map(fenced, several))
        is_same = all(new is old for new, old in zip(changed, several, strict=True))
        return cast("T", several if is_same else changed)
    if isinstance(value, str):
        clean = as_data(value)
        return value if clean == value else cast("T", clean)
    if not isinstance(value, Struct):
        return value
    held = {name: getattr(value, name) for name in PROSE[type(value)]}
    fields = {name: new for name, old in held.items() if (new := fenced(old)) is not old}
    if fields and isinstance(value, ScoredChunk):
        fields["sentences"] = _compared(value, cast("Chunk", fields["chunk"]))
    return replace(value, **fields) if fields else value


def _compared(before: ScoredChunk, chunk: Chunk) -> tuple[float, ...]:
    """How near each sentence is that was left: they were compared one by one."""
    near = dict(zip(sentences_of(before.chunk.content, before.chunk.title), before.sentences, strict=False))
    return tuple(near.get(sentence, 0.0) for sentence in sentences_of(chunk.content, chunk.title)) if near else ()


@lru_cache(KNOWN_TEXTS)
def as_data(text: str) -> str:
    """A text without what nobody sees, without forged turns and without orders to a model."""
    if text.isascii() and not _MAY_BE_ORDERS.search(text):
        return text if _UNSEEN.search(text) is None else _UNSEEN.sub("", text)
    clean = _UNSEEN.sub("", visible(unicodedata.normalize("NFC", text)))
    if not _MAY_BE_ORDERS.search(unicodedata.normalize("NFKC", clean)):
        return text if clean == text else clean
    kept = "".join(
        sentence.text for sentence in sentences(_FORGED_TURN.sub("", clean)) if not _gives_orders(sentence.text)
    )
    # Of a title that is one sentence with its orders the part before them stays.
    return text if kept == text else kept.strip() or clean[: _first_order(clean)].strip()


def _first_order(text: str) -> int:
    return min((found.start() for shape in (_FORGED_TURN, _MAY_BE_ORDERS) if (found := shape.search(text))), default=0)


def _gives_orders(sentence: str) -> bool:
    plainly = unicodedata.normalize("NFKC", sentence)
    if not _MAY_BE_ORDERS.search(plainly):
        return False
    return _TO_A_MODEL.search(plainly) is not None or gives_orders(sentence)


_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufe00-\ufe0f]")
"""Controls and variation selectors, beside what ``folding.visible`` takes out."""
_MAY_BE_ORDERS: Final = re.compile(
    r"ignor|disregard|forget|overrid|bypass|instruction|prompt|system|assistant|human\s?:|user\s?:|\bai\b|chat ?bot|\bbot\b|gpt"
    r"|language model|\bllm\b|\bmodel\b|pretend|act as|you are now|from now on|jailbreak|developer|customers?\b|shoppers?\b"
    r"|<\||\[/?inst"
    r"|<<|###|reveal|respond|reply|answer with|output|[A-Za-z0-9+/]{24,}|</?\w+>",
    re.IGNORECASE,
)
"""A quick look: a text without any of these gives no orders."""
_WHO: Final = r"(?:system|assistant|user|human|developer|instructions?|response|input|ai|bot|chat ?gpt|tool|function)"
_FORGED_TURN: Final = re.compile(
    rf"(?:^|(?<=\n))[\s>*#_-]{{0,8}}{_WHO}\s?(?:\([^)\n]{{0,40}}\)\s?)?:[^\n]*"
    r"|(?-i:(?<![\w-])(?:SYSTEM|ASSISTANT|USER|HUMAN|DEVELOPER|INSTRUCTIONS?)"
    r"|(?<=[.!?)\]] )(?:System|Assistant|User|Human))\s?:[^\n]*"
    rf"|#{{2,}}\s?{_WHO}\b:?[^\n]*"
    r"|<\|im_start\|>(?s:.*?)(?:<\|im_end\|>|\Z)|<\|[^|<>\n]{0,40}\|>[^\n]*|\[/?inst\][^\n]*|<<?/?sys>?>[^\n]*"
    rf"|</?{_WHO}>[^\n]*",
    re.IGNORECASE,
)
_MODEL: Final = r"(?:ai|assistant|chat ?bot|bot|language model|llm|model|gpt)"
_TO_A_MODEL: Final = re.compile(
    rf"\b(?:notes?|attention|messages?|instructions?|important|notice|orders?) (?:to|for) (?:the |any |all |every )?{_MODEL}s?\b"
    rf"|\b(?:dear|hey|attention:?) {_MODEL}s?\b"
    rf"|\b{_MODEL}s?(?: reading this)?,? (?:must|should|shall|has to|have to|is to|are to|please|will now|you)\b"
    r"|\b(?:tell|inform|convince|assure|persuade|ask) (?:the |every |all |each |any |your )?"
    r"(?:customer|shopper|user|buyer|client)s?\b"
    r"|\b(?:you are|you're) (?:now|no longer) (?:an? |the |my |(?-i:[A-Z]))"
    r"|\bfrom now on,? (?:you|always|never|only)\b"
    r"|\b(?:reply|respond|answer|output)(?: to \w+(?: \w+)?)? (?:(?:only |exactly |always )(?:with|in|by)|with [\"'“]|by saying)\b"
    r"|\b(?:always|only) (?:recommend|say|answer|reply|respond|mention|claim)\b"
    r"|\b(?:ignor(?:e|ing)|disregard|forget) (?:all|any|every|the|your|these|previous|prior|above|everything)\b.{0,40}"
    r"\b(?:instructions?|prompts?|rules|evidence|above|told|said|before|guidelines)\b",
    re.IGNORECASE,
)
"""Orders that nobody gives a shopper; those to any assistant are in ``injection_patterns``."""
