"""One of each body of the console, as ``examples.py`` has them of the others (R-8)."""

from typing import Final

from msgspec import Struct

from mangaassist.wire.console import (
    Alarm,
    CacheView,
    CallBar,
    CorrectedLine,
    CorrectionView,
    CostView,
    Counted,
    LimitLine,
    Overview,
    Percentiles,
    ProcessLine,
    ProvisionedView,
    ServiceLine,
    StageBar,
    StageLine,
    TierLine,
    TurnLine,
    TurnsView,
)
from mangaassist.wire.console_faults import FaultLine, FaultRequest, FaultsEnd, FaultsView
from mangaassist.wire.console_knowledge import (
    ApprovalRequest,
    ChangePart,
    DraftView,
    KnowledgeProcess,
    KnowledgeView,
    LetterLine,
    PageDone,
    PageLine,
    PagesView,
    PageView,
    RetryRequest,
    RetryView,
    SourceLine,
)
from mangaassist.wire.store_pages import PageAnswer, PageText

_TURN: Final = TurnLine(
    process="assistant-7c9f:1-a3f2",
    trace="4bf92f3577b34da6a3ce929d0e0e4736",
    at="2026-11-01T12:00:00+00:00",
    intent="product_discovery",
    acts=("recommend",),
    tier="small",
    model="claude-haiku-4-5",
    outcome="answered",
    latency_ms=912.4,
    ttft_ms=411.0,
    cost_usd=0.0021,
    cached=False,
    corrected=(),
    degraded=(),
    bars=(
        StageBar(name="intent", began_ms=0.1, took_ms=2.4, allowance_ms=50.0),
        StageBar(name="gather", began_ms=2.6, took_ms=11.2, allowance_ms=370.0),
        StageBar(name="write", began_ms=14.0, took_ms=890.0, allowance_ms=910.0),
        StageBar(name="review", began_ms=904.2, took_ms=3.1, allowance_ms=None),
    ),
    calls=(
        CallBar(
            service="pricing",
            question="price",
            stage="services",
            began_ms=5.2,
            took_ms=4.1,
            outcome="ok",
            retried=False,
        ),
    ),
)
_OVERVIEW: Final = Overview(
    processes=(
        ProcessLine(
            name="assistant-7c9f:1-a3f2", since="2026-11-01T08:00:00+00:00", age_s=0.0, answers=52_311, sockets=842
        ),
    ),
    is_all=True,
    at="2026-11-01T12:00:00+00:00",
    answers=52_311,
    of=2000,
    per_second=12.4,
    rate=(61, 58, 66),
    degraded_rate=(0, 0, 4),
    bin_s=5,
    sockets=842,
    first_token=Percentiles(p50=12.1, p95=420.0, p99=610.0),
    first_token_budget_ms=1460.0,
    whole=Percentiles(p50=21.0, p95=900.0, p99=1310.0),
    budget_ms=1500.0,
    stages=(StageLine(name="intent", p50=2.1, p95=4.0, allowance_ms=50.0),),
    intents=(Counted(name="product_discovery", count=801),),
    acts=(Counted(name="recommend", count=640),),
    degraded=(Counted(name="pricing", count=4),),
    tiers=(TierLine(name="template", count=1400, usd=0.0), TierLine(name="small", count=600, usd=1.21)),
    caches=(CacheView(name="answers of models", hits=120, misses=480),),
    services=(
        ServiceLine(
            name="pricing",
            breaker="open",
            not_closed_in=1,
            calls=5210,
            failed=31,
            cached=2210,
            fallback="prices are left out",
        ),
    ),
    corrections=CorrectionView(
        answers=2000,
        share=0.0015,
        alarm_share=0.005,
        stages=(CorrectedLine(stage="prices", share=0.0015, is_alarming=False),),
    ),
    cost=CostView(
        conversations=17_022,
        per_conversation_usd=0.0019,
        models_usd=32.1,
        connections_usd=0.02,
        connection_minutes=81_200.0,
        all_large_usd=301.4,
        all_large_per_conversation_usd=0.0177,
        saved_usd=269.3,
        provisioned=ProvisionedView(
            usd=80.0, on_demand_usd=120.0, usd_per_hour=20.0, on_demand_usd_per_hour=30.0, saved_usd_per_hour=10.0
        ),
    ),
    limits=(LimitLine(name="model_calls", share=0.93, limit="600 calls of models a minute"),),
    alarms=(Alarm(name="LimitNear", detail="93% of 600 calls of models a minute are used."),),
    injects_faults=False,
)

_TEXT: Final = PageText(
    source_type="faq",
    title="When is my order sent?",
    body="Orders leave us within a day.",
    category="shipping",
    questions=("when do you send it",),
    answers=(PageAnswer(says="Within a day.", asks=("how soon",)),),
)

CONSOLE: Final[tuple[Struct, ...]] = (
    _OVERVIEW,
    TurnsView(
        processes=("assistant-7c9f:1-a3f2",), is_all=True, of=2000, budget_ms=1500.0, newest=(_TURN,), slowest=(_TURN,)
    ),
    KnowledgeView(
        processes=(
            KnowledgeProcess(
                name="assistant-7c9f:1-a3f2", age_s=0.0, version=71_022, is_indexing=True, changes_wait=False
            ),
        ),
        is_all=True,
        changes_wait=False,
        sources=(
            SourceLine(
                name="catalog",
                limit_s=10.0,
                found=412,
                last_at="2026-11-01T11:59:02+00:00",
                last_lag_s=0.4,
                slowest_lag_s=2.1,
                is_late=False,
            ),
        ),
        set_aside={"editorial": 1},
        letters=(
            LetterLine(
                id="9f86d081884c",
                source="editorial",
                document_id="editorial-gifts",
                version=7,
                error="body: must not be empty",
                event='{"id": "editorial-gifts"}',
                at="2026-11-01T11:58:00+00:00",
                attempts=2,
                is_due=False,
            ),
        ),
    ),
    FaultRequest(service="reviews", mode="slow", delay_ms=700, for_s=60.0),
    FaultsEnd(service="reviews"),
    FaultsView(
        services=("catalog", "pricing", "reviews"),
        faults=(FaultLine(service="reviews", mode="slow", delay_ms=700, left_s=41.5),),
    ),
    RetryRequest(ids=("9f86d081884c",)),
    RetryView(asked=1, is_all=True),
    PagesView(
        pages=(
            PageLine(
                id="faq-when-sent",
                title="When is my order sent?",
                source_type="faq",
                version=4,
                updated_at="2026-10-30T08:00:00Z",
                draft_by="cus-edda",
            ),
        ),
        may_edit=True,
        changes_wait=False,
    ),
    PageView(
        id="faq-when-sent",
        approved=_TEXT,
        draft=DraftView(revision=2, edited_by="cus-edda", edited_at="2026-11-01T11:00:00Z", is_own=False, text=_TEXT),
        changes=(
            (
                ChangePart(kind="same", text="Orders leave us within "),
                ChangePart(kind="removed", text="two days."),
                ChangePart(kind="added", text="a day."),
            ),
        ),
    ),
    _TEXT,
    ApprovalRequest(revision=2),
    PageDone(id="faq-when-sent", revision=2),
)
