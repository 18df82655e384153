"""What readers say and whom it suits: reviews, worth it or not, how dark it is, from which age."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk
from mangaassist.domain.derived import AgeFit
from mangaassist.domain.dialogue import Proposal
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.wishes import Label, Reader, Wish
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import content_words, denials
from mangaassist.models.writers.offline.help_pages import SURE_FIT, passage
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.product_facts import genre_words, theme_list, unknown
from mangaassist.models.writers.offline.wish_words import aged, label_words, reader_words
from mangaassist.models.writers.offline.wording import (
    bold,
    joined,
    listed,
    opening_of,
    paragraphs,
    sentence,
    series_name,
)

LOVED: Final = 4.4
LIKED: Final = 3.9
"""Means of readers' ratings from which a book is called worth it, and good for many."""


MOST_APART: Final = 3
"""Series of which an answer tells apart what readers say."""


class Readers(Struct, frozen=True):
    """A review summary, taken apart."""

    summary: str = ""
    praised: str = ""
    criticised: str = ""


def readers_of(known: ProductEvidence, task: WritingTask) -> Readers:
    """What the review summary of the series says; the shape is that of ``knowledge/sources/reviews``."""
    for scored in task.evidence.chunks:
        page = scored.chunk
        if page.source_type == "reviews" and (page.asin == known.asin or known.product.series_title in page.title):
            return _readers(page.content)
    return Readers()


def voices_on(page: Chunk) -> str:
    """Praise and criticism as a page of reviews tells them; empty where it tells neither."""
    return _voices(_readers(page.content))


def _readers(content: str) -> Readers:
    lines = [line.strip() for line in content.strip().splitlines() if line.strip() and not line.startswith("#")]
    marked = {mark: line for mark in ("Praised: ", "Criticised: ") for line in lines if line.startswith(mark)}
    summary = next((line for line in lines if line not in marked.values()), "")
    return Readers(summary, *(_enumerated(marked.get(mark, ""), mark) for mark in ("Praised: ", "Criticised: ")))


def _enumerated(line: str, mark: str) -> str:
    return joined(map(_within_a_sentence, filter(None, line.removeprefix(mark).rstrip(".").split(", "))))


def _within_a_sentence(said: str) -> str:
    """Pages begin each point with a capital; names, and words of capitals alone, keep theirs."""
    first, _, rest = said.partition(" ")
    is_name = not first[1:].islower() or any(word[:1].isupper() for word in rest.split())
    return said if is_name else f"{first[0].lower()}{first[1:]} {rest}".rstrip()


def mean_words(known: ProductEvidence) -> str:
    """ "4.6 out of 5 from 1,234 readers"; empty without ratings."""
    rating = known.rating
    return f"{rating.mean:.1f} out of 5 from {rating.count:,} readers" if rating and rating.count else ""


def reviews(known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """The mean, then praise and criticism; whoever asks again hears the criticism first."""
    said = readers_of(known, task)
    mean = f"{series_name(known.product)} has {mean_words(known)}." if mean_words(known) else ""
    voices = _voices(said, critics_first=Act.REVIEWS in task.state.acts)
    if Act.REVIEWS in task.state.acts and said.criticised:
        return voices
    if Act.REVIEWS in task.state.acts:
        return f"{denials.CRITICISM.told(task, phrasing, name=series_name(known.product))} {mean}".rstrip()
    told = " ".join(filter(None, (mean, voices or _snippet(known))))
    return told or unknown(Act.REVIEWS, known, task, phrasing)


def _voices(said: Readers, *, critics_first: bool = False) -> str:
    if critics_first and said.criticised:
        return f"What readers criticise: {said.criticised}. {f'What they like: {said.praised}.' if said.praised else ''}".rstrip()
    if said.praised and said.criticised:
        return f"Readers praise {said.praised}; what they criticise: {said.criticised}."
    return sentence(opening_of(said.summary, 240)) if said.summary else ""


def _snippet(known: ProductEvidence) -> str:
    return f"One reader writes: “{known.rating.snippets[0]}”" if known.rating and known.rating.snippets else ""


def worth_it(known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """A verdict by what readers say, never an opinion of our own."""
    mean = mean_words(known)
    voices = _voices(readers_of(known, task)) or _snippet(known)
    if task.meaning.untold in _OF_READERS and (mean or voices):
        return _unforeseen(known, task, phrasing, mean, voices)
    if not mean or known.rating is None:
        return voices or unknown(Act.WORTH_IT, known, task, phrasing)
    verdict = "loved" if known.rating.mean >= LOVED else "liked" if known.rating.mean >= LIKED else "divided"
    said = phrasing.say(f"product_question.worth_{verdict}", name=series_name(known.product), mean=mean)
    return f"{said} {voices}".rstrip()


_OF_READERS: Final = frozenset({"going", "taste"})
"""What nobody can know beforehand: how it goes on, and whom it will please."""


def _unforeseen(known: ProductEvidence, task: WritingTask, phrasing: Phrasing, mean: str, voices: str) -> str:
    """That nobody knows it, then what helps: for somebody's taste what kind of book it is, and what readers say."""
    name, who = series_name(known.product), reader_words(task.meaning.reader) or "somebody"
    kind = f"It's {_kind(known)}." if task.meaning.untold == "taste" else ""
    rated = f"It has {mean}." if mean else ""
    return " ".join(
        filter(None, (phrasing.say(f"product_question.{task.meaning.untold}", name=name, who=who), kind, rated, voices))
    )


def have_read(known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """Nobody here reads; readers do."""
    voices = _voices(readers_of(known, task)) or _snippet(known)
    mean = f"{series_name(known.product)} has {mean_words(known)}." if mean_words(known) else ""
    told = " ".join(filter(None, (mean, voices)))
    return f"{phrasing.say('product_question.not_read')} {told}".rstrip()


def content(known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """How sad, scary or violent: by what the store tells of its content; else by its labels, its rating and what readers say."""
    if told := content_words.told(known, task, phrasing):
        return told
    asked = _asked_content(task)
    if asked and all(label.value in _BY_READERS for label in asked):
        return _by_readers(known, task, phrasing)
    has = [label for label in asked if _has(known, label)]
    said = _voices(readers_of(known, task))
    return " ".join(filter(None, (_content_verdict(known, task, phrasing, asked, has), said)))


_BY_READERS: Final = {
    "beautifully drawn": frozenset(
        ("art", "artwork", "drawing", "drawings", "drawn", "illustrations", "visuals", "linework", "brushwork")
    )
}
"""What no label tells and readers do, with the words by which they speak of it."""


def _by_readers(known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """How well it is drawn, by what readers praise or criticise; that they say nothing of it where they do not."""
    said, words = readers_of(known, task), _BY_READERS["beautifully drawn"]
    name = series_name(known.product)
    if words & _words_of(said.praised):
        return f"Readers think so: what they praise in {name} is {said.praised}."
    if words & _words_of(said.criticised):
        return f"Not all readers think so: what they criticise in {name} is {said.criticised}."
    return f"{denials.UNVOICED.told(task, phrasing, name=name)} {_voices(said)}".rstrip()


def _words_of(points: str) -> frozenset[str]:
    return frozenset(points.lower().replace(",", " ").replace("-", " ").split())


def contents(several: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing) -> str:
    """Which of several is sad, scary or violent, by their labels; how much more one is than another nobody can say."""
    asked = _asked_content(task)
    if len(several) == 1 and (most := _superlative(asked)):
        kind = content(several[0], task, phrasing).removeprefix("Very much so: ").removeprefix("Yes: ")
        return f"{kind[:1].upper()}{kind[1:]} Whether it's the {most} of all, labels don't say."
    if not asked and (told := content_words.harsher(several, task)):
        return told
    if len(several) == 1 or not asked:
        return paragraphs(*dict.fromkeys(content(one, task, phrasing) for one in several[:MOST_APART]))
    if told := content_words.compared(several, task):
        return told
    # "Which is scariest" asks for the scary ones: how much so no label says.
    words = joined(dict.fromkeys(one.value if one.kind == "mood" else label_words(one) for one in asked), "or")
    are = [one for one in several if any(_has(one, label) for label in asked)]
    verdict = _which_are(are, several, words) or denials.CONTENTS.told(task, phrasing, asked=words)
    return f"{verdict}\n{listed(f'{series_name(one.product)}: {_kind(one)}' for one in several)}"


def _superlative(asked: Sequence[Label]) -> str:
    """ "Scariest", where a book is asked to be it."""
    return next((label.said for label in asked if label.said.endswith(_MOST)), "")


_MOST: Final = "est"


def _which_are(are: Sequence[ProductEvidence], several: Sequence[ProductEvidence], words: str) -> str:
    if not are:
        return ""
    if len(are) == len(several):
        return f"By genres and themes all of these are {words}; I can't say by how much one beats another:"
    named = joined(series_name(one.product) for one in are)
    return f"{named} {'is' if len(are) == 1 else 'are'} {words} by genres and themes, the rest not:"


def _asked_content(task: WritingTask) -> list[Label]:
    return [label for label in task.meaning.seeks.wanted if label.kind in ("mood", "theme", "genre")]


def _has(known: ProductEvidence, label: Label) -> bool:
    labels = {*known.product.genres, *known.product.themes}
    return label.key in {one.key for one in known.fits} or label.value in labels


def _content_verdict(
    known: ProductEvidence, task: WritingTask, phrasing: Phrasing, asked: list[Label], has: list[Label]
) -> str:
    kind = _kind(known)
    if has:
        words = joined(dict.fromkeys(map(label_words, has)))
        return phrasing.say("product_question.content_yes", name=series_name(known.product), asked=words, kind=kind)
    if asked:
        words = joined(dict.fromkeys(map(label_words, asked)), "or")
        return denials.CONTENT.told(task, phrasing, asked=words, name=series_name(known.product), kind=kind)
    return f"{series_name(known.product)} is {kind}."


def _kind(known: ProductEvidence) -> str:
    rated = f", rated {known.product.age_rating}" if known.product.age_rating else ""
    return f"{genre_words(known)}{f' around {theme_list(known)}' if known.product.themes else ''}{rated}"


def age_fit(known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """The verdict for the reader that was named, then the rating it rests on."""
    fit = next((one for one in task.evidence.derived.ages if one.series_id == known.product.series_id), None)
    rating = known.product.age_rating
    if fit is None and not rating:
        return unknown(Act.AGE_FIT, known, task, phrasing)
    return _aged(fit or _unexplained(known, task), known, task, phrasing)


def age_fits(several: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing) -> str:
    """One verdict on all of several, then what each is rated; of one alone what is said of it."""
    fits = {one.series_id: one for one in task.evidence.derived.ages}
    there = [fits[one.product.series_id] for one in several if one.product.series_id in fits]
    if len(there) < 2 or any(fit.fits is None or fit.least_age is None for fit in there):
        return " ".join(dict.fromkeys(age_fit(one, task, phrasing) for one in several))
    who = _who(task, there[0])
    yes, no = ([bold(fit.title) for fit in there if fit.fits is suits] for suits in (True, False))
    both = "both" if len(there) == 2 else "all"
    verdict = f"{joined(yes)} {'suits' if len(yes) == 1 else 'suit'} {who}, {joined(no)} not"
    if not no:
        verdict = f"Yes, {both} suit {who}"
    elif not yes:
        verdict = f"No, {'neither suits' if len(there) == 2 else 'not one of them suits'} {who}"
    return (
        f"{verdict}:\n{listed(f'{bold(fit.title)} is rated {fit.rating}, for {fit.least_age} and up' for fit in there)}"
    )


def too_old(task: WritingTask, phrasing: Phrasing) -> str:
    """What comes before any answer about a named book that the reader who is named is too young for; else nothing."""
    named = {target.series_id for target in task.meaning.targets}
    unfit = [fit for fit in task.evidence.derived.ages if fit.fits is False and fit.series_id in named]
    if not unfit or task.meaning.asks(Act.AGE_FIT):
        return ""
    rated = joined([f"**{fit.title}** is rated {fit.rating}, for {fit.least_age} and up" for fit in unfit])
    carried = task.meaning.reader is not None and task.meaning.reader == task.state.wish.reader
    told = phrasing.once if carried else phrasing.say
    return told("product_question.too_old", who=_who(task, unfit[0]), rated=rated)


def _rating_page(task: WritingTask) -> str:
    """Which page explains the ratings: a parent may want to know what they rest on."""
    page = passage(task, Act.AGE_FIT)
    again = Act.AGE_FIT in task.state.acts
    return f" (see “{page.chunk.title}”)" if page and page.on_topic >= SURE_FIT and not again else ""


def _unexplained(known: ProductEvidence, task: WritingTask) -> AgeFit:
    """Without a verdict: the rating, and what the store says of it."""
    product = known.product
    least = task.evidence.facts.least_age(product.age_rating)
    return AgeFit(series_id=product.series_id, title=product.series_title, rating=product.age_rating, least_age=least)


def _aged(fit: AgeFit, known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    least = f", which is meant for {fit.least_age} and up{_rating_page(task)}" if fit.least_age else ""
    rated = f"{series_name(known.product)} is rated {fit.rating}{least}"
    who = _who(task, fit)
    if fit.fits is None:
        return f"{rated}."
    if fit.fits:
        return phrasing.say("product_question.age_yes", who=who, rated=rated)
    phrasing.propose(_for_reader(known, task))
    return phrasing.say("product_question.age_no", who=who, rated=rated)


def _who(task: WritingTask, fit: AgeFit) -> str:
    return reader_words(_reader(task)) or (f"{aged(fit.reader_age)}" if fit.reader_age else "that age")


def _reader(task: WritingTask) -> Reader | None:
    return task.meaning.seeks.reader or task.meaning.reader or task.state.wish.reader


def _for_reader(known: ProductEvidence, task: WritingTask) -> Proposal:
    """Something like it that the reader may have."""
    return Proposal(Act.RECOMMEND, Wish(reader=_reader(task), like=(known.product.series_id,)))
