"""Which of several series is the funnier, the scarier or the easier one, and whether one is like another: by their content."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final

import msgspec
from msgspec import Struct

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Product, known_traits
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.opinions import mean_words
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.product_facts import genre_words, theme_list
from mangaassist.models.writers.offline.wording import joined, length_of, listed, series_name

_SHORT: Final = 15
"""Volumes up to which a series is a small undertaking, where what is measured is how easily it is begun."""


_ANY: Final = 2.0
"""Points under which a series is none of it: what only borders on it makes no verdict."""


_BETWEEN_EQUALS: Final = 0.05
"""What genres and themes weigh beside what is told of the content itself: they decide between equals."""


class Aspect(Struct, frozen=True, forbid_unknown_fields=True):
    """``decides`` is the trait that has to be known; ``shorter`` lets length decide between equals."""

    more: str
    most: str
    none: str
    traits: Mapping[str, float]
    decides: str
    labels: Mapping[str, float]
    shorter: bool = False

    def degree(self, product: Product, *, told: bool) -> float:
        """Points for what the store tells of its content, or where it tells nothing for its genres and themes."""
        of_labels = sum(self.labels.get(one, 0.0) for one in (*product.genres, *product.themes))
        of_traits = sum(self.traits.get(one, 0.0) for one in product.traits)
        small = self.shorter and 0 < product.series_volumes <= _SHORT
        return (of_traits + _BETWEEN_EQUALS * of_labels if told else of_labels) + 0.5 * small


ASPECTS: Final[dict[str, Aspect]] = {
    name: msgspec.convert(row, Aspect)
    for name, row in tomllib.loads(
        (files("mangaassist.models.writers.offline") / "data" / "aspects.toml").read_text(encoding="utf-8")
    ).items()
}
LIKE: Final = "alike"
BETTER: Final = "better"


def measured(several: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing) -> str:
    """The verdict, then what it rests on, a line a series; empty where the message measures by nothing of these."""
    series = list({known.product.series_id: known for known in several}.values())
    aspect = task.meaning.aspect
    if len(series) < 2 or not aspect:
        return ""
    if aspect == LIKE:
        return _alike(series[0], series[1], phrasing)
    if aspect == BETTER:
        return _better(series, task, phrasing)
    return _by(ASPECTS[aspect], series, task, phrasing, less=task.meaning.aspect_less) if aspect in ASPECTS else ""


def _by(aspect: Aspect, series: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing, *, less: bool) -> str:
    told = all(known_traits(one.product, aspect.decides) for one in series)
    degrees = {one.asin: round(aspect.degree(one.product, told=told), 2) for one in series}
    ranked = sorted(series, key=lambda one: -degrees[one.asin])
    rows = listed(f"{series_name(one.product)}: {_kind(one)}" for one in ranked)
    if degrees[ranked[0].asin] < _ANY and not aspect.shorter:
        none = denials.CONTENTS.told(task, phrasing, asked=aspect.none)
        return f"{none}\n{rows}"
    first, second = (ranked[-1], ranked[-2]) if less else (ranked[0], ranked[1])
    if degrees[first.asin] == degrees[second.asin]:
        level = joined(series_name(one.product) for one in ranked if degrees[one.asin] == degrees[first.asin])
        key = "measured.equal_short" if aspect.shorter else "measured.equal"
        return f"{phrasing.say(key, names=level, asked=aspect.none)}\n{rows}"
    phrasing.choose(first.product.series_id)
    few = len(series) == 2
    than = f"less {aspect.none}" if less else aspect.more
    said = phrasing.say(
        "measured.more" if few else "measured.most",
        name=series_name(first.product),
        asked=than if few else (f"least {aspect.none}" if less else aspect.most),
    )
    return f"{_verdict(first, series, task)}{said}\n{rows}"


def _verdict(first: ProductEvidence, series: Sequence[ProductEvidence], task: WritingTask) -> str:
    """ "Is it sadder than Nana" is answered by yes or no."""
    if not task.meaning.aspect_than:
        return ""
    return "Yes. " if first.asin == series[0].asin else "No. "


def _kind(known: ProductEvidence) -> str:
    """What was weighed, as a reader may check it: its tone, its kind, its length and its rating."""
    tones = joined(sorted(known_traits(known.product, "tone")))
    around = f" around {theme_list(known, 2)}" if known.product.themes else ""
    length = length_of(known.product)
    rated = f"rated {known.product.age_rating}" if known.product.age_rating else ""
    return "; ".join(filter(None, (tones, f"{genre_words(known)}{around}", ", ".join(filter(None, (length, rated))))))


def _better(series: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing) -> str:
    """By readers, since nobody here has a taste; where they are level, what sets them apart."""
    rated = [one for one in series if one.rating and one.rating.count]
    if len(rated) < len(series):
        return ""
    ranked = sorted(rated, key=lambda one: -(one.rating.mean if one.rating else 0))
    rows = listed(f"{series_name(one.product)}: {mean_words(one)}; {_kind(one)}" for one in ranked)
    means = [mean_words(one).split(" ")[0] for one in ranked[:2]]
    if means[0] == means[1]:
        level = joined(series_name(one.product) for one in ranked if mean_words(one).split(" ")[0] == means[0])
        return f"{phrasing.say('measured.level', names=level, mean=means[0])}\n{rows}"
    phrasing.choose(ranked[0].product.series_id)
    return f"{_verdict(ranked[0], series, task)}{phrasing.say('measured.better', name=series_name(ranked[0].product))}\n{rows}"


def _alike(one: ProductEvidence, other: ProductEvidence, phrasing: Phrasing) -> str:
    """Yes, partly or no by what they share, then what sets them apart."""
    mine, theirs = (_labels(each) for each in (one, other))
    shared = [label for label in mine if label in theirs]
    share = len(shared) / max(1, min(len(mine), len(theirs)))
    key = "yes" if share >= 0.5 else "partly" if shared else "no"
    names = {"name": series_name(one.product), "other": series_name(other.product)}
    said = phrasing.say(f"measured.like_{key}", shared=joined(shared[:4]), **names)
    differ = apart_words(one, other)
    lengths = joined(f"{series_name(each.product)} has {length_of(each.product)}" for each in (one, other))
    return " ".join(filter(None, (said, differ, f"{lengths}.")))


def apart_words(one: ProductEvidence, other: ProductEvidence) -> str:
    """What each of two has that the other lacks; empty where labels tell no difference."""
    mine, theirs = _labels(one), _labels(other)
    apart = (
        (one, [each for each in mine if each not in theirs]),
        (other, [each for each in theirs if each not in mine]),
    )
    told = [f"{series_name(known.product)} {_more_of(known, labels[:3])}" for known, labels in apart if labels]
    return f"{'; '.join(told)}." if told else ""


def _more_of(known: ProductEvidence, labels: Sequence[str]) -> str:
    """ "is more sad and has more fantasy": a tone is what a book is, a genre or theme what it has."""
    tones = [label for label in labels if label in known_traits(known.product, "tone")]
    kinds = [label for label in labels if label not in tones]
    told = (f"is more {joined(tones)}" if tones else "", f"has more {joined(kinds)}" if kinds else "")
    return " and ".join(filter(None, told))


def _labels(known: ProductEvidence) -> list[str]:
    product = known.product
    own = (*known_traits(product, "tone"), *product.genres, *product.themes, product.demographic)
    return list(dict.fromkeys(label if label == "Sci-Fi" else label.lower() for label in own if label))
