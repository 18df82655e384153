"""What no fact of the catalog answers: the sentence of a page that speaks to it, else plainly that nobody here knows."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.meaning import Untold
from mangaassist.domain.products import Product
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.focus import Subject
from mangaassist.models.writers.offline.guides import sentences_on
from mangaassist.models.writers.offline.help_pages import OF_THE_STORE, Passage, cited, sentences_in, stems
from mangaassist.models.writers.offline.opinions import mean_words
from mangaassist.models.writers.offline.page_words import meets
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.product_facts import article
from mangaassist.models.writers.offline.wording import FORMAT_WORDS, joined, name, series_name

_OF_ANY_BOOK: Final = 0.5
"""The share of what is asked that the title of a page on all books must hold: one that is about something else answers nothing."""
_MET: Final = 0.6
"""The share of what is asked that a sentence must meet, with the title of its page."""


def detail(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    """What a page says to it; else that it is not known, what is known beside it, and once who may know."""
    known, kind = there[0].known, task.meaning.untold
    if found := _told(task, known):
        return cited(found, phrasing)
    denial = denials.UNTOLD_OF.get(kind, denials.UNTOLD)
    if task.meaning.act is not Act.DETAIL and denial is denials.UNTOLD:
        denial = denials.UNTOLD_REST
    beside = _BESIDE[kind](known, task) if kind in _BESIDE else ""
    person = "" if kind in ("cover", "maker") else phrasing.once("product_question.untold_person")
    fields = {"name": series_name(known.product), "who": joined(known.product.authors)}
    return " ".join(filter(None, (denial.told(task, phrasing, **fields), beside, person)))


def _made_as(known: ProductEvidence, task: WritingTask) -> str:
    """The edition and its pages: what is known of how large it is."""
    product = known.product
    pages = f" with {product.pages:,} pages" if product.pages else ""
    form = FORMAT_WORDS[product.format]
    return f"What it says: {name(product)} is {article(form)} {form}{pages}."


def _rated_by(known: ProductEvidence, task: WritingTask) -> str:
    return f"It has {mean}." if (mean := mean_words(known)) else ""


_BESIDE: Final[dict[Untold, Callable[[ProductEvidence, WritingTask], str]]] = {
    "making": _made_as,
    "sold": _rated_by,
}
"""What is known beside it."""


def _told(task: WritingTask, known: ProductEvidence) -> Passage | None:
    """What a page says to the question of this book that no act asks: a rule that holds for every book, or a sentence that names it
    or stands on its own page; None where nothing speaks to it."""
    left, of_name = stems(task.meaning.left_over), stems(known.product.series_title)
    asked = left | frozenset(task.meaning.describes) - of_name
    names = frozenset((stems(known.product.series_title), stems(known.product.series_title.partition(":")[0])))
    known_pages = {scored.chunk.chunk_id: scored for scored in (*task.evidence.chunks, *task.evidence.guides)}
    pages = [scored for scored in known_pages.values() if asked and scored.chunk.source_type in OF_THE_STORE]
    found = [one for scored in pages for one in _speaking(scored, (asked, left - of_name), names)]
    found += [one for scored in pages for one in _guided(scored, (asked, left - of_name), known.product)]
    return max(found, key=lambda one: (one.fit, one.score), default=None)


def _speaking(
    scored: ScoredChunk, asked: Sequence[frozenset[str]], names: frozenset[frozenset[str]]
) -> Iterator[Passage]:
    """Sentences that meet enough of each of ``asked``: of the whole question, and of what no act explains of it."""
    chunk, title = scored.chunk, stems(scored.chunk.title)
    is_general = chunk.source_type in ("faq", "policy")
    if is_general and _part(title, asked[0]) < _OF_ANY_BOOK:
        return
    own = any(name <= title for name in names)
    for one in sentences_in(chunk):
        said = one.stems | title if is_general else one.stems
        if (is_general or own or any(name <= one.stems for name in names)) and all(
            _part(said, words) >= _MET for words in asked
        ):
            yield Passage(chunk, one.text, _part(said, asked[0]), scored.score)


def _guided(scored: ScoredChunk, asked: Sequence[frozenset[str]], product: Product) -> Iterator[Passage]:
    """Of a guide also what it says of the book in the paragraph on it, though no sentence of that names it again."""
    if scored.chunk.source_type != "editorial":
        return
    for text, said in sentences_on(product, scored.chunk):
        if all(words and sum(meets(word, said) for word in words) / len(words) >= _MET for words in asked):
            yield Passage(scored.chunk, text, 1.0, scored.score)


def _part(said: frozenset[str], asked: frozenset[str]) -> float:
    return len(said & asked) / len(asked) if asked else 0.0
