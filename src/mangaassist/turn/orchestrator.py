"""A message walks through the rooms in one direction and comes out as a reviewed answer (T-1). Start reading here."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.domain.encoding import Encoder
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.writing import Tier, WritingTask
from mangaassist.guardrails.findings import Finding
from mangaassist.guardrails.review import Review, Reviewed
from mangaassist.guardrails.review_context import Opinion
from mangaassist.knowledge.retrieval import Retrieval, Retriever
from mangaassist.models.routing import UNKNOWN, Route, Router, said_before
from mangaassist.models.spending import ModelCalls, SpendLedger
from mangaassist.models.writers.kept import KeptWriter
from mangaassist.services.store import StoreServices
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing
from mangaassist.turn import conclusion, screening
from mangaassist.turn.admission import Admission
from mangaassist.turn.answer_cache import Again, AnswerCache
from mangaassist.turn.asked_answer import Before
from mangaassist.turn.asked_head import AskedHead
from mangaassist.turn.asking_a_person import HumanDesk, person_for
from mangaassist.turn.budget import Budget
from mangaassist.turn.described_books import as_named
from mangaassist.turn.evidence import Gathering, Sources
from mangaassist.turn.foreseen import foreseen
from mangaassist.turn.memory import Session
from mangaassist.turn.output import Output, Stop
from mangaassist.turn.own_order_witness import by_own_order
from mangaassist.turn.plans import plan_for
from mangaassist.turn.reader import Understanding
from mangaassist.turn.search_ahead import SearchAhead
from mangaassist.turn.second_opinion import SecondOpinion
from mangaassist.turn.second_reading import SecondReader
from mangaassist.turn.sentence_risks import SentenceRisks
from mangaassist.turn.speculation import Speculation
from mangaassist.turn.stages import Answered, CommonQuestion, Gathered, Message, Understood, Written
from mangaassist.turn.witnesses import Hearing, witnessed
from mangaassist.turn.writing import Writing
from mangaassist.understanding.utterance import Utterance

REVIEW_S: Final = 0.2
"""What the review may take to ask the catalog, however long the turn took before."""


class TurnDependencies(Struct, frozen=True, kw_only=True):
    """Everything a turn walks through. Lives as long as the process. ``clock`` gives monotonic seconds."""

    admission: Admission
    understanding: Understanding
    second_reader: SecondReader | None = None
    """Where a small model may read what our own reading is unsure of (M-2)."""
    second_opinion: SecondOpinion | None = None
    """Where a small model is asked whether an answer strays, before it is led back for that (G-3, 6)."""
    encoder: Encoder
    asked: AskedHead
    speculates: bool = False
    """Whether a message's pass and its search begin before anybody asks for them: the encoder is a call away (M-9)."""
    retriever: Retriever
    services: StoreServices
    router: Router
    spending: SpendLedger
    model_calls: ModelCalls
    writing: Writing
    answers: AnswerCache | None = None
    """Where a model is installed: what it wrote before, for who asks the same (M-8)."""
    suggestions: Callable[[WritingTask], tuple[str, ...]]
    """What the shopper may ask next (W-4)."""
    desk: HumanDesk | None = None
    """Where a person is asked for; None: the answer says how to reach one (R-3)."""
    review: Review
    metrics: Metrics
    tracing: Tracing
    clock: Callable[[], float]
    timeout_factor: float = 1.0
    """Every limit of a turn is this many times as long."""


class Orchestrator:
    def __init__(self, rooms: TurnDependencies) -> None:
        self._rooms = rooms

    def asking_nobody(self) -> "Orchestrator":
        """The same, but that no person is asked for: what reads and leaves nothing behind (R-11)."""
        return Orchestrator(replace(self._rooms, desk=None))

    async def answer(self, message: Message, session: Session, output: Output, stop: Stop) -> Answered:
        """Answer one screened message: its text goes to ``output`` as it is written; what comes after the text is given back.

        Raises ``Overloaded`` when it waited in line for too long.
        """
        with self._rooms.tracing.turn(message.traceparent) as trace:
            if message.blocked is not None:
                return await conclusion.refused(message, output, trace)
            async with self._rooms.admission.place():
                turn = Turn(self._rooms, trace)
                gathered = await turn.prepare(message, session, stop)
            if isinstance(gathered, Finding):
                return await conclusion.refused(message, output, trace, gathered)
            async with SentenceRisks(self._rooms.encoder, self._rooms.timeout_factor) as risks:
                written = await turn.write(gathered, output, stop, risks)
                answered = await turn.review(written, risks)
            self._rooms.tracing.note(answered.metadata)
            return answered


class Turn:
    """One answer on its way: what its stages share, from the moment at which it is admitted to its review."""

    def __init__(self, rooms: TurnDependencies, trace: str) -> None:
        self._rooms = rooms
        self._trace = trace
        self._budget = Budget(rooms.clock, rooms.timeout_factor, rooms.tracing.stage)

    async def prepare(self, message: Message, session: Session, stop: Stop) -> Gathered | Finding:
        """What was meant, and the evidence for it. What both may need begins before either is known (M-9).

        Or why nobody may answer (G-1).
        """
        rooms, budget = self._rooms, self._budget
        with budget.timed("intent"):
            utterance = await as_named(
                message.asked, session, message.page, rooms.understanding, rooms.retriever, rooms.encoder
            )
        async with (
            Speculation(
                rooms.encoder,
                utterance.text,
                budget,
                at_once=rooms.speculates,
                is_suspect=screening.is_suspect(message.suspicion),
                searches_by_vector=lambda: rooms.retriever.takes_vectors,
            ) as speculation,
            SearchAhead(rooms.retriever, speculation, utterance.text, budget, at_once=self._begins(session)) as search,
        ):
            own = await self._understand(message, utterance, session, speculation, search)
            if isinstance(own, Finding):
                return own
            understood = await self._read_again(own, stop)
            search.drop()
            if understood.plan.knowledge is None and not self._may_be_common(understood):
                speculation.drop()
            gathered = await self._gather(understood, speculation, search)
        for begun in (*speculation.head_starts, search.head_start):
            if begun.outcome is not None:
                rooms.metrics.observe_speculation(begun.what, begun.outcome, begun.gain_ms / 1000)
        return gathered

    def _begins(self, session: Session) -> bool:
        """Whether a search may begin before anybody asks for it."""
        return self._rooms.speculates and not session.dialogue.question

    async def _understand(
        self, message: Message, utterance: Utterance, session: Session, speculation: Speculation, search: Retrieval
    ) -> Understood | Finding:
        """``utterance`` is what was asked, the books that it describes by their titles."""
        with self._budget.timed("intent"):
            understanding, secret = self._rooms.understanding, message.holds_secret
            heard = await understanding.understand(utterance, session, message.page, speculation, secret)
            heard = await screening.screened(message.asked, message.suspicion, heard, speculation)
            if isinstance(heard, Finding):
                return heard
            heard = await self._of_own_order(heard, message, utterance, session, speculation)
            speculation.expect(foreseen(heard, session.dialogue))
            hearing = Hearing(_before(message, session), search, speculation, self._rooms.asked)
            meaning = await witnessed(heard, hearing)
        return Understood(message=message, session=session, meaning=meaning, plan=plan_for(meaning))  # T-2

    async def _of_own_order(
        self, heard: Meaning, message: Message, utterance: Utterance, session: Session, speculation: Speculation
    ) -> Meaning:
        """A title that is in one of the shopper's orders may stand for the order."""
        if message.identity.is_guest:
            return heard
        services = self._rooms.services.for_turn(message.identity, self._trace, self._budget.note_call)
        return await by_own_order(
            heard,
            utterance,
            session,
            message.page,
            self._rooms.understanding,
            services.within(self._budget.deadline("embed")),
            speculation,
        )

    async def _read_again(self, own: Understood, stop: Stop) -> Understood:
        """As a small model reads it, where our own reading is unsure and one may read (M-2)."""
        if self._rooms.second_reader is None:
            return own
        read = await self._rooms.second_reader.read(own.meaning, own.session, own.message.page, self._budget, stop)
        return replace(
            own,
            meaning=read.meaning,
            plan=plan_for(read.meaning),
            reading=read.outcome,
            reading_usage=read.usage,
        )

    async def _gather(self, understood: Understood, speculation: Speculation, search: Retrieval) -> Gathered:
        message = understood.message
        knowledge = self._rooms.retriever.knowledge_version
        services = self._rooms.services.for_turn(message.identity, self._trace, self._budget.note_call)
        sources = Sources(
            services=services.within(self._budget.deadline("services")),
            retriever=search,
            speculation=speculation,
            budget=self._budget,
            now=self._rooms.services.facts.here(self._rooms.services.wall()),
            facts=self._rooms.services.facts,
            series_in=self._rooms.understanding.series_in,
        )
        is_guest = message.identity.is_guest
        gathering = Gathering(understood.plan, understood.meaning, message.page, sources, is_guest=is_guest)
        with self._budget.timed("gather"):
            evidence = await gathering.evidence()
        person = await person_for(self._rooms.desk, message, understood.session, understood.meaning)
        evidence = evidence if person is None else replace(evidence, person=person)
        gathered = Gathered(understood=understood, evidence=evidence, services=services)
        return replace(gathered, common=await self._common(gathered, knowledge, speculation))

    async def _common(self, gathered: Gathered, knowledge: int, speculation: Speculation) -> CommonQuestion | None:
        """The question, if anybody may ask it and a model would answer it."""
        answers = self._rooms.answers
        if answers is None or not self._may_be_common(gathered.understood):
            return None
        return await answers.question(gathered, knowledge, speculation.vector_of)

    def _may_be_common(self, understood: Understood) -> bool:
        return self._rooms.answers is not None and understood.plan.tier is not Tier.TEMPLATE

    async def write(self, gathered: Gathered, output: Output, stop: Stop, risks: SentenceRisks) -> Written:
        """The answer's text, as the writer of the route that its money allows writes it (M-5); ``risks`` hears of it."""
        understood, evidence = gathered.understood, gathered.evidence
        for degradation in evidence.degraded:
            await output.degraded(degradation)
        task = WritingTask(
            meaning=understood.meaning,
            evidence=evidence,
            history=understood.session.history(),
            state=understood.session.dialogue,
            is_guest=understood.message.identity.is_guest,
        )
        session_id = understood.session.session_id
        again = await self._again(gathered)
        route = said_before(again.cosine) if again else await self._route(task, understood.plan.tier, session_id)
        kept = KeptWriter(again.answer.text, again.answer.sources) if again else None
        with self._budget.timed("write"):
            written = await self._rooms.writing.write(
                gathered, task, route, output, stop, self._budget, risks.heard, kept
            )
        if self._rooms.writing.calls_model(route):
            await self._rooms.spending.settle(session_id, route.most_usd, written.usage.cost_usd)
        self._rooms.metrics.observe_citations(len(written.notes.cited), written.notes.miscited)
        return written

    async def _again(self, gathered: Gathered) -> Again | None:
        """What a model answered to the same question before (M-8)."""
        if self._rooms.answers is None or gathered.common is None:
            return None
        return await self._rooms.answers.find(gathered.common, gathered.evidence)

    async def _route(self, task: WritingTask, tier: Tier, session_id: str) -> Route:
        """Who writes, and what that may cost reserved. Counters are asked only before a model would be called."""
        rooms = self._rooms
        route = rooms.router.route(task, tier)
        if rooms.writing.calls_model(route):
            route = await self._affordable(route, task, tier, session_id)
        if route.short is not None:
            rooms.metrics.stepped_down.labels(route.short.name.lower()).inc()
        return route

    async def _affordable(self, deserved: Route, task: WritingTask, tier: Tier, session_id: str) -> Route:
        rooms = self._rooms
        before = await rooms.spending.reserve(session_id, deserved.most_usd)
        route = rooms.router.route(task, tier, before)
        if rooms.writing.calls_model(route) and (short := await rooms.model_calls.shortage()):
            route = rooms.router.route(task, tier, before, short)
        if before != UNKNOWN:
            await rooms.spending.settle(session_id, deserved.most_usd, self._most_usd(route))
        return route

    def _most_usd(self, route: Route) -> float:
        return route.most_usd if self._rooms.writing.calls_model(route) else 0.0

    async def review(self, written: Written, risks: SentenceRisks) -> Answered:
        """The whole text, checked (G-3); cards, buttons and suggestions of what the check kept."""
        gathered = written.gathered
        plan, meaning = gathered.understood.plan, gathered.understood.meaning
        reviewed = Reviewed(
            text=written.text,
            cards=tuple(known.asin for known in gathered.evidence.products[: plan.cards]),
            evidence=gathered.evidence,
            meaning=meaning,
            strictness=plan.strictness,
            toxicity=risks.toxicity if written.by == "model" else None,
            elsewhere=risks.elsewhere if written.by == "model" else None,
            opinion=self._opinion(gathered.understood.session.session_id),
            by_model=written.by != "offline",
        )
        services = gathered.services.within(self._rooms.clock() + REVIEW_S * self._rooms.timeout_factor)

        async def existing(asins: Collection[str]) -> Mapping[str, bool]:
            return (await services.existing(tuple(asins))).value or {}

        with self._budget.timed("review"):
            outcome = await self._rooms.review.run(reviewed, existing)
        suggestions = self._rooms.suggestions(written.task)
        answered = conclusion.concluded(written, outcome, self._budget, self._trace, suggestions)
        if self._rooms.answers is not None and gathered.common is not None and written.by != "kept":
            used = tuple(source.chunk_id for source in answered.metadata.sources)
            await self._rooms.answers.keep(gathered.common, written, outcome, used)
        return answered

    def _opinion(self, session_id: str) -> Opinion | None:
        second = self._rooms.second_opinion
        return None if second is None else partial(second.of, session_id)


def _before(message: Message, session: Session) -> Before:
    return Before(
        session.dialogue,
        next((turn.answer for turn in reversed(session.turns) if turn.answer and not turn.is_note), ""),
        is_guest=message.identity.is_guest,
        has_cart=bool(message.page.cart_asins),
    )
