"""How many volumes a series is said to have, which of them there are, since when, and how many chapters (G-4)."""

import re
from collections.abc import Iterator
from typing import Final

from mangaassist.domain.wishes import Wish
from mangaassist.guardrails.claims.said import Products, Said, Wrong, instead, number, only, whole

_A_PART: Final = re.compile(
    r"\b(?:these|those|first|next|last|other|all|any|of|another|more|about|under|over|least|most|than|fewer|up to|read|buy|own"
    r"|have|need|the)\s+$",
    re.IGNORECASE,
)
"""Words before a number of volumes by which it may be a part of the series: "the first three volumes"."""
_MORE: Final = re.compile(r"\b(?:more|other|further|extra|additional)\b", re.IGNORECASE)
_HOLDS: Final = re.compile(r"\b(?:contains?|holds?|includes?)\b", re.IGNORECASE)
_THE_WHOLE: Final = re.compile(
    r"\b(?:complete[ds]?|total|series|spans?|runs?|consists?|made up|comprises?|has|across|over|long|finished|ended|so far"
    r"|collected|altogether|in all|there are|contains?|holds?|includes?)\b",
    re.IGNORECASE,
)


def volumes(said: Said, found: re.Match[str]) -> Wrong | None:
    """A number of volumes: that of the series, of the set, or of a part of it."""
    counted = number(found["it"])
    books = said.about(found.start("it"))
    if counted is None or counted in _counts(said, books) or said.known.say(found[0]):
        return None
    totals = {known.product.series_volumes for known in books if known.product.series_volumes}
    is_whole = _THE_WHOLE.search(said.text) is not None and not _is_a_part(said, found)
    if not is_whole and (not totals or counted <= max(totals)):
        return None
    if _HOLDS.search(said.text[: found.start("it")]):  # a set or a volume is told of, and not the series
        totals = set(_held(books))
    return instead(found, only(map(str, totals)))


def place(said: Said, found: re.Match[str]) -> Wrong | None:
    """Volume 3 of 34: there are that many, and the third is one of them."""
    books = said.about(found.start("it"))
    last, total = number(found["volume"]), number(found["it"])
    totals = {known.product.series_volumes for known in books if known.product.series_volumes}
    if total is not None and total in _counts(said, books):
        return None if last is None or last <= total else whole()
    right = only(map(str, totals))
    return instead(found, right) if right and last is not None and last <= int(right) else whole()


def volume(said: Said, found: re.Match[str]) -> Wrong | None:
    """A volume by its number: none above the last one."""
    books = said.about(found.start())
    told = number(found["it"])
    totals = [known.product.series_volumes for known in books if known.product.series_volumes]
    if told is None or not totals or len(totals) < len(books) or told <= max(totals):
        return None
    return None if told in _counts(said, books) or said.known.say(found[0]) else whole()


def chapters(said: Said, found: re.Match[str]) -> Wrong | None:
    """The catalog counts no chapters, episodes or copies sold: they are told where somebody in the evidence does."""
    return None if said.known.say(found[0].strip()) else whole()


def pages(said: Said, found: re.Match[str]) -> Wrong | None:
    books = said.about(found.start("it"))
    told = {known.product.pages for known in books if known.product.pages}
    if number(found["it"]) in told or said.known.say(found[0]) or _is_a_part(said, found):
        return None
    return instead(found, only(map(str, told)))


def year(said: Said, found: re.Match[str]) -> Wrong | None:
    books = said.about(found.start("it"))
    first = {str(known.product.first_published) for known in books if known.product.first_published}
    dated = {str(known.product.released.year) for known in books if known.product.released}
    told = number(found["it"])
    now = said.evidence.now
    bounds = [bound for wish in _wishes(said) for bound in (wish.year.least, wish.year.most)]
    if found["it"] in first | dated or said.known.say(found["it"]) or told in bounds or (now and told == now.year):
        return None
    return instead(found, only(first))


def _counts(said: Said, books: Products) -> set[int]:
    """The numbers of volumes that may be told of these books."""
    counts = {known.product.series_volumes for known in books} | set(_held(books))
    return counts | set(_worked_out(said)) | {len(books), 1}


def _held(books: Products) -> Iterator[int]:
    """How many volumes the sets among them hold."""
    for known in books:
        first, last = known.product.volume_from, known.product.volume_to
        if first is not None and last is not None:
            yield last - first + 1


def _worked_out(said: Said) -> Iterator[int]:
    """What follows from the evidence, and what the shopper named."""
    derived = said.evidence.derived
    if derived.affordable is not None:
        yield derived.affordable.count
    yield from (bought.count for bought in derived.affordable_each)
    if derived.pace is not None:
        yield from (derived.pace.volumes, derived.pace.rate.count)
    sets = (*derived.sets, *derived.ways, *((derived.cheapest_way,) if derived.cheapest_way else ()))
    for held in sets:
        yield from (held.last - held.first + 1, len(held.asins))
    yield from (len(bought.volumes) for bought in derived.bought)
    yield from (part.volumes for part in derived.reading_order)
    for total in filter(None, (derived.total, derived.cart_total)):
        yield sum(line.quantity for line in total.lines)
    for wish in _wishes(said):
        yield from (int(bound) for bound in (wish.volumes.least, wish.volumes.most, wish.count) if bound is not None)
    if (meaning := said.known.meaning) is not None:
        yield from (target.volume for target in meaning.targets if target.volume is not None)


def _wishes(said: Said) -> tuple[Wish, ...]:
    meaning = said.known.meaning
    return meaning.sought if meaning is not None else ()


def _is_a_part(said: Said, found: re.Match[str]) -> bool:
    return bool(_A_PART.search(said.text[: found.start("it")]) or _MORE.search(found[0]))
