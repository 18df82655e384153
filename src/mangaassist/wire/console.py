"""What operators read in the console, and do there (O-6, O-9). No figure of it holds a word of a shopper's."""

from typing import Literal

from msgspec import Struct

BreakerState = Literal["closed", "half_open", "open"]


class Percentiles(Struct, frozen=True, kw_only=True):
    """Milliseconds; None where there is nothing yet."""

    p50: float | None
    p95: float | None
    p99: float | None


class Counted(Struct, frozen=True, kw_only=True):
    name: str
    count: int


class TierLine(Struct, frozen=True, kw_only=True):
    """Answers of a tier among the newest, and what they cost."""

    name: str
    count: int
    usd: float


class StageLine(Struct, frozen=True, kw_only=True):
    """How long a stage took, of the newest answers; ``allowance_ms`` is its share of the budget, where it has one."""

    name: str
    p50: float
    p95: float
    allowance_ms: float | None


class ServiceLine(Struct, frozen=True, kw_only=True):
    """Calls of a service since the process started: ``failed`` without a good answer, ``cached`` were not sent."""

    name: str
    breaker: BreakerState
    calls: int
    failed: int
    cached: int
    fallback: str


class CorrectedLine(Struct, frozen=True, kw_only=True):
    stage: str
    share: float
    is_alarming: bool


class CorrectionView(Struct, frozen=True, kw_only=True):
    """``share`` of the newest ``answers`` that any stage corrected, 0 to 1; above ``alarm_share`` a stage raises its alarm."""

    answers: int
    share: float
    alarm_share: float
    stages: tuple[CorrectedLine, ...]


class CostView(Struct, frozen=True, kw_only=True):
    """US dollars since the process started. None: there was no conversation yet, or no model is installed to compare with."""

    conversations: int
    per_conversation_usd: float | None
    models_usd: float
    connections_usd: float
    connection_minutes: float
    all_large_usd: float | None
    saved_usd: float | None


class CacheView(Struct, frozen=True, kw_only=True):
    """``hits`` and ``misses`` of one kind of question that may be answered again."""

    name: str
    hits: int
    misses: int


class LimitLine(Struct, frozen=True, kw_only=True):
    """``share`` of a limit that is used, 0 and up; ``limit`` in words."""

    name: str
    share: float
    limit: str


class Alarm(Struct, frozen=True, kw_only=True):
    """``name`` as the alert rules have it."""

    name: str
    detail: str


class Overview(Struct, frozen=True, kw_only=True):
    """How this process does. Percentiles, intents, acts and tiers are those of the newest ``of`` answers; ``rate`` counts turns in
    each ``bin_s`` seconds, the oldest first."""

    process: str
    since: str
    at: str
    answers: int
    of: int
    per_second: float
    rate: tuple[int, ...]
    bin_s: int
    sockets: int
    first_token: Percentiles
    first_token_budget_ms: float
    whole: Percentiles
    budget_ms: float
    stages: tuple[StageLine, ...]
    intents: tuple[Counted, ...]
    acts: tuple[Counted, ...]
    tiers: tuple[TierLine, ...]
    caches: tuple[CacheView, ...]
    services: tuple[ServiceLine, ...]
    corrections: CorrectionView
    cost: CostView
    limits: tuple[LimitLine, ...]
    alarms: tuple[Alarm, ...]


class StageBar(Struct, frozen=True, kw_only=True):
    """A stage of one turn, in milliseconds from its beginning. ``allowance_ms`` None: the budget has no line of its own for it."""

    name: str
    began_ms: float
    took_ms: float
    allowance_ms: float | None


class TurnLine(Struct, frozen=True, kw_only=True):
    """One turn. ``trace`` finds it in a collector of traces."""

    trace: str
    at: str
    intent: str
    acts: tuple[str, ...]
    tier: str
    model: str
    outcome: Literal["answered", "stopped", "blocked"]
    latency_ms: float
    ttft_ms: float | None
    cost_usd: float
    cached: bool
    corrected: tuple[str, ...]
    degraded: tuple[str, ...]
    bars: tuple[StageBar, ...]


class TurnsView(Struct, frozen=True, kw_only=True):
    """``newest`` and ``slowest`` of the kept turns of this process; a whole turn may take ``budget_ms``."""

    process: str
    of: int
    budget_ms: float
    newest: tuple[TurnLine, ...]
    slowest: tuple[TurnLine, ...]
