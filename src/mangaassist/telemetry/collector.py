"""Sends spans and figures to an OpenTelemetry collector, where the settings name one (O-3): OTLP over HTTP, the extra ``otlp``."""

from importlib import import_module
from typing import Final
from uuid import uuid4

from msgspec import Struct
from opentelemetry.sdk.metrics import MeterProvider as SdkMeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

from mangaassist.errors import StartFailed
from mangaassist.settings import Telemetry
from mangaassist.telemetry.tracing import SERVICE, Tracing, XRayIds

SEND_S: Final = 3.0
"""What one batch may take; what cannot be sent is let go."""
_EXPORTER: Final = "opentelemetry.exporter.otlp.proto.http"
_IDS: Final[dict[str, type[IdGenerator]]] = {"random": RandomIdGenerator, "xray": XRayIds}


class Collected(Struct, frozen=True):
    """``meters`` are those of the collector, None where there is none."""

    tracing: Tracing
    meters: SdkMeterProvider | None = None

    def close(self) -> None:
        """Send what waits. Blocks for a few seconds where nobody takes it."""
        self.tracing.close()
        if self.meters is not None:
            self.meters.shutdown()


def collected(chosen: Telemetry) -> Collected:
    """Headers, such as a key, come from ``OTEL_EXPORTER_OTLP_HEADERS``. Raises ``StartFailed`` without the extra."""
    provider = _tracer_provider(chosen)
    if not chosen.otlp_url:
        return Collected(Tracing(provider, is_collected=False))
    try:
        spans = import_module(f"{_EXPORTER}.trace_exporter").OTLPSpanExporter
        figures = import_module(f"{_EXPORTER}.metric_exporter").OTLPMetricExporter
    except ImportError as error:
        raise StartFailed("telemetry.otlp_url needs OpenTelemetry's exporter: install mangaassist[otlp].") from error
    base = chosen.otlp_url.rstrip("/")
    provider.add_span_processor(BatchSpanProcessor(spans(f"{base}/v1/traces", timeout=SEND_S)))
    reader = PeriodicExportingMetricReader(figures(f"{base}/v1/metrics", timeout=SEND_S))
    meters = SdkMeterProvider([reader], provider.resource, shutdown_on_exit=False)
    return Collected(Tracing(provider, is_collected=True), meters)


def _tracer_provider(chosen: Telemetry) -> TracerProvider:
    return TracerProvider(
        sampler=ParentBasedTraceIdRatio(chosen.traced_share),
        resource=Resource.create({"service.name": SERVICE, "service.instance.id": str(uuid4())}),
        shutdown_on_exit=False,
        id_generator=_IDS[chosen.trace_ids](),
    )
