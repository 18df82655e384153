"""How the offline writer talks: which of several phrasings, how names, dates and lists are worded."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final, TypeVar

from mangaassist.domain.evidence import ProductEvidence, price_placeholder
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Format, Product, Stock

T = TypeVar("T")

NO_PRICE: Final = "see the product page for today's price"

FORMAT_WORDS: Final[dict[Format, str]] = {
    Format.PAPERBACK: "paperback",
    Format.HARDCOVER: "hardcover",
    Format.OMNIBUS: "omnibus",
    Format.BOX_SET: "box set",
}
FORMAT_PLURALS: Final[dict[Format, str]] = {
    Format.PAPERBACK: "paperbacks",
    Format.HARDCOVER: "hardcovers",
    Format.OMNIBUS: "omnibuses",
    Format.BOX_SET: "box sets",
}


class Voice:
    """Chooses phrasings by the message, so that one message always reads the same and two do not sound canned."""

    def __init__(self, message: str) -> None:
        self._message = message

    def pick(self, key: str, options: Sequence[T]) -> T:
        """One of ``options`` (at least one), decided by message and key."""
        digest = hashlib.blake2b(f"{key}\0{self._message}".encode(errors="replace"), digest_size=8).digest()
        return options[int.from_bytes(digest) % len(options)]


_LIKED: Final = re.compile(
    r"\b(?:like|similar to|along the lines of|as good as|better than|reminds me of)\b", re.IGNORECASE
)


def liked_series(meaning: Meaning) -> str:
    """The series that a message measures its wish by ("something like Vagabond"); empty when there is none."""
    found = _LIKED.search(meaning.text)
    if found is None or not meaning.entities.series:
        return ""
    behind = meaning.text[found.end() :].lower()
    named = [mention.title for mention in meaning.entities.series if mention.title.lower() in behind]
    return named[0] if named else meaning.entities.series[-1].title if len(meaning.entities.series) == 1 else ""


_PROPER: Final = frozenset(
    {"Tokyo", "Osaka", "Kyoto", "Ainu", "Edo", "Meiji", "Japan", "Japanese", "LGBTQ+", "Chinese"}
)


def theme_words(theme: str) -> str:
    """A theme within a sentence: "dark fantasy", but "Victorian England" and "Tokyo life"."""
    first, *rest = theme.split() or [""]
    is_name = first in _PROPER or any(word[:1].isupper() for word in rest)
    return theme if is_name else theme.lower()


def joined(words: Iterable[str], last: str = "and") -> str:
    """ "a, b and c"."""
    listed = list(words)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} {last} {listed[-1]}"


def listed(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def paragraphs(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip())


def sentence(text: str) -> str:
    """With a capital in front and a full stop behind."""
    text = text.strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?…" or text.endswith(('."', ".”", "!”", "?”")) else f"{text}."


def bold(name: str) -> str:
    """A title in bold; the stars that a title itself holds would end the bold too early."""
    return f"**{name.replace('*', '')}**"


def day(moment: date | datetime) -> str:
    """ "Friday, November 27"."""
    return f"{moment:%A, %B} {moment.day}"


def day_of_year(moment: date | datetime, newest: int) -> str:
    """ "November 27", with its year when that is not ``newest``, the year the evidence lives in."""
    return f"{moment:%B} {moment.day}" + (f", {moment.year}" if moment.year != newest else "")


def count_of(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def series_name(product: Product) -> str:
    return bold(product.series_title or product.title)


def name(product: Product) -> str:
    return bold(product.title)


def by_authors(product: Product) -> str:
    return f"by {joined(product.authors)}" if product.authors else ""


def priced(known: ProductEvidence) -> str:
    """The price's placeholder (M-7), or where to find the price when nobody could confirm it."""
    return price_placeholder(known.asin) if known.price else NO_PRICE


def in_stock_words(stock: Stock) -> str:
    """What follows "is": "in stock", "on backorder, expected back on December 5"."""
    when = f", expected {stock.restock_date:%B} {stock.restock_date.day}" if stock.restock_date else ""
    if stock.state == "low_stock":
        return f"in stock, with only {stock.quantity} left" if stock.quantity else "in stock, but only a few are left"
    words = {
        "in_stock": "in stock",
        "backorder": "on backorder",
        "preorder": "available to preorder",
        "out_of_stock": "out of stock",
    }
    return words[stock.state] + (when if stock.state != "in_stock" else "")


def opening_of(text: str, most: int = 165) -> str:
    """The first sentence of a description when it is short enough, cut at a clause or a word otherwise."""
    first = _first_sentence(" ".join(text.split()))
    if len(first) <= most:
        return first
    for mark in ("; ", ", ", " "):
        cut = first.rfind(mark, 60, most)
        if cut > 0:
            return first[:cut].rstrip(",;:") + " …"
    return first[:most].rstrip() + " …"


def sentences_of(text: str, most: int) -> str:
    """As many whole sentences of a description as have at most ``most`` letters; at least its opening."""
    text = " ".join(text.split())
    told = ""
    while (rest := text[len(told) :].lstrip()) and len(told) + len(more := _first_sentence(rest)) < most:
        told = f"{told} {more}".strip()
    return told or opening_of(text, most)


def _first_sentence(text: str) -> str:
    for place, char in enumerate(text):
        if char in ".!?" and (place + 1 == len(text) or (text[place + 1] == " " and place > 24)):
            return text[: place + 1]
    return text
