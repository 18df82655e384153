"""Ratings and review snippets, composed of what readers praise and criticise in a series."""

from __future__ import annotations

import msgspec

from mangastore.data import draws
from mangastore.data.bestsellers import BESTSELLERS
from mangastore.data.products import Product
from mangastore.data.series import Series

# What is praised is a noun phrase of any kind, so it stands alone: after a colon, or as a sentence.
PRAISE = (
    "Best thing about it: {x}.",
    "Five stars. {X}, every single chapter.",
    "{X}. Could not put it down.",
    "What stays with me: {x}.",
    "{X}. Read it for that alone.",
    "Why I keep buying these: {x}.",
    "{X}! Exactly what I was looking for.",
    "My whole book club agreed: {x}.",
)
COMPLAINT = (
    "Only gripe: {x}.",
    "Fair warning: {x}.",
    "One star off: {x}.",
    "Not perfect ({x}), and still a favourite.",
)
ABOUT_BOX = ("The box is sturdy and looks great on the shelf.", "Arrived well packed, every volume in perfect shape.")
ABOUT_OMNIBUS = (
    "Good paper, and the spine survives being read flat.",
    "Great value, though it is a heavy book to hold.",
)
MAX_SNIPPETS = 3


class Rating(msgspec.Struct, frozen=True):
    """The mean of all stars, how many gave them, and up to three short voices."""

    mean: float
    count: int
    snippets: list[str]


def rating_of(product: Product) -> Rating:
    """The rating of a product; later volumes are rated by fewer readers."""
    series_id = product.series.id
    known = series_id in BESTSELLERS
    series_mean = (4.5 if known else 4.0) + (0.3 if known else 0.6) * draws.fraction("liked", series_id)
    mean = series_mean + 0.2 * (draws.fraction("rating", product.asin) - 0.5)
    readers = (
        draws.between(6000, 24000, "readers", series_id) if known else draws.between(400, 5000, "readers", series_id)
    )
    share = 1 / (1 + 0.12 * (product.first_volume - 1)) * (1.0 if product.is_single else 0.35)
    count = max(int(readers * share * (0.9 + 0.2 * draws.fraction("count", product.asin))), 7)
    return Rating(mean=round(min(mean, 4.9), 1), count=count, snippets=_snippets(product))


def _snippets(product: Product) -> list[str]:
    series, asin = product.series, product.asin
    praise = draws.several(series.review.praised, 2, "praise", asin)
    phrases = draws.several(PRAISE, len(praise), "praise phrase", asin)
    voices = [_say(phrase, topic) for phrase, topic in zip(phrases, praise, strict=True)]
    voices += _closing_voice(product, series)
    return voices[:MAX_SNIPPETS]


def _closing_voice(product: Product, series: Series) -> list[str]:
    if product.format == "box_set":
        return [draws.pick(ABOUT_BOX, "box voice", product.asin)]
    if product.format == "omnibus":
        return [draws.pick(ABOUT_OMNIBUS, "omnibus voice", product.asin)]
    if not series.review.criticised:
        return []
    topic = draws.pick(series.review.criticised, "complaint", product.asin)
    return [_say(draws.pick(COMPLAINT, "complaint phrase", product.asin), topic)]


def _say(phrase: str, topic: str) -> str:
    topic = topic.strip().rstrip(".")
    return phrase.format(x=topic, X=topic[:1].upper() + topic[1:])
