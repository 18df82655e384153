"""What the store itself writes of its books: an answer may repeat it word for word, whatever words it holds (G-3, G-4)."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.folding import caseless, straightened
from mangaassist.guardrails.money import amounts, may_hold_amounts
from mangaassist.guardrails.sentences import sentences

SHORTEST: Final = 16
"""Characters of a sentence that is told by being the store's own: a shorter one could be anybody's."""
RUN: Final = 5
"""So many words in a row are quoted from a text that holds them; fewer could be anybody's."""
MARKED: Final = 3
"""So many are where they stand between quotation marks."""
_BLANK: Final = " "
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BETWEEN_MARKS: Final = re.compile(r'["“”«„*_]([^"“”«»„*_\n]+)["“”»*_]')


def names(evidence: Evidence) -> Iterator[str]:
    """What the books and pages of the evidence are called, longest names first, so that no part of a title is left over."""
    found = {
        name
        for known in (*evidence.products, *evidence.cart)
        for name in (known.product.title, known.product.series_title, *known.product.aliases)
    }
    found |= {item.title for owned in evidence.orders for item in owned.order.items}
    found |= {scored.chunk.title for scored in evidence.chunks}
    yield from sorted(found, key=len, reverse=True)


def own_texts(evidence: Evidence) -> Iterator[str]:
    """The descriptions of the products, and the pages that were found."""
    yield from (known.product.description for known in (*evidence.products, *evidence.cart))
    yield from (scored.chunk.content for scored in (*evidence.chunks, *evidence.guides))


def without_own_words(text: str, evidence: Evidence) -> str:
    """The text with blanks in place of every sentence that stands word for word in the evidence; as long as before."""
    for own in own_texts(evidence):
        for sentence in sentences(own):
            said = sentence.text.strip()
            if len(said) >= SHORTEST and said in text:
                text = text.replace(said, _BLANK * len(said))
    return text


def without_quotations(text: str, evidence: Evidence) -> str:
    """The text with blanks in place of what it quotes of the evidence, be it half a sentence, in other marks or another case."""
    owned = [_words(own) for own in own_texts(evidence)]
    runs = {tuple(words[start : start + RUN]) for words in owned for start in range(len(words) - RUN + 1)}
    found, said = list(_WORD.finditer(text)), _words(text)
    quoted = [False] * len(said)
    for start in range(len(said) - RUN + 1):
        if tuple(said[start : start + RUN]) in runs:
            quoted[start : start + RUN] = [True] * RUN
    spans = [word.span() for word, is_quoted in zip(found, quoted, strict=True) if is_quoted]
    lines = [f" {' '.join(words)} " for words in owned]
    for marked in _BETWEEN_MARKS.finditer(text):
        words = _words(marked[1])
        if len(words) >= MARKED and any(f" {' '.join(words)} " in line for line in lines):
            spans.append(marked.span(1))
    return _blanked(text, spans)


def _words(text: str) -> list[str]:
    return [straightened(caseless(word)) for word in _WORD.findall(text)]


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + _BLANK * (end - start) + text[end:]
    return text


def own_amounts(evidence: Evidence) -> frozenset[Decimal]:
    """The amounts of money of which the descriptions tell: a god who works for five yen has no price of five."""
    told = (known.product.description for known in (*evidence.products, *evidence.cart))
    return frozenset(
        amount.value for text in told if may_hold_amounts(text) for amount in amounts(text) if amount.value is not None
    )
