"""E-1: the dialogues that ship, played through the whole assistant beside a demo store, as ``mangaassist eval dialogues`` does."""

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest

from benchmarks.system import Running, environment, free_port, settled
from tests.system.test_answers import ask

LEAST_SHARE_RIGHT = 0.83
"""Of all turns. It is only ever raised: what was understood once must not be lost."""
LEAST_DIALOGUES: Final = 300


@pytest.fixture(scope="module")
def shipped() -> Path:
    return Path(str(files("mangaassist.evaluation") / "data" / "dialogues.jsonl"))


@pytest.fixture(scope="module")
def dialogues(shipped: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shipped.read_text(encoding="utf-8").splitlines()]


def test_there_are_enough_dialogues_half_of_them_of_several_turns(dialogues: list[dict[str, Any]]):
    assert len(dialogues) >= LEAST_DIALOGUES
    assert sum(len(one["turns"]) > 1 for one in dialogues) >= len(dialogues) / 2
    assert len({one["id"] for one in dialogues}) == len(dialogues)


def test_every_turn_expects_something(dialogues: list[dict[str, Any]]):
    assert [one["id"] for one in dialogues if not all(turn["expect"] for turn in one["turns"])] == []


@pytest.mark.timeout(1200, func_only=True)
async def test_the_shipped_dialogues_are_answered_as_well_as_ever(system: Running, shipped: Path, tmp_path: Path):
    await settled(system)  # its knowledge is read, and nobody may be writing it
    told = subprocess.run(
        [sys.executable, "-m", "mangaassist", "eval", "dialogues", os.fspath(shipped), "--json"],
        env=environment(tmp_path, free_port(), free_port(), free_port())
        | {"MANGAASSIST_CACHE_DIR": str(system.data / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    figures = json.loads(told.stdout)
    worst = "\n".join(
        f"{one['id']}.{one['turn']} {one['message']}: {one['missed']}" for one in figures["failures"][:40]
    )
    assert figures["turns_right"] >= LEAST_SHARE_RIGHT * figures["n_turns"], worst


@pytest.mark.parametrize(
    ("service", "wish"),
    [
        ("recommendations", "something like Death Note please"),
        ("reviews", "horror manga please"),
        ("inventory", "a funny manga for a long train ride"),
        ("pricing", "a gift for somebody who likes cooking"),
    ],
)
async def test_a_wish_is_met_while_a_service_is_down(system: Running, faults, service: str, wish: str):
    await faults(service, "fail")
    heard = await ask(system, wish)
    assert service in heard.transcript.metadata.degraded
    assert heard.transcript.products
