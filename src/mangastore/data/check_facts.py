"""Compares the series with a CSV of facts: `python -m mangastore.data.check_facts PATH_TO_CSV`.

The CSV has the columns title, alt_titles, authors, demographic, volumes, year and type; lists are parted by "; ".
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from mangastore.catalog.text import fold
from mangastore.data.series import Series, load_series

FIELDS = ("authors", "year", "volumes", "demographic")
YEAR_SLACK = 1
"""A one-shot or a preview may be counted as the beginning."""
_NOT_LETTERS = re.compile(r"[^a-z0-9\u3040-\u30ff\u3400-\u9fff]+")
_LONG_VOWELS = (("ou", "o"), ("oo", "o"), ("uu", "u"), ("oh", "o"))


class Fact(msgspec.Struct, frozen=True):
    """One row of the CSV."""

    title: str
    names: list[str]
    authors: list[str]
    demographic: str
    volumes: int | None
    year: int | None


class Mismatch(msgspec.Struct, frozen=True):
    """A field in which a series and its row differ."""

    series: str
    field: str
    ours: str
    theirs: str


def read_facts(path: Path) -> list[Fact]:
    """The manga of the CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_fact(row) for row in csv.DictReader(file) if row.get("type", "Manga") == "Manga"]


def _fact(row: dict[str, str]) -> Fact:
    return Fact(
        title=row["title"],
        names=[row["title"], *_parts(row["alt_titles"])],
        authors=[re.sub(r"\s*\[.*?\]", "", author) for author in _parts(row["authors"])],
        demographic=row["demographic"],
        volumes=int(float(row["volumes"])) if row["volumes"] else None,
        year=int(float(row["year"])) if row["year"] else None,
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def plain(text: str) -> str:
    """A name without case, marks and the ways of writing long vowels."""
    letters = _NOT_LETTERS.sub("", fold(text))
    for long, short in _LONG_VOWELS:
        letters = letters.replace(long, short)
    return letters


def find_fact(series: Series, by_name: dict[str, list[Fact]]) -> Fact | None:
    """The row of a series: of those that share a name, the one with the same author."""
    names = [series.title, *series.other_names()]
    rows = [fact for name in names for fact in by_name.get(plain(name), ())]
    return next((fact for fact in rows if _same_people(series.authors, fact.authors)), rows[0] if rows else None)


def _same_people(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    """Whether our people are among theirs; the order of names and the spelling of vowels do not matter."""
    known = {_person(name) for name in theirs}
    return bool({_person(name) for name in ours} & known)


def _person(name: str) -> frozenset[str]:
    return frozenset(plain(part) for part in name.split())


def compare(series: Series, fact: Fact) -> list[Mismatch]:
    """Where a series and its row differ; what the row leaves open is not compared."""
    demographics = {"shounen": "shonen", "shoujo": "shojo"}
    theirs = {demographics.get(part.lower(), part.lower()) for part in _parts(fact.demographic)}
    differs = {
        "authors": not _same_people(series.authors, fact.authors),
        "year": fact.year is not None and abs(series.year - fact.year) > YEAR_SLACK,
        "volumes": fact.volumes is not None and series.status == "finished" and series.volumes != fact.volumes,
        "demographic": bool(theirs) and series.demographic not in theirs,
    }
    return [
        Mismatch(series.id, field, str(getattr(series, field)), str(getattr(fact, field)))
        for field in FIELDS
        if differs[field]
    ]


def check(all_series: Iterable[Series], facts: Iterable[Fact]) -> tuple[list[str], list[str], list[Mismatch]]:
    """The series that have a row, those that have none, and every mismatch."""
    by_name: dict[str, list[Fact]] = {}
    for fact in facts:
        for name in fact.names:
            by_name.setdefault(plain(name), []).append(fact)
    found: list[str] = []
    missing: list[str] = []
    mismatches: list[Mismatch] = []
    for series in all_series:
        fact = find_fact(series, by_name)
        if fact is None:
            missing.append(series.id)
            continue
        found.append(series.id)
        mismatches += compare(series, fact)
    return found, missing, mismatches


def main(arguments: list[str]) -> int:
    """Print the comparison; 0 whatever it says, 2 without a CSV."""
    console = Console()
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        console.print("Usage: python -m mangastore.data.check_facts PATH_TO_CSV")
        return 2
    found, missing, mismatches = check(load_series(), read_facts(Path(arguments[0])))
    counts = Counter(mismatch.field for mismatch in mismatches)
    summary = Table("field", "checked", "matched", "mismatches")
    summary.add_row("title", str(len(found) + len(missing)), str(len(found)), str(len(missing)))
    for field in FIELDS:
        summary.add_row(field, str(len(found)), str(len(found) - counts[field]), str(counts[field]))
    console.print(summary)
    details = Table("series", "field", "ours", "theirs")
    for one in mismatches:
        details.add_row(one.series, one.field, one.ours, one.theirs)
    console.print(details)
    if missing:
        console.print(f"Without a row: {', '.join(missing)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
