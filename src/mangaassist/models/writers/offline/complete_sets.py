"""Whether a box or omnibus is all of a story, and which one holds exactly the volumes that are summed (T-11)."""

from collections.abc import Sequence
from typing import Final

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Product
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.price_words import amount_words, offer
from mangaassist.models.writers.offline.product_facts import is_collection
from mangaassist.models.writers.offline.wording import bold, count_of, name

_STATES: Final = {
    "finished": ", the whole story",
    "ongoing": " that are out so far; the series is still running",
    "hiatus": " that are out so far; the series is on hiatus",
}


def whole_or_part(products: Sequence[ProductEvidence], task: WritingTask) -> str:
    """ "Is the box the whole story": yes or no, and which volumes it holds; empty where none of them tells what it holds."""
    collections = [known for known in products if is_collection(known)]
    bound = [known.product for known in collections]
    if not bound or not bound[0].series_volumes:
        return ""
    known = max(collections, key=lambda one: _held(one.product))
    first, costs = known.product, offer(known, task)
    named = f"{name(first)}{f' ({costs})' if costs else ''}"
    total = count_of(first.series_volumes, "volume")
    if _held(first) >= first.series_volumes:
        return f"Yes: {named} holds all {total}{_STATES.get(first.series_status, '')}."
    return f"No: {named} holds volumes {first.volume_from} to {first.volume_to} of {first.series_volumes}."


def _held(product: Product) -> int:
    return (product.volume_to or 0) - (product.volume_from or 0) + 1


def exact_set(task: WritingTask) -> str:
    """Beside the sum of a run of volumes the set that holds just these, and what it saves; empty where there is none."""
    volumes = sorted(target.volume for target in task.meaning.targets if target.volume is not None)
    if len(volumes) < 2 or volumes != list(range(volumes[0], volumes[-1] + 1)):
        return ""
    same = (one for one in task.evidence.derived.sets if (one.first, one.last) == (volumes[0], volumes[-1]))
    found = next(same, None)
    if found is None:
        return ""
    costs = amount_words(found.set_price, found.currency)
    saved = amount_words(abs(found.saves), found.currency)
    measured = f", {saved} less" if found.saves > 0 else f", {saved} more" if found.saves < 0 else ", the same"
    return f"{bold(found.title)} holds exactly these volumes for {costs}{measured}."
