"""What the store's own guides say of a series beyond the catalog: who draws it now, whether its sequel is one of its own."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import structs

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk
from mangaassist.domain.products import Product
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.focus import Subject
from mangaassist.models.writers.offline.help_pages import sentences_in, stems

GUIDED: Final = frozenset({Act.AUTHOR, Act.START, Act.READING_ORDER, Act.ADAPTATION, Act.COMPARE})
ENOUGH: Final = 0.5
"""The share of what is asked beyond the title that a sentence must speak of."""
MOST_TOLD: Final = 2
_AS_GOOD: Final = 0.9
"""What a word that means the same counts beside the very word."""
_LIKE: Final = (
    (stems("alive dead died die death living passed"), stems("died dead death alive")),
    (
        stems("separate own same different story continuation part"),
        stems("one story apart separate continues continuation half"),
    ),
    (stems("draws drawn draw writes now continue continues after"), stems("continues continue drawn draws studio")),
    (stems("need must skip necessary required without"), stems("begin read skip need depends")),
    (stems("sequel prequel spinoff after next"), stems("continues continuation sequel set after")),
)
"""What a question and a sentence of a guide have for the same thing."""
_GONE: Final = stems("died")
_OWN_QUESTION: Final = re.compile(r"^\*\*[^*]+\?\*\*\s+")
_NUMBERED: Final = re.compile(r"^\d+\.\s+")
_IDLE: Final = stems(
    "manga series book books read reading start first begin where which order author artist mangaka writer creator write wrote "
    "draw drew drawn made who whos is it he she the one volume so still ok really actually know tell buy get want watch "
    "first second third"
)


def said(act: Act, subject: Subject, task: WritingTask) -> str:
    """The sentences of a guide on this series that answer what the message asks beyond the act; empty where none does."""
    product = subject.known.product
    asked = _asked(act, product, task)
    if not asked:
        return ""
    found = [(_share(asked, told), place, text) for place, (text, told) in enumerate(_sentences(product, task))]
    best = sorted((one for one in found if one[0] >= ENOUGH), key=lambda one: (-one[0], one[1]))[:MOST_TOLD]
    enough = [one for one in best if one[0] == best[0][0]]
    return " ".join(_plain(text) for _, _, text in sorted(enough, key=lambda one: one[1]))


def makers_now(subject: Subject, task: WritingTask) -> str:
    """Who goes on with a series whose author died, where a guide says it."""
    authors = subject.known.product.authors
    told = (text for text, words in _sentences(subject.known.product, task) if _GONE & words)
    return next((_plain(text) for text in told if any(author in text for author in authors)), "")


def _plain(text: str) -> str:
    """Without the number that it has in a list, and without the page's own question before its answer."""
    return _OWN_QUESTION.sub("", _NUMBERED.sub("", text))


def _asked(act: Act, product: Product, task: WritingTask) -> frozenset[str]:
    """The telling words without the title's, and those that every such question has; of the author, what became of them."""
    titles = stems(" ".join((product.series_title, *product.authors)))
    return frozenset(word for word in task.meaning.describes if not word.isdigit()) - titles - _IDLE


def _sentences(product: Product, task: WritingTask) -> Iterator[tuple[str, frozenset[str]]]:
    """Those on a page about the series, or that name it or its author."""
    for scored in task.evidence.guides:
        yield from sentences_on(product, scored.chunk)


def sentences_on(product: Product, page: Chunk) -> Iterator[tuple[str, frozenset[str]]]:
    """What a guide says of a series: all of a page on its franchise; of another page the paragraphs that name it, and the
    sentences that name its maker. A question of the page's own ("Can I skip Part 1?") lends its words to the answer behind it."""
    is_about = product.series_title.partition(":")[0] in page.title
    for paragraph in page.content.split("\n\n"):
        told = sentences_in(structs.replace(page, content=paragraph))
        names_it = is_about or product.series_title in paragraph
        asked = frozenset[str]()
        for one in told:
            if one.text.rstrip("*").endswith("?"):
                asked = one.stems
            elif names_it or any(author in one.text for author in product.authors):
                yield one.text, one.stems | asked


def _share(asked: frozenset[str], told: frozenset[str]) -> float:
    return sum(1.0 if word in told else _AS_GOOD * _is_like(word, told) for word in asked) / len(asked)


def _is_like(word: str, told: frozenset[str]) -> bool:
    return any(word in ours and theirs & told for ours, theirs in _LIKE)
