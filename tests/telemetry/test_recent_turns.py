"""O-6: the newest turns, bounded, without a word of a shopper's, and how many there were a second."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import Tier
from mangaassist.telemetry.connections import Connections
from mangaassist.telemetry.recent_turns import KEPT, RATE_S, RecentTurns, TurnFigures, rate
from mangaassist.telemetry.spent import LEAST, TOKENS_IN, TOKENS_OUT, Spent
from mangaassist.testing.clock import START, FakeClock
from mangaassist.wire.metadata import AnswerMetadata

ANSWER = AnswerMetadata(
    intent=Intent.FAQ, confidence=1.0, stage="rules", tier=Tier.TEMPLATE, model="offline", latency_ms=1.0, ttft_ms=1.0,
    timings={},
)  # fmt: skip
BY_MODEL = replace(ANSWER, tokens_in=1000, tokens_out=100, cost_usd=0.001)


def turn(seconds: float = 0, **answer: Any) -> TurnFigures:
    return TurnFigures(at=START + timedelta(seconds=seconds), answer=replace(ANSWER, **answer))


def large(tokens_in: int, tokens_out: int, cache_read: int, cache_write: int) -> float:
    return (tokens_in + 5 * tokens_out) / 1_000_000


def test_no_more_turns_are_kept_than_the_ring_holds() -> None:
    recent = RecentTurns()
    for number in range(KEPT + 7):
        recent.note(turn(latency_ms=number))
    assert recent.tally.turns == KEPT
    assert [one.answer.latency_ms for one in recent.newest(2)] == [KEPT + 6, KEPT + 5]


def test_the_slowest_come_first_whenever_they_were() -> None:
    recent = RecentTurns()
    for took in (3.0, 90.0, 4.0, 20.0):
        recent.note(turn(latency_ms=took))
    assert [one.answer.latency_ms for one in recent.slowest(2)] == [90.0, 20.0]


def test_the_rate_counts_each_turn_in_its_bin_and_forgets_old_ones() -> None:
    recent = RecentTurns()
    for second in (0, RATE_S - 11, RATE_S - 6, RATE_S - 6, RATE_S - 1, RATE_S):
        recent.note(turn(second))
    counted = rate(recent.seconds, START + timedelta(seconds=RATE_S), bin_s=5).turns
    assert len(counted) == RATE_S // 5
    assert counted[-3:] == (1, 2, 1), "the second that is not over yet is not told"
    assert sum(counted) == 4


def test_a_second_without_turns_is_an_empty_bin() -> None:
    recent = RecentTurns()
    recent.note(turn(0))
    assert rate(recent.seconds, START + timedelta(seconds=11), bin_s=5).turns[-3:] == (1, 0, 0)


def test_turns_that_did_without_a_service_are_counted_beside_all_of_them() -> None:
    recent = RecentTurns()
    for degraded in ((), ("pricing",), ("pricing", "reviews")):
        recent.note(turn(0, degraded=degraded))
    counted = rate(recent.seconds, START + timedelta(seconds=1), bin_s=5)
    assert (counted.turns[-1], counted.degraded[-1]) == (3, 2)
    assert recent.tally.degraded == {"pricing": 2, "reviews": 1}


def test_what_is_no_longer_kept_is_no_longer_counted() -> None:
    recent = RecentTurns()
    recent.note(
        turn(latency_ms=9000.0, intent=Intent.PROMOTION, acts=("offer_on",), cost_usd=1.0, timings={"read": 5.0})
    )
    for _ in range(KEPT):
        recent.note(turn())
    tally = recent.tally
    assert (tally.turns, tally.intents, tally.acts) == (KEPT, {Intent.FAQ: KEPT}, {})
    assert tally.whole.percentile(1.0) == pytest.approx(1.0, rel=0.0101)
    assert tally.stages["read"].percentile(0.5) is None
    assert tally.usd[Tier.TEMPLATE] == 0


def test_minutes_of_open_sockets_count_while_they_are_open() -> None:
    clock, connections = FakeClock(), Connections()
    with connections.held(clock):
        clock.advance(30)
        with connections.held(clock):
            clock.advance(10)
            assert (connections.open, connections.seconds(clock())) == (2, 50)
    clock.advance(100)
    assert (connections.open, connections.seconds(clock())) == (0, 50)


def test_what_all_large_costs_takes_the_tokens_that_models_took() -> None:
    spent = Spent()
    for _ in range(LEAST):
        spent.note(BY_MODEL, begins=False)
        spent.note(ANSWER, begins=True)
    assert spent.conversations == LEAST
    assert round(spent.models_usd, 9) == round(LEAST * 0.001, 9)
    assert round(spent.all_large_usd(large), 9) == round(2 * LEAST * large(1000, 100, 0, 0), 9)


def test_before_models_have_written_much_a_usual_answer_is_assumed() -> None:
    spent = Spent()
    spent.note(ANSWER, begins=True)
    assert spent.all_large_usd(large) == large(TOKENS_IN, TOKENS_OUT, 0, 0)
