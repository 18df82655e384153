"""What a message goes by that names nothing of the catalog, and how well a product answers its words."""

import re
from collections.abc import Iterable
from typing import Final

from mangaassist.domain.meaning import Entities, Wish
from mangaassist.domain.products import Product
from mangaassist.knowledge.words import asked, coverage
from mangaassist.turn.demands import wanted

_TITLE_LEAD: Final = re.compile(
    r"^\W*(?:(?:hi|hey|hello|yo|so|ok|also|and|um+|please)\W+)*"
    r"(?:(?:do|does|have|has|can|could|would|is|are|got|will) (?:you|u|ya|y'all|the store|i|there|we|it)?(?: guys)?\s?"
    r"(?:have|got|sell|carry|stock|get|buy|find|order|any)?\b"
    r"|got|(?:i'?m |im |am )?(?:looking for|searching for|trying to find|after)|where (?:can|do) i (?:find|get|buy)"
    r"|(?:i )?(?:want|need) (?:to buy|to get|to order)?|find(?: me)?|search(?: for)?|is\b(?=.* available))",
    re.IGNORECASE,
)
_DESCRIBES: Final = re.compile(
    r"\b(?:something|anything|sth|stuff|things?|about|with|where|that|which|who|whose|like|similar|kind|sort|type|mood|"
    r"for (?:my|a|an|kids?|boys?|girls?|beginners?|adults?|someone|him|her)|set in|featuring|involving|full of|ones?)\b",
    re.IGNORECASE,
)
_SHOP: Final = """
    manga mangas book books series comic comics title titles volume volumes vol vols read reading show find look looking
    search sell selling have got buy get getting order stock carry available shop store want need give tell recommend
    recommendation recommendations suggest suggestion suggestions something anything thing things stuff good great best nice
    cool popular new newest latest trending hot top bestseller bestsellers best-selling today now please thanks hey hi hello
    ok okay lol hmm cheap cheaper cheapest expensive price priced money budget bucks dollars under below less around similar
    like box boxed boxset boxsets set sets omnibus omnibuses hardcover hardcovers paperback paperbacks deluxe edition editions
    start starting starter begin beginning whats im ive id its dont cant wanna gonna lemme pls plz gift gifts present presents
    mum mom mother dad father girlfriend boyfriend wife husband friend friends son daughter nephew niece brother sister kid kids
    child children boy girl teen teenager year years old birthday christmas instead first second third fourth
    fifth last previous final following both tell whichever
    else other another different one ones next kind sort type lot bit really maybe think know help hi yes
"""
_SAME: Final[dict[str, str]] = dict.fromkeys(
    ("yuri", "yaoi", "bl", "gl", "gay", "lesbian", "queer", "lgbt", "sapphic"), "lgbtq"
)
"""Words of readers for what the store's themes and guides call otherwise."""
_PEOPLE: Final[dict[str, str]] = {
    **dict.fromkeys(("mum", "mom", "mother", "dad", "father"), "parent"),
    **dict.fromkeys(("kid", "kids", "child", "children", "daughter", "son", "nephew", "niece"), "child"),
    **dict.fromkeys(("teen", "teenager"), "teenager"),
}
_SHOP_WORDS: Final = frozenset(_SHOP.split())
"""Words that every wish may hold and that tell no product from another."""


def telling(text: str) -> tuple[str, ...]:
    """The words that say what is wanted, in order; none for "show me something good"."""
    words = (word for word in asked(wanted(text)) if word not in _SHOP_WORDS and not word.isdigit())
    known = (_SAME.get(word, word) for word in words)
    return tuple(dict.fromkeys(word for word in known if len(word) > 2 or not word.isascii()))


def topic(text: str) -> str:
    """What a guide would be about: what is wanted, else whom it is for."""
    return " ".join(telling(text) or [_PEOPLE[word] for word in asked(text) if word in _PEOPLE])


def wish_of(text: str, entities: Entities) -> Wish:
    """What to go by where the message names no series, author, genre or format: nothing at all, a title or a description."""
    if not telling(text) or names_goods(entities) or entities.genres or entities.demographics:
        return ""
    return "title" if _TITLE_LEAD.match(text) and not _DESCRIBES.search(text) else "description"


SAME_MAKER: Final = re.compile(
    r"\b(?:what|anything|something) else (?:did|has|have|does|is) (?:he|she|they|this|that|the|by)\b"
    r"|\b(?:else|other (?:manga|books?|series|works?|titles?)|more) (?:by|from) "
    r"(?:him|her|them|this|that|the (?:author|artist|maker))\b"
    r"|\bsame (?:author|artist|mangaka|maker|writer|creator)\b",
    re.IGNORECASE,
)
_POINTS_ONLY: Final = re.compile(r"\b(?:like|similar|recommend|suggest|after)\b", re.IGNORECASE)


def only_points(text: str) -> bool:
    """Nothing but "the second one", "vol 3 instead", "tell me more about it": what it says is what it points at."""
    return not telling(text) and not _POINTS_ONLY.search(text)


def names_goods(entities: Entities) -> bool:
    return bool(entities.series or entities.authors or entities.asins or entities.formats)


def fit(product: Product, words: Iterable[str]) -> float:
    """How much of the words a product answers, 0 to 2: a theme or a genre that is asked for counts double."""
    wanted = " ".join(words)
    if not wanted:
        return 0.0
    labels = " ".join((*product.themes, *product.genres, product.demographic))
    return coverage(wanted, labels) + coverage(wanted, words_of(product))


def covers(product: Product, words: Iterable[str]) -> float:
    """Which part of the words the product's page holds, 0 to 1."""
    return coverage(" ".join(words), words_of(product))


def words_of(product: Product) -> str:
    """Everything a product's page says of what it is."""
    names = (product.title, product.series_title, *product.aliases, *product.authors)
    return " ".join((*names, *product.genres, *product.themes, product.demographic, product.description))
