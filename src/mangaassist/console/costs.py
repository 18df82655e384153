"""What a conversation costs, what routing saved, and what provisioned throughput saves (O-9): pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from mangaassist.console.process_figures import ProcessFigures
from mangaassist.telemetry.spent import Priced, Spent
from mangaassist.wire.console import CostView, ProvisionedView

HOUR_S: Final = 3600.0


class Prices(Struct, frozen=True, kw_only=True):
    """``large`` None: no model is installed to compare with. ``provisioned_usd_per_hour`` is what the provisioned throughput of
    all tiers costs together; None where the settings give no price of any."""

    large: Priced | None = None
    usd_per_connection_minute: float = 0.0
    provisioned_usd_per_hour: float | None = None


def cost_view(figures: Sequence[ProcessFigures], prices: Prices, now: datetime) -> CostView:
    """Of the processes together, each since it started."""
    spent = Spent()
    for one in figures:
        spent.merge(one.spent)
    minutes = sum(one.connection_s for one in figures) / 60
    connections = minutes * prices.usd_per_connection_minute
    all_large = None if prices.large is None else spent.all_large_usd(prices.large)
    provisioned = _provisioned(figures, prices.provisioned_usd_per_hour, now)
    models = spent.models_usd if provisioned is None else _paid(spent, provisioned)
    return CostView(
        conversations=spent.conversations,
        per_conversation_usd=_each(models + connections, spent),
        models_usd=models,
        connections_usd=connections,
        connection_minutes=round(minutes, 2),
        all_large_usd=all_large,
        all_large_per_conversation_usd=None if all_large is None else _each(all_large + connections, spent),
        saved_usd=None if all_large is None else all_large - spent.models_usd,
        provisioned=provisioned,
    )


def _each(usd: float, spent: Spent) -> float | None:
    return usd / spent.conversations if spent.conversations else None


def _paid(spent: Spent, provisioned: ProvisionedView) -> float:
    """What was paid by the token, and the hours of what is paid by the hour."""
    return max(0.0, spent.models_usd - provisioned.on_demand_usd) + provisioned.usd


def _provisioned(
    figures: Sequence[ProcessFigures], usd_per_hour: float | None, now: datetime
) -> ProvisionedView | None:
    """Processes began at different times, and share the throughput: an hour of each is compared with the hour's price."""
    if usd_per_hour is None:
        return None
    hours = [max(1.0, (now - one.since).total_seconds()) / HOUR_S for one in figures]
    on_demand = [one.spent.provisioned_usd for one in figures]
    an_hour = sum(usd / each for usd, each in zip(on_demand, hours, strict=True))
    return ProvisionedView(
        usd=usd_per_hour * max(hours),
        on_demand_usd=sum(on_demand),
        usd_per_hour=usd_per_hour,
        on_demand_usd_per_hour=an_hour,
        saved_usd_per_hour=an_hour - usd_per_hour,
    )
