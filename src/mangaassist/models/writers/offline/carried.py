"""Whether the store has a title, a volume or an edition: yes or no first, then what it costs, and no volume that never came out."""

from collections.abc import Sequence

from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.products import Format, Product
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.editions import editions, no_special_edition
from mangaassist.models.writers.offline.focus import SINGLE, Subject, by_series, subjects
from mangaassist.models.writers.offline.openings import heading
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.price_words import offer, price_of, prices
from mangaassist.models.writers.offline.product_facts import TELLERS, article
from mangaassist.models.writers.offline.product_lines import lines, mature, picked
from mangaassist.models.writers.offline.shelf_notes import CATALOG_DOWN, nothing, too_dear
from mangaassist.models.writers.offline.wording import (
    FORMAT_PLURALS,
    FORMAT_WORDS,
    bold,
    by_authors,
    extent_of,
    in_stock_words,
    joined,
    listed,
    name,
    opening_of,
    paragraphs,
    sentence,
    series_name,
)


def _told_below(task: WritingTask) -> bool:
    """A question about the same books is answered next, and tells the prices."""
    return task.meaning.guess.secondary is Intent.PRODUCT_QUESTION or task.meaning.asks(Act.PRICE, Act.STOCK, Act.TOTAL)


def carries(task: WritingTask, phrasing: Phrasing) -> str:
    """One title in full, several in a line each; a title that nobody knows is denied."""
    if dear := too_dear(task, phrasing):
        return dear
    found: tuple[Subject, ...] = by_series(task) if task.meaning.targets else ()
    if not found:
        return _unknown(task, phrasing)
    first = found[0]
    if len(found) > 1:
        told = listed(_brief(one, task) for one in found)
        return paragraphs(f"{_verdict(found, task)}\n{told}", _missing(task, phrasing))
    return paragraphs(_one(first, task, phrasing), _missing(task, phrasing))


def missing_volumes(task: WritingTask, phrasing: Phrasing) -> str:
    """That volumes are not there, with the number there is; empty when every one that is named is."""
    lacking: dict[tuple[str, Format | None], tuple[Product, list[int]]] = {}
    for subject in subjects(task):
        if subject.is_missing and subject.target.volume is not None:
            product = subject.known.product
            key = (product.series_id, subject.target.format)
            lacking.setdefault(key, (product, []))[1].append(subject.target.volume)
    said = (_lacking(task, phrasing, product, volumes, form) for (_, form), (product, volumes) in lacking.items())
    return " ".join(said)


def _lacking(
    task: WritingTask, phrasing: Phrasing, product: Product, volumes: Sequence[int], form: Format | None
) -> str:
    """A volume that was looked for in one edition alone is missing as that, and not altogether."""
    if form is None or min(volumes) > product.series_volumes > 0:
        return no_such_volume(task, phrasing, product, volumes)
    named = f"volume {joined(map(str, sorted(set(volumes))), 'or')} of {series_name(product)}"
    word = f"{article(FORMAT_WORDS[form])} {FORMAT_WORDS[form]}"
    return denials.THIS_FORMAT.told(task, phrasing, series=named, format=word)


def no_such_volume(task: WritingTask, phrasing: Phrasing, product: Product, volumes: Sequence[int]) -> str:
    named = {"volume": joined(map(str, sorted(set(volumes))), "or"), "series": series_name(product)}
    total = product.series_volumes
    if total and (min(volumes) > total or max(volumes) < 1):
        said = denials.VOLUME_BEYOND.told(task, phrasing, **named, total=extent_of(product))
        return f"{said} The series is complete." if product.series_status == "finished" and total > 1 else said
    return denials.VOLUME.told(task, phrasing, **named)


def _one(subject: Subject, task: WritingTask, phrasing: Phrasing) -> str:
    if subject.is_missing and subject.target.volume is not None:
        return missing_volumes(task, phrasing)
    lacking = no_special_edition(subject, task, phrasing) if task.meaning.premise == "edition" else ""
    if subject.target.format is not None:
        return paragraphs(lacking, editions(subject, task, phrasing))
    if lacking:
        return f"{lacking} {_card(subject, task)}"
    if task.meaning.premise == "sequel":
        denied = denials.SEQUEL.told(task, phrasing, name=series_name(subject.known.product))
        return f"{denied} {_card(subject, task)}"
    if subject.target.volume is not None:
        return _volumes(subject, task, phrasing)
    verdict = phrasing.say("product_discovery.yes", title=_title(subject))
    return f"{verdict} {_card(subject, task)}".rstrip()


def _volumes(subject: Subject, task: WritingTask, phrasing: Phrasing) -> str:
    """The volumes that are named, with their prices."""
    if len(subject.products) > 1:
        return f"Yes. {prices(subject.products, task)}"
    stock = subject.known.stock
    if stock is not None and stock.state in ("backorder", "out_of_stock"):
        costs = price_of(subject.known, task) if subject.known.price and not _told_below(task) else ""
        title = f"{name(subject.known.product)}{f' ({costs})' if costs else ''}"
        return phrasing.say("product_discovery.sold_out", title=title, stock=in_stock_words(stock))
    costs = "" if _told_below(task) else offer(subject.known, task)
    title = f"{name(subject.known.product)}{f' at {costs}' if costs and subject.known.price else f', {costs}' if costs else ''}"
    return phrasing.say("product_discovery.yes", title=title)


def _title(subject: Subject) -> str:
    product = subject.known.product
    return f"{series_name(product)} {by_authors(product)}".rstrip()


def _card(subject: Subject, task: WritingTask) -> str:
    """What it is, how long, what it costs, in which other editions."""
    product = subject.known.product
    about = sentence(opening_of(product.description)) if product.description else ""
    length = TELLERS[Act.VOLUMES](subject.known, task).replace(series_name(product), "It", 1)
    costs = "" if _told_below(task) else offer(subject.known, task)
    # By name, unless nothing else can be meant: what is said of the stock is checked by the name it is said of.
    alone = product.title == product.series_title and len(task.evidence.products) == 1
    told = f"{'It costs ' if alone else f'{name(product)}: '}{costs}." if costs else ""
    return " ".join(filter(None, (about, length.replace("It is complete", "It's complete"), told, _editions(subject))))


def _editions(subject: Subject) -> str:
    others = dict.fromkeys(one.product.format for one in subject.family if one.product.format not in SINGLE)
    is_single = subject.known.product.format in SINGLE and subject.target.volume is None
    return f"It also comes in {joined(FORMAT_PLURALS[form] for form in others)}." if others and is_single else ""


def _verdict(found: tuple[Subject, ...], task: WritingTask) -> str:
    known = {subject.target.series_id for subject in subjects(task)}
    lacks = any(target.series_id not in known for target in task.meaning.targets)
    return "Some of them:" if lacks else f"Yes, {'both' if len(found) == 2 else 'all of them'}:"


def _brief(subject: Subject, task: WritingTask) -> str:
    known: ProductEvidence = subject.known
    title = name(known.product) if subject.target.volume is not None else series_name(known.product)
    costs = "" if _told_below(task) else offer(known, task)
    begins = (
        f"volume {known.product.volume} " if known.product.volume and subject.target.volume is None and costs else ""
    )
    return f"{title} {by_authors(known.product)}".rstrip() + (f": {begins}{costs}" if costs else "")


def _missing(task: WritingTask, phrasing: Phrasing) -> str:
    """Titles that were named and are not in the evidence."""
    known = {subject.target.series_id for subject in subjects(task)}
    lacking = [target.title for target in task.meaning.targets if target.series_id not in known and target.title]
    if not lacking or task.evidence.failed("catalog"):
        return ""
    return denials.NAMED_TITLES.told(task, phrasing, titles=joined(map(bold, dict.fromkeys(lacking)), "or"))


def _unknown(task: WritingTask, phrasing: Phrasing) -> str:
    """Nothing by that name: a kind of manga is shown, a title is denied."""
    wish = task.meaning.seeks
    if task.evidence.failed("catalog") and not task.evidence.products:
        return paragraphs(CATALOG_DOWN, "Please ask me again in a few minutes.")
    if picked(task) and (wish.wanted or not (wish.words or task.meaning.targets)):
        picks = picked(task)
        return paragraphs(
            f"{heading(task, phrasing, 'product_discovery', picks)}\n{lines(picks, task, prices=True)}", mature(picks)
        )
    if wish.wanted:
        return nothing(task, phrasing)
    return denials.TITLE.told(task, phrasing)
