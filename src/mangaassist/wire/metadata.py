"""What an answer says about itself (T-9)."""

from typing import Literal

from msgspec import Struct


class Source(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of knowledge that the answer used (K-6)."""

    chunk_id: str
    title: str
    source_type: str
    score: float
    asin: str | None = None
    url: str = ""
    """Where the shopper can read it; empty where the store has no page of it."""


class Failover(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model that could not write (M-6), and why. ``instead`` wrote in its place; none did where it broke in mid-answer."""

    model: str
    reason: str
    instead: str | None = None


class AnswerMetadata(Struct, frozen=True, kw_only=True):
    """``timings`` are milliseconds by stage; ``ttft_ms`` is the time to the first token frame, None when nothing was said.

    ``services`` are those whose facts the answer used; ``degraded`` those that it did without.
    """

    intent: str
    confidence: float
    acts: tuple[str, ...] = ()
    """What was asked of what within the intent, the first first (T-10)."""
    secondary_intent: str | None = None
    stage: Literal["rules", "model"]
    tier: str
    model: str
    reason: str = ""
    latency_ms: float
    ttft_ms: float | None
    timings: dict[str, float]
    sources: tuple[Source, ...] = ()
    services: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()
    failovers: tuple[Failover, ...] = ()
    corrections: int = 0
    reading: str = ""
    """What became of a small model's reading of the message: ``used``, ``late``, ``refused``, ``failed``, ``unaffordable``; empty
    where none was asked. Tokens and cost are those of reading and writing together."""
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cache_read: int = 0
    """Of ``tokens_in`` those that its provider's prompt cache held, and those that went into it."""
    tokens_cache_write: int = 0
    stop_reason: str = ""
    """Why the model stopped: ``end``, ``length`` or ``filtered``; empty where none wrote, or it did not come to its end."""
    cost_usd: float = 0.0
    cached: bool = False
    stopped: bool = False
    blocked: str | None = None
    traceparent: str = ""
