"""Answers to a question about a product: what was asked first, two things compared, or what its pages say."""

import re
from collections.abc import Sequence
from typing import Final

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import aspects, denials
from mangaassist.models.writers.offline.entries import ENOUGH_FIT
from mangaassist.models.writers.offline.extract import best_passage, stems
from mangaassist.models.writers.offline.finding import no_such_volume, single, too_dear
from mangaassist.models.writers.offline.voice import (
    FORMAT_WORDS,
    Voice,
    in_stock_words,
    joined,
    listed,
    name,
    paragraphs,
    priced,
    series_name,
)

_COMPARES: Final = re.compile(
    r"\bcompare|\bvs\b|\bversus\b|\bdifferen(?:ce|t)\b|\bwhich (?:one )?(?:is|has|should|of)\b|\bbetter\b|\bor the\b",
    re.IGNORECASE,
)
UNSURE: Final = 0.5
"""Under this confidence nobody can say that a detail was asked for: the book itself is the answer."""
_WHICH: Final = (
    "Which book do you mean? Tell me its title, or open its page and ask me there.",
    "I'm not sure which title you mean: give me its name (a volume number helps) and I'll look it up.",
)


def question(task: WritingTask, voice: Voice) -> str:
    products = task.evidence.products
    if not products:
        return _without_product(task, voice)
    if task.evidence.over_limit:
        return too_dear(task, voice)
    first = products[0]
    if missing := no_such_volume(task, first):
        return missing
    if len(products) > 1 and _COMPARES.search(task.meaning.text):
        return paragraphs(_assumed(task), _comparison(products[:2], task))
    asked = aspects.asked(task.meaning.text)
    if not asked and (_only_points(task) or task.meaning.guess.confidence < UNSURE):
        return " ".join(single(known, voice) for known in products[:2])
    if not asked:
        return _open_question(task)
    if _several_subjects(task):
        return _of_several(asked[0], products[:3], task)
    if len(asked) == 1:
        return paragraphs(_assumed(task), asked[0].worded(first, task))
    return paragraphs(_assumed(task), aspects.again((aspect.told(first, task) for aspect in asked), first))


_POINTING: Final = stems(
    "what about how the first second third fourth last other one ones both two instead vol volume volumes book next previous "
    "number please show me and ok yes that this it them these those tell more see get"
)


def _only_points(task: WritingTask) -> bool:
    """ "The second one", "vol 3 instead": the shopper wants to see it, and asks nothing of it yet."""
    asked = {word for word in stems(task.meaning.text) if not word.isdigit()}
    return bool(task.meaning.subjects) and asked <= _POINTING


def _of_several(aspect: aspects.Aspect, products: Sequence[ProductEvidence], task: WritingTask) -> str:
    return " ".join(dict.fromkeys(aspect.told(known, task) for known in products))


def _assumed(task: WritingTask) -> str:
    """When neither message nor page named the product, the answer says which one it takes."""
    meaning = task.meaning
    if meaning.subjects or meaning.entities.series or meaning.entities.asins:
        return ""
    return f"I take it you mean {name(task.evidence.products[0].product)}; if not, tell me the title."


def _several_subjects(task: WritingTask) -> bool:
    meaning = task.meaning
    return len(task.evidence.products) > 1 and (len(meaning.subjects) > 1 or len(meaning.entities.series) > 1)


def _open_question(task: WritingTask) -> str:
    """No aspect of the table: what the pages say of it, else what is known of the product."""
    known = task.evidence.products[0]
    fitting = [
        scored
        for scored in task.evidence.chunks
        if scored.chunk.source_type in ("faq", "policy")
        or scored.chunk.asin == known.asin
        or known.product.series_title.lower() in scored.chunk.title.lower()
    ]
    passage = best_passage(fitting, task.meaning.text, 60)
    if passage and passage.fit >= ENOUGH_FIT:
        return paragraphs(_assumed(task), f"From our page “{passage.chunk.title}”: {passage.text}")
    told = (aspects.in_short(known), aspects.volumes(known, task), aspects.price(known, task) if known.price else "")
    return paragraphs(_assumed(task), denials.DETAIL.said(task), aspects.again(told, known))


def _without_product(task: WritingTask, voice: Voice) -> str:
    passage = best_passage(task.evidence.chunks, task.meaning.text, 60)
    said = f"From our page “{passage.chunk.title}”: {passage.text}" if passage and passage.fit >= ENOUGH_FIT else ""
    if task.evidence.failed("catalog"):
        facts = {aspect.key for aspect in aspects.asked(task.meaning.text)} & _CATALOG_ALONE
        return paragraphs(
            "I can't reach our catalog just now, so I can't look the book up.",
            "" if facts else said,
            "Please try again in a few minutes.",
        )
    return said or (denials.UNHEARD.said(task) if task.meaning.wish else voice.pick("which", _WHICH))


_CATALOG_ALONE: Final = {"price", "stock", "restock", "pages", "isbn", "format", "language"}
"""What no page of ours can answer in the catalog's place."""


def _comparison(products: Sequence[ProductEvidence], task: WritingTask) -> str:
    """Two products side by side: what was asked, then what is in them, their size, what they cost."""
    asked = aspects.asked(task.meaning.text)
    told = " ".join(dict.fromkeys(aspect.told(known, task) for aspect in asked[:1] for known in products))
    lines = [f"{name(known.product)}: {_profile(known)}" for known in products]
    if not told and _LONGER.search(task.meaning.text):
        return _longer_of(products)
    if asked and asked[0].key == "price":
        return paragraphs(_cheaper_of(products) or told, told if _cheaper_of(products) else "")
    return paragraphs(told or _lead(products), listed(lines), _cheaper_of(products))


_LONGER: Final = re.compile(r"\b(?:longer|shorter|more volumes|fewer volumes|longest|shortest)\b", re.IGNORECASE)


def _longer_of(products: Sequence[ProductEvidence]) -> str:
    one, other = sorted((known.product for known in products), key=lambda product: -product.series_volumes)
    if one.series_volumes == other.series_volumes:
        return f"{series_name(one)} and {series_name(other)} both have {one.series_volumes} volumes."
    return (
        f"{series_name(one)} is the longer one with {one.series_volumes} volumes; {series_name(other)} has "
        f"{other.series_volumes}."
    )


def _lead(products: Sequence[ProductEvidence]) -> str:
    one, other = (known.product for known in products)
    if one.series_id == other.series_id and one.format != other.format:
        return f"Both are {series_name(one)}; they differ in the edition:"
    return "Side by side:"


def _cheaper_of(products: Sequence[ProductEvidence]) -> str:
    one, other = products
    if one.price is None or other.price is None or one.price.currency != other.price.currency:
        return ""
    if one.price.current == other.price.current:
        return "They cost the same today."
    cheaper = min(products, key=lambda known: known.price.current if known.price else 0)
    return f"{name(cheaper.product)} costs less today."


def _profile(known: ProductEvidence) -> str:
    product = known.product
    parts = [FORMAT_WORDS[product.format]]
    if product.volume_from is not None and product.volume_to is not None:
        parts.append(f"volumes {product.volume_from} to {product.volume_to}")
    elif product.series_volumes > 1:
        parts.append(f"part of a series of {product.series_volumes}")
    if product.genres:
        parts.append(joined(genre if genre == "Sci-Fi" else genre.lower() for genre in product.genres[:2]))
    if product.pages:
        parts.append(f"{product.pages:,} pages")
    if known.rating and known.rating.count:
        parts.append(f"{known.rating.mean:.1f} out of 5 from readers")
    if known.stock:
        parts.append(in_stock_words(known.stock))
    return ", ".join([*parts, priced(known)]) + "."
