"""The series that the store sells, read from the JSON Lines files beside this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import msgspec

SERIES_FOLDER = Path(__file__).parent / "series"

Demographic = Literal["shonen", "seinen", "shojo", "josei"]
SeriesStatus = Literal["finished", "ongoing", "hiatus"]
Level = Literal["none", "some", "strong", "unsure"]
"""How much of something there is; "unsure" where nobody can say it honestly, which is then not told."""
Tones = Literal["light", "dark", "cozy", "sad", "tense", "weird", "funny", "uplifting", "thoughtful"]
Settings = Literal[
    "school", "work", "space", "future", "old-japan", "history", "other-world", "ruined-world", "countryside", "city",
    "everyday",
]  # fmt: skip
UNSURE = "unsure"


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


class Traits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab", dict=True):
    """What shoppers ask for or refuse in a series as a whole; an ending only a finished series has."""

    violence: Level
    gore: Level
    sexual_content: Level
    sexual_violence: Level
    animal_death: Level
    bullying: Level
    suicide: Level
    drugs: Level
    scary: Level
    fan_service: Level
    harem: Literal["none", "harem", "reverse"]
    romance: Annotated[list[Literal["none", "some", "main", "slow-burn"]], msgspec.Meta(min_length=1)]
    lead: Annotated[list[Literal["female", "male", "ensemble", "non-human"]], msgspec.Meta(min_length=1)]
    lead_age: Annotated[list[Literal["child", "teen", "adult"]], msgspec.Meta(min_length=1)]
    hero: Annotated[
        list[Literal["overpowered", "underdog", "clever", "villain", "strong", "ordinary"]], msgspec.Meta(min_length=1)
    ]
    setting: Annotated[list[Settings], msgspec.Meta(min_length=1)]
    tone: Annotated[list[Tones], msgspec.Meta(min_length=1)]
    ending: Literal["happy", "bittersweet", "sad", "open", "unsure"] | None = None
    beginners: Literal["yes", "no"]

    @cached_property
    def known(self) -> Mapping[str, Sequence[str]]:
        """The values by their names, without what nobody is sure of."""
        rows: dict[str, str | list[str] | None] = msgspec.to_builtins(self)
        listed = {name: [given] if isinstance(given, str) else given or [] for name, given in rows.items()}
        return {name: values for name, values in listed.items() if values and UNSURE not in values}


TRAIT_NAMES = tuple(field.encode_name for field in msgspec.structs.fields(Traits))
"""Everything that the catalogue tells of the content of its series, where it is known."""


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
    traits: Traits | None = None
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

    def told_traits(self) -> list[str]:
        """What is known of its content, as the catalogue words it ("gore:some"); empty where nobody judged it."""
        return [f"{name}:{value}" for name, values in self.known_traits().items() for value in values]

    def known_traits(self) -> Mapping[str, Sequence[str]]:
        return self.traits.known if self.traits else {}


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
