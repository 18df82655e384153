"""What is in a book, by what the store tells of its content: a verdict on what was asked, or its notes as a whole."""

from collections.abc import Iterator, Sequence
from typing import Final

from mangaassist.domain.derived import ContentFit, ContentNotes
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.wording import joined, listed, series_name, together

MOST_ASKED: Final = 3
"""Things that one answer gives a verdict on."""
_VERDICTS: Final = {"some": "some", "strong": "strong"}
_DEGREES: Final = ("none", "some", "strong")


def told(known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """The verdict on each thing that was asked; the notes where nothing was named; empty where the store tells nothing of it."""
    fits = [one for one in task.evidence.derived.contents if one.series_id == known.product.series_id]
    if fits:
        return " ".join(dict.fromkeys(_verdict(fit, known, task, phrasing) for fit in fits[:MOST_ASKED]))
    notes = next((one for one in task.evidence.derived.notes if one.series_id == known.product.series_id), None)
    return _notes(notes, known, phrasing) if notes else ""


def _verdict(fit: ContentFit, known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    name, noun = series_name(known.product), fit.noun or fit.label.said or fit.label.value
    if fit.too_early:
        return phrasing.say("product_question.ending_open", name=name)
    if fit.has is None or not fit.told:
        return denials.CONTENT_UNKNOWN.told(task, phrasing, name=name, asked=noun)
    verdict = "told" if fit.only_told else _VERDICTS.get(fit.degree, "yes") if fit.has else "no"
    return phrasing.say(f"product_question.judged_{verdict}", name=name, told=together(fit.told))


def _notes(notes: ContentNotes, known: ProductEvidence, phrasing: Phrasing) -> str:
    parts = (("strong", notes.strong), ("some", notes.some), ("none", notes.none), ("unknown", notes.unknown))
    told = [phrasing.say(f"product_question.notes_{part}", things=joined(things)) for part, things in parts if things]
    head = phrasing.say("product_question.notes", name=series_name(known.product))
    return f"{head}\n{listed(told)}"


def compared(several: Sequence[ProductEvidence], task: WritingTask) -> str:
    """Which of several has most of it, then what each has; empty where the store does not tell it of all of them."""
    label = next((one.label for one in task.evidence.derived.contents), None)
    fits = {one.series_id: one for one in task.evidence.derived.contents if one.label == label}
    there = [(known, fits[known.product.series_id]) for known in several if known.product.series_id in fits]
    if label is None or len(there) < len(several) or any(not fit.told for _, fit in there):
        return ""
    return f"{_most(there)}\n{listed(_each(there))}"


def harsher(several: Sequence[ProductEvidence], task: WritingTask) -> str:
    """Which of several is the harshest by all that the store tells, then what each has; empty where it does not tell it of all."""
    notes = {one.series_id: one for one in task.evidence.derived.notes}
    there = [(known, notes[known.product.series_id]) for known in several if known.product.series_id in notes]
    if len(there) < max(len(several), 2) or len({known.product.series_id for known in several}) < len(several):
        return ""
    ranks = [(len(one.strong), len(one.some)) for _, one in there]
    first = [series_name(known.product) for (known, _), rank in zip(there, ranks, strict=True) if rank == max(ranks)]
    said = "They are about even" if len(first) == len(there) else f"{joined(first)} {_is(first)} the harsher"
    return f"{said}, by our content labels:\n{listed(map(_noted, there))}"


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _noted(pair: tuple[ProductEvidence, ContentNotes]) -> str:
    known, notes = pair
    parts = (
        f"a lot of {joined(notes.strong)}" if notes.strong else "",
        f"some {joined(notes.some)}" if notes.some else "",
    )
    return f"{series_name(known.product)}: {'; '.join(filter(None, parts)) or 'nothing harsh that we know of'}"


def _each(there: Sequence[tuple[ProductEvidence, ContentFit]]) -> Iterator[str]:
    return (f"{series_name(known.product)}: {together(fit.told)}" for known, fit in there)


def _most(there: Sequence[tuple[ProductEvidence, ContentFit]]) -> str:
    ranks = [_rank(fit) for _, fit in there]
    first = [series_name(known.product) for (known, _), rank in zip(there, ranks, strict=True) if rank == max(ranks)]
    noun = there[0][1].noun or there[0][1].label.value
    if len(first) == len(there):
        return f"By our content labels they are even in {noun}:"
    return f"{joined(first)}, by our content labels for {noun}:"


def _rank(fit: ContentFit) -> int:
    return _DEGREES.index(fit.degree) if fit.degree else int(bool(fit.has))
