"""The matrix as a picture: a row a service, a column a fault, and in each field a square an intent, guests above customers."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from rich.table import Table

from benchmarks.matrix.cells import FAULTS, SHOPPERS, Cell
from benchmarks.matrix.playing import Judged
from mangaassist.domain.intents import Intent
from mangastore.faults.board import SERVICES

INK: Final = "#1b1b1f"
CALM: Final = "#7a8ca3"
COLOURS: Final = {"wrong": "#c8321f", "thinner": "#d9b44a", "whole": "#5a9e6f", "not asked": "#e6e6ea"}
_SIDE, _GAP, _LEFT, _TOP = 7, 8, 118, 58


def verdict(judged: Judged | None) -> str:
    """``whole``: as if nothing were; ``thinner``: without something, and it says so."""
    if judged is None:
        return "not asked"
    return "wrong" if judged.wrong else "thinner" if judged.heard.degraded else "whole"


def drawn(results: Iterable[Judged]) -> str:
    """The SVG."""
    known = {judged.cell: judged for judged in results}
    wide, high = len(Intent) * _SIDE + _GAP, len(SHOPPERS) * _SIDE + _GAP
    width, height = _LEFT + len(FAULTS) * wide + 10, _TOP + len(SERVICES) * high + 34
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="11" fill="{INK}">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="20" font-size="13">{len(known):,} answers under fire: each square an intent, '
        "guests above, a customer below</text>",
    ]
    for column, fault in enumerate(FAULTS):
        lines.append(f'<text x="{_LEFT + column * wide}" y="{_TOP - 8}">{escape(fault)}</text>')
    for row, service in enumerate(SERVICES):
        lines.append(f'<text x="10" y="{_TOP + row * high + _SIDE + 4}">{service}</text>')
        for column, fault in enumerate(FAULTS):
            for down, who in enumerate(SHOPPERS):
                for across, intent in enumerate(Intent):
                    judged = known.get(Cell(service, fault, intent, who))
                    x, y = _LEFT + column * wide + across * _SIDE, _TOP + row * high + down * _SIDE
                    lines.append(_square(x, y, judged, intent))
    lines += _legend(known, height)
    return "\n".join([*lines, "</svg>\n"])


def _square(x: int, y: int, judged: Judged | None, intent: Intent) -> str:
    told = verdict(judged)
    words = f"{intent}: {told}" + (f" ({judged.wrong[0]})" if judged and judged.wrong else "")
    side = _SIDE - 1
    return f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="{COLOURS[told]}"><title>{escape(words)}</title></rect>'


def _legend(known: Mapping[Cell, Judged], height: int) -> Iterable[str]:
    means = {"whole": "whole", "thinner": "thinner, and says so", "wrong": "wrong", "not asked": "not asked"}
    x = _LEFT
    for told, words in means.items():
        many = sum(verdict(judged) == told for judged in known.values())
        if many or told == "wrong":
            yield f'<rect x="{x}" y="{height - 24}" width="9" height="9" fill="{COLOURS[told]}"/>'
            yield f'<text x="{x + 14}" y="{height - 16}" fill="{CALM}">{many:,} {words}</text>'
            x += 190


def counted(results: Iterable[Judged]) -> Table:
    """The same in the terminal: how many of a field's answers are wrong."""
    fields = dict[tuple[str, str], list[Judged]]()
    for judged in results:
        fields.setdefault((judged.cell.service, judged.cell.fault), []).append(judged)
    table = Table(header_style="bold", title="wrong answers of those that were asked", title_justify="left")
    for column in ("", *FAULTS):
        table.add_column(column, justify="left" if not column else "right")
    for service in SERVICES:
        table.add_row(service, *(_worded(fields.get((service, fault), [])) for fault in FAULTS))
    return table


def _worded(field: list[Judged]) -> str:
    wrong = sum(bool(judged.wrong) for judged in field)
    colour = "red" if wrong else "green" if field else "dim"
    return f"[{colour}]{wrong}/{len(field)}[/]" if field else "[dim]·[/]"


def draw(results: Iterable[Judged], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(drawn(results), encoding="utf-8")
