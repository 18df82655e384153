"""What runs in a process of its own: all tests once and measured, or the tests of one mutant."""

import math
import os
import resource
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType
from typing import Any, Final

import coverage
import pytest
from hypothesis import Phase, settings
from msgspec import Struct

SHARED: Final = ""
"""Coverage's name for what runs outside of a test. Fixtures that outlive a test count as such: any test may depend on them."""

MEMORY_LIMIT: Final = 6 << 30
"""Bytes of address space. A mutant that never stops growing ends here."""

PATIENCE: Final = 3
"""A mutant that waits for ever uses no CPU; but on a busy machine one that works waits too."""

_OPTIONS: Final = ("-x", "-q", "--tb=short", "--no-header", "--timeout=0", "-p", "no:cacheprovider", "--assert=plain")


class Baseline(Struct, frozen=True):
    """A run of all tests without a mutant."""

    passed: bool
    took_s: dict[str, float]
    """By test, in the order in which they ran."""
    tests: dict[str, dict[int, set[str]]]
    """By file of the sources and line: the tests that run it, or ``SHARED``."""
    imported: list[str]
    """The modules that the tests imported, in their order."""


class Trial(Struct, frozen=True, kw_only=True):
    """A mutant's module, to be imported from ``source`` instead of from its file, and the tests to run on it, the first first."""

    module: str
    file: str
    source: str
    tests: list[str]
    others: frozenset[str]
    """Tests of the same files that are not to be run."""
    limits_s: dict[str, float]
    """Seconds of CPU that each of the tests may use."""
    spare_s: float
    """Seconds of CPU that it may use to start, and that a test may use which nobody knows."""


def measure(answer: Connection, folders: list[str], scratch: str) -> None:
    """Run all tests in the folders and send a ``Baseline``; what pytest says is in the file ``output`` of the scratch folder."""
    _set_apart(scratch, f"{scratch}/output")
    tracer = coverage.Coverage(source=["src"], data_file=None)
    recorder = _Recorder(tracer)
    tracer.start()
    passed = _run_tests(folders, recorder, scratch) == pytest.ExitCode.OK
    tracer.stop()
    data = tracer.get_data()
    tests = {
        str(Path(file).relative_to(Path.cwd())): {
            line: set(tests) for line, tests in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }
    answer.send(Baseline(passed, recorder.took_s, tests, list(sys.modules)))


def attempt(trial: Trial, scratch: str) -> None:
    """Run the tests on the mutant until one fails. Exits as pytest does: with 0 when nothing was noticed."""
    _set_apart(scratch, os.devnull)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(trial.spare_s)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    sys.meta_path.insert(0, _Importer(trial))
    files = list(dict.fromkeys(test.partition("::")[0] for test in trial.tests))
    os._exit(_run_tests(files, _Chosen(trial), scratch))  # a mutant's threads may never end


def _limit(cpu_s: float) -> None:
    """End the process when it uses more than so much CPU from now on, or waits for ``PATIENCE`` times as long."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime + cpu_s)
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
    signal.alarm(math.ceil(PATIENCE * cpu_s))


def _set_apart(scratch: str, output: str) -> None:
    os.setsid()
    os.environ["TMPDIR"] = scratch
    os.environ.pop("PYTEST_ADDOPTS", None)  # what the run around this one is told is no business of a trial
    written = os.open(output, os.O_WRONLY | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(written, stream)


def _run_tests(paths: list[str], plugin: object, scratch: str) -> int:
    return pytest.main([*_OPTIONS, f"--basetemp={scratch}/tests", *paths], plugins=[plugin, _Examples()])


class _Recorder:
    """Switches coverage to the test that runs, and off it for fixtures that others share; notes how long each test took."""

    def __init__(self, tracer: coverage.Coverage) -> None:
        self.took_s: dict[str, float] = {}
        self._tracer = tracer
        self._test = SHARED

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        with self._measured_as(item.nodeid):
            self._test = item.nodeid
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        with self._measured_as(self._test if fixturedef.scope == "function" else SHARED, then=self._test):
            return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.took_s[report.nodeid] = self.took_s.get(report.nodeid, 0.0) + report.duration

    @contextmanager
    def _measured_as(self, context: str, then: str = SHARED) -> Generator[None]:
        self._tracer.switch_context(context)
        try:
            yield
        finally:
            self._tracer.switch_context(then)


class _Chosen:
    """Keeps the tests to run, in their order and limits.

    A test that neither baseline nor trial knows comes from the mutant: it runs last.
    """

    def __init__(self, trial: Trial) -> None:
        self._rank = {test: rank for rank, test in enumerate(trial.tests)}
        self._others = trial.others
        self._limits_s = trial.limits_s
        self._spare_s = trial.spare_s

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        _limit(self._limits_s.get(item.nodeid, self._spare_s))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        kept = (item for item in items if item.nodeid not in self._others)
        items[:] = sorted(kept, key=lambda item: self._rank.get(item.nodeid, len(self._rank)))


class _Examples:
    """Hypothesis finds an example and leaves it at that: to look for the smallest one would take longer."""

    def pytest_sessionstart(self) -> None:
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutation", derandomize=True, deadline=None, phases=phases)
        settings.load_profile("mutation")


class _Importer(MetaPathFinder):
    def __init__(self, trial: Trial) -> None:
        self._trial = trial

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname != self._trial.module:
            return None
        return spec_from_file_location(fullname, self._trial.file, loader=_Loader(self._trial))


class _Loader(SourceFileLoader):
    def __init__(self, trial: Trial) -> None:
        super().__init__(trial.module, str(Path(trial.file).resolve()))
        self._source = trial.source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)
