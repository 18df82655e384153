"""Percentiles, and tables that a person can read."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from rich.console import Console
from rich.table import Table

console = Console(width=110)


class Row(Struct, frozen=True, kw_only=True):
    """One measured figure beside the bar it is held against; ``bar`` is empty where the contract names none."""

    what: str
    value: float
    unit: str
    bar: str = ""
    met: bool | None = None
    command: str = ""


def percentile(values: Sequence[float], q: float) -> float:
    return float(np.percentile(values, q))


def at_most(what: str, value: float, unit: str, limit: float) -> Row:
    return Row(what=what, value=value, unit=unit, bar=f"≤ {limit:g}", met=value <= limit)


def at_least(what: str, value: float, unit: str, limit: float) -> Row:
    return Row(what=what, value=value, unit=unit, bar=f"≥ {limit:g}", met=value >= limit)


def show(title: str, rows: Sequence[Row]) -> None:
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in ("measured", "value", "unit", "bar", ""):
        table.add_column(column, justify="right" if column in ("value", "bar") else "left")
    for row in rows:
        verdict = "" if row.met is None else "[green]met[/]" if row.met else "[red]missed[/]"
        table.add_row(row.what, f"{row.value:,.3f}", row.unit, row.bar, verdict)
    console.print(table)
