"""Where to start, what comes next, in which order: the way through a series."""

from collections.abc import Sequence
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.derived import ReadingPart
from mangaassist.domain.evidence import ProductEvidence, price_placeholder
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.focus import SINGLE, Subject, holds
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.price_words import offer, price_of
from mangaassist.models.writers.offline.product_facts import TELLERS, unknown
from mangaassist.models.writers.offline.wording import (
    bold,
    count_of,
    day_of_year,
    extent_of,
    joined,
    name,
    series_name,
)

MOST_PARTS: Final = 8
"""Parts of a long story that an answer numbers."""


def latest(subject: Subject, task: WritingTask, phrasing: Phrasing) -> str:
    """The newest volume, with its price where the evidence has it."""
    product = subject.known.product
    if not product.series_volumes:
        return unknown(Act.LATEST, subject.known, task, phrasing)
    if product.series_volumes == 1 and subject.known.stock is not None and subject.known.stock.state == "preorder":
        return _out_already(subject.known, task, phrasing)
    if product.series_volumes == 1:
        return f"{series_name(product)} is one book, complete in itself."
    which = "last" if product.series_status == "finished" else "latest"
    end = "; the series is complete" if product.series_status == "finished" else ""
    newest = volume_of(subject.family, product.series_volumes)
    offered = f": {offer(newest, task)}" if newest and offer(newest, task) else ""
    named = name(newest.product) if newest else f"volume {product.series_volumes}"
    return f"The {which} volume of {series_name(product)} is {named}{offered}{end}."


def next_volume(subject: Subject, task: WritingTask, phrasing: Phrasing) -> str:
    """The volume that follows, and what it costs."""
    product, number = subject.known.product, task.evidence.derived.next_volume
    has_place = any(target.volume is not None for target in task.meaning.targets)
    if number is None and not has_place and product.series_volumes > 1:
        total = count_of(product.series_volumes, "volume")
        return phrasing.say("product_question.how_far", name=series_name(product), total=total)
    ended = product.series_status == "finished"
    if number is None and ended and product.series_volumes == 1:
        return f"Nothing comes after {series_name(product)}: it is complete in one book."
    if number is None:
        total = extent_of(product) or "no more"
        denial = denials.AFTER_THE_LAST if ended else denials.NEXT_VOLUME
        return denial.told(task, phrasing, name=series_name(product), total=total)
    following = volume_of(subject.family, number)
    if following is None:
        return f"Next is volume {number} of {series_name(product)}."
    costs = offer(following, task)
    return f"Next is {name(following.product)}{f': {costs}' if costs else ''}."


def upcoming(subject: Subject, task: WritingTask, phrasing: Phrasing) -> str:
    """When the next volume is out: its day where it can be preordered, else that the catalog names none, and which is newest."""
    product = subject.known.product
    total, title = product.series_volumes, series_name(product)
    asked = subject.target.volume
    if asked is not None and asked <= total and subject.products:
        return _out_already(subject.known, task, phrasing)
    if product.series_status == "finished":
        return phrasing.say("product_question.no_more_to_come", name=title, total=count_of(total, "volume"))
    newest = volume_of(subject.family, total)
    if newest is None:
        return unknown(Act.LATEST, subject.known, task, phrasing)
    named, costs = name(newest.product), offer(newest, task)
    is_ahead = newest.stock is not None and newest.stock.state == "preorder"
    if is_ahead and asked in (None, total):
        when = _out_on(newest, task)
        return phrasing.say("product_question.out_on", name=named, when=when, price=price_of(newest, task))
    hiatus = ", and the series is on hiatus" if product.series_status == "hiatus" else ""
    which = f"volume {asked}" if asked is not None and asked > total else "the next volume"
    newest_one = f"{named}{f' ({costs})' if costs else ''}"
    return denials.UPCOMING.told(task, phrasing, name=title, which=which, hiatus=hiatus, newest=newest_one)


def _out_already(known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """Of a volume that there is: that it is out, or its day where it can only be preordered."""
    if known.stock is not None and known.stock.state == "preorder":
        when = _out_on(known, task)
        return phrasing.say("product_question.out_on", name=name(known.product), when=when, price=price_of(known, task))
    costs = offer(known, task)
    return f"{name(known.product)} is out already{f': {costs}' if costs else ''}."


def _out_on(known: ProductEvidence, task: WritingTask) -> str:
    ahead = known.product.released or (known.stock.restock_date if known.stock else None)
    year = task.evidence.now.year if task.evidence.now else 0
    return f"on {day_of_year(ahead, year)}" if ahead is not None else "soon"


def which_volume(subject: Subject, task: WritingTask, phrasing: Phrasing) -> str:
    """Which of how many it is; yes or no first, where a place was asked for."""
    known, place = subject.known, task.meaning.place_asked
    product = known.product
    total, named = product.series_volumes, name(known.product)
    first, last = product.volume_from or product.volume or 1, product.volume_to or product.volume or total
    if total == 1:
        return f"{'Yes: ' if place is not None else ''}{series_name(product)} is complete in this one book."
    held = f"volume {first}" if first == last else f"volumes {first} to {last}"
    end = "" if product.series_status == "finished" else " so far"
    said = f"{named} has {held} of {total}{end}" if first != last else f"it's {held} of {total}{end}"
    if place is None:
        return f"{said[0].upper()}{said[1:]}: {named}." if first == last else f"{said}."
    is_it = {0: first == 1, -1: last >= total}.get(place, first == place + 1)
    if len(task.meaning.targets) > 1:
        return f"{'Yes' if is_it else 'No'}: {named} {'is' if first == last else 'has'} {held} of {total}{end}."
    return f"{'Yes' if is_it else 'No'}, {said}."


def start(subject: Subject, task: WritingTask, phrasing: Phrasing) -> str:
    """Where to begin: the first part of several, or the first volume."""
    parts = task.evidence.derived.reading_order
    if task.meaning.premise == "before":
        return _before(subject, parts)
    if len(parts) > 1:
        first, second = parts[0], parts[1]
        return f"Start with {bold(first.title)}{_part_price(first, task)}; {bold(second.title)} comes after it."
    product = subject.known.product
    if product.series_volumes == 1:
        return f"{series_name(product)} is complete in one book, so you start and end there."
    first_volume = volume_of(subject.family, 1)
    costs = offer(first_volume, task) if first_volume else ""
    named = name(first_volume.product) if first_volume else f"volume 1 of {series_name(product)}"
    return f"Start with {named}{f' ({costs})' if costs else ''} and read on by number.{_many(subject, task)}"


def _before(subject: Subject, parts: Sequence[ReadingPart]) -> str:
    """Whether anything comes before it: the volumes of its series first, else the parts of its story."""
    product = subject.known.product
    volume = subject.target.volume or (product.volume if subject.target.asin else None) or 1
    place = next((number for number, one in enumerate(parts) if one.series_id == product.series_id), 0)
    earlier = parts[:place]
    if volume > 1:
        held = f"volumes 1 to {volume - 1}" if volume > 2 else "volume 1"
        return f"Yes: {held} of {series_name(product)}, in that order."
    if earlier:
        named = joined(bold(part.title) for part in earlier)
        return (
            f"{named} {'comes' if len(earlier) == 1 else 'come'} before it; {series_name(product)} goes on from there."
        )
    after = f"; {bold(parts[1].title)} comes after it" if len(parts) > 1 else ""
    return f"No, nothing comes before it: {name(product)} is where the story begins{after}."


def _many(subject: Subject, task: WritingTask) -> str:
    told = TELLERS[Act.VOLUMES](subject.known, task)
    return f" {told.replace(series_name(subject.known.product), 'The series', 1)}" if told else ""


def reading_order(subject: Subject, task: WritingTask, phrasing: Phrasing) -> str:
    """Numbered, in the order to read; one series by itself is read by number."""
    parts = task.evidence.derived.reading_order
    if len(parts) < 2:
        return start(subject, task, phrasing)
    numbered = "\n".join(f"{place}. {_part(part)}" for place, part in enumerate(parts[:MOST_PARTS], 1))
    more = f"\n\n{len(parts) - MOST_PARTS} more follow." if len(parts) > MOST_PARTS else ""
    return f"Read them in this order:\n{numbered}{more}"


def _part(part: ReadingPart) -> str:
    facts = [str(part.year) if part.year else "", count_of(part.volumes, "volume") if part.volumes else ""]
    told = ", ".join(filter(None, facts))
    return f"{bold(part.title)}{f' ({told})' if told else ''}"


def _part_price(part: ReadingPart, task: WritingTask) -> str:
    is_priced = part.asin is not None and part.asin in task.evidence.priced()
    return f" ({price_placeholder(part.asin)})" if part.asin and is_priced else ""


def volume_of(products: Sequence[ProductEvidence], number: int) -> ProductEvidence | None:
    """The single volume of that number."""
    fitting = (known for known in products if holds(known.product, number) and known.product.format in SINGLE)
    return next(fitting, None)
