"""M-5, M-11: every row of routing and every fallback has its line in the table that says what it is worth (docs/models.md)."""

import re
from pathlib import Path
from typing import Final

import pytest

from mangaassist.domain.intents import Intent
from mangaassist.evaluation.variants import WITHOUT
from mangaassist.turn.plans import PLANS

PAGE: Final = Path(__file__).parents[2] / "docs" / "models.md"
HEADING: Final = "## Is the small one good enough?"


def lines() -> dict[str, list[str]]:
    """The lines of the section's tables by what they begin with, each as its further cells."""
    section = PAGE.read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    rows = (re.split(r" *\| *", line.strip("| ")) for line in section.splitlines() if line.startswith("| `"))
    return {first.strip("`"): cells for first, *cells in rows}


@pytest.mark.parametrize("intent", Intent)
def test_the_tier_of_an_intent_points_to_its_line(intent: Intent) -> None:
    tier, *figures = lines()[intent]
    assert tier == f"`{PLANS[intent].tier}`"
    turns, *right, sampled, offline, small = map(int, figures)
    assert all(count <= turns for count in right)
    assert max(offline, small) <= sampled


@pytest.mark.parametrize("part", WITHOUT)
def test_a_fallback_points_to_its_line(part: str) -> None:
    instead, right, lost = lines()[part]
    assert instead == WITHOUT[part].instead
    assert int(right) <= 784
    assert lost
