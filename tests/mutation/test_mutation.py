"""``make mutate``: which mutants there are, which are drawn, which tests they meet, and when the command fails."""

import textwrap
from pathlib import Path

import pytest

from tests.mutation.judging import BaselineError, Verdict, baseline, judged
from tests.mutation.mutants import Mutant, drawn, mutants_of
from tests.mutation.report import objections, outdated, survivors
from tests.mutation.selection import importing, likely_tests
from tests.mutation.trial import SHARED, Baseline

FILE = "src/shop/prices.py"


def changes(source: str) -> set[str]:
    return {change(mutant) for mutant in mutants_of(FILE, textwrap.dedent(source))}


def change(mutant: Mutant) -> str:
    """The changed lines as they become."""
    return "\n".join(line[2:].strip() for line in mutant.diff().splitlines() if line.startswith("+"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("LIMIT: Final = 3", "LIMIT: Final = 4", id="a module's constant"),
        pytest.param("ROWS = {1: 'a', 2: 'b'}", "ROWS = {2: 'b'}", id="a row of a table"),
        pytest.param("class Plan(Struct, frozen=True):\n    cards: int", "class Plan(Struct, frozen=False):", id="a class"),
        pytest.param("class Plan(Struct):\n    cards: int = 0", "cards: int = 1", id="a field's default"),
        pytest.param("class A:\n    @property\n    def b(self):\n        return self.c > 1", "return self.c >= 1", id="a property"),
        pytest.param("@post('/chat', status_code=200)\ndef chat(): ...", "@post('/chat', status_code=201)", id="a decorator"),
        pytest.param("async def a():\n    yield b + 1", "yield b - 1", id="an async generator"),
        pytest.param("def a():\n    audit.write(b)", "pass", id="a statement left out"),
        pytest.param("a = ranked(folded(b))", "a = ranked(b)", id="a step left out"),
        pytest.param("def a():\n    if b: c", "if not (b): c", id="a condition turned around"),
        pytest.param("def a():\n    raise B('Sign in again.')", 'raise B("")', id="a sentence that says nothing"),
        pytest.param("def a():\n    return f'{b} left'", 'return ""', id="a formatted sentence"),
    ],
)  # fmt: skip
def test_mutants_are_made_where_decisions_are(source: str, expected: str) -> None:
    assert expected in changes(source)


@pytest.mark.parametrize(
    "source",
    [
        "from typing import Final",
        '"""What it is for."""',
        "def a(b: 'dict[str, int]') -> 'B': ...",
        "Word = Literal['a', 'b']",
        "T = TypeVar('T')",
        "class A(Protocol):\n    def b(self) -> int: ...",
    ],
)  # fmt: skip
def test_what_only_readers_and_type_checkers_see_is_left_alone(source: str) -> None:
    assert not changes(source) - {"T = None", "Word = None"}


def test_a_mutant_is_python_and_differs_from_its_file_in_its_place_alone() -> None:
    source = "LIMIT = 3\n\n\ndef left(used):\n    # what may still be said\n    return LIMIT - used\n\n\nEND = 1\n"
    for mutant in mutants_of(FILE, source):
        made = mutant.source()
        assert made is not None
        compile(made, FILE, "exec")
        assert sum(old != new for old, new in zip(source.splitlines(), made.splitlines(), strict=True)) == 1


SOURCE = "def a(b):\n    return b + 1\n\n\ndef c(d):\n    return d * 2\n"


def test_a_mutant_keeps_its_name_wherever_its_function_moves() -> None:
    moved = "import os\n\nX = None\n" + SOURCE.replace("def c(d)", "def c(d, e=None)")
    names, after = ({mutant.key for mutant in mutants_of(FILE, source)} for source in (SOURCE, moved))
    assert names < after
    assert len(names) == len(mutants_of(FILE, SOURCE))


def test_the_same_change_at_two_places_of_a_function_has_two_names() -> None:
    keys = [mutant.key for mutant in mutants_of(FILE, "def a(b):\n    c(1)\n    d(1)\n")]
    assert len(set(keys)) == len(keys)


def test_a_seed_draws_the_same_sample_again_and_another_seed_another() -> None:
    mutants = mutants_of(FILE, SOURCE * 20)
    first, again, other = ([m.key for m in drawn(mutants, seed, 10)] for seed in ("1", "1", "2"))
    assert first == again != other
    assert len(first) == 10


def test_a_sample_changes_by_no_more_than_the_code_did() -> None:
    mutants = mutants_of(FILE, "".join(SOURCE.replace("a", f"a{n}").replace("c", f"c{n}") for n in range(20)))
    before = {mutant.key for mutant in drawn(mutants, "1", 40)}
    after = {mutant.key for mutant in drawn([*mutants, *mutants_of(FILE, "NEW = 1\n")], "1", 40)}
    assert len(before & after) >= 38


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one source and one test, which is the working directory."""
    files = {
        FILE: """
            LIMITS = {"small": 3, "large": 30}
            DEFAULT = 30

            def settled(count):
                while count:
                    count -= 1
                return "settled"

            def noted(count, log):
                log.append(count)

            def shown(count):
                return f"{count} left"
            """,
        "tests/test_prices.py": """
            from shop.prices import LIMITS, noted, settled

            def test_limits():
                assert LIMITS == {"small": 3, "large": 30}

            def test_what_settles():
                assert settled(3) == "settled"

            def test_what_is_noted():
                noted(3, [])
            """,
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--import-mode=importlib'\npythonpath = ['src']\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    importing.cache_clear()
    monkeypatch.chdir(tmp_path)
    return tmp_path


LIMITS, SETTLED, NOTED = (f"tests/test_prices.py::test_{name}" for name in ("limits", "what_settles", "what_is_noted"))
MEASURED = Baseline(
    passed=True,
    took_s={LIMITS: 0.1, SETTLED: 0.1, NOTED: 0.1, "tests/test_more.py::test_slow": 9.0},
    tests={FILE: {1: {SHARED}, 2: {"tests/test_more.py::test_slow", NOTED}, 3: {SETTLED}}},
    imported=[],
)


@pytest.mark.usefixtures("shop")
def test_the_tests_that_run_a_line_are_run_on_its_mutants_those_of_the_file_first() -> None:
    assert likely_tests(MEASURED, FILE, [3]) == [SETTLED]
    assert likely_tests(MEASURED, FILE, [2]) == [NOTED, "tests/test_more.py::test_slow"]
    assert likely_tests(MEASURED, FILE, [4]) == []


@pytest.mark.usefixtures("shop")
def test_what_runs_at_import_is_met_by_every_test_that_imports_the_file_or_runs_any_of_it() -> None:
    assert set(likely_tests(MEASURED, FILE, [1])) == set(MEASURED.took_s)


def test_mutants_are_killed_time_out_survive_or_are_not_covered_and_leave_nothing_behind(shop: Path) -> None:
    expected: dict[str, Verdict] = {
        'LIMITS = {"small": 4, "large": 30}': "killed",
        'return "XXsettledXX"': "killed",
        "count = 1": "timed out",
        "log.append(None)": "survived",
        "DEFAULT = 31": "survived",
        'return ""': "not covered",
    }
    scratch = shop.parent / "scratch"
    scratch.mkdir()
    mutants = {change(mutant): mutant for mutant in mutants_of(FILE, (shop / FILE).read_text(encoding="utf-8"))}
    measured = baseline(["tests"], scratch)
    found = judged([mutants[change] for change in expected], measured, 2, scratch, spare_s=3)
    assert {change(mutant): verdict for mutant, verdict in found} == expected
    left = {path.relative_to(shop).parts[0] for path in shop.rglob("*") if "__pycache__" not in path.parts}
    assert left == {"src", "tests", "pyproject.toml"}
    assert {path.name for path in scratch.iterdir()} <= {"output", "tests"}


def test_tests_that_fail_without_a_mutant_judge_none(shop: Path) -> None:
    (shop / "tests" / "test_prices.py").write_text("def test_broken():\n    assert 1 == 2\n", encoding="utf-8")
    with pytest.raises(BaselineError, match="test_broken"):
        baseline(["tests"], shop)


def verdicts(*given: Verdict) -> dict[Mutant, Verdict]:
    made = mutants_of(FILE, "".join(f"a{n}.b()\n" for n in range(len(given))))
    return dict(zip(made, given, strict=True))


def test_each_survivor_needs_a_reason() -> None:
    judged = verdicts(*["killed"] * 18, "survived", "not covered")
    kept, lost = (mutant.key for mutant, verdict in judged.items() if verdict != "killed")
    assert [*objections(judged, {FILE: {kept: "Logs alone.", lost: "A guard."}})] == []
    assert [*objections(judged, {FILE: {kept: "Logs alone.", lost: ""}})] == [
        "1 without a reason: write a test that notices, or the reason into survivors.toml."
    ]


def test_one_in_ten_may_survive_and_a_mutant_that_hangs_has_not() -> None:
    judged = verdicts(*["killed"] * 16, "timed out", "survived", "not covered", "survived")
    reasons = {mutant.key: "Logs alone." for mutant in judged}
    assert [*objections(judged, {FILE: reasons})] == ["3 of 20 survived: at most 10% may."]


def test_a_reason_for_what_is_no_mutant_any_more_has_to_go(shop: Path) -> None:
    known = mutants_of(FILE, (shop / FILE).read_text(encoding="utf-8"))[0].key
    explained = {
        FILE: {known: "Logs alone.", "settled 01234567": "Once so."},
        "src/shop/gone.py": {"a 01234567": "Once so."},
    }
    assert [*outdated(explained)] == [
        "survivors.toml explains what is no mutant any more: src/shop/prices.py: settled 01234567",
        "survivors.toml explains what is no mutant any more: src/shop/gone.py: a 01234567",
    ]


def test_a_survivor_is_shown_with_its_change_and_the_line_that_explains_it() -> None:
    judged = verdicts("killed", "survived")
    (shown,) = survivors(judged, {})
    key = next(mutant.key for mutant, verdict in judged.items() if verdict == "survived")
    assert shown == f'{FILE}:2 survived\n- a1.b()\n+ pass\n"{key}" = ""\n'
