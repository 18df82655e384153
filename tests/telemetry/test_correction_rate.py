"""G-8: the share of corrected answers by stage, and its alarm."""

from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import Tier
from mangaassist.telemetry.correction_rate import LEAST, NEWEST, CorrectionRate
from mangaassist.telemetry.metrics import Metrics
from mangaassist.testing.clock import START
from mangaassist.wire.metadata import AnswerMetadata

ANSWER = AnswerMetadata(
    intent=Intent.FAQ,
    confidence=1.0,
    stage="rules",
    tier=Tier.TEMPLATE,
    model="offline",
    reason="",
    latency_ms=1.0,
    ttft_ms=1.0,
    timings={},
)


def fed(corrected: int, of: int) -> CorrectionRate:
    rate = CorrectionRate()
    for number in range(of):
        rate.note(("prices", "prices") if number < corrected else ())
    return rate


def test_more_than_one_answer_in_two_hundred_is_an_alarm() -> None:
    assert fed(11, NEWEST).is_alarming("prices")
    assert not fed(10, NEWEST).is_alarming("prices")
    assert not fed(11, NEWEST).is_alarming("claims")


def test_a_few_answers_say_nothing() -> None:
    assert not fed(1, LEAST - 1).is_alarming("prices")


def test_old_answers_make_room_for_new_ones() -> None:
    rate = fed(11, NEWEST)
    for _ in range(NEWEST):
        rate.note(())
    assert rate.share("prices") == 0


def test_the_alarm_and_the_exposure_are_metrics() -> None:
    metrics = Metrics()
    for _ in range(LEAST):
        metrics.observe_answer(ANSWER, ("claims",), START)
    metrics.observe_exposure("claims", 0.08, 31)
    told = metrics.exposition().decode()
    assert 'mangaassist_correction_alarm{stage="claims"} 1.0' in told
    assert 'mangaassist_correction_share{stage="claims"} 1.0' in told
    assert 'mangaassist_exposed_characters_total{stage="claims"} 31.0' in told
    assert 'mangaassist_exposure_seconds_count{stage="claims"} 1.0' in told
