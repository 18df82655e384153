"""``make mutate``: breaks the code in many small ways, one at a time, and sees whether a test notices."""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.mutation import report
from tests.mutation.judging import VERDICTS, BaselineError, Verdict, baseline, judged
from tests.mutation.mutants import Mutant, drawn, mutants_of

MUTATED: Final = (
    "src/mangaassist/turn/**/*.py",
    "src/mangaassist/conversation/**/*.py",
    "src/mangaassist/edge/**/*.py",
    "src/mangaassist/guardrails/inline.py",
    "src/mangaassist/guardrails/holdback.py",
)
"""Where mutants are made unless files are named: where a small mistake breaks the contract with the shopper."""
TESTED_BY: Final = (
    "turn",
    "conversation",
    "contracts/test_conversation_log.py",
    "contracts/test_session_store.py",
    "edge",
    "guardrails",
    "wire",
    "simulation",
    "system/test_server.py",
    "system/test_slow_peers.py",
)
"""The tests that run on them. All run in process, so that a mutant is a matter of seconds."""
SAMPLE: Final = 500

console = Console(highlight=False)


def main() -> None:
    options = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    options.add_argument("files", nargs="*", help="all mutants of these files, instead of a sample of the usual ones")
    options.add_argument("--seed", default="1", help="draws another sample")
    options.add_argument("--sample", type=int, help="how many mutants: 500, or all of the named files")
    options.add_argument("--tests", nargs="*", help="folders or files of tests, instead of all that are in process")
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many mutants at once")
    chosen = options.parse_args()
    files = chosen.files or sorted({str(path) for pattern in MUTATED for path in Path().glob(pattern)})
    mutants = [mutant for file in files for mutant in mutants_of(file, Path(file).read_text(encoding="utf-8"))]
    sample = drawn(mutants, chosen.seed, chosen.sample or (len(mutants) if chosen.files else SAMPLE))
    console.print(f"{len(sample)} of {len(mutants)} mutants, SEED={chosen.seed}. First the tests without any ...")
    began = time.monotonic()
    try:
        verdicts = _verdicts(sample, chosen.tests or _folders(files), chosen.jobs)
    except BaselineError as failed:
        sys.exit(f"The tests fail on the code as it is:\n{failed}")
    minutes = (time.monotonic() - began) / 60
    explained = report.explanations()
    print(*report.survivors(verdicts, explained), sep="\n")
    console.print(report.table(verdicts))
    console.print(f"{minutes:.1f} minutes, {len(sample) / minutes:.0f} mutants a minute.")
    if objections := [*report.objections(verdicts, explained), *report.outdated(explained)]:
        sys.exit("\n".join(objections))


def _folders(files: Sequence[str]) -> list[str]:
    rooms = {*TESTED_BY, *(Path(file).parts[2] for file in files)}
    return sorted(f"tests/{room}" for room in rooms if Path("tests", room).exists())


def _verdicts(sample: Sequence[Mutant], tests: list[str], at_once: int) -> dict[Mutant, Verdict]:
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    verdicts: dict[Mutant, Verdict] = {}
    with tempfile.TemporaryDirectory(prefix="mutation-") as scratch, Progress(*columns, console=console) as progress:
        measured = baseline(tests, Path(scratch))
        task = progress.add_task("", total=len(sample))
        for mutant, verdict in judged(sample, measured, at_once, Path(scratch)):
            verdicts[mutant] = verdict
            counted = Counter(verdicts.values())
            said = ", ".join(f"{counted[verdict]} {verdict}" for verdict in VERDICTS)
            progress.update(task, advance=1, description=said)
    return verdicts


if __name__ == "__main__":
    main()
