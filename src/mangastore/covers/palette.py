"""The colours of a cover: a set that suits the series' mood, chosen by its id."""

from __future__ import annotations

import msgspec

from mangastore.data import draws
from mangastore.data.series import Series


class Palette(msgspec.Struct, frozen=True):
    """Five colours that go together: ground and shade behind, two lights on top, paper for letters."""

    ground: str
    shade: str
    light: str
    spark: str
    paper: str

    @property
    def ink(self) -> str:
        """The colour of letters on paper."""
        return self.shade


DARK = (
    Palette("#1f2033", "#12131f", "#b3202c", "#e8b04a", "#f3ece0"),
    Palette("#22262b", "#121417", "#7d8f69", "#d9523f", "#efe9dc"),
    Palette("#2b1b2e", "#170d1a", "#a33b6d", "#f0a35e", "#f6ecea"),
    Palette("#14292b", "#0a1617", "#2f8f83", "#e3c567", "#eef1e6"),
    Palette("#31161a", "#1b0a0d", "#c8393b", "#d9c7a7", "#f4eadc"),
)
VIVID = (
    Palette("#e4572e", "#3a1712", "#f3a712", "#fdf0d5", "#fff7ea"),
    Palette("#1467b3", "#0b2545", "#f6c445", "#f25f4c", "#f7f5ee"),
    Palette("#d62839", "#2b1018", "#ffd166", "#f4f1de", "#fff8ee"),
    Palette("#0f8b8d", "#123a3c", "#f2c14e", "#ee6c4d", "#f8f4e6"),
    Palette("#f18f01", "#40220a", "#c73e1d", "#fbe5b6", "#fff6e4"),
    Palette("#4a4e9e", "#1c1d45", "#ef8354", "#f7d488", "#f6f2ea"),
)
SOFT = (
    Palette("#f2b5a7", "#6b2d3c", "#e8838a", "#fbe3c8", "#fff8f2"),
    Palette("#b8d8d0", "#24504f", "#f09d7f", "#fdf3d8", "#fcfaf3"),
    Palette("#f4c9d6", "#5c2a4d", "#c06c97", "#fdeec4", "#fff7f8"),
    Palette("#cfd8ef", "#2b3a67", "#8a9bd4", "#f7c9a9", "#fafaf6"),
    Palette("#f6d9a8", "#57401f", "#db8a5b", "#a9c5a0", "#fffaf0"),
)
QUIET = (
    Palette("#d9cbb2", "#3b3226", "#a4573f", "#65785a", "#fbf6ea"),
    Palette("#9fb4a8", "#22332c", "#dba159", "#efe6cf", "#f9f6ec"),
    Palette("#39536b", "#16222e", "#c9a66b", "#d8e2e4", "#f4f1e8"),
    Palette("#7a8b99", "#1f2a33", "#d88c68", "#e9dfc7", "#f7f4ec"),
    Palette("#5b6b4a", "#20281a", "#d6a75f", "#e7dfc6", "#f7f3e5"),
)
MOODS: tuple[tuple[frozenset[str], tuple[Palette, ...]], ...] = (
    (frozenset({"Horror", "Psychological", "Thriller", "Crime"}), DARK),
    (frozenset({"Romance"}), SOFT),
    (frozenset({"Sports", "Martial Arts", "Mecha", "Action"}), VIVID),
    (frozenset({"Slice of Life", "Historical", "Gourmet", "Music"}), QUIET),
)
EVERY_MOOD = (*VIVID, *QUIET, *SOFT)


def palette_of(series: Series, volume: int) -> Palette:
    """The colours of a volume: a series keeps ground and paper while its lights take turns."""
    genres = set(series.genres)
    choices = next((palettes for names, palettes in MOODS if names & genres), EVERY_MOOD)
    palette = draws.pick(choices, "palette", series.id)
    if volume % 2 == 0:
        return msgspec.structs.replace(palette, light=palette.spark, spark=palette.light)
    return palette
