"""The series that the store sells, read from the JSON Lines files beside this module."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

SERIES_FOLDER = Path(__file__).parent / "series"

Demographic = Literal["shonen", "seinen", "shojo", "josei"]
SeriesStatus = Literal["finished", "ongoing", "hiatus"]


class OmnibusEdition(msgspec.Struct, frozen=True):
    """How many volumes each omnibus holds, and how many omnibuses there are."""

    volumes_each: int
    count: int


class BoxSet(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """A boxed run of volumes; `first` and `last` are included."""

    name: str
    first: int
    last: int


class ReviewNotes(msgspec.Struct, frozen=True):
    """What readers say of a series, summed up."""

    summary: str
    praised: list[str]
    criticised: list[str]


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One manga series as its English publisher sells it."""

    id: str
    title: str
    native: str = ""
    romaji: str = ""
    aliases: list[str] = []
    authors: list[str]
    publisher: str
    imprint: str | None = None
    magazine: str | None = None
    demographic: Demographic
    genres: list[str]
    themes: list[str] = []
    year: int
    volumes: int
    status: SeriesStatus
    rating: str
    omnibus: OmnibusEdition | None = None
    box_sets: list[BoxSet] = []
    hook: str
    synopsis: str
    review: ReviewNotes

    def other_names(self) -> list[str]:
        """Every name beside the English title, each once."""
        names = [self.native, self.romaji, *self.aliases]
        return list(dict.fromkeys(name for name in names if name and name != self.title))


class BadSeriesFileError(Exception):
    """A line of a series file does not fit; names the file, the line and what is wrong."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(path, line, why)
        self.path, self.line, self.why = path, line, why

    def __str__(self) -> str:
        return f"{self.path.name}, line {self.line}: {self.why}"


def load_series(folder: Path = SERIES_FOLDER) -> list[Series]:
    """All series of a folder, ordered by id; the first of two with the same id counts."""
    found: dict[str, Series] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for series in read_series_file(path):
            found.setdefault(series.id, series)
    return sorted(found.values(), key=lambda series: series.id)


def read_series_file(path: Path) -> list[Series]:
    """The series of one file. Raises BadSeriesFileError on a line that does not fit."""
    decoder = msgspec.json.Decoder(Series)
    rows: list[Series] = []
    for line, text in enumerate(path.read_bytes().splitlines(), start=1):
        if not text.strip():
            continue
        try:
            rows.append(decoder.decode(text))
        except msgspec.MsgspecError as error:
            raise BadSeriesFileError(path, line, str(error)) from error
    return rows
