"""Which tests may notice a change: those that run its lines, the likeliest first."""

import ast
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from tests.mutation.trial import SHARED, Baseline


def likely_tests(baseline: Baseline, file: str, lines: Iterable[int]) -> list[str]:
    """The tests to run on a change in these lines of the file; none when nothing runs them.

    What runs at import has no test of its own: there it is the tests that import from the file, and those that run anything of it
    or of a source that imports from it. Tests that name the file come first, then quick ones; each test file is kept together.
    """
    by_line = baseline.tests.get(file, {})
    found = {test for line in lines for test in by_line.get(line, ())}
    near = importing(file, "tests")
    if SHARED in found:
        for user in (file, *importing(file, "src")):
            found.update(*baseline.tests.get(user, {}).values())
        found.update(test for test in baseline.took_s if _file(test) in near)
    found.discard(SHARED)
    took_s: defaultdict[str, float] = defaultdict(float)
    for test in found:
        took_s[_file(test)] += baseline.took_s[test]
    order = {test: at for at, test in enumerate(baseline.took_s)}
    return sorted(found, key=lambda test: (_file(test) not in near, took_s[_file(test)], _file(test), order[test]))


def packages_of(baseline: Baseline) -> list[str]:
    """The modules of others that our own import by name, and pytest's."""
    ours = {path.name for path in Path("src").iterdir()} | {"tests"}
    named = {name for folder in ("src", "tests") for path in Path(folder).rglob("*.py") for name in _imports(path)}
    pytests = {name for name in baseline.imported if name.startswith(("_pytest", "pytest", "_hypothesis"))}
    return sorted(
        name for name in named.intersection(baseline.imported) | pytests if name.partition(".")[0] not in ours
    )


def module_of(file: str) -> str:
    """``src/mangaassist/turn/plans.py``: ``mangaassist.turn.plans``."""
    return ".".join(Path(file).relative_to("src").with_suffix("").parts).removesuffix(".__init__")


@lru_cache(None)
def importing(file: str, folder: str) -> frozenset[str]:
    """The files below the folder that import from the file."""
    return frozenset(str(path) for path in Path(folder).rglob("*.py") if module_of(file) in _imports(path))


@lru_cache(None)
def _imports(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def _file(test: str) -> str:
    return test.partition("::")[0]
