"""From what the review changed to what the shopper's screen is told: edits on the whole text become corrections of token frames."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from msgspec import Struct

from mangaassist.guardrails.edits import Edit, apply_edits
from mangaassist.guardrails.findings import Stage

LEDGER_BOUND: Final = 100_000
"""Token frames of one answer at most; a writer's own limit is far below."""


class CorrectionDraft(Struct, frozen=True):
    """The text of frame ``replace_seq`` (through ``through_seq``) is replaced by ``content`` (W-4)."""

    replace_seq: int
    through_seq: int | None
    content: str
    stage: Stage


class Exposure(Struct, frozen=True):
    """Words that were taken back by ``stage``: how many characters of them could be seen, since when, in monotonic seconds."""

    stage: Stage
    since: float
    characters: int


class _Group(Struct):
    """Edits that touch a run of frames, ``first`` to ``last`` by their place in the ledger."""

    first: int
    last: int
    edits: list[Edit]


class Ledger:
    """The token frames of one answer as they were sent."""

    def __init__(self) -> None:
        self._seqs: list[int] = []
        self._starts: list[int] = [0]
        self._texts: list[str] = []
        self._times: list[float] = []

    @property
    def text(self) -> str:
        """The answer as the shopper sees it before corrections."""
        return "".join(self._texts)

    def sent(self, seq: int, text: str, at: float = 0.0) -> None:
        """Note a token frame, sent at this time, monotonic seconds.

        Raises ``ValueError`` when its number is not above the one before, or past the bound.
        """
        if self._seqs and seq <= self._seqs[-1]:
            raise ValueError(f"frame {seq} does not come after frame {self._seqs[-1]}")
        if len(self._seqs) >= LEDGER_BOUND:
            raise ValueError(f"an answer has at most {LEDGER_BOUND} token frames")
        self._seqs.append(seq)
        self._texts.append(text)
        self._times.append(at)
        self._starts.append(self._starts[-1] + len(text))

    def corrections(self, edits: Iterable[Edit], most: int = 1000) -> tuple[CorrectionDraft, ...]:
        """The corrections that make these edits of ``text``, one for all where more than ``most`` would be needed.

        Raises ``ValueError`` when edits overlap or do not fit.
        """
        ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
        if any(later.start < edit.end for edit, later in pairwise(ordered)):
            raise ValueError("edits overlap")
        if not self._seqs:
            return ()
        groups = self._groups(ordered)
        if len(groups) > most:
            groups = [_Group(groups[0].first, groups[-1].last, ordered)]
        return tuple(map(self._draft, groups))

    def exposures(self, edits: Iterable[Edit]) -> tuple[Exposure, ...]:
        """What of ``text`` these edits take back that somebody could see. What only adds words exposed nothing."""
        if not self._seqs:
            return ()
        return tuple(
            Exposure(edit.stage, self._times[self._frame_at(edit.start)], edit.end - edit.start)
            for edit in edits
            if edit.end > edit.start
        )

    def _groups(self, ordered: list[Edit]) -> list[_Group]:
        groups: list[_Group] = []
        for edit in ordered:
            first, last = self._frame_at(edit.start), self._frame_at(max(edit.end - 1, edit.start))
            if groups and first <= groups[-1].last:
                groups[-1].last = max(last, groups[-1].last)
                groups[-1].edits.append(edit)
            else:
                groups.append(_Group(first, last, [edit]))
        return groups

    def _frame_at(self, position: int) -> int:
        """The last frame that begins at or before the position and holds text there; the last of all at the very end."""
        low, high = 0, len(self._seqs) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._starts[middle] <= position:
                low = middle
            else:
                high = middle - 1
        return low

    def _draft(self, group: _Group) -> CorrectionDraft:
        base, end = self._starts[group.first], self._starts[group.last + 1]
        shifted = [Edit(e.start - base, e.end - base, e.replacement, e.stage, e.kind) for e in group.edits]
        content = apply_edits(self.text[base:end], shifted)
        through = self._seqs[group.last] if group.last > group.first else None
        return CorrectionDraft(self._seqs[group.first], through, content, group.edits[0].stage)
