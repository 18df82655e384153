"""W-2, W-7, W-12, T-13, R-10: real processes killed in mid-answer, or told to go while a crowd talks.

``make crashes KILLS=200`` and ``make restarts N=20 RATE=50`` do so for longer.
"""

import asyncio
import random
from pathlib import Path

import pytest

from benchmarks.system import Running, settled
from tests.crashes.agent import killed_under_an_agent
from tests.crashes.fleet import PACED
from tests.crashes.killing import DEPLOYMENTS, killings
from tests.crashes.restarting import Restarted, restarts

KILLS = 3
RESTARTS, RATE = 2, 5.0


@pytest.mark.timeout(1200, func_only=True)
@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_shopper_hears_one_whole_answer_whichever_process_dies_in_its_middle(
    name: str, tmp_path: Path, system: Running
) -> None:
    asyncio.run(settled(system))  # its knowledge is copied, and nobody may be writing it
    with DEPLOYMENTS[name](tmp_path / name, system.data / "cache", PACED) as assistants:
        killed = list(killings(assistants, KILLS, random.Random(5)))
        peaceful, cut = asyncio.run(killed_under_an_agent(assistants))
    assert any(answer.retold for kill in killed for answer in kill.answers)
    assert cut.text == peaceful.text, "R-10: a run goes on at the next process"
    assert (cut.kinds[0], cut.kinds.count("RUN_STARTED"), cut.kinds[-1]) == ("RUN_STARTED", 1, "RUN_FINISHED")
    assert "MESSAGES_SNAPSHOT" in cut.kinds
    assert not cut.warned


@pytest.mark.timeout(1200, func_only=True)
@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_process_that_is_told_to_go_takes_no_turn_with_it(name: str, tmp_path: Path, system: Running) -> None:
    asyncio.run(settled(system))
    told: list[Restarted] = []
    with DEPLOYMENTS[name](tmp_path / name, system.data / "cache", PACED) as assistants:
        asyncio.run(restarts(assistants, RESTARTS, RATE, random.Random(7), told.append))
    answers = [answer for one in told for answer in one.answers]
    assert len(answers) > RESTARTS
    assert not any(answer.retold for answer in answers)
