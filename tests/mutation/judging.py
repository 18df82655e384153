"""Runs the processes: the baseline first, then one a mutant, a few at a time, none of them for longer than its limit."""

import os
import shutil
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing import connection, get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Literal, get_args

from msgspec import Struct

from tests.mutation.mutants import Mutant
from tests.mutation.selection import likely_tests, module_of, packages_of
from tests.mutation.trial import PATIENCE, Baseline, Trial, attempt, measure

Verdict = Literal["killed", "timed out", "survived", "not covered"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

_NOTHING_NOTICED = (0, 5)
"""How pytest exits when all tests passed, and when there was none."""


class BaselineError(Exception):
    """The tests fail without any mutant."""


class _Running(Struct):
    mutant: Mutant
    process: BaseProcess
    scratch: Path
    deadline: float


def baseline(folders: list[str], scratch: Path) -> Baseline:
    """Run all tests in the folders once. Raises ``BaselineError`` with what pytest says when one fails."""
    apart = get_context("spawn")
    ours, theirs = apart.Pipe(duplex=False)
    process = apart.Process(target=measure, args=(theirs, folders, str(scratch)))
    process.start()
    theirs.close()
    measured: Baseline | None = None
    with suppress(EOFError):
        measured = ours.recv()
    process.join()
    if measured is None or not measured.passed:
        raise BaselineError((scratch / "output").read_text(encoding="utf-8", errors="replace"))
    return measured


def judged(
    mutants: Iterable[Mutant], measured: Baseline, at_once: int, scratch: Path, spare_s: float = 5
) -> Iterator[tuple[Mutant, Verdict]]:
    """The mutants' verdicts, in the order in which they come.

    ``spare_s``: CPU seconds that a mutant may use to start, and each of its tests beyond thrice what it took without.
    """
    server = get_context("forkserver")
    # A mutant's process begins with the packages that the tests use, and with nothing of ours.
    server.set_forkserver_preload(packages_of(measured))
    running: list[_Running] = []
    try:
        for number, mutant in enumerate(mutants):
            tests = likely_tests(measured, mutant.file, mutant.lines)
            if not tests:
                yield mutant, "not covered"
                continue
            while len(running) == at_once:
                yield from _finished(running)
            trial = _trial(mutant, tests, measured, spare_s)
            running.append(_started(server, mutant, trial, scratch / str(number)))
        while running:
            yield from _finished(running)
    finally:
        for each in running:
            _kill(each)


def _trial(mutant: Mutant, tests: list[str], measured: Baseline, spare_s: float) -> Trial:
    source = mutant.source()
    assert source is not None
    return Trial(
        module=module_of(mutant.file),
        file=mutant.file,
        source=source,
        tests=tests,
        others=frozenset(measured.took_s) - frozenset(tests),
        limits_s={test: spare_s + 3 * measured.took_s[test] for test in tests},
        spare_s=spare_s,
    )


def _started(server: ForkServerContext, mutant: Mutant, trial: Trial, scratch: Path) -> _Running:
    scratch.mkdir()
    process = server.Process(target=attempt, args=(trial, str(scratch)), daemon=True)
    process.start()
    # It limits itself, test by test; this is for one that broke even that.
    return _Running(
        mutant, process, scratch, time.monotonic() + PATIENCE * (trial.spare_s + sum(trial.limits_s.values()))
    )


def _finished(running: list[_Running]) -> Iterator[tuple[Mutant, Verdict]]:
    """Wait until something happens; what it is."""
    soonest = min(each.deadline for each in running)
    connection.wait([each.process.sentinel for each in running], max(0.0, soonest - time.monotonic()))
    for each in list(running):
        late = time.monotonic() >= each.deadline
        if late or not each.process.is_alive():
            running.remove(each)
            _kill(each)
            yield each.mutant, "timed out" if late else _verdict(each.process.exitcode)


def _verdict(exit_code: int | None) -> Verdict:
    if exit_code in (-signal.SIGXCPU, -signal.SIGALRM):
        return "timed out"
    return "survived" if exit_code in _NOTHING_NOTICED else "killed"


def _kill(each: _Running) -> None:
    """End the mutant, and whatever its tests started."""
    assert each.process.pid
    with suppress(ProcessLookupError):
        os.killpg(each.process.pid, signal.SIGKILL)
    each.process.kill()
    each.process.join()
    shutil.rmtree(each.scratch, ignore_errors=True)
