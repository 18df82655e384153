"""W-2, W-12, T-13: real processes killed in mid-answer. ``make crashes KILLS=200`` kills for longer."""

import asyncio
import random
from pathlib import Path

import pytest

from benchmarks.system import Running, settled
from tests.crashes.killing import DEPLOYMENTS, killings

KILLS = 3


@pytest.mark.timeout(1200, func_only=True)
@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_shopper_hears_one_whole_answer_whichever_process_dies_in_its_middle(
    name: str, tmp_path: Path, system: Running
) -> None:
    asyncio.run(settled(system))  # its knowledge is copied, and nobody may be writing it
    with DEPLOYMENTS[name](tmp_path / name, system.data / "cache") as assistants:
        killed = list(killings(assistants, KILLS, random.Random(5)))
    assert any(answer.retold for kill in killed for answer in kill.answers)
