"""The comparison with a CSV of facts."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec

from mangastore.data.check_facts import check, main, plain, read_facts
from mangastore.data.series import Series

COLUMNS = ("title", "alt_titles", "authors", "demographic", "type", "volumes", "year")


def _facts(tmp_path: Path, *rows: dict[str, str]) -> Path:
    path = tmp_path / "facts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows({**dict.fromkeys(COLUMNS, ""), "type": "Manga", **row} for row in rows)
    return path


def test_fields_that_differ_are_named(tmp_path: Path, some_series: list[Series]) -> None:
    (uzumaki,) = [series for series in some_series if series.id == "uzumaki"]
    right = {
        "title": "Uzumaki",
        "authors": "Itou Junji [Story & Art]",
        "demographic": "Seinen",
        "year": str(uzumaki.year),
    }
    found, missing, mismatches = check([uzumaki], read_facts(_facts(tmp_path, right)))
    assert (found, missing, mismatches) == (["uzumaki"], [], [])
    wrong = msgspec.structs.replace(uzumaki, year=1950, demographic="shojo", authors=["Somebody Else"])
    _, _, mismatches = check([wrong], read_facts(_facts(tmp_path, right)))
    assert [one.field for one in mismatches] == ["authors", "year", "demographic"]


def test_a_series_without_a_row_is_told(tmp_path: Path, some_series: list[Series]) -> None:
    found, missing, _ = check(some_series, read_facts(_facts(tmp_path)))
    assert found == []
    assert len(missing) == len(some_series)


def test_spellings_of_long_vowels_are_alike() -> None:
    assert plain("Shounen Ōku") == plain("Shonen Ooku")


def test_the_script_needs_a_file(tmp_path: Path) -> None:
    assert main([]) == 2
    assert main([str(tmp_path / "none.csv")]) == 2
    assert main([str(_facts(tmp_path))]) == 0
