"""The rules of the house that a machine can check."""

import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

import mangaassist
from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.intents import Intent
from mangaassist.turn.plans import PLANS

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"


def test_imports_point_one_way() -> None:
    linted = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert linted.returncode == 0, linted.stdout


def test_the_generated_catalog_code_is_what_the_contract_generates(tmp_path: Path) -> None:
    subprocess.run(
        [
            sys.executable, "-m", "grpc_tools.protoc", "-I", "proto", f"--python_out={tmp_path}", f"--pyi_out={tmp_path}",
            f"--grpc_python_out={tmp_path}", "mangaproto/catalog.proto",
        ],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    for fresh in sorted((tmp_path / "mangaproto").iterdir()):
        committed = ROOT / "src" / "mangaproto" / fresh.name
        assert fresh.read_text(encoding="utf-8") == committed.read_text(encoding="utf-8"), (
            f"{fresh.name}: run make proto"
        )


def test_the_lock_pins_everything_by_hash_and_names_no_address() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert not re.search(r"https?://|file:", text)
    requirements = re.findall(r"^([\w.-]+)==\S+", text, re.MULTILINE)
    assert len(requirements) > 50
    for block in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in block, block.partition("==")[0]


ABOUT_SOME_INTENTS: Final = {
    "_SIGN_IN": {intent for intent, plan in PLANS.items() if plan.needs_account},
    "_ALSO": set(Intent) - {Intent.CHITCHAT},
}
"""Tables that are meant to leave intents out, with those that they have."""


def tables_of_intents() -> Iterator[tuple[str, set[Intent]]]:
    for module in pkgutil.walk_packages(mangaassist.__path__, "mangaassist."):
        if not module.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, Mapping) and value and all(isinstance(key, Intent) for key in value):
                    yield name, set(value)


def test_every_table_of_an_intent_has_every_intent() -> None:
    tables = list(tables_of_intents())
    assert {"PLANS", "COMPOSERS"} <= {name for name, _ in tables}
    for name, intents in tables:
        assert intents == ABOUT_SOME_INTENTS.get(name, set(Intent)), name


def test_every_act_is_a_row_of_the_table_and_every_intent_has_acts_of_its_own() -> None:
    assert set(ACTS) == set(Act)
    assert {row.intent for row in ACTS.values()} == set(Intent)
    assert all(row.words and row.example for row in ACTS.values())


@pytest.mark.parametrize("package", ["torch", "transformers", "sentence-transformers"])
def test_pytorch_is_not_needed_to_run(package: str) -> None:
    assert not re.search(rf"^{package}==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
