"""O-8: what the pages for machines and operators quote is what the code says."""

import re
from pathlib import Path
from typing import Final

import pytest
import yaml

from benchmarks import queueing

ROOT: Final = Path(__file__).parents[2]


def test_every_command_of_make_that_agents_are_told_is_one() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = set(re.findall(r"make ([a-z-]+)", (ROOT / "AGENTS.md").read_text(encoding="utf-8")))
    assert told
    assert told <= targets


def test_the_simulation_agrees_with_the_formula_and_the_page_with_the_chart() -> None:
    values = yaml.safe_load((ROOT / "deploy/chart/values.yaml").read_text(encoding="utf-8"))
    assert values["autoscaling"]["cpuPercent"] == queueing.FULL * 100
    assert f"**{queueing.needed(queueing.QUERIES)}**" in (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
    fleet = queueing.Fleet(processes=1, rate=queueing.FULL / queueing.TURN_S, lasts_s=500)
    random = queueing.np.random.default_rng(1)
    mean = queueing.queued(*queueing.turns(fleet, random)).mean()
    assert mean == pytest.approx(queueing.expected_s(fleet.load), rel=0.03)
