"""What the doors share: whatever the wire, there is one way to know a shopper and one way into a conversation."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from mangaassist.console.operating import Console
from mangaassist.conversation.conversations import Conversations
from mangaassist.desk.operating import Desk
from mangaassist.desk.tickets import TicketStore
from mangaassist.desk.typing import TypingSigns
from mangaassist.domain.customers import Identity
from mangaassist.domain.store_facts import NO_FACTS, StoreFacts
from mangaassist.edge.feedback import FeedbackStore
from mangaassist.edge.idempotency import IdempotencyStore
from mangaassist.edge.identity import TokenVerifier, token_of
from mangaassist.edge.limits import Limits
from mangaassist.guardrails.audit_reading import AuditReading
from mangaassist.telemetry.analytics import Recorder
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing

CONTROL: Final = "control"
"""The service that a ``ServiceFailure`` of these stores names."""


class ControlStores(Struct, frozen=True, kw_only=True):
    """What the control plane keeps."""

    feedback: FeedbackStore
    tickets: TicketStore
    idempotency: IdempotencyStore


class EdgeDependencies(Struct, frozen=True, kw_only=True):
    """Lives as long as the process. ``clock`` gives monotonic seconds, ``now`` UTC."""

    conversations: Conversations
    control: ControlStores
    desk: Desk
    console: Console
    audit: AuditReading
    verifier: TokenVerifier
    allowed_hosts: frozenset[str]
    limits: Limits
    allowed_origins: frozenset[str]
    metrics: Metrics
    analytics: Recorder
    clock: Callable[[], float]
    now: Callable[[], datetime]
    facts: Callable[[], StoreFacts] = lambda: NO_FACTS
    """What the store last told of itself: whose doors these are."""
    desk_key: bytes | None = None
    """By which another desk signs what it does here; None: there is none."""
    tracing: Tracing = msgspec.field(default_factory=Tracing)

    @property
    def typing(self) -> TypingSigns:
        return self.desk.typing

    async def caller(self, scope: Mapping[str, Any]) -> Identity:
        """Who calls, by the token that they present; a guest without one. Raises as ``TokenVerifier.identify`` does."""
        return await self.verifier.identify(token_of(scope))
