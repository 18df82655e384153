"""The editions of a series side by side, and a set against its single volumes."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.derived import SetOrSingles
from mangaassist.domain.evidence import ProductEvidence, price_placeholder
from mangaassist.domain.products import Format
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.complete_sets import whole_or_part
from mangaassist.models.writers.offline.focus import SINGLE, Subject, singles
from mangaassist.models.writers.offline.help_pages import sentences_in, stems
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.price_words import amount_words, offer, price_of
from mangaassist.models.writers.offline.product_facts import article, is_collection, volumes_in, what_it_is
from mangaassist.models.writers.offline.sums_in_words import way_line
from mangaassist.models.writers.offline.wording import (
    FORMAT_PLURALS,
    FORMAT_WORDS,
    bold,
    count_of,
    joined,
    listed,
    name,
    series_name,
)

MOST_LINES: Final = 4
MOST_NAMED: Final = 3
_USUAL: Final = ("-in-1", "Deluxe", "Perfect", "Master")
"""Editions that are formats of their own: no anniversary, black or collector's edition."""


def editions(subject: Subject, task: WritingTask, phrasing: Phrasing) -> str:
    """Whether the edition that was named is there, then every edition in a line."""
    wanted = subject.target.format
    product = subject.known.product
    if wanted is not None and not any(known.product.format is wanted for known in subject.family):
        if bound := _bound_so(subject, wanted, task):
            return f"{bound}\n{listed(_every_edition(subject, task))}"
        word = FORMAT_WORDS[wanted]
        lacking = denials.THIS_FORMAT.told(
            task, phrasing, series=series_name(product), format=f"{article(word)} {word}"
        )
        return f"{lacking} What there is:\n{listed(_every_edition(subject, task))}"
    if wanted is not None:
        books = [known for known in subject.products or subject.family if known.product.format is wanted]
        if task.meaning.premise == "complete_set" and (verdict := whole_or_part(books, task)):
            counted = _count_of_books(books, task)
            all_of_it = counted is not None and counted[0] > 1 and counted[1] >= product.series_volumes
            return f"{verdict} The whole story takes {counted[0]} of them." if counted and all_of_it else verdict
        return _of_format(books, task)
    told = _every_edition(subject, task)
    if subject.target.asin is not None and len(told) > 1 and subject.products:  # of this very book, then the others
        return f"{what_it_is(subject.products[0], task)} {series_name(product)} comes in {len(told)} editions:\n{listed(told)}"
    if len(told) == 1:
        return f"{series_name(product)} comes in one edition: {told[0]}."
    way = task.evidence.derived.cheapest_way
    verdict = way_to_own(way, task) if way else set_or_singles_sentence(task)
    return f"{series_name(product)} comes in {len(told)} editions:\n{listed(told)}" + (
        f"\n\n{verdict}" if verdict else ""
    )


def among(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    """ "Any of those in hardcover": which of several series are there in the edition that is asked for; empty where none is."""
    wanted = {one.target.format for one in there}
    only = next(iter(wanted)) if len(wanted) == 1 else None
    if len(there) < 2 or only is None or not task.meaning.is_follow_up:
        return ""
    word = f"{article(FORMAT_WORDS[only])} {FORMAT_WORDS[only]}"
    books = [next((one for one in subject.family if one.product.format is only), None) for subject in there]
    lacking = [series_name(one.known.product) for one, book in zip(there, books, strict=True) if book is None]
    if len(lacking) == len(there):
        return denials.NONE_IN_FORMAT.told(task, phrasing, format=word, titles=joined(lacking))
    found = joined(f"{name(book.product)} ({offer(book, task)})" for book in books if book is not None)
    return f"Yes: {found}." + (f" Not as {word}: {joined(lacking)}." if lacking else "")


def _bound_so(subject: Subject, wanted: Format, task: WritingTask) -> str:
    """What a guide says of how an edition is bound, where the catalog only says what it collects."""
    words = stems(FORMAT_WORDS[wanted])
    title = subject.known.product.series_title
    told = (one for scored in task.evidence.guides for one in sentences_in(scored.chunk))
    found = next((one.text for one in told if words & one.stems and title in one.text), "")
    return f"By our guide on editions, yes: {found} What there is:" if found else ""


def no_special_edition(subject: Subject, task: WritingTask, phrasing: Phrasing) -> str:
    """That the special edition that is asked for is not there; nothing where the series has one of its own."""
    titles = (known.product.title for known in subject.family)
    if any("Edition" in title and not any(kind in title for kind in _USUAL) for title in titles):
        return ""
    return denials.SPECIAL_EDITION.told(task, phrasing, name=series_name(subject.known.product))


def _of_format(products: Sequence[ProductEvidence], task: WritingTask) -> str:
    """The books of one edition: one in full, several in lines."""
    product, counted = products[0].product, _count_of_books(products, task)
    if task.meaning.counted and len(products) == 1 and is_collection(products[0]) and _names_one(task):
        held, costs = (
            f"{volumes_in(products[0])} volumes, {product.volume_from} to {product.volume_to}",
            offer(products[0], task),
        )
        return f"{name(product)}{f' ({costs})' if costs else ''} holds {held}."
    if task.meaning.counted and counted and counted[0] > 1:
        return f"There are {counted[0]} {FORMAT_PLURALS[product.format]} of {series_name(product)}, up to volume {counted[1]}."
    if len(products) == 1:
        count, last = counted or (0, 0)
        books = f" There are {count} books of it, up to volume {last}." if count > 1 else ""
        # of a paperback nobody need have asked: a follow-up keeps the edition that was shown
        talked_of = any(one.format is products[0].product.format for one in task.state.targets)
        asks_more = frozenset(task.meaning.fresh) - _OF_BEING_THERE - stems(product.series_title)
        sure = "" if talked_of or asks_more or products[0].product.format is Format.PAPERBACK else "Yes: "
        return f"{sure}{what_it_is(products[0], task)}{books}"
    which = f"{FORMAT_PLURALS[product.format]} of {series_name(product)}"
    head = f"There are {counted[0]} {which}" if counted else f"Yes, there are {which}"
    shown = [f"{name(known.product)}{_held(known)}: {offer(known, task)}" for known in products[:MOST_LINES]]
    return f"{head}:\n{listed(shown)}"


_OF_BEING_THERE: Final = stems(
    "box boxset set sets omnibus deluxe hardcover paperback edition editions version vol volume one there have got "
    "sell exist any also "
    "come comes available complete full whole big special collected 1 2 3 in as does is"
)
"""What a question says that only asks whether an edition is there: "yes" answers no other one."""


def _names_one(task: WritingTask) -> bool:
    """One book of an edition is asked about, by its number."""
    named = any(target.volume is not None and target.format is not None for target in task.meaning.targets)
    return named and not task.meaning.is_follow_up  # "how many of those" after one of them asks of the edition


def _count_of_books(products: Sequence[ProductEvidence], task: WritingTask) -> tuple[int, int] | None:
    """How many books an edition has and up to which volume: known only where the evidence has them without a gap."""
    prefix = _prefix(products[0].product.title)
    spans = {(one.first, one.last) for one in task.evidence.derived.sets if _prefix(one.title) == prefix}
    spans |= {(one.product.volume_from or 0, one.product.volume_to or 0) for one in products}
    last = 0
    for first, to in sorted(spans):
        if first != last + 1:
            return None
        last = to
    return len(spans), last


def _held(known: ProductEvidence, task: WritingTask | None = None) -> str:
    """Which volumes are in it; with the task, how many such books there are, where it is the first of several."""
    if not is_collection(known):
        return ""
    counted = _count_of_books((known,), task) if task is not None else None
    many = f"; {counted[0]} books in all" if counted is not None and counted[0] > 1 else ""
    return f" (volumes {known.product.volume_from} to {known.product.volume_to}{many})"


def lines(products: Sequence[ProductEvidence], task: WritingTask) -> list[str]:
    """One line an edition: what it is, what it holds, from which price, whether it is at hand."""
    groups: dict[str, list[ProductEvidence]] = {}
    for known in sorted(products, key=lambda known: list(Format).index(known.product.format)):
        groups.setdefault(_edition_name(known), []).append(known)
    return [_line(label, group, task) for label, group in groups.items()][:MOST_LINES]


def _every_edition(subject: Subject, task: WritingTask) -> list[str]:
    return [*lines(subject.family, task), *_lines_of_sets(subject, task)][:MOST_LINES]


def _lines_of_sets(subject: Subject, task: WritingTask) -> list[str]:
    """Editions that only the weighing of sets knows: the first book of each."""
    there = {known.asin for known in subject.family}
    formats = {_prefix(known.product.title) for known in subject.family}
    first = [one for one in task.evidence.derived.sets if one.first == 1 and not there & set(one.asins)]
    return [
        f"{bold(one.title)}, volumes {one.first} to {one.last}, comes to {amount_words(one.set_price, one.currency)}"
        for one in first
        if _prefix(one.title) not in formats
    ]


def _prefix(title: str) -> str:
    return title.split(", Vol.")[0]


def _edition_name(known: ProductEvidence) -> str:
    """ "Paperback", "Deluxe Edition", "Box set": the title without the series and the number, else the format."""
    product = known.product
    rest = product.title.replace(product.series_title, "", 1).split(", Vol.")[0].strip(" ,:()")
    form = FORMAT_WORDS[product.format]
    if product.format in SINGLE or product.format is Format.BOX_SET or not rest:
        return form.capitalize()
    return rest


def _line(label: str, group: Sequence[ProductEvidence], task: WritingTask) -> str:
    first = min(group, key=lambda known: known.price.current if known.price else 10**9)
    total = first.product.series_volumes
    if first.product.format in SINGLE:
        count = f", {total} volumes" if total > 1 else ""
        return f"{bold(label)}{count}: {_single_price(first, group, task)}"
    if len(group) == 1:
        # By its full title: what is said of the stock is checked by the name it is said of.
        return f"{name(first.product)}{_held(first, task)}: {offer(first, task) or 'details on its product page'}"
    return f"{bold(label)}{_per_book(first)}: {_from(first, group, task)}"


def _per_book(known: ProductEvidence) -> str:
    first, last = known.product.volume_from, known.product.volume_to
    return f", {last - first + 1} volumes a book" if first is not None and last is not None and last > first else ""


def _single_price(first: ProductEvidence, group: Sequence[ProductEvidence], task: WritingTask) -> str:
    """ "each" only where all volumes are known to cost the same: the first one alone may be reduced."""
    way, total, price = task.evidence.derived.cheapest_way, first.product.series_volumes, first.price
    if price is None or total <= 1:
        return _from(first, group, task).removesuffix(" each") if total <= 1 else "prices on the product pages"
    if way is not None and way.singles_price == price.current * total:
        return f"{price_of(first, task)} each"
    if first.product.volume is None:
        return price_of(first, task)
    return f"volume {first.product.volume} at {price_of(first, task)}"


def _from(first: ProductEvidence, group: Sequence[ProductEvidence], task: WritingTask) -> str:
    """ "from" says that others cost more: only where the group has other prices, or is not complete."""
    if not first.price:
        return "prices on the product pages"
    several = len({known.price.current for known in group if known.price}) > 1
    return f"{'from ' if several else ''}{price_of(first, task)} each"


def set_or_singles(subject: Subject, task: WritingTask, phrasing: Phrasing) -> str:
    """Which costs less, by how much."""
    if ways := _ways(task):
        return ways
    return set_or_singles_sentence(task) or _no_verdict(subject, task, phrasing)


def _ways(task: WritingTask) -> str:
    """Of several series, what each comes to at the least; empty where it is about one."""
    ways = task.evidence.derived.ways
    if len(ways) < 2:
        return ""
    told = map(way_line, sorted(ways, key=lambda one: one.set_price))
    return f"The least it takes to own all of each, from the cheapest:\n{listed(told)}"


def _no_verdict(subject: Subject, task: WritingTask, phrasing: Phrasing) -> str:
    denied = denials.SETS.told(task, phrasing, name=series_name(subject.known.product))
    there = singles(subject.family)
    return f"{denied} {what_it_is(there[0], task)}" if there else denied


def set_or_singles_sentence(task: WritingTask) -> str:
    """A set against its volumes, and what it takes to own them all for the least money; empty when nobody worked it out."""
    derived = task.evidence.derived
    asked = next((target.format for target in task.meaning.targets if target.format is not None), None)
    named = [known.asin for known in task.evidence.products if known.product.format is asked]
    pointed = [target.asin for target in task.meaning.targets if target.asin] or named[:1]
    held = [one for asin in pointed for one in derived.sets if asin in one.asins]
    compared = next(iter(held), next(iter(derived.sets), None))
    way = derived.cheapest_way
    if task.meaning.asks(Act.TOTAL) and way and asked is None and compared is not None and not compared.complete:
        return way_to_own(way, task)
    own = way_to_own(way, task) if way and (compared is None or way.asins != compared.asins) else ""
    return " ".join(filter(None, (_weighed(compared, task) if compared else "", own)))


def way_to_own(way: SetOrSingles, task: WritingTask) -> str:
    """What it takes to own all volumes for the least money: sets, single volumes, or both."""
    sets = [one.title for one in task.evidence.derived.sets if one.asins[0] in way.asins]
    if not sets and way.saves == 0 and task.meaning.asks(Act.TOTAL):
        return ""
    single = len(way.asins) - len(sets)
    books = joined([*_counted(sets), *([count_of(single, "single volume")] if single else [])])
    spared = f", {amount_words(way.saves, way.currency)} less than by single volumes" if way.saves > 0 else ""
    costs = amount_words(way.set_price, way.currency)
    named, are = joined(map(bold, way.out_of_stock[:MOST_NAMED])), "is" if len(way.out_of_stock) == 1 else "are"
    gone = f" {named} {are} out of stock right now." if way.out_of_stock else ""
    said = f"The cheapest way to own all {way.last} volumes of {bold(way.title)} comes to {costs}: {books}{spared}."
    return f"{said}{gone}"


def _counted(titles: Sequence[str]) -> list[str]:
    """ "9 books of **X (3-in-1 Edition)**"."""
    groups = Counter(map(_prefix, titles))
    if len(groups) > MOST_NAMED:
        return [count_of(len(titles), "set")]
    one = {_prefix(title): title for title in titles}
    return [f"{count} books of {bold(prefix)}" if count > 1 else bold(one[prefix]) for prefix, count in groups.items()]


def _weighed(compared: SetOrSingles, task: WritingTask) -> str:
    """ "The set is cheaper: …" or that the single volumes are, both with their sums."""
    volumes = f"volumes {compared.first} to {compared.last}"
    is_priced = compared.asins[0] in task.evidence.priced()
    costs = price_placeholder(compared.asins[0]) if is_priced else amount_words(compared.set_price, compared.currency)
    apart = amount_words(compared.singles_price, compared.currency)
    saves = amount_words(abs(compared.saves), compared.currency)
    named = bold(compared.title)
    if compared.saves > 0:
        said = f"The set is cheaper: {named} comes to {costs} for {volumes}, the single volumes come to {apart}"
        return f"{said}, so you save {saves}."
    if compared.saves == 0:
        return f"It makes no difference: {named} and the single volumes both come to {apart} for {volumes}."
    return (
        f"The single volumes are cheaper: {volumes} come to {apart}, {named} comes to {costs}, which is {saves} more."
    )
