"""Stage 2: every price in the answer is a live price of the product it is said of, or an amount that the evidence names."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.domain.products import Price
from mangaassist.guardrails.claims.said import named_in, place_of, titles_of
from mangaassist.guardrails.edits import Edit
from mangaassist.guardrails.findings import Stage
from mangaassist.guardrails.folding import straightened
from mangaassist.guardrails.money import INSTEAD_OF_A_PRICE, Amount, amounts, placeholders
from mangaassist.guardrails.own_words import without_own_words
from mangaassist.guardrails.review_context import ReviewContext, StageResult
from mangaassist.guardrails.sentences import Sentence, sentences

_RIGHT_BEHIND: Final = re.compile(
    r"[\s*_\"')]{0,6}(?:(?:is|costs?|at|for|sells for|goes for|priced|only|just|now|currently|still|yours|available|about|around"
    r"|[:(,–—-])[\s*_]{0,4}){1,4}",
    re.IGNORECASE,
)
"""What may stand between a product's title and its price."""

_SAYS_THE_PRICE: Final = re.compile(
    r"(?:\b(?:is|costs?|at|for|price[ds]?(?: at)?|only|just|now)|[:–—(-])[\s*_]*$", re.IGNORECASE
)

_OTHER: Final = re.compile(
    r"\b(?:orders?|totals?|sum|together|altogether|all \d+|volumes \d+ to \d+|copies|buys|comes? to|each|apart|way to own|paid"
    r"|refund\w*|shipping|ships|delivery|free|over|under|above|below|budget|limit|coupon|minimum|gift|off|save)\b",
    re.IGNORECASE,
)


_POINTS_AT_IT: Final = re.compile(
    r"(?:\b(?:yes|no|and|but|so|then|currently|today|right now)\b|\W)*+(?:it|that|this|they|these|those|you|one)\b",
    re.IGNORECASE,
)
"""How a sentence goes on about the product of the one before."""


class PricesStage:
    name: Stage = "prices"

    async def examine(self, context: ReviewContext) -> StageResult:
        said = context.evidence.amounts()
        lines = sentences(without_own_words(context.text, context.evidence), titles_of(context.evidence))
        edits = [edit for sentence in lines for edit in self._wrong(sentence, context.evidence, said)]
        torn = (
            Edit(found.start, found.end, INSTEAD_OF_A_PRICE, self.name, "placeholder")
            for found in placeholders(context.text)
        )
        taken = {at for edit in edits for at in range(edit.start, edit.end)}
        edits += (edit for edit in torn if taken.isdisjoint(range(edit.start, edit.end)))
        return StageResult.of(tuple(sorted(edits, key=lambda edit: edit.start)))

    def _wrong(self, sentence: Sentence, evidence: Evidence, said: frozenset[Decimal]) -> Iterator[Edit]:
        after, currency = 0, evidence.currency
        for amount in amounts(sentence.text):
            between = sentence.text[after : amount.start]
            after = amount.end
            subjects = _subjects(between, sentence.text, evidence)
            words_before = sentence.text[: amount.start]
            # An order's total or a shipping threshold may be said, but not as the price of a product.
            is_its_price = (
                len(subjects) == 1
                and _SAYS_THE_PRICE.search(words_before)
                and not _OTHER.search(sentence.text)
                and not _is_of_the_store(amount, sentence.text, evidence)
            )
            is_ours = amount.is_in(currency)
            if is_ours and amount.value in said and not is_its_price:
                continue
            meant = subjects if is_its_price else _of_their_series(subjects, evidence)
            if not is_ours or amount.value not in prices_of(meant):
                words = _live(subjects, sentence, amount) or INSTEAD_OF_A_PRICE
                yield Edit(sentence.start + amount.start, sentence.start + amount.end, words, self.name, "wrong_price")


def _is_of_the_store(amount: Amount, sentence: str, evidence: Evidence) -> bool:
    """Whether a sentence that names no product and points at none tells what something of the store's ways costs."""
    if amount.value is None or amount.value not in set(evidence.facts.amounts()) or _POINTS_AT_IT.match(sentence):
        return False
    return not named_in(_without_sets(sentence, evidence), evidence)


def without_prices(text: str) -> tuple[Edit, ...]:
    """The edits that strip every amount and placeholder: what is left of the answer when prices cannot be checked (G-6)."""
    found = [(amount.start, amount.end) for amount in amounts(text)]
    found += [
        (torn.start, torn.end) for torn in placeholders(text) if all(torn.end <= a or b <= torn.start for a, b in found)
    ]
    return tuple(Edit(start, end, INSTEAD_OF_A_PRICE, "prices", "unchecked_price") for start, end in sorted(found))


def _subjects(between: str, sentence: str, evidence: Evidence) -> tuple[ProductEvidence, ...]:
    """Whose price this is: the one product named since the last amount; else all that the sentence names; else any."""
    nearest = named_in(_without_sets(between, evidence), evidence)
    if len(nearest) == 1:
        return nearest
    return named_in(_without_sets(sentence, evidence), evidence) or (*evidence.products, *evidence.cart)


def _without_sets(said: str, evidence: Evidence) -> str:
    """Without the sets whose price was worked out and that are no product of the evidence: their volume is no single one's."""
    known = {one.product.title for one in (*evidence.products, *evidence.cart)}
    for one in evidence.derived.all_sets:
        if one.title not in known:
            said = said.replace(one.title, "")
    return said


def _of_their_series(subjects: tuple[ProductEvidence, ...], evidence: Evidence) -> tuple[ProductEvidence, ...]:
    """ "Volumes 1 to 10 cost from … to …" names a series and tells the prices of its books."""
    series = {known.product.series_id for known in subjects}
    return tuple(known for known in (*evidence.products, *evidence.cart) if known.product.series_id in series)


def prices_of(subjects: tuple[ProductEvidence, ...]) -> frozenset[Decimal]:
    """Everything that may be said of the prices of these products."""
    return frozenset(amount for known in subjects if known.price for amount in _figures(known.price))


def _figures(price: Price) -> Iterator[Decimal]:
    """Everything that the store says about one product's price, and what a shopper saves by it."""
    yield price.current
    for other in (price.list, price.member):
        if other is not None:
            yield other
            yield abs(other - price.current)
    yield from (discount.amount for discount in price.discounts)


def _live(subjects: tuple[ProductEvidence, ...], sentence: Sentence, amount: Amount) -> str | None:
    """The right price, when the sentence gives one product a price and nothing else can be meant."""
    if len(subjects) != 1 or subjects[0].price is None:
        return None
    return subjects[0].price.worded() if _SAYS_THE_PRICE.search(sentence.text[: amount.start]) else None


def priced_by(words: str, evidence: Evidence) -> ProductEvidence | None:
    """The one product whose price comes next after these words: its title stands right before them, and nothing else that
    has an amount is told of in that sentence."""
    last = max(words.rfind(mark) for mark in ("\n", "? ", "! ")) + 1
    small = straightened(words[last:]).lower()
    known = [one for one in (*evidence.products, *evidence.cart) if one.price]
    ends = {one.asin: place_of(one.product.title, small) + len(one.product.title) for one in known}
    told = [one for one in known if ends[one.asin] >= len(one.product.title)]
    if not told:
        return None
    meant = max(told, key=lambda one: (ends[one.asin], len(one.product.title)))
    if not _RIGHT_BEHIND.fullmatch(small, ends[meant.asin]) or _OTHER.search(small[: ends[meant.asin]]):
        return None
    return meant
