"""Several products measured against each other: the one that costs least, is liked best, and two or three in a table."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.editions import set_or_singles_sentence
from mangaassist.models.writers.offline.focus import Subject, of_asin
from mangaassist.models.writers.offline.measured import apart_words, measured
from mangaassist.models.writers.offline.opinions import mean_words
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.price_words import offer, price_of
from mangaassist.models.writers.offline.product_facts import genre_words, is_collection, volumes_in
from mangaassist.models.writers.offline.product_lines import entry_name
from mangaassist.models.writers.offline.shelf_notes import capital
from mangaassist.models.writers.offline.wish_words import price_limit, wish_words
from mangaassist.models.writers.offline.wording import (
    FORMAT_WORDS,
    count_of,
    extent_of,
    in_stock_words,
    joined,
    length_of,
    listed,
    name,
    paragraphs,
    series_name,
)

MOST_COMPARED: Final = 6
RUNNERS_UP: Final = 2

Measure = Callable[[ProductEvidence], Any]
"""The least comes first; None: it cannot be measured."""


def _price(known: ProductEvidence) -> float | None:
    return float(known.price.current) if known.price else None


def _dear(known: ProductEvidence) -> float | None:
    return -float(known.price.current) if known.price else None


def _rating(known: ProductEvidence) -> float | None:
    return -known.rating.mean if known.rating and known.rating.count else None


def _long(known: ProductEvidence) -> tuple[int, ...] | None:
    return tuple(-one for one in known.product.length) if known.product.series_volumes else None


def _short(known: ProductEvidence) -> tuple[int, ...] | None:
    return known.product.length if known.product.series_volumes else None


_MEASURES: Final[dict[Act, tuple[Measure, str]]] = {
    Act.CHEAPEST: (_price, "cheapest"),
    Act.DEAREST: (_dear, "dearest"),
    Act.BEST_RATED: (_rating, "best_rated"),
    Act.LONGEST: (_long, "longest"),
    Act.SHORTEST: (_short, "shortest"),
}
_OF_SERIES: Final = frozenset({Act.BEST_RATED, Act.LONGEST, Act.SHORTEST})
"""What is measured of the series, not of the book on the card."""


def extreme(act: Act, task: WritingTask, phrasing: Phrasing) -> str:
    """The one that costs least, costs most or is liked best, named; then what comes next. Empty when nothing can be measured."""
    measure, field = _MEASURES[act]
    scope = _scope(act, task)
    measured = [known for known in task.evidence.products if measure(known) is not None]
    ranked = sorted(measured, key=lambda known: measure(known) or 0)
    # What was looked for in this order over everything that is sold comes in it; what was named is ranked here.
    best = ranked if scope in _OF_THESE else measured
    first = of_asin(task, getattr(task.evidence.derived, field)) or next(iter(best), None)
    if first is None:
        return ""
    others = [known for known in ranked if known.asin != first.asin][:RUNNERS_UP]
    said = phrasing.say(f"product_discovery.{field}{scope}", **_fields(first, task))
    sets = f" {set_or_singles_sentence(task)}" if scope == "_edition" and act is Act.CHEAPEST else ""
    return f"{said}{_next_ones(act, first, others, task)}{sets}".rstrip()


_OF_THESE: Final = ("_shown", "_edition")


def _scope(act: Act, task: WritingTask) -> str:
    """Of what was shown, of the editions of one series, of what the wish describes, or of the whole shop."""
    products, shown = task.evidence.products, {shown.asin for shown in task.state.shown}
    blind = task.evidence.failed("reviews" if act is Act.BEST_RATED else "pricing") or task.evidence.failed("catalog")
    if len({known.product.series_id for known in products}) == 1:
        return "_edition"
    if blind or task.meaning.targets or all(known.asin in shown for known in products):
        return "_shown"
    return "_wish" if wish_words(task.meaning.seeks, task) else ""


def _fields(known: ProductEvidence, task: WritingTask) -> dict[str, str]:
    stock = f", {in_stock_words(known.stock)}" if known.stock else ""
    return {
        "name": name(known.product),
        "series": entry_name(known.product),
        "price": price_of(known, task),
        "stock": stock,
        "mean": mean_words(known),
        "length": length_of(known.product),
        "wish": wish_words(task.meaning.seeks, task),
    }


def _next_ones(act: Act, first: ProductEvidence, others: Sequence[ProductEvidence], task: WritingTask) -> str:
    if not others:
        return ""
    same = [known for known in others if _MEASURES[act][0](known) == _MEASURES[act][0](first)]
    if same and act is not Act.BEST_RATED:
        does = "is as long" if act in _OF_SERIES else "costs the same"
        do = "are as long" if act in _OF_SERIES else "cost the same"
        return f" {joined(_named(act, known) for known in same)} {does if len(same) == 1 else do}."
    return f" After that: {joined(f'{_named(act, known)} ({_measured(act, known, task)})' for known in others)}."


def _named(act: Act, known: ProductEvidence) -> str:
    """Readers rate a series; what costs is a book."""
    return entry_name(known.product) if act in _OF_SERIES else name(known.product)


def _measured(act: Act, known: ProductEvidence, task: WritingTask) -> str:
    if act in (Act.LONGEST, Act.SHORTEST):
        return length_of(known.product)
    return mean_words(known) if act is Act.BEST_RATED else price_of(known, task)


def compare(subjects: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    """A line each over the same aspects, and what sets them apart."""
    products = _compared(subjects, task)
    if len(products) < 2:
        return ""
    if verdict := measured(products, task, phrasing):
        return verdict
    if by_length := _by_length(subjects, task):
        return by_length
    if task.meaning.chooses and (verdict := _chosen(products, task, phrasing)):
        return verdict
    if len({known.product.series_id for known in products}) == 1:
        rows = listed(_edition_row(known, task) for known in products)
        return paragraphs(f"{_by_format(products)}\n{rows}", _of_editions(products, task))
    verdict = _of_series(products)
    if len(products) == 2 and (apart := apart_words(products[0], products[1])):
        verdict = f"{apart} {verdict}".rstrip()
    return f"{verdict or 'Side by side:'}\n{listed(_series_row(known, task) for known in products)}"


def _chosen(products: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing) -> str:
    """One of several series, with what speaks for it; and what another one has that it has not. Empty for editions of one."""
    firsts = list({known.product.series_id: known for known in reversed(products)}.values())[::-1]
    if len(firsts) < 2:
        return ""
    if not task.meaning.seeks.price.is_open:
        return _chosen_within(firsts, task, phrasing)
    best = next((known for known in firsts if known.asin == task.evidence.derived.best_rated), None)
    pick = best or firsts[0]
    state = "complete in" if pick.product.series_status == "finished" else "at"
    length = extent_of(pick.product)
    liked = f"readers rate it highest of these, {mean_words(pick)}" if best and mean_words(pick) else ""
    told = joined(filter(None, (liked or "it comes first for what you asked", f"it's {state} {length}")))
    return f"{phrasing.say('product_question.pick', name=series_name(pick.product), why=told)} {_instead(pick, firsts)}".rstrip()


def _chosen_within(firsts: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing) -> str:
    """ "Which is best under 100": the best rated of the books that cost so much, with its price and what it holds."""
    price = task.meaning.seeks.price
    limit = price_limit(price, task)
    within = [one for one in firsts if one.price and price.holds(one.price.current)]
    if not within:
        least = min((one for one in firsts if one.price), key=lambda one: _price(one) or 0, default=firsts[0])
        return denials.NONE_WITHIN.told(
            task, phrasing, limit=limit, name=name(least.product), price=price_of(least, task)
        )
    pick = min(within, key=lambda one: (_rating(one) or 0, _price(one) or 0))
    liked = f"readers rate it highest of these, {mean_words(pick)}" if len(within) > 1 and mean_words(pick) else ""
    alone = "" if len(within) > 1 else f"it's the only one of these {limit}"
    told = joined(filter(None, (f"it's {price_of(pick, task)}", liked or alone)))
    return phrasing.say("product_question.pick", name=name(pick.product), why=told)


def _instead(pick: ProductEvidence, others: Sequence[ProductEvidence]) -> str:
    """The one to take where length counts more."""
    shortest = min((one for one in others if _short(one)), key=lambda one: one.product.length, default=pick)
    if shortest.product.length >= pick.product.length:
        return ""
    return f"If you'd rather have it short: {series_name(shortest.product)}, {length_of(shortest.product)}."


def _by_length(subjects: Sequence[Subject], task: WritingTask) -> str:
    """ "The shortest of them": which one, and how long the others are."""
    ordering = task.meaning.seeks.ordering
    if ordering not in ("shortest", "longest"):
        return ""
    known = {
        one.product.series_id: one for subject in subjects for one in [subject.known] if one.product.series_volumes
    }
    if len(known) < 2:
        return ""
    first, *others = sorted(known.values(), key=lambda one: one.product.length, reverse=ordering == "longest")
    rest = joined(f"{series_name(one.product)} ({_beside(first, one)})" for one in others)
    return f"{series_name(first.product)} is the {ordering} of these: {length_of(first.product)}. After that: {rest}."


def _beside(first: ProductEvidence, other: ProductEvidence) -> str:
    """How long the other is, a number alone where it counts the same as the first one's."""
    return length_of(other.product).removesuffix(length_of(first.product).partition(" ")[2]).rstrip()


def _compared(subjects: Sequence[Subject], task: WritingTask) -> list[ProductEvidence]:
    named = [subject.known for subject in subjects]
    if len({known.asin for known in named}) < 2:
        named = list(subjects[0].products or subjects[0].family) if subjects else list(task.evidence.products)
    return list({known.asin: known for known in named}.values())[:MOST_COMPARED]


def _series_row(known: ProductEvidence, task: WritingTask) -> str:
    product = known.product
    state = {"finished": "finished", "ongoing": "running", "hiatus": "on hiatus"}.get(product.series_status, "")
    volumes = " ".join(filter(None, (length_of(product), state if product.series_volumes != 1 else "")))
    mean = mean_words(known).split(" from ")[0]
    parts = [genre_words(known, 2), volumes, product.age_rating, mean, _first_price(known, task)]
    return f"{series_name(product)}: {', '.join(filter(None, parts))}"


def _first_price(known: ProductEvidence, task: WritingTask) -> str:
    if not known.price:
        return ""
    begins = known.product.volume is not None and known.product.series_volumes != 1
    return f"volume {known.product.volume} {price_of(known, task)}" if begins else price_of(known, task)


def _edition_row(known: ProductEvidence, task: WritingTask) -> str:
    product = known.product
    held = f"volumes {product.volume_from} to {product.volume_to}" if is_collection(known) else ""
    pages = f"{product.pages:,} pages" if product.pages else ""
    return (
        f"{name(product)}: {', '.join(filter(None, (FORMAT_WORDS[product.format], held, pages, offer(known, task))))}"
    )


def _by_format(products: Sequence[ProductEvidence]) -> str:
    """What sets editions apart before their prices: how each is bound, and how much of the story a book of it holds."""
    kinds = list({known.product.format: known for known in reversed(products)}.values())[::-1]
    if len(kinds) < 2:
        return "Side by side:"
    told = (f"{FORMAT_WORDS[one.product.format]}, {count_of(int(volumes_in(one)), 'volume')} a book" for one in kinds)
    return f"They differ in the format ({'; '.join(told)}):"


def _of_editions(products: Sequence[ProductEvidence], task: WritingTask) -> str:
    if weighed := set_or_singles_sentence(task):
        return weighed
    if per_volume := _less_per_volume(products):
        return per_volume
    cheapest = min((known for known in products if known.price), key=lambda known: _price(known) or 0, default=None)
    return f"{name(cheapest.product)} costs least by itself." if cheapest and len(products) > 1 else ""


def _less_per_volume(products: Sequence[ProductEvidence]) -> str:
    """Of two editions that hold different numbers of volumes, the one that costs less a volume; empty where one wins either way."""
    known = [one for one in products if one.price]
    if len(known) < 2:
        return ""
    by_book, by_volume = min(known, key=_price_or_0), min(known, key=lambda one: _price_or_0(one) / volumes_in(one))
    if by_book is by_volume:
        return ""
    return f"{name(by_volume.product)} costs less a volume, {name(by_book.product)} less by itself."


def _price_or_0(known: ProductEvidence) -> float:
    return _price(known) or 0.0


def _of_series(products: Sequence[ProductEvidence]) -> str:
    """Which is longest, which readers like best: what can be said without a taste of one's own."""
    longest, best = _longest(products), _best_rated(products)
    few = len(products) == 2
    high = "higher" if few else "highest"
    told: list[str] = []
    if longest:
        others = sorted((known for known in products if known is not longest), key=lambda one: one.product.length)
        more = f"{length_of(longest.product)} to {joined((_beside(longest, one) for one in others), 'and')}"
        told.append(f"{series_name(longest.product)} is {'longer' if few else 'the longest'}, {more}")
    if best:
        told.append(
            "and readers rate it " + high if best is longest else f"readers rate {series_name(best.product)} {high}"
        )
    return capital(f"{', '.join(told) if best is longest else '; '.join(told)}:") if told else ""


def _longest(products: Sequence[ProductEvidence]) -> ProductEvidence | None:
    """None where two are as long, or nobody tells how long one of them is."""
    first, second = sorted(products, key=lambda known: known.product.length, reverse=True)[:2]
    is_known = all(known.product.length not in ((0, 0), (1, 0)) for known in products)
    return first if is_known and first.product.length > second.product.length else None


def _best_rated(products: Sequence[ProductEvidence]) -> ProductEvidence | None:
    """None where the means look the same to a reader."""
    rated = sorted((known for known in products if _rating(known) is not None), key=lambda known: _rating(known) or 0)
    means = [f"{-(_rating(known) or 0):.1f}" for known in rated[:2]]
    return rated[0] if len(rated) == len(products) and means[0] != means[1] else None
