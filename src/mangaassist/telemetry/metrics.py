"""What is counted, under the names that ``/metrics`` shows (O-3, S-5, G-8, M-9)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from mangaassist.telemetry.connections import Connections
from mangaassist.telemetry.conventions import INSTRUMENTS, SPECULATION_GAIN, SPECULATIONS, Instrument, prometheus_name
from mangaassist.telemetry.correction_rate import CorrectionRate
from mangaassist.telemetry.freshness import Freshness
from mangaassist.telemetry.recent_turns import CallSpan, RecentTurns, StageSpan, TurnFigures
from mangaassist.telemetry.spent import Spent
from mangaassist.wire.metadata import AnswerMetadata

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.2, 0.5, 0.9, 1.5, 5)


class Metrics:
    """One registry a process, handed to whoever observes. Labels have few values each: no ids, no text."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.turns = Counter(
            "mangaassist_turns", "Answers finished.", ("intent", "tier", "outcome"), registry=self.registry
        )
        self.first_token = Histogram(
            "mangaassist_first_token_seconds", "From message to first token.", registry=self.registry, buckets=_SECONDS
        )
        self.stage = Histogram(
            "mangaassist_stage_seconds", "Time of a turn's stage.", ("stage",), registry=self.registry, buckets=_SECONDS
        )
        self.calls = Histogram(
            "mangaassist_service_call_seconds",
            "Calls of downstream services.",
            ("service", "outcome"),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.remarks = Counter(
            "mangaassist_service_remarks",
            "Beside the calls: slow (over the latency goal), opened (the breaker), not_retried, dropped, cache_failed.",
            ("service", "what"),
            registry=self.registry,
        )
        self.breaker_open = Gauge(
            "mangaassist_service_breaker_open",
            "1 while the breaker of a service lets no call through, 0.5 while it waits for a probe.",
            ("service",),
            registry=self.registry,
        )
        self.latency_goal = Gauge(
            "mangaassist_service_latency_goal_seconds",
            "The time above which a call of a service is slow.",
            ("service",),
            registry=self.registry,
        )
        self.degraded = Counter(
            "mangaassist_degraded", "Answers that did without a service.", ("service",), registry=self.registry
        )
        self.corrections = Counter(
            "mangaassist_corrections", "Correction frames sent.", ("stage",), registry=self.registry
        )
        self.correction_share = Gauge(
            "mangaassist_correction_share",
            "Of the newest answers, those corrected.",
            ("stage",),
            registry=self.registry,
        )
        self.correction_alarm = Gauge(
            "mangaassist_correction_alarm",
            "1 while a stage corrects more answers than it may.",
            ("stage",),
            registry=self.registry,
        )
        self.correction_rate = CorrectionRate()
        self.exposure = Histogram(
            "mangaassist_exposure_seconds",
            "How long words could be seen that were taken back.",
            ("stage",),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.exposed = Counter(
            "mangaassist_exposed_characters",
            "Characters that could be seen and were taken back.",
            ("stage",),
            registry=self.registry,
        )
        self.blocked = Counter(
            "mangaassist_blocked", "Messages and answers blocked.", ("stage",), registry=self.registry
        )
        self.session_alarms = Counter(
            "mangaassist_session_alarms",
            "Sessions with three blocks or corrections within ten minutes.",
            registry=self.registry,
        )
        self.speculations = Counter(
            prometheus_name(SPECULATIONS),
            "Embeddings and searches begun before anybody asked for them: used, or wasted.",
            ("what", "outcome"),
            registry=self.registry,
        )
        self.speculation_gain = Histogram(
            SPECULATION_GAIN.prometheus,
            SPECULATION_GAIN.means,
            SPECULATION_GAIN.labels,
            registry=self.registry,
            buckets=SPECULATION_GAIN.bounds,
        )
        self.counters_failed = Counter(
            "mangaassist_counters_failed",
            "Times that limits and spending could not be read or booked.",
            registry=self.registry,
        )
        self.limited = Counter(
            "mangaassist_limited", "Times that a limit was reached.", ("limit",), registry=self.registry
        )
        self.agent_calls = Counter(
            "mangaassist_agent_calls",
            "Tools that other agents called: done, or the code of the refusal.",
            ("tool", "outcome"),
            registry=self.registry,
        )
        self.stepped_down = Counter(
            "mangaassist_stepped_down",
            "Answers by a cheaper tier than they deserved.",
            ("why",),
            registry=self.registry,
        )
        self.failovers = Counter(
            "mangaassist_model_failovers",
            "Models that could not write: who did instead, none where an answer broke, and why.",
            ("from_model", "to_model", "reason"),
            registry=self.registry,
        )
        self.model_readings = Counter(
            "mangaassist_model_readings",
            "Messages that a small model was to read because our own reading was unsure: why, and what became of it.",
            ("doubt", "outcome"),
            registry=self.registry,
        )
        self.scope_opinions = Counter(
            "mangaassist_scope_opinions",
            "Answers of which a small model was asked whether they stray from the store's matters, and what became of it.",
            ("outcome",),
            registry=self.registry,
        )
        self.answer_cache = Counter(
            "mangaassist_answer_cache",
            "Questions that anybody may ask: answered again (hit), not yet (miss), answers kept, refused, unreadable (broken).",
            ("what", "why"),
            registry=self.registry,
        )
        self.citations = Counter(
            "mangaassist_citations",
            "Pieces of knowledge that answers of models cite; unknown: of nothing that they were given.",
            ("outcome",),
            registry=self.registry,
        )
        self.analytics_events = Counter(
            "mangaassist_analytics_events", "Events of sessions that left.", ("outcome",), registry=self.registry
        )
        self.analytics_failures = Counter(
            "mangaassist_analytics_failures", "Batches of events not written whole.", registry=self.registry
        )
        self.analytics_waiting = Gauge(
            "mangaassist_analytics_waiting", "Events that wait to be written.", registry=self.registry
        )
        self.connections = Connections()
        self.sockets = Gauge("mangaassist_sockets", "Open sockets.", registry=self.registry)
        self.sockets.set_function(lambda: self.connections.open)
        self.connection_seconds = Gauge(
            "mangaassist_connection_seconds",
            "How long sockets have been open, all together; it only grows.",
            registry=self.registry,
        )
        self.recent = RecentTurns()
        self.spent = Spent()
        self.conversations = Counter(
            "mangaassist_conversations", "Conversations, by their first answer.", registry=self.registry
        )
        self.cost = Counter("mangaassist_cost_usd", "What models have cost, in US dollars.", registry=self.registry)
        self.routing_saved = Gauge(
            "mangaassist_routing_saved_usd",
            "By how much it would have cost more had the large model written every answer.",
            registry=self.registry,
        )
        self.provisioned_on_demand = Gauge(
            "mangaassist_provisioned_on_demand_usd",
            "What calls of provisioned throughput would have cost by the token, in US dollars; it only grows.",
            registry=self.registry,
        )
        self.provisioned_on_demand.set_function(lambda: self.spent.provisioned_usd)
        self.provisioned_price = Gauge(
            "mangaassist_provisioned_usd_per_hour",
            "What the provisioned throughput of all tiers costs an hour, as the settings say; 0 where they do not.",
            registry=self.registry,
        )
        self.limit_share = Gauge(
            "mangaassist_limit_share",
            "How much of a limit is used, 0 to 1.",
            ("limit",),
            registry=self.registry,
        )
        self.knowledge_lag = Histogram(
            "mangaassist_knowledge_lag_seconds",
            "From a change's emission until it can be found.",
            ("source",),
            registry=self.registry,
            buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 600, 1800, 7200),
        )
        self.knowledge_lag_limit = Gauge(
            "mangaassist_knowledge_lag_limit_seconds",
            "How long a change of a source may take until it can be found.",
            ("source",),
            registry=self.registry,
        )
        self.freshness = Freshness()
        self.knowledge_version = Gauge(
            "mangaassist_knowledge_version",
            "Of what this process finds; grows with each change.",
            registry=self.registry,
        )
        self.dead_letters = Gauge(
            "mangaassist_knowledge_dead_letters",
            "Events of a source that could not be applied and are set aside.",
            ("source",),
            registry=self.registry,
        )

        self.session_alarm_at: datetime | None = None
        """When a session last had three blocks or corrections within ten minutes."""
        self._generations = {
            one.name: Histogram(
                one.prometheus,
                one.means,
                [*map(prometheus_name, one.labels)],
                registry=self.registry,
                buckets=one.bounds,
            )
            for one in INSTRUMENTS
        }

    def generation(self, instrument: Instrument, labels: Mapping[str, str]) -> Histogram:
        """What is observed of calls of models with these labels, under the names of the conventions; what is not said is empty."""
        return self._generations[instrument.name].labels(*(labels.get(name, "") for name in instrument.labels))

    def observe_speculation(self, what: str, outcome: str, gain_s: float) -> None:
        """Something that began ahead of its need is over; only what was used has a gain (M-9)."""
        self.speculations.labels(what, outcome).inc()
        if outcome == "used":
            self.speculation_gain.labels(what).observe(gain_s)

    def observe_citations(self, known: int, unknown: int) -> None:
        for outcome, count in (("known", known), ("unknown", unknown)):
            if count:
                self.citations.labels(outcome).inc(count)

    def observe_answer(
        self,
        answer: AnswerMetadata,
        corrected: Sequence[str],
        at: datetime,
        spans: tuple[StageSpan, ...] = (),
        calls: tuple[CallSpan, ...] = (),
        *,
        begins: bool = False,
    ) -> None:
        """An answer that was saved; ``corrected`` names the stage of each of its corrections.

        ``begins``: it is its conversation's first.
        """
        self.recent.note(TurnFigures(at=at, answer=answer, corrected=tuple(corrected), spans=spans, calls=calls))
        self.spent.note(answer, begins)
        self.conversations.inc(begins)
        self.cost.inc(answer.cost_usd)
        ended = "blocked" if answer.blocked else "stopped" if answer.stopped else "answered"
        self.turns.labels(answer.intent, answer.tier, ended).inc()
        if answer.ttft_ms is not None:
            self.first_token.observe(answer.ttft_ms / 1000)
        for stage, took_ms in answer.timings.items():
            self.stage.labels(stage).observe(took_ms / 1000)
        for service in answer.degraded:
            self.degraded.labels(service).inc()
        for failed in answer.failovers:
            self.failovers.labels(failed.model, failed.instead or "none", failed.reason).inc()
        for stage in corrected:
            self.corrections.labels(stage).inc()
        self.correction_rate.note(corrected)
        for stage in self.correction_rate.stages:
            self.correction_share.labels(stage).set(self.correction_rate.share(stage))
            self.correction_alarm.labels(stage).set(self.correction_rate.is_alarming(stage))
        if answer.blocked:
            self.blocked.labels(answer.blocked).inc()

    def raise_session_alarm(self, at: datetime) -> None:
        """A session had three blocks or corrections within ten minutes (O-9)."""
        self.session_alarms.inc()
        self.session_alarm_at = at

    def observe_exposure(self, stage: str, seconds: float, characters: int) -> None:
        """Words that a shopper could see for so long before they were taken back (G-8)."""
        self.exposure.labels(stage).observe(seconds)
        self.exposed.labels(stage).inc(characters)

    def limit_knowledge(self, source: str, limit_s: float) -> None:
        """How long a change of a source may take until it can be found (K-5)."""
        self.knowledge_lag_limit.labels(source).set(limit_s)
        self.freshness.limit(source, limit_s)

    def observe_knowledge(self, source: str, lag_s: float, at: datetime) -> None:
        """A change can be found, so long after it was emitted."""
        self.knowledge_lag.labels(source).observe(lag_s)
        self.freshness.note(source, lag_s, at)

    def note_dead_letters(self, counted: Mapping[str, int]) -> None:
        """How many events are set aside now, by source."""
        self.dead_letters.clear()
        for source, count in counted.items():
            self.dead_letters.labels(source).set(count)

    def observe_call(self, service: str, outcome: str, seconds: float) -> None:
        self.calls.labels(service, outcome).observe(seconds)

    def observe_agent_call(self, tool: str, outcome: str) -> None:
        self.agent_calls.labels(tool, outcome).inc()

    def remark(self, service: str, what: str) -> None:
        self.remarks.labels(service, what).inc()

    def counted_calls(self) -> Iterator[tuple[str, str, int]]:
        """Calls of services so far: service, outcome, how many."""
        return (
            (sample.labels["service"], sample.labels["outcome"], int(sample.value))
            for family in self.calls.collect()
            for sample in family.samples
            if sample.name.endswith("_count")
        )

    def counted(self, counter: Counter, label: str) -> Mapping[str, int]:
        """How often something was counted, by one of its labels."""
        totals: dict[str, int] = {}
        for family in counter.collect():
            for sample in family.samples:
                if sample.name.endswith("_total"):
                    totals[sample.labels[label]] = totals.get(sample.labels[label], 0) + int(sample.value)
        return totals

    def exposition(self) -> bytes:
        """The text that a Prometheus server scrapes."""
        return generate_latest(self.registry)
