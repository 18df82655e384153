"""Products as lines of a list: the title, one sentence of what it is, why it was chosen, what it costs."""

from collections.abc import Sequence
from typing import Final

from msgspec import structs

from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Product
from mangaassist.domain.wishes import Label
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.price_words import amount_words, offer, price_of
from mangaassist.models.writers.offline.wish_words import asked_for, label_words, medium_words, reader_words
from mangaassist.models.writers.offline.wording import (
    by_authors,
    count_of,
    joined,
    length_of,
    listed,
    name,
    opening_of,
    sentence,
    series_name,
    theme_words,
)

LISTED: Final = 3
MOST_LISTED: Final = 5
"""Products that an answer says something about, unless another number was asked for; their cards show more."""
BRIEF: Final = 110
"""Letters that an entry of a list says of a book."""
MATURE: Final = "Mature"
_MUCH: Final = {"gory": "violence", "spicy": "sexual content"}
FROM_GUIDE: Final = "From our guide"
"""How the reason of what a guide names begins."""

_FOR_OTHERS: Final = (Act.RECOMMEND, Act.GIFT, Act.SIMILAR)


def picked(task: WritingTask, wish: int | None = None) -> tuple[ProductEvidence, ...]:
    """As many as were asked for, of one wish or of all."""
    products = [known for known in task.evidence.products if wish is None or known.wish == wish]
    if task.meaning.sought and task.meaning.asks(*_FOR_OTHERS):  # what is named is told of in another clause
        named = {target.series_id for target in task.meaning.targets}
        products = [known for known in products if known.product.series_id not in named] or products
    return tuple(products)[: min(task.meaning.seeks.count or LISTED, MOST_LISTED)]


def lines(picks: Sequence[ProductEvidence], task: WritingTask, *, prices: bool) -> str:
    reasons = _reasons(picks, task)
    return listed(line(known, why, task, prices=prices) for known, why in zip(picks, reasons, strict=True))


def line(known: ProductEvidence, why: str, task: WritingTask, *, prices: bool) -> str:
    """ "**Uzumaki** by Junji Ito: A town is haunted by spirals. With the ghosts you asked for. {{price:…}}."."""
    product = known.product
    if product.volume not in (None, 1):  # what a later volume is about says nothing to who looks for something to read
        costs = offer(known, task) if prices else ""
        return f"{name(product)} {by_authors(product)}".rstrip() + (f": {costs}" if costs else "") + "."
    about = sentence(opening_of(product.description, BRIEF)) if product.description else ""
    price = entry_price(known, task) if prices and known.price else ""
    measured = whole_price(known) or _measured(product, task)
    named = f"{entry_name(product)} {by_authors(product)}".rstrip()
    if known.told:
        return " ".join(filter(None, (f"{named}{_as_told(known.told)}", measured, price)))
    told = " ".join(filter(None, (about, sentence(why), measured, _rated(known, task), price)))
    return f"{named}: {told}" if told else f"{named}."


def _as_told(words: str) -> str:
    """What a guide says of a book, behind its name: "follows a girl …" goes on from it, anything else begins anew."""
    return f" {words}" if goes_on(words) else f": {sentence(words)}"


def goes_on(words: str) -> bool:
    """Whether it goes on from a name: "follows a girl"."""
    first = words.split()[0]
    return first.islower() and first.endswith("s")


def _rated(known: ProductEvidence, task: WritingTask) -> str:
    """What readers say, and how few they are, of what few know."""
    rating = known.rating
    if task.meaning.seeks.ordering != "underrated" or rating is None or not rating.count:
        return ""
    return f"{rating.mean:.1f} out of 5 from {rating.count:,} readers."


def _measured(product: Product, task: WritingTask) -> str:
    """What it is ordered or bounded by: how long the series is, from when it is."""
    wish = task.meaning.seeks
    by_length = wish.ordering in ("shortest", "longest") or not wish.volumes.is_open
    by_year = wish.ordering in ("oldest", "newest") or not wish.year.is_open
    told = (
        length_of(product) if by_length else "",
        f"first published in {product.first_published}" if by_year and product.first_published else "",
    )
    return sentence(", ".join(filter(None, told)))


def whole_price(known: ProductEvidence) -> str:
    """ "All 3 volumes come to $21.60 in one omnibus."; empty where nobody asked for that."""
    whole = known.whole
    if whole is None or whole.volumes == 1:
        return ""
    books = "as one book" if whole.is_one_book else f"as {count_of(len(whole.asins), 'book')}"
    how = f" {books}" if len(whole.asins) != whole.volumes else ""
    so_far = "" if known.product.series_status == "finished" else " so far"
    return f"All {whole.volumes} volumes{so_far}{how}: {amount_words(whole.amount, whole.currency)}."


def entry_price(known: ProductEvidence, task: WritingTask) -> str:
    """A list names the series where it begins; the price is that of the first volume alone, and says so."""
    begins = known.product.volume == 1 and known.product.series_volumes != 1
    return f"Volume 1 is {price_of(known, task)}." if begins else f"It's {price_of(known, task)}."


def entry_name(product: Product) -> str:
    """The series where its beginning is meant, the product's own title where the volume or edition matters."""
    return series_name(product) if product.volume == 1 and product.series_volumes != 1 else name(product)


def _reasons(picks: Sequence[ProductEvidence], task: WritingTask) -> list[str]:
    """Why each was chosen; what all of them share is the heading's, and a reason that several share is told once."""
    shared = _shared(picks) if picks else frozenset[tuple[str, str]]()
    tells_apart = len(task.meaning.seeks.wanted) > 1
    told: list[str] = []
    for known in picks:
        apart = [label for label in known.fits if label.key not in shared] if tells_apart else []
        labels = apart or [label for label in known.fits if label.by_readers]
        why = reason(known, labels)
        told.append("" if why in told else why)
    return told


def _shared(picks: Sequence[ProductEvidence]) -> frozenset[tuple[str, str]]:
    """One that stands alone shares nothing."""
    first, *rest = (frozenset(label.key for label in known.fits) for known in picks)
    return first.intersection(*rest) if rest else frozenset()


def reason(known: ProductEvidence, labels: Sequence[Label]) -> str:
    """In the shopper's words what it has of the wish; else the recommender's reason; else what it is about."""
    fits = fit_words(labels)
    given = "" if known.reason.startswith(FROM_GUIDE) else known.reason
    about = joined(theme_words(theme) for theme in known.product.themes[:2])
    return fits or given or (f"it's about {about}" if about and not known.product.description else "")


def fit_words(labels: Sequence[Label]) -> str:
    """ "with the ghosts you asked for", "slice of life, with the cats you asked for": what the catalog says of the book, never
    only what was asked."""
    if voices := [word for label in labels if label.by_readers for word in label.by]:
        told = fit_words([label for label in labels if not label.by_readers])
        return f"readers praise its {joined(voices)}{f'; {told}' if told else ''}"
    if liked := [label for label in labels if label.kind == "medium" and label.by]:
        told = fit_words([label for label in labels if label not in liked])
        near = joined([f"{joined(map(theme_words, label.by))} for fans of {medium_words(label)}" for label in liked])
        return f"{told}, {near}" if told else near
    things = [label for label in labels if label.kind == "theme"]
    manners = [word for label in labels if label.kind in _MANNERS for word in _as_cataloged(label)]
    having = f"with {things_words(things)}" if things else ""
    being = joined(dict.fromkeys(manners))
    return ", ".join(
        filter(None, (being if having else f"{being}, as you asked" if being and _is_plain(labels) else being, having))
    )


def things_words(things: Sequence[Label]) -> str:
    """ "the ghosts you asked for", in the catalog's words; only "shogi" where something near it was asked for."""
    if all(map(_is_named, things)):
        return f"{asked_for(map(_by_value, things))} you asked for"
    return joined(theme_words(label.value) for label in things)


_STEM: Final = 4
_MANNERS: Final = frozenset({"mood", "medium", "genre", "demographic"})


def _as_cataloged(label: Label) -> list[str]:
    """A genre in the catalog's word, a mood by the labels that it is read from."""
    if label.kind in ("mood", "medium"):
        return list(map(theme_words, label.by))
    return [label_words(_by_value(label))]


def _by_value(label: Label) -> Label:
    return structs.replace(label, said="")


def _is_named(label: Label) -> bool:
    """Whether the shopper's word is the catalog's: whoever asks for chess has not asked for shogi."""
    said, value = label.said.lower(), label.value.lower()
    return not said or said[:_STEM] == value[:_STEM] or said in value or value in said


def _is_plain(labels: Sequence[Label]) -> bool:
    return not any(label.by for label in labels)


def mature(picks: Sequence[ProductEvidence]) -> str:
    """Whoever suggests a mature title says so."""
    rated = [entry_name(known.product) for known in picks if known.product.age_rating == MATURE]
    if not rated:
        return ""
    which = _all_of(picks) if len(rated) == len(picks) > 1 else joined(rated)
    return f"{which} {'is' if len(rated) == 1 else 'are'} rated {MATURE}."


def from_guide(picks: Sequence[ProductEvidence], task: WritingTask) -> str:
    """Which of them a guide of the store names, so that a shopper may read on there."""
    guide = next((known.reason for known in picks if known.reason.startswith(FROM_GUIDE)), "")
    named = [entry_name(known.product) for known in picks if known.reason == guide]
    if not guide or (len(named) == len(picks) and is_headed_by_guide(picks, task)):
        return ""
    which = _all_of(picks) if len(named) == len(picks) > 1 else joined(named)
    return f"{which} {'is' if len(named) == 1 else 'are'} in our guide {guide.removeprefix(FROM_GUIDE).strip()}."


def is_headed_by_guide(picks: Sequence[ProductEvidence], task: WritingTask) -> bool:
    """Whether a heading may say that all of them are from the guide that is written for the wish."""
    guided = all(known.reason.startswith(FROM_GUIDE) for known in picks)
    return guided and task.meaning.seeks.guide is not None and not task.evidence.derived.gave_up


def _all_of(picks: Sequence[ProductEvidence]) -> str:
    return "Both" if len(picks) == 2 else "All of these"


def suitable(picks: Sequence[ProductEvidence], task: WritingTask) -> str:
    """That the ratings of all of them allow the reader that was named, as far as the store explains them."""
    reader = task.meaning.seeks.reader
    fits = {fit.series_id: fit.fits for fit in task.evidence.derived.ages}
    if (
        not picks
        or reader is None
        or reader.age is None
        or not all(fits.get(known.product.series_id) for known in picks)
    ):
        return ""
    which, are = ("It", "is") if len(picks) == 1 else (_all_of(picks), "are")
    return f"{which} {are} rated to suit {reader_words(reader)}."


def unsure_of(task: WritingTask) -> str:
    """What was refused and no label says for sure: how much of it there is in a book."""
    wish = task.meaning.seeks
    judged = task.evidence.derived.judged
    refused = dict.fromkeys(_MUCH[value] for value in wish.refused("mood") if value in _MUCH and value not in judged)
    if not refused or task.state.wish.refuses_rated:
        return ""
    return f"I go by age ratings and labels: I can't tell how much {joined(refused, 'or')} there is in a volume."


def no_prices(task: WritingTask) -> str:
    """Said once, when the price service is down and the shopper would expect prices (S-1)."""
    if not task.evidence.failed("pricing"):
        return ""
    limit = " so I couldn't check them against your limit" if not task.meaning.seeks.price.is_open else ""
    return f"I can't confirm prices right now{',' if limit else ''}{limit}: please check the product page for today's price."
