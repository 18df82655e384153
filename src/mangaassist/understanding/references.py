"""What "the second one", "it", "both" and "vol 3 instead" point at: what was shown, the page, the cart (T-4, T-6)."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from msgspec import Struct

from mangaassist.domain.meaning import Entities
from mangaassist.understanding.folding import fold, lower
from mangaassist.understanding.quantities import number

MAX_SUBJECTS: Final = 5

_VOLUME_IN_TITLE: Final = re.compile(r"\bVol\. (\d{1,3})$")


class ShownProduct(Struct, frozen=True):
    """A card that the shopper saw last, in the order of the cards."""

    asin: str
    title: str
    series_id: str = ""
    volume: int | None = None
    price: Decimal | None = None

    @property
    def number(self) -> int | None:
        """The volume, which a title tells as well ("Berserk, Vol. 7")."""
        if self.volume is not None:
            return self.volume
        told = _VOLUME_IN_TITLE.search(self.title)
        return int(told[1]) if told else None


class Resolution(Struct, frozen=True):
    """``subjects`` are ASINs; ``needs_history`` says that the message makes no sense without what came before it."""

    subjects: tuple[str, ...] = ()
    volume_change: int | None = None
    cheaper: bool = False
    needs_history: bool = False


class _Scene(Struct, frozen=True):
    """What a pointing word may point at."""

    shown: tuple[ShownProduct, ...]
    page: str | None
    cart: tuple[str, ...]

    @property
    def asins(self) -> tuple[str, ...]:
        return tuple(product.asin for product in self.shown)

    @property
    def focus(self) -> tuple[str, ...]:
        """What "it" is: the only card, else the product on the page, else the first card."""
        if len(self.shown) == 1:
            return self.asins
        return (self.page,) if self.page else self.asins[:1]


_ORDINALS: Final = {
    word: place
    for place, words in enumerate(
        ("first|1st|top", "second|2nd", "third|3rd", "fourth|4th", "fifth|5th", "sixth|6th", "seventh|7th")
    )
    for word in words.split("|")
} | {"last": -1, "final": -1, "bottom": -1}
_THING: Final = (
    r"(?:ones?|books?|manga|series|titles?|options?|picks?|choices?|suggestions?|"
    r"recommendations?|items?|cards?|results?)"
)
_ORDINAL: Final = re.compile(
    rf"\bthe\s({'|'.join(_ORDINALS)})(?:\s(?:two|2))?(?:\s(?:of\s(?:those|these|them)|{_THING})\b|(?=\s?(?:$|;|\b(?:is|looks|sounds|"
    rf"seems|please|pls|then|too|instead|and\sthe|or\sthe|please)\b)))|\b({'|'.join(_ORDINALS)})\sone\b"
)
_NOT_A_CARD: Final = re.compile(
    r"\b(?:vol|volume|time|order|week|month|year|season|day|half|hand|edition|omnibus|chapter)\b"
)
_NUMBERED: Final = re.compile(r"\b(?:option|number|choice|pick|suggestion|result)\s#?(\d|one|two|three|four|five)\b")
_FIRST_TWO: Final = re.compile(r"\b(?:the\s)?(?:first|top)\s(?:two|2)\b(?!\s(?:vol|volumes?|books?))")
_BOTH: Final = re.compile(
    r"\b(?:both|the\stwo(?:\sof\sthem)?|these\stwo|those\stwo|which\sof\sthe\stwo|the\sother\stwo)\b"
)
_OTHER: Final = re.compile(r"\bthe\sother\s(?:one|book|manga|series)\b")
_ALL: Final = re.compile(
    r"\b(?:them|these|those|they|all\sof\sthem|which\s(?:one|of)|any\sof\s(?:them|those|these)|all\s(?:three|four|five)|"
    r"each\sof\sthem|your\s(?:picks|suggestions|recommendations))\b"
)
_CART: Final = re.compile(r"\b(?:my|the|in|this)\s(?:cart|basket|bag)\b")
_HERE: Final = re.compile(
    r"\b(?:this|on\sthis\spage)\b(?!\s(?:order|week|month|year|weekend|time|chat|address|card|code|coupon|return|parcel|"
    r"package|site|store|shop|website|genre|cart|basket|season|summer|winter|morning|afternoon|evening|problem|issue|is\s(?:ridiculous|my|not))\b)"
)
_IT: Final = re.compile(
    r"\b(?:it|its|it's|that\s(?:one|book|manga|series|title|volume|box|set|edition)|this\sone|the\s(?:same\s)?(?:book|manga|series|author|"
    r"artist|writer|mangaka|story|box\sset|omnibus|price)|that|he|she|his|her|their)\b"
)
_CHEAPER: Final = re.compile(
    r"\b(?:cheaper|less\sexpensive|lower\spriced?|more\saffordable|more\sbudget|too\s(?:expensive|pricey|much\smoney|dear)|"
    r"less\smoney|cost\sless|costs\sless|bit\spricey|cheapest\s(?:one|of))\b"
)
_NEXT: Final = re.compile(r"\b(?:the\s)?(?:next|following)\s(?:one|volume|vol|book)\b|\bwhat\scomes\snext\b")
_PREVIOUS: Final = re.compile(r"\b(?:the\s)?(?:previous|prior|one\sbefore|volume\sbefore)\b")
_FOLLOW_UP: Final = re.compile(
    r"^(?:and|but|or|so|ok(?:ay)?\s(?:and|but|what)|what\sabout|how\sabout|what\sif)\b|"
    r"\b(?:instead|another\sone|more\slike\s(?:that|this|it|those|these)|anything\selse|something\selse|others?\sones?|"
    r"any\sothers?|some\smore|show\s(?:me\s)?more|similar\sones?|same\s(?:author|artist|genre|but)|as\swell\sas\sthat|"
    r"you\s(?:said|mentioned|suggested|recommended|showed)|earlier|again)\b"
)
_ASPECT: Final = re.compile(
    r"\b(?:in\sstock|available|how\smuch|how\smany\s(?:pages|volumes)|price|pages|who\s(?:wrote|drew|made|is\sthe\sauthor)|"
    r"age\srating|rating|finished|ongoing|completed?|restock|reviews?|any\sgood|publisher|published|hardcover|paperback)\b"
)
_SHOPWIDE: Final = re.compile(
    r"\b(?:deals?|sales?|promos?|promotions?|coupons?|discounts?|offers?|codes?|shipping|returns?|refunds?|orders?|account|"
    r"membership|store|gift\scards?|deliver(?:y|ies)?|pay|payment)\b"
)


def resolve(
    text: str, entities: Entities, shown: Iterable[ShownProduct], page_asin: str | None, cart_asins: Iterable[str]
) -> Resolution:
    """What a message points at. Names in the message itself win; then cards, then the page, then the cart."""
    small = lower(fold(text))
    scene = _Scene(tuple(shown), page_asin, tuple(cart_asins))
    cheaper = bool(_CHEAPER.search(small))
    if entities.asins:
        return Resolution(entities.asins[:MAX_SUBJECTS], cheaper=cheaper)
    follows = bool(_FOLLOW_UP.search(small)) and bool(scene.shown)
    pointed, by_cards = _pointed(small, scene) if not entities.series else ((), False)
    if not pointed and not entities.series:
        pointed, by_cards = _implied(small, entities, scene, follows or cheaper)
    volume = _volume_change(small, entities, scene, pointed or scene.focus)
    if volume is not None and not pointed:
        pointed, by_cards = scene.focus, bool(scene.shown)
    return Resolution(
        subjects=pointed[:MAX_SUBJECTS],
        volume_change=volume,
        cheaper=cheaper,
        needs_history=follows or (by_cards and bool(pointed)),
    )


def _pointed(small: str, scene: _Scene) -> tuple[tuple[str, ...], bool]:
    """What a pointing word points at, and whether that is known from the conversation."""
    for pattern, point in _POINTERS:
        if (found := pattern.search(small)) and (asins := point(found, small, scene)):
            return asins, set(asins) <= set(scene.asins)
    return (), False


def _by_ordinal(found: re.Match[str], small: str, scene: _Scene) -> tuple[str, ...]:
    if _NOT_A_CARD.match(small, found.end() + 1):
        return ()
    places = dict.fromkeys(_ORDINALS[one[1] or one[2]] for one in _ORDINAL.finditer(small))
    count = len(scene.shown)
    return tuple(scene.asins[place] for place in places if -count <= place < count)


def _by_number(found: re.Match[str], small: str, scene: _Scene) -> tuple[str, ...]:
    place = number(found[1]) - 1
    return scene.asins[place : place + 1] if place >= 0 else ()


def _two(found: re.Match[str], small: str, scene: _Scene) -> tuple[str, ...]:
    return next((asins[:2] for asins in (scene.asins, scene.cart) if len(asins) >= 2), ())


def _other(found: re.Match[str], small: str, scene: _Scene) -> tuple[str, ...]:
    return scene.asins[1:2]


def _all(found: re.Match[str], small: str, scene: _Scene) -> tuple[str, ...]:
    return scene.asins or scene.cart


def _cart(found: re.Match[str], small: str, scene: _Scene) -> tuple[str, ...]:
    return scene.cart


def _here(found: re.Match[str], small: str, scene: _Scene) -> tuple[str, ...]:
    return (scene.page,) if scene.page else scene.asins[:1]


def _it(found: re.Match[str], small: str, scene: _Scene) -> tuple[str, ...]:
    return scene.focus or (scene.cart if len(scene.cart) == 1 else ())


_Point = Callable[[re.Match[str], str, _Scene], tuple[str, ...]]
_POINTERS: Final[tuple[tuple[re.Pattern[str], _Point], ...]] = (
    (_FIRST_TWO, _two),
    (_ORDINAL, _by_ordinal),
    (_NUMBERED, _by_number),
    (_OTHER, _other),
    (_BOTH, _two),
    (_CART, _cart),
    (re.compile(r"\bthis\sone\b"), _it),
    (_HERE, _here),
    (_IT, _it),
    (_ALL, _all),
)


def _implied(small: str, entities: Entities, scene: _Scene, follows: bool) -> tuple[tuple[str, ...], bool]:
    """Without a pointing word: a question about some product is about the one in front of the shopper (T-6)."""
    if entities.authors or entities.genres or entities.order_ids or _SHOPWIDE.search(small):
        return (), False
    if follows or _ASPECT.search(small):
        return scene.focus, bool(scene.shown) and scene.focus[:1] != (scene.page,)
    return (scene.page,) if scene.page else (), False


def _volume_change(small: str, entities: Entities, scene: _Scene, pointed: tuple[str, ...]) -> int | None:
    """ "Vol 3 instead", "the next one": another volume of what is pointed at."""
    if entities.series or not pointed:
        return None
    if entities.volumes:
        return entities.volumes[0]
    known = next((product.number for product in scene.shown if product.asin == pointed[0]), None)
    if known is None:
        return None
    if _NEXT.search(small):
        return known + 1
    return known - 1 if _PREVIOUS.search(small) and known > 1 else None
