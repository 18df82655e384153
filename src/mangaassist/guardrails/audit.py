"""The audit trail's port (G-7): every redaction, block and correction, which prices were shown, and who looked into it.

What an answer leaves is appended in one step and never changed. ``audit_chain`` says how the entries hold together,
``audit_seal`` which of them nobody reads without a key, ``audit_reading`` who may look.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.guardrails.pii import find_pii, redacted

AUDIT: Final = "audit"
"""The service that a ``ServiceFailure`` of the audit names."""
SHOWN: Final = "shown"
"""The stage of what tells which prices an answer showed."""
OPERATOR: Final = "operator"
"""The stage of what tells who looked into the trail."""
MOST_FOUND: Final = 1000
SHORTEST_TEXT: Final = 3
"""Characters of a text that can be searched for."""


class AuditContext(Struct, frozen=True, kw_only=True):
    """Whose answer it was. ``customer_id`` is None for a guest; ``seq`` is the last frame that was said before, or None."""

    session_id: str
    response_id: str
    customer_id: str | None = None
    seq: int | None = None
    asins: tuple[str, ...] = ()


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One finding as it is kept. What is personal is in ``sealed`` alone; ``original`` is the rest of it, or its kind."""

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
    sealed: str = ""

    @property
    def words(self) -> str:
        """What a search for a text looks at; what somebody looked for is not found again."""
        return "" if self.stage == OPERATOR else f"{self.original}\n{self.replacement}"


class AuditQuery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Entries that fit all that is named, the newest first. ``text`` is found within words, whatever its case; ``until`` is the
    first moment that counts no more."""

    customer_id: str | None = None
    session_id: str | None = None
    response_id: str | None = None
    asin: str | None = None
    stage: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50


class AuditFound(Struct, frozen=True):
    """``is_all`` false: there are more than the query's limit, or more than could be looked at."""

    entries: tuple[AuditEntry, ...]
    is_all: bool = True


class AuditPoint(Struct, frozen=True, kw_only=True):
    """A place in a chain: its newest record, or the newest that was dropped. ``mark``: nobody without a key wrote this."""

    chain: str
    number: int
    digest: str
    at: str = ""
    mark: str = ""

    def __str__(self) -> str:
        return f"{self.chain}:{self.number}:{self.digest}"


class AuditCheck(Struct, frozen=True, kw_only=True):
    """How the trail stands. ``dropped`` counts the records that were kept long enough, ``problems`` say what does not hold."""

    entries: int
    dropped: int = 0
    heads: tuple[AuditPoint, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        return not self.problems


class AuditLog(Protocol):
    """Raises ``ServiceFailure`` of ``audit`` when it cannot be written or read; ``transient`` may pass."""

    async def append(self, findings: Sequence[Finding], context: AuditContext) -> None:
        """Append the findings of a turn, all or none. They are on disk when this returns."""
        ...

    async def search(self, query: AuditQuery) -> AuditFound: ...

    def entries(self) -> AsyncIterator[AuditEntry]:
        """All that is kept; within a chain the oldest first."""
        ...

    async def verify(self, noted: Sequence[AuditPoint] = ()) -> AuditCheck:
        """Follow every chain from its beginning. ``noted``: places that somebody wrote down earlier, which must still be there."""
        ...

    async def drop_before(self, before: datetime) -> int:
        """Let go of what is older, and mark how far; gives how many records went. They are the beginnings of the chains."""
        ...

    async def heads(self) -> tuple[AuditPoint, ...]:
        """The newest place of each chain, to be written down elsewhere."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


def entry(finding: Finding, context: AuditContext, at: datetime, seal: AuditSeal) -> AuditEntry:
    """What is kept of a finding. No digest of what is personal: a phone number is soon guessed from one."""
    personal, kind = find_pii(finding.original), f"[{finding.kind}]"
    in_clear = kind if finding.is_private else redacted(finding.original, personal)
    is_sealed = finding.original not in ("", kind) and (finding.is_private or bool(personal))
    kept = AuditEntry(
        at=moment(at),
        session_id=context.session_id,
        response_id=context.response_id,
        customer_id=context.customer_id,
        seq=context.seq,
        asins=context.asins,
        stage=finding.stage,
        verdict=finding.verdict.value,
        kind=finding.kind,
        original=in_clear,
        replacement=redacted(finding.replacement, find_pii(finding.replacement)),
    )
    if not is_sealed:
        return kept
    return msgspec.structs.replace(kept, sealed=seal.sealed(finding.original, _place(kept)))


def opened(kept: AuditEntry, seal: AuditSeal) -> AuditEntry:
    """The entry with its original, where a key opens it."""
    original = seal.opened(kept.sealed, _place(kept)) if kept.sealed else None
    return kept if original is None else msgspec.structs.replace(kept, original=original)


def _place(kept: AuditEntry) -> str:
    """Sealed words are of one place: they cannot be told of another answer."""
    return f"{kept.session_id} {kept.response_id} {kept.stage} {kept.kind}"


def shown(prices: Mapping[str, str]) -> tuple[Finding, ...]:
    """That an answer showed these prices, by ASIN: whoever complains of one is told which it was, and when."""
    if not prices:
        return ()
    told = ", ".join(f"{asin} {price}" for asin, price in prices.items())
    return (Finding(stage="shown", verdict=Verdict.ALLOW, kind="prices", replacement=told),)


def moment(at: datetime) -> str:
    """As texts they sort as they follow each other."""
    try:
        at = at.astimezone(UTC)
    except OverflowError:  # hours before the first year or after the last
        at = at.replace(tzinfo=UTC)
    return at.isoformat(timespec="microseconds")


def fits(kept: AuditEntry, query: AuditQuery) -> bool:
    named = (
        (query.customer_id, kept.customer_id),
        (query.session_id, kept.session_id),
        (query.response_id, kept.response_id),
        (query.stage, kept.stage),
    )
    return (
        all(wanted in (None, is_) for wanted, is_ in named)
        and (query.asin is None or query.asin in kept.asins)
        and (query.text is None or query.text.casefold() in kept.words.casefold())
        and (query.since is None or kept.at >= moment(query.since))
        and (query.until is None or kept.at < moment(query.until))
    )


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODER: Final = msgspec.json.Decoder(AuditEntry)


def encoded(kept: AuditEntry) -> bytes:
    return _ENCODER.encode(kept)


def decoded(kept: bytes) -> AuditEntry:
    return _DECODER.decode(kept)
