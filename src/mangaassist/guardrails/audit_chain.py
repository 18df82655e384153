"""How the audit's records hold together (G-7): pure, and the same whatever keeps them.

A record's digest is of its own bytes and of the digest before it, so that none can be changed, left out or put in. A chain's
**head** tells its newest record, and a **checkpoint** the newest that was kept long enough and dropped: both are marked with
the audit's key, so that a chain can be cut neither at its end nor at its beginning by who does not have it. Against a whole
store that is put back to an earlier day only a head helps that was written down elsewhere.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, Literal

from msgspec.structs import replace

from mangaassist.guardrails.audit import AuditPoint
from mangaassist.guardrails.audit_seal import AuditSeal

GENESIS: Final = "0" * 64
"""What the first record's digest is chained to."""
MOST_PROBLEMS: Final = 20

Kind = Literal["head", "dropped"]


def chained(previous: str, kept: bytes) -> str:
    """The digest of a record: of the one before it and of its own bytes."""
    return hashlib.sha256(previous.encode() + b"\n" + kept).hexdigest()


def marked(point: AuditPoint, kind: Kind, seal: AuditSeal) -> AuditPoint:
    return replace(point, mark=seal.mark(_said(point, kind)))


def is_marked(point: AuditPoint, kind: Kind, seal: AuditSeal) -> bool:
    return seal.confirms(_said(point, kind), point.mark)


def _said(point: AuditPoint, kind: Kind) -> bytes:
    return f"{kind} {point} {point.at}".encode()


class ChainCheck:
    """Follows one chain: give it every record in order, then its head. ``noted`` are places that must be in it."""

    def __init__(
        self, chain: str, dropped: AuditPoint | None, seal: AuditSeal, noted: Sequence[AuditPoint] = ()
    ) -> None:
        self._chain = chain
        self._seal = seal
        self._noted = {point.number: point for point in noted if point.chain == chain}
        self._number = dropped.number if dropped else 0
        self._digest = dropped.digest if dropped else GENESIS
        self.dropped = self._number
        self.records = 0
        self.problems: list[str] = []
        if dropped and not is_marked(dropped, "dropped", seal):
            self.problem("what was dropped from it is told without its mark")
        self._noted = {number: point for number, point in self._noted.items() if number > self.dropped}

    def problem(self, what: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(f"{self._chain}: {what}")

    def take(self, number: int, kept: bytes, digest: str) -> None:
        expected = self._number + 1
        if number != expected:
            self.problem(f"record {expected} is missing" if number > expected else f"record {number} is there twice")
        if digest != chained(self._digest, kept):
            self.problem(f"record {number} does not follow from the one before")
        if (noted := self._noted.pop(number, None)) is not None and noted.digest != digest:
            self.problem(f"record {number} is not the one that was noted")
        self._number, self._digest = number, digest
        self.records += 1

    def end(self, head: AuditPoint | None, may_lag: bool = False) -> None:
        """``may_lag``: the head is written after the records, so that it may tell of fewer than there are."""
        if head is None:
            if self._number and not may_lag:
                self.problem("its head is missing")
        elif not is_marked(head, "head", self._seal):
            self.problem("its head is told without its mark")
        elif head.number > self._number:
            self.problem(f"records {self._number + 1} to {head.number} are missing at its end")
        elif not may_lag and (head.number, head.digest) != (self._number, self._digest):
            self.problem("its head tells of another end")
        for number in sorted(self._noted):
            self.problem(f"record {number}, which was noted, is missing")
