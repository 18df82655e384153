"""M-5: which tier writes."""

from types import SimpleNamespace

import pytest

from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import PastTurn, Tier
from mangaassist.models.profiles import OFFLINE, ModelProfile, Prices
from mangaassist.models.routing import UNKNOWN, Budgets, Route, Router, Shortage, Spend
from mangaassist.models.spending import DAY_S, ModelCalls, SpendLedger
from mangaassist.stores.memory.counters import MemoryCounters
from tests.counters import Away

PAID = {
    Tier.TEMPLATE: OFFLINE,
    Tier.SMALL: ModelProfile(name="small", prices=Prices(usd_per_1k_in=0.001, usd_per_1k_out=0.005)),
    Tier.LARGE: ModelProfile(
        name="large",
        prices=Prices(usd_per_1k_in=0.003, usd_per_1k_out=0.015),
        prompt_tokens=10_000,
        answer_tokens=1_000,
    ),
}
"""At most 0.9 cents and 4.5 cents an answer."""
HISTORY = (PastTurn("hi", "hello", "chitchat"),)


@pytest.mark.parametrize("tier", list(Tier))
def test_an_answer_is_written_by_the_tier_of_its_plan(tier: Tier, shelf: SimpleNamespace) -> None:
    route = Router(PAID).route(shelf.asks("x", Intent.FAQ), tier)
    assert route == Route(tier=tier, reason="faq", model=PAID[tier].name, most_usd=PAID[tier].most_usd)


def test_what_needs_the_history_is_large(shelf: SimpleNamespace) -> None:
    router = Router(PAID)
    assert (
        router.route(shelf.asks("is it?", Intent.FAQ, is_follow_up=True, history=HISTORY), Tier.SMALL).tier
        is Tier.LARGE
    )
    complete = shelf.asks("is it?", Intent.FAQ, is_follow_up=False, history=HISTORY)
    assert router.route(complete, Tier.SMALL).tier is Tier.SMALL
    chat = shelf.asks("bye", Intent.CHITCHAT, is_follow_up=True, history=HISTORY)
    assert router.route(chat, Tier.TEMPLATE).tier is Tier.TEMPLATE


def test_a_question_back_needs_no_model(shelf: SimpleNamespace) -> None:
    task = shelf.asks("x", Intent.RECOMMENDATION, between=(Intent.RECOMMENDATION, Intent.FAQ))
    assert Router(PAID).route(task, Tier.LARGE).tier is Tier.TEMPLATE


@pytest.mark.parametrize(
    ("spent", "tier", "because"),
    [
        (Spend(0.0, 0.0), Tier.LARGE, ""),
        (Spend(0.47, 0.0), Tier.SMALL, "session budget spent"),
        (Spend(0.0, 49.97), Tier.SMALL, "day budget spent"),
        (Spend(0.5, 0.0), Tier.TEMPLATE, "session budget spent"),
        (UNKNOWN, Tier.TEMPLATE, "nobody can say what models have cost"),
    ],
)
def test_a_spent_budget_steps_down_instead_of_failing(
    spent: Spend, tier: Tier, because: str, shelf: SimpleNamespace
) -> None:
    route = Router(PAID, Budgets(0.5, 50.0)).route(shelf.asks("x", Intent.RECOMMENDATION), Tier.LARGE, spent)
    assert route.tier is tier
    assert because in route.reason


@pytest.mark.parametrize("profiles", [PAID, {tier: ModelProfile(name="free") for tier in Tier}])
def test_where_no_model_may_be_called_the_offline_writer_writes_whatever_models_cost(
    profiles: dict[Tier, ModelProfile], shelf: SimpleNamespace
) -> None:
    route = Router(profiles).route(shelf.asks("x", Intent.RECOMMENDATION), Tier.LARGE, barred=Shortage.CALLS)
    assert (route.tier, route.short) == (Tier.TEMPLATE, Shortage.CALLS)
    assert route.reason == "recommendation; stepped down, too many calls of models this minute"
    assert Router(profiles).route(shelf.asks("x", Intent.CHITCHAT), Tier.TEMPLATE, barred=Shortage.CALLS).short is None


def test_what_costs_nothing_is_never_stepped_down(shelf: SimpleNamespace) -> None:
    route = Router(budgets=Budgets(0.0, 0.0)).route(shelf.asks("x", Intent.RECOMMENDATION), Tier.LARGE, Spend(9.0, 9.0))
    assert route.tier is Tier.LARGE


async def test_the_ledger_keeps_sessions_apart_and_begins_anew_after_a_day() -> None:
    now = 1000.0
    ledger = SpendLedger(MemoryCounters(lambda: now))
    await ledger.settle("a", 0.0, 0.1)
    await ledger.settle("a", 0.0, 0.2)
    await ledger.settle("b", 0.0, 0.4)
    assert await ledger.spent("a") == Spend(pytest.approx(0.3), pytest.approx(0.7))
    now += DAY_S
    assert await ledger.spent("b") == Spend(0.0, 0.0)


async def test_what_costs_nothing_is_not_booked() -> None:
    counters = Away()
    failures: list[None] = []
    ledger = SpendLedger(counters, lambda: failures.append(None))
    assert await ledger.reserve("a", 0.0) == Spend()
    await ledger.settle("a", 0.0, 0.0)
    assert failures == []


async def test_what_is_reserved_is_spent_until_it_is_settled() -> None:
    ledger = SpendLedger(MemoryCounters())
    assert await ledger.reserve("a", 0.3) == Spend()
    assert await ledger.reserve("a", 0.3) == Spend(0.3, 0.3)
    await ledger.settle("a", 0.3, 0.05)
    assert await ledger.spent("a") == Spend(pytest.approx(0.35), pytest.approx(0.35))


async def test_what_cannot_be_known_counts_as_spent_and_fails_no_answer() -> None:
    failures: list[None] = []
    ledger = SpendLedger(Away(), lambda: failures.append(None))
    await ledger.settle("a", 0.0, 0.1)
    assert await ledger.spent("a") == UNKNOWN
    assert len(failures) == 2


async def test_models_are_called_so_often_a_minute_and_not_at_all_when_nobody_can_count() -> None:
    now, failures = 1000.0, list[None]()
    calls = ModelCalls(MemoryCounters(lambda: now), 600)
    assert [await calls.shortage() for _ in range(601)] == [None] * 600 + [Shortage.CALLS]
    now += 0.1
    assert [await calls.shortage() for _ in range(2)] == [None, Shortage.CALLS]
    assert await ModelCalls(Away(), 600, lambda: failures.append(None)).shortage() is Shortage.UNKNOWN
    assert len(failures) == 1
