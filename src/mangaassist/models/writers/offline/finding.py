"""What a search found: several series to choose from, or the editions of the one that was named."""

from collections.abc import Sequence
from typing import Final

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Product, money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.entries import (
    LISTED,
    PICKED,
    about_series,
    entries,
    entry_name,
    kind_of,
    no_prices,
    nothing,
    rated,
    rounded,
    up_to_limit,
)
from mangaassist.models.writers.offline.voice import (
    FORMAT_PLURALS,
    FORMAT_WORDS,
    Voice,
    by_authors,
    count_of,
    in_stock_words,
    joined,
    listed,
    name,
    opening_of,
    paragraphs,
    priced,
    sentence,
    series_name,
)

EDITIONS: Final = 4
_LOVED: Final = ("Here's what readers love most", "These are what readers here like best", "Good places to begin")


def discovery(task: WritingTask, voice: Voice) -> str:
    products = task.evidence.products
    if not products:
        return nothing(task, voice)
    if task.evidence.over_limit:
        return too_dear(task, voice)
    series = {known.product.series_id for known in products}
    if len(series) == 1:
        return _one_series(task, voice)
    return paragraphs(
        f"{_found_intro(task, voice)}\n{entries(products[:LISTED])}",
        " ".join(filter(None, (rated(products[:LISTED]), _also(products[LISTED:PICKED])))),
        no_prices(task),
        _narrow(task, voice),
    )


def too_dear(task: WritingTask, voice: Voice) -> str:
    """All that fits costs more than was asked for: what it costs, and what comes near within the limit."""
    evidence = task.evidence
    over = next(known for known in evidence.products if known.asin in evidence.over_limit)
    within = [known for known in evidence.products if known.asin not in evidence.over_limit]
    if task.meaning.cheaper or evidence.ceiling is None:
        least = denials.CHEAPER.said(task, over=name(over.product), price=priced(over))
        return paragraphs(least, voice.pick("elsewhere", _ELSEWHERE))
    limit = rounded(money(evidence.ceiling, "USD"))
    if task.meaning.entities.series:
        said = f"{name(over.product)} costs {priced(over)}, which is over your {limit}."
    else:
        kind = kind_of(task)
        said = denials.KIND_WITHIN_LIMIT.said(
            task,
            kind=f"any {kind}" if kind else "anything like that",
            limit=limit,
            over=name(over.product),
            price=priced(over),
        )
    if not within:
        return paragraphs(said, "Shall I look for something similar that costs less?")
    lines = [f"{name(known.product)}: {_terse(known)}" for known in within[:EDITIONS]]
    return paragraphs(said, f"Within your {limit} there's:\n{listed(lines)}")


_ELSEWHERE: Final = (
    "Shall I look in another genre? Name one, or give me a limit.",
    "Tell me another genre or a price limit, and I'll look there.",
)


def _also(products: Sequence[ProductEvidence]) -> str:
    return f"Also worth a look: {joined(entry_name(known.product) for known in products)}." if products else ""


def _found_intro(task: WritingTask, voice: Voice) -> str:
    kind, limit = kind_of(task), up_to_limit(task)
    if lacking := lacking_format(task, joined(task.meaning.entities.authors[:2], "or")):
        return f"{lacking} What we have instead:"
    subject = f"{kind}{limit}" if kind else f"what you describe{limit}"
    if task.meaning.cheaper:
        return "Here's what costs less, the least expensive first:"
    if len(task.meaning.entities.series) > 1:
        return "Yes, these are on our shelves:"
    if task.meaning.subjects and not kind:
        return "Here's what I found:"
    if not task.meaning.wish and not kind:
        return f"{voice.pick('loved', _LOVED)}{limit}:"
    return voice.pick(
        "found",
        (
            f"I found these for {subject}:",
            f"Here's what we have for {subject}:",
            f"For {subject}, have a look at these:",
        ),
    )


def lacking_format(task: WritingTask, subject: str) -> str:
    """Said when nothing that was found has a format that was asked for; empty otherwise."""
    wanted = task.meaning.entities.formats
    if not wanted or any(known.product.format in wanted for known in task.evidence.products):
        return ""
    formats = joined([FORMAT_PLURALS[form] for form in wanted], "or")
    return denials.FORMAT.said(task, formats=formats, subject=f" of {subject}" if subject else "")


def _narrow(task: WritingTask, voice: Voice) -> str:
    if task.meaning.cheaper or task.meaning.entities.price_ceiling is not None or task.evidence.failed("pricing"):
        return ""
    return voice.pick("narrow", ("Tell me a budget or a mood and I'll narrow it down.", ""))


def _one_series(task: WritingTask, voice: Voice) -> str:
    """The shopper named a series: what it is and which editions there are."""
    products = task.evidence.products
    first = products[0].product
    wanted = task.meaning.entities.volumes
    about = about_series(first)
    lacking = lacking_format(task, series_name(first))
    if len(wanted) > 1 and len(products) > 1:
        intro = voice.pick("carry", (f"Yes, we sell {series_name(first)}.", f"We do carry {series_name(first)}."))
    elif wanted and not any(_holds(known.product, wanted[0]) for known in products):
        intro = _no_such_volume(first, wanted[0], task)
        about = "" if wanted[0] > first.series_volumes > 0 else about
    elif len(products) == 1:
        found = single(products[0], voice, voice.pick("single", ("Yes, we sell", "Yes:", "Found it:")))
        if lacking:
            return paragraphs(f"{lacking} {single(products[0], voice, 'We have')}", no_prices(task))
        return paragraphs(found, no_prices(task), "" if wanted else about_series(first))
    else:
        intro = voice.pick("carry", (f"Yes, we sell {series_name(first)}.", f"We do carry {series_name(first)}."))
        intro = lacking or intro
    lines = [f"{name(known.product)}: {_terse(known)}" for known in products[:EDITIONS]]
    return paragraphs(f"{intro} {about}", listed(lines), no_prices(task))


def no_such_volume(task: WritingTask, known: ProductEvidence) -> str:
    """What to say when a volume is asked for that the catalog does not have; empty when it has."""
    wanted = task.meaning.entities.volumes
    if not wanted or len(task.evidence.products) > 1 or _holds(known.product, wanted[0]):
        return ""
    product = known.product
    more = " The series is complete." if product.series_status == "finished" else ""
    return f"{_no_such_volume(product, wanted[0], task)}{more}"


def single(known: ProductEvidence, voice: Voice, intro: str = "Here's") -> str:
    """One product: what it is, what it costs, whether it is in stock."""
    product = known.product
    if product.volume in (None, 1):
        about = sentence(opening_of(product.description)) if product.description else ""
    else:
        pages = f" of {product.pages:,} pages" if product.pages else ""
        about = f"It's a {FORMAT_WORDS[product.format]}{pages}."
    return " ".join(
        filter(None, (f"{intro} {name(product)} {by_authors(product)}".rstrip() + ".", about, _facts(known)))
    )


def _facts(known: ProductEvidence) -> str:
    price = f"It costs {priced(known)}" if known.price else ""
    stock = in_stock_words(known.stock) if known.stock else ""
    if price and stock:
        return f"{price} and is {stock}."
    return f"{price}." if price else f"It's {stock}." if stock else ""


def _terse(known: ProductEvidence) -> str:
    parts = [priced(known) if known.price else "", in_stock_words(known.stock) if known.stock else ""]
    return ", ".join(part for part in parts if part) or "details on the product page"


def _holds(product: Product, volume: int) -> bool:
    if product.title.endswith(f"Vol. {volume}"):
        return True
    if product.volume is not None:
        return product.volume == volume
    if product.volume_from is not None and product.volume_to is not None:
        return product.volume_from <= volume <= product.volume_to
    return product.series_volumes == 1 and volume == 1


def _no_such_volume(product: Product, volume: int, task: WritingTask) -> str:
    named, total = {"volume": str(volume), "series": series_name(product)}, product.series_volumes
    if total and volume > total:
        return denials.VOLUME_BEYOND.said(task, **named, total=count_of(total, "volume"))
    return denials.VOLUME.said(task, **named)
