"""K-3: a crash at any moment loses nothing that was acknowledged, and text and vector never disagree."""

import random
from pathlib import Path

from tests.crashes.index_kills import killings

KILLS = 8


def test_a_writer_killed_again_and_again_loses_nothing_and_whoever_follows_it_finds_the_same(tmp_path: Path) -> None:
    killed = list(killings(tmp_path, KILLS, random.Random(7)))
    assert len(killed) == KILLS
    assert sum(one.acknowledged for one in killed) > KILLS
