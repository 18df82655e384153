"""One turn: what lives from a message to its ``done`` and no longer."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct

from mangaassist.domain.customers import Identity
from mangaassist.guardrails.audit import AuditContext
from mangaassist.guardrails.corrections import CorrectionDraft, Ledger
from mangaassist.guardrails.findings import Finding
from mangaassist.turn.budget import Budget
from mangaassist.turn.memory import Session, TurnRecord
from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.frames import AnswerFrame, Correction, Token
from mangaassist.wire.page import PageContext

F = TypeVar("F", bound=AnswerFrame)


class Message(Struct, frozen=True, kw_only=True):
    """What the shopper said, where, and as whom. ``message_id`` is the client's own."""

    message_id: str
    text: str
    identity: Identity
    page: PageContext
    traceparent: str | None = None


class Turn:
    """The working state of one answer. ``stop`` is set when the shopper, or a shutdown, ends it early (T-8)."""

    def __init__(self, message: Message, session: Session, clock: Callable[[], float]) -> None:
        self.message = message
        self.session = session
        self.response_id = "r_" + secrets.token_urlsafe(12)
        self.budget = Budget(clock)
        self.ledger = Ledger()
        self.stop = asyncio.Event()
        self.corrections: list[str] = []
        """The stage of every correction that was sent."""
        self.products: tuple[ProductCard, ...] = ()
        self.actions: tuple[Button, ...] = ()
        self.suggestions: tuple[str, ...] = ()
        self.traceparent = ""
        self.findings: list[Finding] = []
        """Everything that the guardrails did, for the audit (G-7)."""

    def frame(self, kind: type[F], **fields: Any) -> F:
        """A frame of this answer with the session's next number (W-4)."""
        return kind(seq=self.session.next_seq(), response_id=self.response_id, **fields)

    def token(self, content: str) -> Token:
        self.budget.note_first_token()
        token = self.frame(Token, content=content)
        self.ledger.sent(token.seq, content)
        return token

    def correction(self, fix: CorrectionDraft) -> Correction:
        self.corrections.append(fix.stage)
        return self.frame(
            Correction,
            replace_seq=fix.replace_seq,
            through_seq=fix.through_seq,
            content=fix.content,
            stage=fix.stage,
        )

    def audit_context(self) -> AuditContext:
        return AuditContext(
            session_id=self.session.session_id,
            response_id=self.response_id,
            customer_id=self.message.identity.customer_id,
            asins=tuple(card.asin for card in self.products),
        )

    def record(self, screened: str, answer: str, intent: str, at: datetime) -> TurnRecord:
        """What is remembered of the turn. Its message is the screened one: personal data never gets this far (G-1)."""
        return TurnRecord(
            response_id=self.response_id,
            message_id=self.message.message_id,
            message=screened,
            answer=answer,
            intent=intent,
            products=self.products,
            actions=self.actions,
            suggestions=self.suggestions,
            stopped=self.stop.is_set(),
            last_seq=self.session.last_seq,
            at=at,
        )
