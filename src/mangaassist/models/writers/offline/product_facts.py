"""What the catalog says of one product or its series, one act a row: the verdict first."""

from collections.abc import Callable, Iterable
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Format
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.help_pages import sentences_in as page_sentences
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.price_words import offer
from mangaassist.models.writers.offline.wording import (
    FORMAT_WORDS,
    count_of,
    day_of_year,
    extent_of,
    in_stock_words,
    joined,
    name,
    sentence,
    sentences_of,
    series_name,
    theme_words,
)

MOST_ABOUT: Final = 380
"""Letters of a description that an answer quotes."""
_LANGUAGES: Final = {
    "en": "English",
    "ja": "Japanese",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "it": "Italian",
}
_FOR_WHOM: Final = {
    "shonen": "aimed at boys and teens",
    "shojo": "aimed at girls and teens",
    "seinen": "aimed at adult men",
    "josei": "aimed at adult women",
}

Teller = Callable[[ProductEvidence, WritingTask], str]
"""Words one fact of a product; "" when the evidence does not say."""

UNKNOWN: Final[dict[Act, str]] = {
    Act.ABOUT: "a description",
    Act.AUTHOR: "the author",
    Act.PUBLISHER: "the publisher",
    Act.YEAR: "the year",
    Act.PAGES: "the page count",
    Act.ISBN: "the ISBN",
    Act.LANGUAGE: "the language",
    Act.GENRE: "the genre",
    Act.VOLUMES: "the number of volumes",
    Act.FINISHED: "the state of the series",
    Act.LATEST: "the latest volume",
    Act.REVIEWS: "reviews",
    Act.WORTH_IT: "reviews",
    Act.AGE_FIT: "an age rating",
}
"""What the answer calls a fact that it has to do without."""


def fact(act: Act, known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """The fact, or that the catalog does not say it, or that it could not be looked up."""
    return TELLERS[act](known, task) or unknown(act, known, task, phrasing)


def unknown(act: Act, known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    denial = denials.REVIEWS if act in (Act.REVIEWS, Act.WORTH_IT) else denials.FACT
    return denial.told(task, phrasing, fact=UNKNOWN.get(act, "that detail"), name=name(known.product))


def genre_words(known: ProductEvidence, most: int = 3) -> str:
    return joined(genre if genre == "Sci-Fi" else genre.lower() for genre in known.product.genres[:most])


def theme_list(known: ProductEvidence, most: int = 3) -> str:
    return joined(theme_words(theme) for theme in known.product.themes[:most])


def article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"


def _about(known: ProductEvidence, task: WritingTask) -> str:
    described = known.product.description
    return f"{series_name(known.product)}: {sentence(sentences_of(described, MOST_ABOUT))}" if described else ""


def _author(known: ProductEvidence, task: WritingTask) -> str:
    authors = known.product.authors
    return f"{series_name(known.product)} is by {joined(authors)}." if authors else ""


def _publisher(known: ProductEvidence, task: WritingTask) -> str:
    return f"{series_name(known.product)} is published by {known.product.publisher}." if known.product.publisher else ""


def _year(known: ProductEvidence, task: WritingTask) -> str:
    year, product = known.product.first_published, known.product
    if (
        product.released is not None
        and task.evidence.now is not None
        and any(one.volume for one in task.meaning.targets)
    ):
        ahead = product.released > task.evidence.now.date()
        when = day_of_year(product.released, task.evidence.now.year)
        return f"{name(product)} {'comes' if ahead else 'came'} out on {when}."
    return f"{series_name(known.product)} first came out in {year}." if year else ""


def _pages(known: ProductEvidence, task: WritingTask) -> str:
    return f"{name(known.product)} has {known.product.pages:,} pages." if known.product.pages else ""


def _isbn(known: ProductEvidence, task: WritingTask) -> str:
    return f"The ISBN of {name(known.product)} is {known.product.isbn}." if known.product.isbn else ""


def _language(known: ProductEvidence, task: WritingTask) -> str:
    language = _LANGUAGES.get(known.product.language.split("-")[0])
    only = task.evidence.facts.languages
    rest = ", as are all our books" if len(only) == 1 and known.product.language.startswith(only[0]) else ""
    return f"{name(known.product)} is in {language}{rest}." if language else ""


def _genre(known: ProductEvidence, task: WritingTask) -> str:
    product = known.product
    if not product.genres:
        return ""
    aimed = f" ({_FOR_WHOM[product.demographic]})" if product.demographic in _FOR_WHOM else ""
    kind = f"{article(product.demographic)} {product.demographic} series{aimed}" if product.demographic else "a series"
    themes = f", around {theme_list(known)}" if product.themes else ""
    return f"{series_name(product)} is {kind}: {genre_words(known)}{themes}."


def _volumes(known: ProductEvidence, task: WritingTask) -> str:
    product, total = known.product, known.product.series_volumes
    if not total:
        return ""
    if total == 1:
        return f"{series_name(product)} is complete in one book."
    if unknown_end := _unknown_end(known, task):
        return unknown_end
    at = max((one.volume or 0 for one in task.meaning.targets), default=0)
    if task.meaning.reckoning.left and 0 < at <= total:
        end = "so far" if product.series_status != "finished" else "in all"
        after = f"{count_of(total - at, 'more volume')} after volume {at}" if at < total else f"None after volume {at}"
        return f"{after}: {series_name(product)} has {total} {end}."
    state = {
        "finished": "and is complete",
        "ongoing": "so far and is still running",
        "hiatus": "so far and is on hiatus",
    }
    return f"{series_name(product)} has {total} volumes {state.get(product.series_status, '')}".rstrip() + "."


def _unknown_end(known: ProductEvidence, task: WritingTask) -> str:
    """When a series that goes on will end, and with which volume, is asked as if somebody had said it; else nothing."""
    product = known.product
    going = _GOING.get(product.series_status, "") if task.meaning.premise == "ending" else ""
    if not going or not product.series_volumes:
        return ""
    asked = "how many volumes there will be" if task.meaning.asks(Act.VOLUMES) else "when it ends"
    return f"Nobody has said yet {asked}: {series_name(product)} {going} {count_of(product.series_volumes, 'volume')} so far."


_STANDS: Final = {"finished": "is finished", "ongoing": "is still running", "hiatus": "is on hiatus"}
_GOING: Final = {"ongoing": "is still running, with", "hiatus": "is on hiatus, after"}


def _finished(known: ProductEvidence, task: WritingTask) -> str:
    product = known.product
    total = extent_of(product)
    if unknown_end := _unknown_end(known, task):
        return unknown_end
    if task.meaning.premise == "cancelled" and (now := _STANDS.get(product.series_status)):
        told = f"{now}{f', with {total}' if total else ''}"
        return f"Not cancelled, by our catalog: {series_name(product)} {told}."
    over, runs = ("No, ", "Yes, ") if task.meaning.asks_ongoing else ("Yes, ", "No, ")
    over, runs, paused = ("", "", "Neither: ") if task.meaning.asks_either else (over, runs, "No, ")
    if product.series_volumes == 1 and product.series_status == "finished":
        return f"{over}{series_name(product)} is complete in one book."
    states = {
        "finished": f"{over}{series_name(product)} is finished{f': {total} in all' if total else ''}.",
        "ongoing": f"{runs}{series_name(product)} is still running{f', with {total} so far' if total else ''}.",
        "hiatus": f"{paused}{series_name(product)} is on hiatus{f' after {total}' if total else ''}.",
    }
    return states.get(product.series_status, "")


def restock(known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """When it is back: its day, or that there is none yet."""
    stock = known.stock
    if stock is None:
        return f"I can't check the stock of {name(known.product)} just now; its product page shows the latest."
    if stock.state in ("in_stock", "low_stock"):
        return f"You can have it now: {name(known.product)} is {in_stock_words(stock)}."
    undated = "" if stock.restock_date else f" {denials.RESTOCK_DATE.told(task, phrasing)}"
    return f"{name(known.product)} is {in_stock_words(stock)}.{undated}"


def what_it_is(known: ProductEvidence, task: WritingTask) -> str:
    """Its edition, what that holds, and what it costs."""
    product = known.product
    held = f" with volumes {product.volume_from} to {product.volume_to}" if is_collection(known) else ""
    form = FORMAT_WORDS[product.format]
    costs = offer(known, task)
    return f"{name(product)} is {article(form)} {form}{held}{f': {costs}' if costs else ''}."


def is_collection(known: ProductEvidence) -> bool:
    first, last = known.product.volume_from, known.product.volume_to
    return first is not None and last is not None and last > first


def volumes_in(known: ProductEvidence) -> int:
    first, last = known.product.volume_from, known.product.volume_to
    return last - first + 1 if first is not None and last is not None and last > first else 1


def translator(known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    return denials.TRANSLATOR.told(task, phrasing, name=series_name(known.product))


def adaptation(known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """What the store's own pages say of an anime of it; nothing is known otherwise."""
    said = next((text for text in _pages_of(known, task) if "anime" in text.lower()), "")
    return sentence(said) or denials.ADAPTATION.told(task, phrasing, name=series_name(known.product))


def _pages_of(known: ProductEvidence, task: WritingTask) -> Iterable[str]:
    title = known.product.series_title
    yield from (text for text in known.product.description.split(". ") if text)
    for scored in task.evidence.chunks:
        if scored.chunk.asin == known.asin or title in scored.chunk.title:
            yield from (one.text for one in page_sentences(scored.chunk) if title in one.text)


TELLERS: Final[dict[Act, Teller]] = {
    Act.ABOUT: _about,
    Act.AUTHOR: _author,
    Act.PUBLISHER: _publisher,
    Act.YEAR: _year,
    Act.PAGES: _pages,
    Act.ISBN: _isbn,
    Act.LANGUAGE: _language,
    Act.GENRE: _genre,
    Act.VOLUMES: _volumes,
    Act.FINISHED: _finished,
}
BOXES: Final = frozenset({Format.OMNIBUS, Format.BOX_SET})
