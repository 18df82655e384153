"""How names, dates, lists, prices and stock are worded: pure functions, for every composer of the offline writer."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from mangaassist.domain.evidence import ProductEvidence, price_placeholder
from mangaassist.domain.products import Format, Product, Stock
from mangaassist.domain.sentences import is_end

_SHORTEST_SENTENCE: Final = 24
"""Letters before which a mark ends no sentence of a description."""
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


def beside(parts: Iterable[str]) -> str:
    """What is told of several things, each once: one paragraph, or one for each where a list is among them."""
    told = tuple(dict.fromkeys(filter(None, parts)))
    return paragraphs(*told) if any("\n" in one for one in told) else " ".join(told)


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


def extent_of(product: Product) -> str:
    """ "12 volumes", or "one book" where it is complete in one; empty where the catalog does not tell."""
    total = product.series_volumes
    return "" if not total else "one book" if total == 1 else count_of(total, "volume")


def length_of(product: Product) -> str:
    """What is longer or shorter by: volumes, and the pages of what is complete in one book, where they are known."""
    return f"{product.pages:,} pages" if product.series_volumes == 1 and product.pages else extent_of(product)


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


_ONE_NOUN: Final = re.compile(r"^an? ([\w-]+) (lead|tone|ending)$")


def together(things: Iterable[str]) -> str:
    """ "A sad tone", "a dark tone" as "a sad and dark tone": what shares its noun says it once."""
    parted = [(thing, _ONE_NOUN.match(thing)) for thing in things]
    by_noun: dict[str, list[str]] = {}
    for thing, found in parted:
        by_noun.setdefault(found[2] if found else thing, []).append(found[1] if found else thing)
    return joined(
        f"{'an' if words[0][0] in 'aeiou' else 'a'} {joined(words)} {noun}" if noun not in words else noun
        for noun, words in by_noun.items()
    )


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
    for place in range(len(text)):
        if is_end(text, place) and (place + 1 == len(text) or place > _SHORTEST_SENTENCE):
            return text[: place + 1]
    return text
