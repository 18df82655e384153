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
    """Calls of a service since the processes started: ``failed`` without a good answer, ``cached`` were not sent.

    ``breaker`` is the worst of any process; ``not_closed_in`` counts the processes in which it is not closed.
    """

    name: str
    breaker: BreakerState
    not_closed_in: int
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


class ProvisionedView(Struct, frozen=True, kw_only=True):
    """Provisioned throughput against the same answers on demand, in US dollars: what it has cost (``usd``) and what they would have
    by the token (``on_demand_usd``), since the processes started, and both by the hour. Saved below zero: on demand is cheaper."""

    usd: float
    on_demand_usd: float
    usd_per_hour: float
    on_demand_usd_per_hour: float
    saved_usd_per_hour: float


class CostView(Struct, frozen=True, kw_only=True):
    """US dollars since the processes started. None: there was no conversation yet, no model is installed to compare with, or
    settings price no provisioned throughput. ``saved_usd`` is what routing saved, both at prices by the token."""

    conversations: int
    per_conversation_usd: float | None
    models_usd: float
    connections_usd: float
    connection_minutes: float
    all_large_usd: float | None
    all_large_per_conversation_usd: float | None
    saved_usd: float | None
    provisioned: ProvisionedView | None


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


class ProcessLine(Struct, frozen=True, kw_only=True):
    """A process whose figures are among those shown, as it told them ``age_s`` seconds ago; 0 of the one that answers."""

    name: str
    since: str
    age_s: float
    answers: int
    sockets: int


class Overview(Struct, frozen=True, kw_only=True):
    """How the processes do together. ``is_all`` false: only the one that answers, for the others could not be heard just now.

    Percentiles, intents, acts, tiers and ``degraded`` (answers by the service that they did without) are those of the newest ``of``
    answers; ``rate`` counts turns in each ``bin_s`` seconds, the oldest first, ``degraded_rate`` those that did without something.
    ``injects_faults``: the settings let operators make services faulty.
    """

    processes: tuple[ProcessLine, ...]
    is_all: bool
    at: str
    answers: int
    of: int
    per_second: float
    rate: tuple[int, ...]
    degraded_rate: tuple[int, ...]
    bin_s: int
    sockets: int
    first_token: Percentiles
    first_token_budget_ms: float
    whole: Percentiles
    budget_ms: float
    stages: tuple[StageLine, ...]
    intents: tuple[Counted, ...]
    acts: tuple[Counted, ...]
    degraded: tuple[Counted, ...]
    tiers: tuple[TierLine, ...]
    caches: tuple[CacheView, ...]
    services: tuple[ServiceLine, ...]
    corrections: CorrectionView
    cost: CostView
    limits: tuple[LimitLine, ...]
    alarms: tuple[Alarm, ...]
    injects_faults: bool


class StageBar(Struct, frozen=True, kw_only=True):
    """A stage of one turn, in milliseconds from its beginning. ``allowance_ms`` None: the budget has no line of its own for it."""

    name: str
    began_ms: float
    took_ms: float
    allowance_ms: float | None


class CallBar(Struct, frozen=True, kw_only=True):
    """A question of one turn to a service, in milliseconds from the turn's beginning, within ``stage``. ``outcome`` is ``ok``,
    ``cached``, ``absent`` (there is no such thing) or how it failed: ``timeout``, ``open`` (its breaker: it was not asked),
    ``out_of_time`` …; ``retried``: it took more than one try."""

    service: str
    question: str
    stage: str
    began_ms: float
    took_ms: float
    outcome: str
    retried: bool


class TurnLine(Struct, frozen=True, kw_only=True):
    """One turn, of the process that answered it. ``trace`` finds it in a collector of traces."""

    process: str
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
    calls: tuple[CallBar, ...]


class TurnsView(Struct, frozen=True, kw_only=True):
    """``newest`` and ``slowest`` of the turns that the ``processes`` keep; a whole turn may take ``budget_ms``. ``is_all`` false:
    only those of the process that answers, for the others could not be heard just now."""

    processes: tuple[str, ...]
    is_all: bool
    of: int
    budget_ms: float
    newest: tuple[TurnLine, ...]
    slowest: tuple[TurnLine, ...]
