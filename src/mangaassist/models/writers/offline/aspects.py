"""What can be asked of a product, one aspect a row: how the question is recognised and how the evidence answers it."""

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from typing import Final

from msgspec import Struct

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.entries import about_series
from mangaassist.models.writers.offline.voice import (
    FORMAT_WORDS,
    NO_PRICE,
    count_of,
    in_stock_words,
    joined,
    name,
    opening_of,
    priced,
    sentence,
    sentences_of,
    series_name,
    theme_words,
)

MAX_ASPECTS: Final = 3
MOST_ABOUT: Final = 420
"""Letters of a description that an answer quotes."""

_LANGUAGES: Final = {
    "en": "English",
    "ja": "Japanese",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "it": "Italian",
}

Teller = Callable[[ProductEvidence, WritingTask], str]
"""Words one aspect of a product; "" when the evidence does not say."""


class Aspect(Struct, frozen=True):
    """``unknown`` names the thing in an answer that has to do without it."""

    key: str
    asks: re.Pattern[str]
    tell: Teller
    unknown: str

    def told(self, known: ProductEvidence, task: WritingTask) -> str:
        denial = denials.REVIEWS if self.key == "reviews" else denials.FACT
        return self.tell(known, task) or denial.said(task, fact=self.unknown, name=name(known.product))

    def worded(self, known: ProductEvidence, task: WritingTask) -> str:
        """The answer with one thing beside it that whoever asks this wants to know next."""
        keys = (key for key in _BESIDE.get(self.key, ()) if _is_known(key, known))
        beside = next((more for key in keys if (more := _TELLERS[key](known, task))), "")
        return again([self.told(known, task), beside], known)


def asked(text: str) -> list[Aspect]:
    """The aspects that a message asks for, at most three, in its order."""
    found = [(match.start(), aspect) for aspect in _ASPECTS if (match := aspect.asks.search(text))]
    ordered = [aspect for _, aspect in sorted(found, key=lambda pair: pair[0])]
    keys = {aspect.key for aspect in ordered}
    return [aspect for aspect in ordered if not keys & _SAYS_MORE.get(aspect.key, set())][:MAX_ASPECTS]


def _is_known(key: str, known: ProductEvidence) -> bool:
    """Nobody is told, unasked, that a price or a stock is not known."""
    return not ((key == "price" and known.price is None) or (key == "stock" and known.stock is None))


def again(sentences: Iterable[str], known: ProductEvidence) -> str:
    """Sentences about one product; whichever of product and series was named last is "it" the next time."""
    names = (name(known.product), series_name(known.product))
    said: list[str] = []
    subject = ""
    for text in dict.fromkeys(filter(None, sentences)):
        full = next((one for one in names if text.startswith(f"{one} ")), "")
        said.append(_it(text.removeprefix(full)) if full and full == subject else text)
        subject = max(names, key=text.rfind) if any(one in text for one in names) else subject
    return " ".join(said)


def _it(predicate: str) -> str:
    return f"It's{predicate.removeprefix(' is')}" if predicate.startswith(" is ") else f"It{predicate}"


_BESIDE: Final[dict[str, tuple[str, ...]]] = {
    "price": ("stock",),
    "restock": ("price",),
    "stock": ("price",),
    "pages": ("format", "price"),
    "author": ("genre",),
    "latest": (),
    "volumes": ("genre",),
    "finished": ("genre",),
    "age": ("genre",),
    "language": ("format",),
    "format": ("price",),
    "publisher": ("pages",),
    "year": ("volumes",),
    "isbn": ("pages",),
    "genre": ("age",),
    "reviews": ("genre",),
    "start": ("price",),
    "about": ("volumes",),
}
"""What is told beside an aspect: the first of these that the evidence knows."""

_SAYS_MORE: Final[dict[str, set[str]]] = {
    "stock": {"restock"},
    "volumes": {"latest"},
    "finished": {"volumes"},
    "about": {
        *("price", "restock", "stock", "pages", "author", "latest", "volumes", "finished", "age", "language", "format"),
        *("publisher", "year", "isbn", "genre", "reviews", "start"),
    },
    "format": {"price", "stock", "restock", "pages"},
}
"""An aspect is left out when one of these is asked as well, because that one says it or was really meant."""


def price(known: ProductEvidence, task: WritingTask) -> str:
    if known.price is None:
        return f"I can't confirm the price of {name(known.product)} right now; {NO_PRICE}."
    deal = known.price.discounts[0].label if known.price.discounts else ""
    return f"{name(known.product)} is {priced(known)} today{f', with “{deal}”' if deal else ''}."


def _stock(known: ProductEvidence, task: WritingTask) -> str:
    if known.stock is None:
        return f"I can't check the stock of {name(known.product)} just now; its product page shows the latest."
    return f"{name(known.product)} is {in_stock_words(known.stock)}."


def _restock(known: ProductEvidence, task: WritingTask) -> str:
    stock = known.stock
    undated = stock is not None and stock.state not in ("in_stock", "low_stock") and stock.restock_date is None
    return _stock(known, task) + (f" {denials.RESTOCK_DATE.said(task)}" if undated else "")


def _pages(known: ProductEvidence, task: WritingTask) -> str:
    return f"{name(known.product)} has {known.product.pages:,} pages." if known.product.pages else ""


def _author(known: ProductEvidence, task: WritingTask) -> str:
    authors = known.product.authors
    return f"{series_name(known.product)} is by {joined(authors)}." if authors else ""


def volumes(known: ProductEvidence, task: WritingTask) -> str:
    product = known.product
    if not product.series_volumes:
        return ""
    if product.series_volumes == 1:
        return f"{series_name(product)} is complete in one volume."
    return f"{series_name(product)}{about_series(product).removeprefix('The series')}"


def _latest(known: ProductEvidence, task: WritingTask) -> str:
    product = known.product
    if not product.series_volumes:
        return ""
    finished = product.series_status == "finished"
    which, more = ("last", " The series is complete.") if finished else ("latest", "")
    return f"The {which} volume of {series_name(product)} in our catalog is volume {product.series_volumes}.{more}"


def _finished(known: ProductEvidence, task: WritingTask) -> str:
    product = known.product
    total = count_of(product.series_volumes, "volume") if product.series_volumes else ""
    states = {
        "finished": f"Yes, {series_name(product)} is finished{f': {total} in all' if total else ''}.",
        "ongoing": f"Not yet: {series_name(product)} is still running{f', with {total} so far' if total else ''}.",
        "hiatus": f"{series_name(product)} isn't finished; it's on hiatus{f' after {total}' if total else ''}.",
    }
    return states.get(product.series_status, "")


_READER: Final = re.compile(
    r"\b(\d{1,2})[- ]?(?:years?|yrs?|y/?o)\b"
    r"|\b(?:for|is|turning|aged?) (?:my |an? |his |her )?(\d{1,2})\b(?!\s?(?:dollars|bucks|vol))",
    re.IGNORECASE,
)
_CHILD: Final = re.compile(r"\b(?:kids?|child(?:ren)?|little (?:one|brother|sister)|toddlers?)\b", re.IGNORECASE)


def _age(known: ProductEvidence, task: WritingTask) -> str:
    """The rating, whom the store's page on ratings says it is for, and what that means for the reader that was named."""
    rating = known.product.age_rating
    if not rating:
        return ""
    rated = f"{series_name(known.product)} is rated {rating}"
    if rating == "All Ages":
        return f"{rated}, so it suits younger readers as well."
    explained = _meant_from(rating, task)
    if explained is None:
        return f"{rated}; our age rating policy says what that covers."
    least, page = explained
    found = _READER.search(task.meaning.text)
    reader = int(found[1] or found[2]) if found else None
    said = f"{rated}, which is meant for {least} and up (see “{page}”)"
    if reader is not None:
        verdict = (
            f"that fits a {reader}-year-old" if reader >= least else f"I'd rather not give it to a {reader}-year-old"
        )
        return f"{said}: {verdict}."
    return f"{said}: not for younger children." if _CHILD.search(task.meaning.text) else f"{said}."


def _meant_from(rating: str, task: WritingTask) -> tuple[int, str] | None:
    """The age that a page of the store gives for a rating ("Teen for 13 and up", "Teen (13 and over)"), and its title."""
    shape = re.compile(rf"(?<!Older ){re.escape(rating)}\W+(?:is\s)?(?:meant\s)?(?:for\s)?(\d{{1,2}}) and (?:up|over)")
    pages = [scored.chunk for scored in task.evidence.chunks if scored.chunk.source_type in ("faq", "policy")]
    found = ((shape.search(page.content), page.title) for page in pages)
    return next(((int(match[1]), title) for match, title in found if match), None)


def _language(known: ProductEvidence, task: WritingTask) -> str:
    language = _LANGUAGES.get(known.product.language.split("-")[0])
    return f"{name(known.product)} is in {language}." if language else ""


def _format(known: ProductEvidence, task: WritingTask) -> str:
    """What it is, and whether that is what was asked for."""
    product, wanted = known.product, task.meaning.entities.formats
    missing = ""
    if wanted and product.format not in wanted:
        sought = joined([FORMAT_WORDS[form] for form in wanted], "or")
        missing = denials.THIS_FORMAT.said(task, series=series_name(product), format=f"{_article(sought)} {sought}")
    return f"{missing} {_what_it_is(known)}".lstrip()


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _what_it_is(known: ProductEvidence) -> str:
    product = known.product
    held = ""
    if product.volume_from is not None and product.volume_to is not None and product.volume_to > product.volume_from:
        held = f" and holds volumes {product.volume_from} to {product.volume_to}"
    form = FORMAT_WORDS[product.format]
    return f"{name(product)} is {_article(form)} {form}{held}."


def _publisher(known: ProductEvidence, task: WritingTask) -> str:
    return f"{name(known.product)} is published by {known.product.publisher}." if known.product.publisher else ""


def _year(known: ProductEvidence, task: WritingTask) -> str:
    year = known.product.first_published
    return f"{series_name(known.product)} was first published in {year}." if year else ""


def _isbn(known: ProductEvidence, task: WritingTask) -> str:
    return f"The ISBN of {name(known.product)} is {known.product.isbn}." if known.product.isbn else ""


def _genre(known: ProductEvidence, task: WritingTask) -> str:
    product = known.product
    if not product.genres:
        return ""
    genres = joined(genre if genre == "Sci-Fi" else genre.lower() for genre in product.genres[:3])
    themes = f" Its themes are {joined(theme_words(theme) for theme in product.themes[:3])}." if product.themes else ""
    kind = f"a {product.demographic} series" if product.demographic else "a series"
    return f"{series_name(product)} is {kind}: {genres}.{themes}"


def about(known: ProductEvidence, task: WritingTask) -> str:
    product = known.product
    if not product.description:
        return ""
    return f"{name(product)}: {sentence(sentences_of(product.description, MOST_ABOUT))}"


def in_short(known: ProductEvidence) -> str:
    """The first sentence of the description."""
    described = known.product.description
    return f"{name(known.product)}: {sentence(opening_of(described))}" if described else ""


def _reviews(known: ProductEvidence, task: WritingTask) -> str:
    """What readers say: the mean, then the review summary of the series or else one reader's words."""
    rating, product = known.rating, known.product
    mean = ""
    if rating and rating.count:
        mean = f"Readers give {name(product)} {rating.mean:.1f} out of 5 ({rating.count:,} reviews)."
    summaries = [scored.chunk for scored in task.evidence.chunks if scored.chunk.source_type == "reviews"]
    about_it = [chunk for chunk in summaries if chunk.asin == known.asin or product.series_title in chunk.title]
    said = opening_of(about_it[0].content.strip().rsplit("\n", 1)[-1], 240) if about_it else ""
    snippet = f"One reader writes: “{rating.snippets[0]}”" if rating and rating.snippets and not said else ""
    return " ".join(part for part in (mean, said, snippet) if part)


def _start(known: ProductEvidence, task: WritingTask) -> str:
    product = known.product
    if product.series_volumes == 1:
        return f"{series_name(product)} is a single volume, so there's nothing to line up."
    return f"Begin {series_name(product)} with volume 1 and read on by number. {about_series(product)}".rstrip()


_TELLERS: Final[dict[str, Teller]] = {
    "price": price,
    "restock": _restock,
    "stock": _stock,
    "pages": _pages,
    "author": _author,
    "latest": _latest,
    "volumes": volumes,
    "finished": _finished,
    "age": _age,
    "language": _language,
    "format": _format,
    "publisher": _publisher,
    "year": _year,
    "isbn": _isbn,
    "genre": _genre,
    "reviews": _reviews,
    "start": _start,
    "about": about,
}


def _aspects() -> tuple[Aspect, ...]:
    """The rows of ``data/aspects.toml``, in its order."""
    text = (files("mangaassist.models.writers.offline") / "data" / "aspects.toml").read_text(encoding="utf-8")
    return tuple(
        Aspect(key, _any_of(row["asks"]), _TELLERS[key], row["unknown"]) for key, row in tomllib.loads(text).items()
    )


def _any_of(phrases: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


_ASPECTS: Final = _aspects()
