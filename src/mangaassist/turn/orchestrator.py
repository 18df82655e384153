"""A message walks through the rooms in one direction and its answer comes out as frames (T-1). Start reading here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Entities, IntentGuess, Meaning
from mangaassist.domain.writing import Draft, Tier, Usage, WritingTask
from mangaassist.errors import ModelFailure
from mangaassist.guardrails.audit import AuditLog
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.intake import REFUSAL, Intake, Screened
from mangaassist.guardrails.review import Review, Reviewed, ReviewOutcome
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.models.routing import Route, Router, SpendLedger
from mangaassist.models.writers.chain import Writers
from mangaassist.models.writers.suggestions import suggestions
from mangaassist.services.store import StoreServices, TurnServices
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing
from mangaassist.turn import cards, showing
from mangaassist.turn.gathering import Gathering
from mangaassist.turn.memory import Session, SessionStore
from mangaassist.turn.plans import PLANS, Plan
from mangaassist.turn.turn import Message, Turn
from mangaassist.turn.understand import Encoder, Speculation, Understanding
from mangaassist.wire.frames import Actions, AnswerFrame, Degraded, Done, Products, Start, Suggestions

STALL_S: Final = 10.0
"""A writer that says nothing for this long after its first token has failed."""

UNFINISHED: Final = " … I'm sorry, I couldn't finish this answer. Please ask me again."
REFUSED: Final = Route(tier=Tier.TEMPLATE, reason="message blocked")
REFUSED_USAGE: Final = Usage("none")


class Rooms(Struct, frozen=True, kw_only=True):
    """Everything a turn walks through. Lives as long as the process."""

    intake: Intake
    understanding: Understanding
    encoder: Encoder
    retriever: Retriever
    services: StoreServices
    router: Router
    spending: SpendLedger
    writers: Writers
    inline: InlineRules
    review: Review
    audit: AuditLog
    sessions: SessionStore
    metrics: Metrics
    tracing: Tracing
    clock: Callable[[], float]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Written(Struct):
    """How the writing of one answer went: what it took, and whether it was cut short (T-8)."""

    usage: Usage = Usage("none")
    unfinished: bool = False


class Orchestrator:
    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def begin(self, message: Message, session: Session) -> Turn:
        return Turn(message, session, self._rooms.clock)

    async def answer(self, turn: Turn) -> AsyncIterator[AnswerFrame]:
        """Answer one message: yields its frames, numbered, in the order in which the shopper sees them (T-1, W-4)."""
        rooms = self._rooms
        with rooms.tracing.turn(turn.message.traceparent) as turn.traceparent:
            yield turn.frame(Start, in_reply_to=turn.message.message_id)
            screened = rooms.intake.screen(turn.message.text)  # G-1
            turn.findings.extend(screened.findings)
            if screened.blocked is not None:
                async for frame in self._refuse(turn, screened):
                    yield frame
                return
            async with Speculation(rooms.encoder, screened.text, turn.budget) as speculation:  # M-9
                meaning = await self._understand(turn, screened.text, speculation)
                plan = PLANS[meaning.intent]  # T-2
                if plan.knowledge is None:
                    speculation.drop()
                services = rooms.services.for_turn(
                    turn.message.identity, turn.budget.deadline("services"), turn.traceparent
                )
                evidence = await self._gather(turn, plan, meaning, services, speculation)
            for degradation in evidence.degraded:
                yield turn.frame(Degraded, **showing.degraded(degradation))
            task = WritingTask(
                meaning=meaning,
                evidence=evidence,
                history=turn.session.history(),
                is_guest=turn.message.identity.is_guest,
            )
            spent = rooms.spending.spent(turn.session.session_id)
            route, written = rooms.router.route(task, spent), Written()  # M-5
            async for piece in self._write(turn, task, route, written):
                yield turn.token(piece)
            outcome = await self._review(turn, plan, meaning, evidence, services)  # G-3
            for fix in turn.ledger.corrections(outcome.edits):
                yield turn.correction(fix)
            async for frame in self._show(turn, task, outcome):
                yield frame
            yield turn.frame(Done, metadata=showing.metadata(turn, meaning, route, written.usage, evidence, outcome))
            await self._remember(turn, screened.text, meaning, route, evidence, outcome)

    async def _understand(self, turn: Turn, text: str, speculation: Speculation) -> Meaning:
        with turn.budget.timed("intent"):
            return await self._rooms.understanding.understand(text, turn.session, turn.message.page, speculation)

    async def _gather(
        self, turn: Turn, plan: Plan, meaning: Meaning, services: TurnServices, speculation: Speculation
    ) -> Evidence:
        gathering = Gathering(
            plan,
            meaning,
            turn.message.page,
            services,
            self._rooms.retriever,
            speculation,
            turn.budget,
            shown=turn.session.last_shown(),
            is_guest=turn.message.identity.is_guest,
            series_in=self._rooms.understanding.series_in,
        )
        with turn.budget.timed("gather"):
            evidence = await gathering.evidence()
        if not speculation.used:
            self._rooms.metrics.speculation_wasted.inc()
        return evidence

    async def _write(self, turn: Turn, task: WritingTask, route: Route, written: Written) -> AsyncIterator[str]:
        """The answer's text in pieces that have passed the inline checks (G-2). Ends early when the shopper says stop."""
        checks = self._rooms.inline.filter_for(task.evidence)
        draft = self._rooms.writers.write(task, route)
        with turn.budget.timed("write"):
            try:
                async for piece in _limited(draft, turn):
                    if leaving := checks.feed(piece):
                        yield leaving
            except (ModelFailure, TimeoutError):
                written.unfinished = True
            if rest := checks.finish():
                yield rest
            turn.findings.extend(checks.findings)
            if written.unfinished:
                yield UNFINISHED
        written.usage = draft.usage
        self._rooms.spending.add(turn.session.session_id, draft.usage.cost_usd)

    async def _review(
        self, turn: Turn, plan: Plan, meaning: Meaning, evidence: Evidence, services: TurnServices
    ) -> ReviewOutcome:
        reviewed = Reviewed(
            text=turn.ledger.text,
            cards=tuple(known.asin for known in evidence.products[: plan.cards]),
            evidence=evidence,
            meaning=meaning,
            strictness=plan.strictness,
        )
        with turn.budget.timed("review"):
            outcome = await self._rooms.review.run(reviewed, _existing(services))
        turn.findings.extend(outcome.findings)
        return outcome

    async def _show(self, turn: Turn, task: WritingTask, outcome: ReviewOutcome) -> AsyncIterator[AnswerFrame]:
        """Cards, buttons and follow-up questions. A blocked or stopped answer shows none of them."""
        if outcome.blocked or turn.stop.is_set():
            return
        turn.products = cards.cards(task.evidence, outcome.cards)
        turn.actions = cards.buttons(task.meaning.intent, task.evidence, outcome.cards)
        turn.suggestions = suggestions(task)
        if turn.products:
            yield turn.frame(Products, items=turn.products)
        if turn.actions:
            yield turn.frame(Actions, buttons=turn.actions)
        if turn.suggestions:
            yield turn.frame(Suggestions, items=turn.suggestions)

    async def _refuse(self, turn: Turn, screened: Screened) -> AsyncIterator[AnswerFrame]:
        """A polite answer to a message that no room may see (G-1)."""
        meaning = Meaning(text="", guess=IntentGuess(Intent.CHITCHAT, 1.0, "rules"), entities=Entities())
        outcome = ReviewOutcome.untouched(REFUSAL, blocked=screened.blocked)
        yield turn.token(REFUSAL)
        yield turn.frame(Done, metadata=showing.metadata(turn, meaning, REFUSED, REFUSED_USAGE, Evidence(), outcome))
        await self._remember(turn, screened.text, meaning, REFUSED, Evidence(), outcome)

    async def _remember(
        self, turn: Turn, screened: str, meaning: Meaning, route: Route, evidence: Evidence, outcome: ReviewOutcome
    ) -> None:
        record = turn.record(screened, outcome.text, meaning.intent, self._rooms.now())
        turn.session.add(record)
        await self._rooms.sessions.save_turn(turn.session, record)
        for finding in turn.findings:
            await self._rooms.audit.record(finding, turn.audit_context())
        showing.observe(self._rooms.metrics, turn, meaning, route, evidence, outcome)


async def _limited(draft: Draft, turn: Turn) -> AsyncIterator[str]:
    """The draft's pieces, each within its time: the first within the budget, the others before they stall (M-10)."""
    pieces = aiter(draft)
    wait = turn.budget.left_s("first_token")
    while not turn.stop.is_set():
        async with asyncio.timeout(wait):
            piece = await anext(pieces, None)
        if piece is None:
            return
        wait = STALL_S
        yield piece


def _existing(services: TurnServices) -> Callable[[Collection[str]], Awaitable[frozenset[str] | None]]:
    """How the ASIN stage asks the catalog; None when the catalog cannot say (G-3)."""

    async def existing(asins: Collection[str]) -> frozenset[str] | None:
        return (await services.existing(tuple(asins))).value

    return existing
