"""What the store itself writes of its books: an answer may repeat it word for word, whatever words it holds (G-4)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.money import amounts, may_hold_amounts
from mangaassist.guardrails.sentences import sentences

SHORTEST: Final = 16
"""Characters of a sentence that is told by being the store's own: a shorter one could be anybody's."""
_BLANK: Final = " "


def own_texts(evidence: Evidence) -> Iterator[str]:
    """The descriptions of the products, and the pages that were found."""
    yield from (known.product.description for known in (*evidence.products, *evidence.cart))
    yield from (scored.chunk.content for scored in evidence.chunks)


def without_own_words(text: str, evidence: Evidence) -> str:
    """The text with blanks in place of every sentence that stands word for word in the evidence; as long as before."""
    for own in own_texts(evidence):
        for sentence in sentences(own):
            said = sentence.text.strip()
            if len(said) >= SHORTEST and said in text:
                text = text.replace(said, _BLANK * len(said))
    return text


def own_amounts(evidence: Evidence) -> frozenset[Decimal]:
    """The amounts of money of which the descriptions tell: a god who works for five yen has no price of five."""
    told = (known.product.description for known in (*evidence.products, *evidence.cart))
    return frozenset(
        amount.value for text in told if may_hold_amounts(text) for amount in amounts(text) if amount.value is not None
    )
