"""O-9: of what it is said that nine tenths of it are used."""

from contextlib import ExitStack

import pytest
from msgspec.structs import replace

from mangaassist.assembly.console import limits_of
from mangaassist.models.spending import ModelCalls, SpendLedger
from mangaassist.settings import Settings
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.telemetry.metrics import Metrics


def no_time() -> float:
    return 0.0


def shares(settings: Settings, metrics: Metrics, spent_usd: float = 0.0) -> dict[str, float]:
    """How much of each limit is used, by its name."""
    counters = MemoryCounters(no_time)
    spending = SpendLedger(counters)
    spending.day_usd = spent_usd
    told = limits_of(settings, metrics, spending, ModelCalls(counters, settings.limits.model_calls_per_minute))
    return {limit.name: limit.share() for limit in told}


@pytest.mark.parametrize(("held", "used"), [(0, 0.0), (9, 0.9), (10, 1.0)])
def test_open_connections_are_held_against_how_many_a_process_takes(held: int, used: float) -> None:
    settings, metrics = Settings(), Metrics()
    few = replace(settings, limits=replace(settings.limits, sockets=10))
    with ExitStack() as lines:
        for _ in range(held):
            lines.enter_context(metrics.connections.held(no_time))
        assert shares(few, metrics)["sockets"] == used


def test_a_days_money_for_models_is_held_against_its_budget_where_there_is_one() -> None:
    settings, metrics = Settings(), Metrics()
    budget = replace(settings, models=replace(settings.models, day_budget_usd=20.0))
    assert shares(budget, metrics, spent_usd=18.0)["day_budget"] == 0.9
    unbound = replace(settings, models=replace(settings.models, day_budget_usd=0.0))
    assert set(shares(unbound, metrics)) == {"sockets", "model_calls"}
