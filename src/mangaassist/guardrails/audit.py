"""The audit trail's port (G-7): every redaction, block and correction, in the order in which it happened, never changed again."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from mangaassist.guardrails.findings import Finding

AUDIT: Final = "audit"
"""The service that a ``ServiceFailure`` of the audit names."""
GENESIS: Final = "0" * 64
"""What the first entry's digest is chained to."""


class AuditContext(Struct, frozen=True, kw_only=True):
    """Whose answer it was. ``customer_id`` is None for a guest; ``seq`` is None for what no frame carried."""

    session_id: str
    response_id: str
    customer_id: str | None = None
    seq: int | None = None
    asins: tuple[str, ...] = ()


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One finding as it is kept. ``original`` is in clear only where ``Finding.is_private`` allows."""

    at: str
    session_id: str
    response_id: str
    customer_id: str | None
    seq: int | None
    asins: tuple[str, ...]
    stage: str
    verdict: str
    kind: str
    original: str
    replacement: str


class AuditCheck(Struct, frozen=True):
    """How the trail stands: its entries, and the number of the first that does not follow from the one before, or None."""

    entries: int
    broken_at: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


class AuditLog(Protocol):
    """Raises ``ServiceFailure`` of ``audit`` when it cannot be written; ``transient`` may pass."""

    async def append(self, findings: Sequence[Finding], context: AuditContext) -> None:
        """Append the findings of a turn, all or none. They are on disk when this returns."""
        ...

    async def verify(self) -> AuditCheck:
        """Follow the chain from its beginning."""
        ...


def entry(finding: Finding, context: AuditContext, at: datetime) -> AuditEntry:
    """What is kept of a finding. Of personal data nothing but its kind: a digest of a phone number is soon guessed."""
    return AuditEntry(
        at=at.isoformat(),
        session_id=context.session_id,
        response_id=context.response_id,
        customer_id=context.customer_id,
        seq=context.seq,
        asins=context.asins,
        stage=finding.stage,
        verdict=finding.verdict.value,
        kind=finding.kind,
        original=f"[{finding.kind}]" if finding.is_private else finding.original,
        replacement=finding.replacement,
    )


def chained(previous: str, kept: bytes) -> str:
    """The digest of an entry: of the one before it and of its own bytes."""
    return hashlib.sha256(previous.encode() + b"\n" + kept).hexdigest()


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODER: Final = msgspec.json.Decoder(AuditEntry)


def encoded(kept: AuditEntry) -> bytes:
    return _ENCODER.encode(kept)


def decoded(kept: bytes) -> AuditEntry:
    return _DECODER.decode(kept)
