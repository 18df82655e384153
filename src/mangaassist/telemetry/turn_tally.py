"""What the newest turns come to, counted as they come and go, so that it costs nothing to ask and adds up over processes (O-6)."""

from msgspec import Struct, field

from mangaassist.telemetry.quantile_sketch import QuantileSketch
from mangaassist.wire.metadata import AnswerMetadata


def _counts() -> dict[str, int]:
    return {}


class TurnTally(Struct, kw_only=True):
    """Counts by name, and milliseconds as sketches. ``degraded`` counts answers by the service that they did without,
    ``usd`` what the answers of each tier cost."""

    turns: int = 0
    first_token: QuantileSketch = field(default_factory=QuantileSketch)
    whole: QuantileSketch = field(default_factory=QuantileSketch)
    stages: dict[str, QuantileSketch] = field(default_factory=dict[str, QuantileSketch])
    intents: dict[str, int] = field(default_factory=_counts)
    acts: dict[str, int] = field(default_factory=_counts)
    tiers: dict[str, int] = field(default_factory=_counts)
    degraded: dict[str, int] = field(default_factory=_counts)
    usd: dict[str, float] = field(default_factory=dict[str, float])

    def count(self, answer: AnswerMetadata, times: int = 1) -> None:
        """A turn has come; with -1, one that was counted is none of the newest any more."""
        self.turns += times
        if answer.ttft_ms is not None:
            self.first_token.add(answer.ttft_ms, times)
        self.whole.add(answer.latency_ms, times)
        for stage, took_ms in answer.timings.items():
            self.stages.setdefault(stage, QuantileSketch()).add(took_ms, times)
        add_up(self.intents, {answer.intent: times})
        add_up(self.acts, dict.fromkeys(answer.acts, times))
        add_up(self.tiers, {answer.tier: times})
        add_up(self.degraded, dict.fromkeys(answer.degraded, times))
        self.usd[answer.tier] = self.usd.get(answer.tier, 0.0) + times * answer.cost_usd

    def merge(self, other: "TurnTally") -> None:
        self.turns += other.turns
        self.first_token.merge(other.first_token)
        self.whole.merge(other.whole)
        for stage, sketch in other.stages.items():
            self.stages.setdefault(stage, QuantileSketch()).merge(sketch)
        for own, others in (
            (self.intents, other.intents),
            (self.acts, other.acts),
            (self.tiers, other.tiers),
            (self.degraded, other.degraded),
        ):
            add_up(own, others)
        for tier, usd in other.usd.items():
            self.usd[tier] = self.usd.get(tier, 0.0) + usd


def add_up(counts: dict[str, int], more: dict[str, int]) -> None:
    """What comes to nothing is not kept."""
    for name, count in more.items():
        total = counts.get(name, 0) + count
        if total:
            counts[name] = total
        else:
            counts.pop(name, None)
