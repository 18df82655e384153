"""The filter on every piece of text while it streams (G-2): live prices go in, what may not leave stays out.

The text is taken word by word. A word leaves when it is complete and the words after it cannot make it part of something;
until then it is held, up to ``HOLD_BOUND`` characters. Where a word ends and whether it is held depend on the text alone, so the
output is the same whatever the pieces are.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final, Self

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.competitors import CompetitorNames
from mangaassist.guardrails.edits import Edit, without_overlap
from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.guardrails.folding import straightened, visible
from mangaassist.guardrails.holdback import Holdback, HoldRule
from mangaassist.guardrails.markup import (
    MAY_BE_ADDRESS,
    OUR_SITE,
    MarkupFilter,
    foreign_addresses,
    own_addresses,
)
from mangaassist.guardrails.money import INSTEAD_OF_A_PRICE, amounts, may_hold_amounts, placeholders, price_words
from mangaassist.guardrails.own_words import own_amounts
from mangaassist.guardrails.pii import REDACTED, contact_key, find_pii
from mangaassist.guardrails.stages.pii import public_contacts
from mangaassist.guardrails.stages.prices import priced_by

HOLD_BOUND: Final = 192
"""Characters held at most. Every pattern that is looked for fits into half of it."""

CONTEXT: Final = 48
"""Characters that have left and are still looked at, to read what comes after them."""

TRAIL: Final = 160
"""Characters that have left and in which the title of a product is looked for, before its price."""

_UNSPACED: Final = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD_END: Final = re.compile(rf"[\s{_UNSPACED}]")
_IS_UNSPACED: Final = re.compile(f"[{_UNSPACED}]")
_GAP: Final = re.compile(r"\s*")
_GAP_BOUND: Final = 8
# Cheap looks at the words that are about to leave: most of them need no closer one.
_WORD_IN_A_ROW: Final = re.compile(r"\s*([!-~]{1,64})(?=\s)")
_KNOWN_WORDS: Final = 8192
_MAY_BE_PLACEHOLDER: Final = re.compile(r"[{}]|[bB]0")
_MAY_BE_PRIVATE: Final = re.compile(r"@|(?:\d[^\w@]{0,3}){6}|\d.*\s\S|\d[^\s\d]{0,3}x\d", re.DOTALL)


class InlineRules:
    """What the filters of all turns share. Building it takes milliseconds: once per process."""

    def __init__(self, names: CompetitorNames) -> None:
        self.names = names
        self.holdback = Holdback(names)
        # Most words of an answer are in every other answer too, and what is decided of a lone word depends on nothing else.
        self.is_plain = lru_cache(_KNOWN_WORDS)(self._is_plain)

    @classmethod
    def load(cls) -> Self:
        return cls(CompetitorNames.load())

    def _is_plain(self, word: str) -> bool:
        """The word neither waits for the next one nor holds anything to replace."""
        return not self.holdback.awaiting(word) and not self.concerns(word)

    def concerns(self, text: str) -> bool:
        """Some check has to look at the text. A quick look that never misses anything."""
        straight = straightened(text)
        return bool(
            _MAY_BE_PLACEHOLDER.search(straight)
            or _MAY_BE_PRIVATE.search(straight)
            or may_hold_amounts(straight)
            or MAY_BE_ADDRESS.search(straight)
            or self.names.mentions(text)
        )

    def filter(
        self,
        prices: Mapping[str, str],
        amounts: frozenset[Decimal],
        contacts: frozenset[str] = frozenset(),
        evidence: Evidence | None = None,
    ) -> "InlineFilter":
        """A filter for one answer.

        ``prices``: ASIN to the live price as a shopper reads it (``"$9.99"``). ``amounts``: figures that may be said beside them
        (``Evidence.amounts``). ``contacts``: phone numbers and addresses that the evidence gives (``pii.contacts_in``).
        ``evidence`` tells of whose title a price stands right behind.
        """
        return InlineFilter(prices, amounts, contacts, evidence, rules=self)

    def filter_for(self, evidence: Evidence) -> "InlineFilter":
        """A filter for an answer that is written from this evidence."""
        prices = {asin: price.worded() for asin, price in evidence.priced().items()}
        return self.filter(prices, evidence.amounts(), public_contacts(evidence), evidence)


class InlineFilter:
    """Feed it the answer piece by piece; what it returns may leave. ``findings`` grows with every change."""

    def __init__(
        self,
        prices: Mapping[str, str],
        amounts: frozenset[Decimal],
        contacts: frozenset[str] = frozenset(),
        evidence: Evidence | None = None,
        *,
        rules: InlineRules,
    ) -> None:
        self._prices = prices
        self._amounts = amounts
        self._contacts = contacts
        self._evidence = evidence
        self._addresses = own_addresses(evidence) if evidence else frozenset[str]()
        self._markup = MarkupFilter(self._addresses)
        self._own = own_amounts(evidence) if evidence else frozenset[Decimal]()
        self._currency = evidence.currency if evidence else None
        self._rules = rules
        self._pending = ""
        self._held = 0  # the first words of what is pending: complete, and waiting for the next one
        self._waiting: tuple[HoldRule, ...] = ()  # why they wait
        self._context = ""
        self._trail = ""
        self._swallowing = False
        self.findings: list[Finding] = []

    def feed(self, piece: str) -> str:
        """Take the next piece of the answer; returns what may leave now, often nothing."""
        self._pending += self._unmarked(visible(piece))
        return "".join(self._drained(final=False))

    def finish(self) -> str:
        """The answer is complete: returns the rest."""
        self._pending += self._unmarked(None)
        return "".join(self._drained(final=True))

    def _unmarked(self, piece: str | None) -> str:
        """The piece without what is no text; None ends it."""
        before = len(self._markup.cuts)
        text = self._markup.finish() if piece is None else self._markup.feed(piece)
        for cut in self._markup.cuts[before:]:
            self._note(Edit(cut.start, cut.end, cut.words, "inline", cut.kind), cut.original)
        return text

    def _drained(self, final: bool) -> Iterator[str]:
        while self._pending:
            leaving = self._next(final)
            if leaving is None:
                return
            yield leaving

    def _next(self, final: bool) -> str | None:
        """One step: what leaves by it (nothing when a word joins the held ones), or None when more text is needed."""
        if self._swallowing:
            return self._swallow()
        if not self._held and (end := self._plain_end()):
            return self._pass(end)
        gap_end = self._gap_end(self._held)
        if not self._held and gap_end:
            return self._pass(gap_end)
        if self._held and gap_end == len(self._pending):
            return self._close(self._held) if final or self._gap_closes(gap_end) else None
        end = self._word_end(gap_end, final)
        if self._held:
            return self._decide(gap_end, end)
        if end is None:
            return self._overflow() if len(self._pending) >= HOLD_BOUND else None
        return self._settle(end)

    def _plain_end(self) -> int:
        """The end of the words in a row, from the first on, that may leave as they are; 0 when there is none."""
        end = 0
        while (found := _WORD_IN_A_ROW.match(self._pending, end)) and self._rules.is_plain(found[1]):
            end = found.end()
        return end

    def _gap_end(self, start: int) -> int:
        found = _GAP.match(self._pending, start)
        return found.end() if found else start

    def _gap_closes(self, gap_end: int) -> bool:
        """A new line, or more space than anybody puts inside a phrase, ends it."""
        gap = self._pending[self._held : gap_end]
        if len(gap) >= _GAP_BOUND:
            return True
        return "\n" in gap and not self._rules.holdback.is_open(self._waiting)

    def _word_end(self, start: int, final: bool) -> int | None:
        """Where the word ends that begins at ``start``, or None when it has not ended within the bound."""
        if _IS_UNSPACED.match(self._pending, start):
            return start + 1 if start < HOLD_BOUND else None
        found = _WORD_END.search(self._pending, start, HOLD_BOUND)
        if found:
            return found.start()
        return len(self._pending) if final and len(self._pending) < HOLD_BOUND else None

    def _decide(self, start: int, end: int | None) -> str | None:
        """Does the word at ``start`` carry the held ones on?"""
        if self._gap_closes(start):
            return self._close(self._held)
        following = self._pending[start : HOLD_BOUND if end is None else end]
        goes_on = self._rules.holdback.goes_on(
            self._waiting, self._pending[: self._held], following, complete=end is not None
        )
        if goes_on and end is not None:
            return self._settle(end)
        if goes_on is False or len(self._pending) >= HOLD_BOUND:
            return self._close(self._held)
        return None

    def _settle(self, end: int) -> str:
        """The word that ends here is complete: hold it while the next one may matter, else let it leave."""
        self._waiting = self._rules.holdback.awaiting(self._pending[:end])
        if self._waiting:
            self._held = end
            return ""
        return self._close(end)

    def _close(self, end: int) -> str:
        return self._leave(end, self._filtered(self._pending[:end], end)[0])

    def _pass(self, end: int) -> str:
        return self._leave(end, self._pending[:end])

    def _leave(self, end: int, text: str) -> str:
        self._trail = (self._trail + self._pending[:end])[-TRAIL:]
        self._context = self._trail[-CONTEXT:]
        self._pending = self._pending[end:]
        self._held = 0
        return text

    def _overflow(self) -> str:
        """A word as long as the bound: its first half leaves, filtered; a match that reaches the bound takes the rest along."""
        text, end = self._filtered(self._pending[:HOLD_BOUND], HOLD_BOUND // 2)
        self._swallowing = end == HOLD_BOUND
        return self._leave(end, text)

    def _swallow(self) -> str:
        found = _WORD_END.search(self._pending)
        self._swallowing = found is None
        return self._leave(found.start() if found else len(self._pending), "")

    def _filtered(self, text: str, least: int) -> tuple[str, int]:
        """The text with everything replaced that may not leave, up to ``least`` or the end of a match that crosses it; and where
        it ends."""
        offset = len(self._context)
        pieces: list[str] = []
        position = 0
        for edit in without_overlap(self._edits(self._context, text)):
            start, end = max(edit.start - offset, 0), edit.end - offset
            if end <= position or start >= least:
                continue
            pieces += (text[position:start], edit.replacement)
            position = end
            self._note(edit, text[start:end])
        end = max(position, least)
        return "".join((*pieces, text[position:end])), end

    def _note(self, edit: Edit, original: str) -> None:
        if edit.kind != "price":
            finding = Finding(
                stage="inline",
                verdict=Verdict.CHANGE,
                kind=edit.kind,
                original=original,
                replacement=edit.replacement,
            )
            self.findings.append(finding)

    def _price_of(self, before: str) -> str | None:
        """The live price of the product whose title stands right before; ``before`` begins where the context does."""
        if self._evidence is None:
            return None
        meant = priced_by(self._trail[: len(self._trail) - len(self._context)] + before, self._evidence)
        return self._prices.get(meant.asin) if meant else None

    def _edits(self, context: str, text: str) -> Iterator[Edit]:
        """Everything to replace in context and text. Placeholders come first and are out of the others' sight."""
        straight = straightened(text)
        whole = context + text
        if _MAY_BE_PLACEHOLDER.search(straight):
            for found in placeholders(whole):
                words = self._price_of(whole[: found.start]) or price_words(found, self._prices)
                kind = "unknown_price" if words == INSTEAD_OF_A_PRICE else "price"
                yield Edit(found.start, found.end, words, "inline", kind)
                whole = whole[: found.start] + "\x00" * (found.end - found.start) + whole[found.end :]
        if MAY_BE_ADDRESS.search(straight):
            for start, end in foreign_addresses(whole, self._addresses, self._rules.names):
                yield Edit(start, end, OUR_SITE, "inline", "address")
        if _MAY_BE_PRIVATE.search(straight):
            for span in find_pii(whole):
                if contact_key(whole[span.start : span.end]) not in self._contacts:
                    yield Edit(span.start, span.end, REDACTED, "inline", span.kind)
        if may_hold_amounts(straight):
            for amount in amounts(whole):
                right = self._price_of(whole[: amount.start])
                ours = amount.value in self._amounts and amount.is_in(self._currency)
                if not (ours or amount.value in self._own) or right is not None:
                    yield Edit(amount.start, amount.end, right or INSTEAD_OF_A_PRICE, "inline", "raw_price")
        if self._rules.names.mentions(text):
            for name in self._rules.names.find(whole):
                yield Edit(name.start, name.end, name.instead, "inline", "competitor")
