"""``docs/trust.md`` names a test for each thing that is enforced in code: each is there, and every link leads somewhere."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "trust.md"
TABLE: Final = PAGE.read_text().partition("## Enforced in code")[2].partition("\n## ")[0]
ROWS: Final = [line for line in TABLE.splitlines() if line.startswith("| ")][1:]
LINK: Final = re.compile(r"\[([^\]]+)\]\(([^)#]+)(?:#[^)]*)?\)")


def functions_of(file: Path) -> set[str]:
    functions = (
        node
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {function.name for function in functions}


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip()[:60] for row in ROWS])
def test_each_thing_that_is_enforced_names_a_test_that_is_there_and_code_that_is_there(row: str) -> None:
    _, _, where, test, _ = row.split("|")
    ((words, address),) = LINK.findall(test)
    assert f"test_{words.replace(' ', '_')}" in functions_of((PAGE.parent / address).resolve())
    for named in re.findall(r"`([^`]+)`", where):
        assert (ROOT / "src/mangaassist" / named).exists() or (ROOT / named).exists(), named


def test_the_table_is_read_and_every_link_leads_to_a_file() -> None:
    assert len(ROWS) > 20
    for _, address in LINK.findall(PAGE.read_text()):
        assert (PAGE.parent / address).exists(), address


SILENCED: Final = re.compile(r"# noqa: [A-Z0-9, ]*\bS\d+\b(.*)$", re.MULTILINE)


def test_who_silences_a_security_rule_says_why() -> None:
    silenced = [
        (file.name, why)
        for folder in ("src/mangaassist", "src/mangastore", "deploy")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for why in SILENCED.findall(file.read_text())
    ]
    assert silenced
    assert [file for file, why in silenced if not why.strip(" -#")] == []


def test_the_security_rules_are_asked_of_all_that_ships() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    assert not any(rule.startswith("S") for rule in lint["ignore"] if rule not in ("S101", "SIM")), (
        "S101: assert states an invariant"
    )
    assert not any(
        rule == "S" for paths, rules in lint["per-file-ignores"].items() if paths.startswith("src") for rule in rules
    )
