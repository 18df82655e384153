"""What a conversation costs, and what routing saved (O-9): pure."""

from typing import Protocol

from mangaassist.telemetry.spent import Priced, Spent
from mangaassist.wire.console import CostView


class Prices(Protocol):
    """``large`` None: no model is installed to compare with."""

    @property
    def large(self) -> Priced | None: ...

    @property
    def usd_per_connection_minute(self) -> float: ...


def cost_view(spent: Spent, connection_s: float, prices: Prices) -> CostView:
    """``connection_s``: how long sockets were open, all together."""
    minutes = connection_s / 60
    connections = minutes * prices.usd_per_connection_minute
    all_large = None if prices.large is None else spent.all_large_usd(prices.large)
    return CostView(
        conversations=spent.conversations,
        per_conversation_usd=(spent.models_usd + connections) / spent.conversations if spent.conversations else None,
        models_usd=spent.models_usd,
        connections_usd=connections,
        connection_minutes=round(minutes, 2),
        all_large_usd=all_large,
        saved_usd=None if all_large is None else all_large - spent.models_usd,
    )
