"""Yes or no to what somebody supposes of a series, with what the catalog knows of it (T-5)."""

from collections.abc import Callable, Sequence
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.wishes import Label
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.focus import Subject
from mangaassist.models.writers.offline.help_pages import stems
from mangaassist.models.writers.offline.product_facts import TELLERS
from mangaassist.models.writers.offline.wish_words import label_words
from mangaassist.models.writers.offline.wording import count_of, joined, series_name


def verdict(act: Act, there: Sequence[Subject], task: WritingTask) -> str:
    """Empty where nothing is supposed that this act tells, or where the catalog does not know."""
    tell = _VERDICTS.get(act)
    return tell([one.known for one in there], task) if tell else ""


def _made(there: Sequence[ProductEvidence], task: WritingTask) -> str:
    claim, first = task.meaning.claim, there[0]
    makers = first.product.authors
    if not makers:
        return ""
    name = series_name(first.product)
    if claim.shares_maker and len(there) > 1:
        other = there[1]
        both = [one for one in makers if one in other.product.authors]
        if both:
            return f"Yes, both are by {joined(both)}: {name} and {series_name(other.product)}."
        if other.product.authors:
            told = f"{series_name(other.product)} by {joined(other.product.authors)}"
            return f"No, not the same: {name} is by {joined(makers)}, {told}."
    if not claim.makers:
        return ""
    wrong = [one for one in claim.makers if one not in makers]
    if wrong:
        return f"No, {name} is by {joined(makers)}, not by {joined(wrong, 'or')}."
    return f"Yes, {name} is by {joined(makers)}."


def _kind(there: Sequence[ProductEvidence], task: WritingTask) -> str:
    claimed, known = task.meaning.claim.kinds, there[0]
    told = TELLERS[Act.GENRE](known, task)
    if not claimed or not told:
        return ""
    lacking = [one for one in claimed if not _is(known, one)]
    if not lacking:
        return f"Yes. {told}"
    described = stems(known.product.description)
    if any(stems(f"{one.value} {one.said}") & described for one in lacking):
        return told  # the labels are silent, and the description is not
    return f"No, not {joined([label_words(one) for one in lacking], 'or')} by our labels: {told}"


def _is(known: ProductEvidence, claimed: Label) -> bool:
    product = known.product
    return claimed.value in {*product.genres, *product.themes, product.demographic}


def _ended(there: Sequence[ProductEvidence], task: WritingTask) -> str:
    claimed, product = task.meaning.claim.volumes, there[0].product
    total, name = product.series_volumes, series_name(product)
    if claimed.is_open or not total:
        return ""
    is_over = product.series_status == "finished"
    going = "is on hiatus" if product.series_status == "hiatus" else "is still running"
    if is_over:
        return f"{'Yes' if claimed.holds(total) else 'No'}, {name} is complete with {count_of(total, 'volume')}."
    told = f"{name} has {count_of(total, 'volume')} so far and {going}."
    ends = (
        claimed.holds(total) and claimed.most is not None
    )  # who says where it ended is wrong, though so many there are
    return f"{'So far, yes' if ends else 'Yes' if claimed.holds(total) else 'No'}: {told}"


_VERDICTS: Final[dict[Act, Callable[[Sequence[ProductEvidence], WritingTask], str]]] = {
    Act.AUTHOR: _made,
    Act.GENRE: _kind,
    Act.FINISHED: _ended,
}
