"""Words and links about a series that its own page and its products' pages share."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from mangastore.data.series import Series

STATES = {"finished": "complete", "ongoing": "ongoing", "hiatus": "on hiatus"}


def series_state(series: Series) -> str:
    """How long it is, whether it goes on, and since when it is there."""
    return f"{series.volumes} volume{'s' if series.volumes > 1 else ''}, {STATES[series.status]}, since {series.year}"


def genre_links(series: Series) -> str:
    """Its genres and themes, each a link to what has them too."""
    genres = "".join(link_to("genre", genre, "chip") for genre in series.genres)
    themes = "".join(link_to("q", theme, "chip soft") for theme in series.themes)
    return f'<div class="chips still">{genres}{themes}</div>'


def link_to(name: str, value: str, kind: str = "") -> str:
    """A link to what the shop finds by this."""
    dressed = f' class="{kind}"' if kind else ""
    return f'<a{dressed} href="/?{name}={quote(value)}">{escape(value)}</a>'
