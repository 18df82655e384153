"""What a call of a model is told as: a span, and histograms for Prometheus and a collector (O-7). Never what it read or wrote."""

import time
from collections.abc import Callable, Collection

from opentelemetry.metrics import Histogram, MeterProvider, NoOpMeterProvider
from opentelemetry.trace import StatusCode
from opentelemetry.util.types import AttributeValue

from mangaassist.domain.writing import Usage
from mangaassist.errors import ModelFailure
from mangaassist.telemetry.conventions import (
    CHAT,
    DURATION,
    FINISHES,
    INSTRUMENTS,
    PER_CHUNK,
    PROVIDERS,
    SCHEMA_URL,
    TO_FIRST_CHUNK,
    TOKENS,
    Attr,
    Instrument,
)
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import SERVICE, Tracing

Labels = dict[str, str]


class Generations:
    """Lives as long as the process. ``meters``: those of a collector, where there is one; ``clock``: monotonic seconds;
    ``provisioned``: ids of targets that are paid by the hour (O-9)."""

    def __init__(
        self,
        tracing: Tracing,
        metrics: Metrics,
        meters: MeterProvider | None = None,
        clock: Callable[[], float] = time.perf_counter,
        provisioned: Collection[str] = (),
    ) -> None:
        self.tracing = tracing
        self.clock = clock
        self._metrics = metrics
        self._provisioned = frozenset(provisioned)
        meter = (meters or NoOpMeterProvider()).get_meter(SERVICE, schema_url=SCHEMA_URL)
        self._collected: dict[str, Histogram] = {
            one.name: meter.create_histogram(
                one.name, one.unit, one.means, explicit_bucket_boundaries_advisory=list(one.bounds)
            )
            for one in INSTRUMENTS
        }

    def begin(self, provider: str, target: str, most_tokens: int) -> "Generation":
        """A call of a model begins now: ``target`` is the id that is called, ``most_tokens`` where its answer is cut off."""
        return Generation(self, PROVIDERS.get(provider, provider), target, most_tokens)

    def spent(self, target: str, usd: float) -> None:
        """What a call of this target costs, or would cost, by the token."""
        if target in self._provisioned:
            self._metrics.spent.provisioned_usd += usd

    def observe(self, instrument: Instrument, value: float, labels: Labels) -> None:
        self._metrics.generation(instrument, labels).observe(value)
        self._collected[instrument.name].record(value, labels)


class Generation:
    """One call of a model."""

    def __init__(self, generations: Generations, provider: str, target: str, most_tokens: int) -> None:
        self._generations = generations
        self._labels: Labels = {Attr.OPERATION: CHAT, Attr.PROVIDER: provider, Attr.REQUEST_MODEL: target}
        self._span = generations.tracing.generation(f"{CHAT} {target}")
        self._span.set_attributes({**self._labels, Attr.MAX_TOKENS: most_tokens, Attr.STREAM: True})
        self._began = generations.clock()
        self._last: float | None = None

    def piece(self) -> None:
        """A piece has come."""
        now = self._generations.clock()
        if self._last is None:
            self._span.set_attribute(Attr.FIRST_CHUNK, now - self._began)
            self._generations.observe(TO_FIRST_CHUNK, now - self._began, self._labels)
        else:
            self._generations.observe(PER_CHUNK, now - self._last, self._labels)
        self._last = now

    def end(self, usage: Usage, failure: ModelFailure | None = None) -> None:
        """It is over; ``usage`` is told on only where the provider told it."""
        labels = self._labels
        if failure is not None:
            labels = {**labels, Attr.ERROR: failure.kind}
            self._span.set_attribute(Attr.ERROR, failure.kind)
            self._span.set_status(StatusCode.ERROR)
        if usage.served:
            self._span.set_attribute(Attr.RESPONSE_MODEL, usage.served)
        if usage.stop:
            self._span.set_attribute(Attr.FINISH_REASONS, [FINISHES[usage.stop]])
        if not usage.estimated:
            self._count(usage)
        self._generations.spent(self._labels[Attr.REQUEST_MODEL], usage.cost_usd)
        self._generations.observe(DURATION, self._generations.clock() - self._began, labels)
        self._span.end()

    def _count(self, usage: Usage) -> None:
        told: dict[str, AttributeValue] = {
            Attr.TOKENS_IN: usage.tokens_in,
            Attr.TOKENS_OUT: usage.tokens_out,
            Attr.CACHE_READ: usage.cache_read,
            Attr.CACHE_WRITE: usage.cache_write,
        }
        self._span.set_attributes(told)
        for kind, tokens in (("input", usage.tokens_in), ("output", usage.tokens_out)):
            self._generations.observe(TOKENS, tokens, {**self._labels, Attr.TOKEN_TYPE: kind})
