"""A whole orchestrator for tests, over a store in the process, with what it said to whom."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.writing import Tier, Writer
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.review import Review
from mangaassist.knowledge.reranking import TrainedReranker
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.models.profiles import OFFLINE_ALONE, ModelProfile, Prices
from mangaassist.models.routing import Budgets, Router
from mangaassist.models.spending import ModelCalls, SpendLedger
from mangaassist.models.writers.chain import Writers
from mangaassist.models.writers.offline.composing import OfflineWriter
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing
from mangaassist.testing.fake_store import FakeStore
from mangaassist.testing.memory_index import MemoryIndex
from mangaassist.testing.word_encoder import WordEncoder
from mangaassist.turn.admission import Admission
from mangaassist.turn.asked_head import AskedHead
from mangaassist.turn.memory import Session
from mangaassist.turn.orchestrator import Orchestrator, TurnDependencies
from mangaassist.turn.output import Stop
from mangaassist.turn.plans import COMPOSERS
from mangaassist.turn.reader import Understanding
from mangaassist.turn.stages import Answered, Message
from mangaassist.turn.writing import Writing
from mangaassist.understanding.heads import TrainedHeads
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.titles import SeriesTitle
from mangaassist.wire.page import NOWHERE, PageContext

RECOMMEND = "recommend me something like Berserk"
TRACK = "where is my order?"
OFFLINE = OfflineWriter(COMPOSERS)
INLINE, REVIEW, HEADS, ASKED = InlineRules.load(), Review.load(), TrainedHeads.load(), AskedHead.load()
PAID = {tier: ModelProfile(name=f"{tier} model", prices=Prices(usd_per_1k_out=1.0), answer_tokens=100) for tier in Tier}


def seconds() -> float:
    return asyncio.get_running_loop().time()


class Heard:
    """The output of a turn: what was said, what was told to be missing, and when each came."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.missing: list[Degradation] = []
        self.when: list[float] = []
        self.on_text: Any = None

    async def degraded(self, degradation: Degradation) -> None:
        assert not self.pieces
        self.missing.append(degradation)

    async def text(self, content: str) -> None:
        self.pieces.append(content)
        self.when.append(seconds())
        if self.on_text is not None:
            self.on_text()

    @property
    def said(self) -> str:
        return "".join(self.pieces)


class House:
    """One orchestrator with everything behind it."""

    def __init__(self, calls_per_minute: int = 600, tracing: Tracing | None = None, **writers: Writer) -> None:
        tracing = tracing or Tracing()
        self.store = FakeStore(spans=tracing)
        self.index = MemoryIndex()
        self.metrics = Metrics()
        counters = MemoryCounters(seconds)
        self.spending = SpendLedger(counters)
        self.model_calls = ModelCalls(counters, calls_per_minute)
        understanding = Understanding(HEADS)
        understanding.learn(
            Lexicon.with_catalog(
                SeriesTitle(one.series_id, one.series_title, one.aliases, one.authors, one.themes)
                for one in {one.series_id: one for one in self.store.data.products}.values()
            )
        )
        models = {Tier(tier): writer for tier, writer in writers.items()}
        self.dependencies = TurnDependencies(
            admission=Admission(),
            understanding=understanding,
            encoder=WordEncoder(),
            asked=ASKED,
            retriever=Retriever(self.index, reranker=TrainedReranker.load()),
            services=self.store.services,
            router=Router(PAID if models else OFFLINE_ALONE, Budgets(1.0, 5.0)),
            spending=self.spending,
            model_calls=self.model_calls,
            writing=Writing(Writers(OFFLINE, models, self.model_calls), INLINE),
            suggestions=OFFLINE.suggestions,
            review=REVIEW,
            metrics=self.metrics,
            tracing=tracing,
            clock=seconds,
        )
        self.heard = Heard()
        self.stop = Stop()
        self.session = Session(session_id="s")

    async def ask(self, text: str, identity: Identity = GUEST, page: PageContext = NOWHERE, **more: Any) -> Answered:
        message = Message(
            message_id="m", response_id="r", text=text, identity=identity, page=page, at=datetime.now(UTC), **more
        )
        answered = await Orchestrator(self.dependencies).answer(message, self.session, self.heard, self.stop)
        assert answered.message is message
        return answered

    def again(self) -> "House":
        """For another answer in the same house."""
        self.heard, self.stop = Heard(), Stop()
        return self

    def without(self, **dependencies: Any) -> "House":
        self.dependencies = replace(self.dependencies, **dependencies)
        return self
