"""What a product page says of a product: the synopsis where a series begins, a sentence of its own elsewhere."""

from __future__ import annotations

from mangastore.data import draws
from mangastore.data.series import Series

# Nothing here tells what happens: a later volume must not spoil an earlier one.
OPENINGS = (
    "Volume {n} picks {title} up where volume {before} left it.",
    "The {nth} volume of {title}, by {authors}.",
    "{title} goes on in volume {n}.",
    "Volume {n} of the {genre} series by {authors}.",
    "Book {n} in {authors}'s {genre} series {title}.",
    "More {title}: volume {n} follows straight on from volume {before}.",
)


def describe_volume(series: Series, volume: int) -> str:
    """The first volume carries hook and synopsis, a later one a sentence and the hook, the last one says that it ends."""
    if volume == 1:
        only = series.volumes == 1
        return (
            f"{series.hook} {series.synopsis} {'Complete in one volume.' if only else 'The first volume: start here.'}"
        )
    opening = draws.pick(OPENINGS, "opening", series.id, volume).format(
        n=volume,
        nth=ordinal(volume),
        before=volume - 1,
        title=series.title,
        authors=_joined(series.authors),
        genre=series.genres[0].lower() if series.genres else "manga",
    )
    ending = " The final volume." if series.status == "finished" and volume == series.volumes else ""
    return f"{opening} {series.hook}{ending}"


def describe_omnibus(series: Series, number: int, first: int, last: int) -> str:
    """The first omnibus carries hook and synopsis, a later one the hook; both say which volumes are inside."""
    inside = f"Collects volumes {first} to {last} in one book." if last > first else f"Collects volume {first}."
    return f"{f'{series.hook} {series.synopsis}' if number == 1 else series.hook} {inside}"


def describe_box_set(series: Series, first: int, last: int) -> str:
    """The hook, the synopsis and what is in the box."""
    whole = series.status == "finished" and first == 1 and last == series.volumes
    return f"{series.hook} {series.synopsis} The box holds volumes {first} to {last}{', the complete series' if whole else ''}."


def ordinal(value: int) -> str:
    """1st, 2nd, 3rd, 11th ..."""
    if value % 100 in (11, 12, 13):
        return f"{value}th"
    return f"{value}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th') }"


def _joined(names: list[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
