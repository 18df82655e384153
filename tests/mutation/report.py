"""What came of the mutants: a table, every survivor with its change, and why the command fails."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from rich.table import Table

from tests.mutation.judging import VERDICTS, Verdict
from tests.mutation.mutants import Mutant, mutants_of

EXPLAINED: Final = Path(__file__).with_name("survivors.toml")
MAY_SURVIVE: Final = 0.10

Verdicts = Mapping[Mutant, Verdict]
Explanations = Mapping[str, Mapping[str, str]]
"""By file and key of the mutant: why no test notices it, in a line."""


def explanations() -> Explanations:
    return tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))


def objections(verdicts: Verdicts, explained: Explanations) -> Iterator[str]:
    """Why the command fails: too many survivors, or one without a reason."""
    survived = _survivors(verdicts)
    if len(survived) > MAY_SURVIVE * len(verdicts):
        yield f"{len(survived)} of {len(verdicts)} survived: at most {MAY_SURVIVE:.0%} may."
    unexplained = [mutant for mutant in survived if not _reason(mutant, explained)]
    if unexplained:
        yield f"{len(unexplained)} without a reason: write a test that notices, or the reason into {EXPLAINED.name}."


def outdated(explained: Explanations) -> Iterator[str]:
    """A reason for what is no mutant any more has to go: its code has changed."""
    for file, reasons in explained.items():
        for key in reasons.keys() - _keys(Path(file)):
            yield f"{EXPLAINED.name} explains what is no mutant any more: {file}: {key}"


def table(verdicts: Verdicts) -> Table:
    shown = Table("file", *VERDICTS)
    for file in (*sorted({mutant.file for mutant in verdicts}), "all"):
        counted = Counter(verdict for mutant, verdict in verdicts.items() if file in (mutant.file, "all"))
        shown.add_row(file, *(str(counted[verdict]) for verdict in VERDICTS))
    for column in shown.columns[1:]:
        column.justify = "right"
    return shown


def survivors(verdicts: Verdicts, explained: Explanations) -> Iterator[str]:
    """Where each survivor is, what it changes, and its line for the file of explanations."""
    for mutant in _survivors(verdicts):
        where = f"{mutant.file}:{mutant.lines.start} {verdicts[mutant]}"
        yield f'{where}\n{mutant.diff()}\n"{mutant.key}" = "{_reason(mutant, explained)}"\n'


def _survivors(verdicts: Verdicts) -> list[Mutant]:
    unnoticed = (mutant for mutant, verdict in verdicts.items() if verdict in ("survived", "not covered"))
    return sorted(unnoticed, key=lambda mutant: (mutant.file, mutant.lines.start))


def _reason(mutant: Mutant, explained: Explanations) -> str:
    return explained.get(mutant.file, {}).get(mutant.key, "")


def _keys(file: Path) -> set[str]:
    return (
        {mutant.key for mutant in mutants_of(str(file), file.read_text(encoding="utf-8"))} if file.exists() else set()
    )
