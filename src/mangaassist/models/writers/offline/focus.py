"""Which products of the evidence an act is asked of: the targets of the message, each with the products that it means."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from mangaassist.domain.acts import Act, intent_of
from mangaassist.domain.dialogue import Target
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.products import Format, Product, book_number
from mangaassist.domain.writing import WritingTask

SINGLE: Final = frozenset({Format.PAPERBACK, Format.HARDCOVER})
MOST_SUBJECTS: Final = 3
"""Series that one answer speaks of; more make a list of them."""


class Subject(Struct, frozen=True):
    """``products`` are those that the target means; none where the evidence lacks the volume or edition that it names.

    ``family`` are all products of the series in the evidence.
    """

    target: Target
    products: tuple[ProductEvidence, ...]
    family: tuple[ProductEvidence, ...]

    @property
    def known(self) -> ProductEvidence:
        """The one to speak of. Raises ``IndexError`` when the evidence has nothing of the series."""
        return (self.products or self.family)[0]

    @property
    def is_missing(self) -> bool:
        """A volume or an edition is named that the evidence lacks, though it has the series."""
        return not self.products and bool(self.family)


def acts_of(task: WritingTask, intent: Intent) -> tuple[Act, ...]:
    """What is asked within one intent, in order."""
    return tuple(dict.fromkeys(heard.act for heard in task.meaning.acts if intent_of(heard.act) is intent))


def subjects(task: WritingTask) -> tuple[Subject, ...]:
    """One a target that the evidence knows something of; without such, one a series of the evidence."""
    products = task.evidence.products
    found = tuple(subject for target in task.meaning.targets if (subject := _subject(target, products)).family)
    if found or (task.meaning.targets and any(target.asin is None for target in task.meaning.targets)):
        return found
    series = dict.fromkeys(known.product.series_id for known in products)
    return tuple(_subject(Target(series_id=one), products) for one in series)


def by_series(task: WritingTask) -> tuple[Subject, ...]:
    """The same, a series once, with all of its products that are meant."""
    merged: dict[str, Subject] = {}
    for subject in subjects(task):
        key = subject.known.product.series_id
        before = merged.get(key)
        merged[key] = subject if before is None else Subject(before.target, _both(before, subject), before.family)
    return tuple(merged.values())


def holds(product: Product, volume: int) -> bool:
    """Whether it is that volume, or has it inside."""
    if product.volume is not None:
        return product.volume == volume
    if product.volume_from is not None and product.volume_to is not None:
        return product.volume_from <= volume <= product.volume_to
    return product.series_volumes == 1 and volume == 1


def singles(products: Sequence[ProductEvidence]) -> tuple[ProductEvidence, ...]:
    return tuple(known for known in products if known.product.format in SINGLE)


def of_asin(task: WritingTask, asin: str | None) -> ProductEvidence | None:
    return next((known for known in task.evidence.products if asin and known.asin == asin), None)


def _both(one: Subject, other: Subject) -> tuple[ProductEvidence, ...]:
    return tuple({known.asin: known for known in (*one.products, *other.products)}.values())


def _subject(target: Target, products: Sequence[ProductEvidence]) -> Subject:
    pointed = next((known for known in products if known.asin == target.asin), None)
    series = target.series_id or (pointed.product.series_id if pointed else None)
    family = tuple(known for known in products if known.product.series_id == series)
    if pointed is not None and _is_meant(target, pointed.product):
        return Subject(target, (pointed,), family)
    meant = [known for known in family if _is_meant(target, known.product)]
    if target.volume is not None and target.format is not None:
        meant = [known for known in meant if _is_numbered(known.product, target)] or meant
    if target.volume is not None and target.format is None:  # a volume by itself comes before a box that has it inside
        meant = [known for known in meant if known.product.volume == target.volume] or meant
    if target.volume is None and target.format is None:
        meant = [*singles(meant), *(known for known in meant if known.product.format not in SINGLE)]
    return Subject(target, tuple(meant), family)


def _is_meant(target: Target, product: Product) -> bool:
    fits = target.format is None or product.format is target.format
    return fits and (target.volume is None or holds(product, target.volume) or _is_numbered(product, target))


def _is_numbered(product: Product, target: Target) -> bool:
    """ "Deluxe 2" counts the books of the edition, not the volumes inside."""
    return target.format not in (None, *SINGLE) and book_number(product) == target.volume
