"""K-5: of each source how soon its newest changes could be found, and whether that was too late."""

from mangaassist.telemetry.freshness import LOOKED_AT, Freshness
from mangaassist.testing.clock import START


def test_a_source_without_a_change_is_not_late() -> None:
    freshness = Freshness()
    freshness.limit("catalog", 10)
    (told,) = freshness.told().values()
    assert (told.found, told.last_at, told.is_late) == (0, None, False)


def test_the_slowest_of_the_newest_changes_decides_and_is_forgotten_in_the_end() -> None:
    freshness = Freshness()
    freshness.limit("catalog", 10)
    freshness.note("catalog", 10.1, START)
    freshness.note("catalog", 0.2, START)
    told = freshness.told()["catalog"]
    assert (told.found, told.last_lag_s, told.slowest_lag_s, told.is_late) == (2, 0.2, 10.1, True)
    for _ in range(LOOKED_AT):
        freshness.note("catalog", 0.3, START)
    assert not freshness.told()["catalog"].is_late
