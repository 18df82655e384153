"""Puts a cover together: a layout and a pattern that the series decides, a variation that the volume decides."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import msgspec

from mangastore.covers.lettering import SANS, draw_lines, fit, split_title, text, text_width
from mangastore.covers.palette import Palette, palette_of
from mangastore.covers.patterns import PATTERNS, Box, circle, rect
from mangastore.data import draws
from mangastore.data.products import Product

WIDTH, HEIGHT = 400, 600
MARGIN = 26
# Of bold sans digits, in units of the font size.
DIGIT_WIDTH, CAP_HEIGHT = 0.62, 0.72
FULL = Box(0, 0, WIDTH, HEIGHT)


class Sheet(msgspec.Struct, frozen=True):
    """Everything that a layout needs to know of a product."""

    title: str
    subtitle: str
    number: str
    label: str
    author: str
    palette: Palette
    art: Callable[[Box], str]


def draw_cover(product: Product) -> str:
    """The cover as an SVG document."""
    sheet = _sheet(product)
    layout = _box_set if product.format == "box_set" else draws.pick(LAYOUTS, "layout", product.series.id)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{escape(product.title)}" font-family="{escape(SANS)}">'
        f"<title>{escape(product.title)}</title>{layout(sheet)}"
        f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{HEIGHT - 1}" fill="none" stroke="#000" stroke-opacity=".16"/></svg>'
    )


def _sheet(product: Product) -> Sheet:
    series = product.series
    title, subtitle = split_title(series.title)
    palette = palette_of(series, product.edition_number)
    pattern = draws.pick(PATTERNS, "pattern", series.id)
    key = f"art {product.asin}"
    return Sheet(
        title=title,
        subtitle=subtitle,
        number=str(product.edition_number) if product.edition_number else "",
        label=_label(product),
        author=" / ".join(series.authors[:2]),
        palette=palette,
        art=lambda box: _clipped(box, rect(box, palette.ground) + pattern(box, palette, key), product.asin),
    )


def _label(product: Product) -> str:
    if product.is_single:
        return "" if product.edition_number else "COMPLETE"
    return f"VOLS. {product.first_volume}\N{EN DASH}{product.last_volume}"


def _clipped(box: Box, art: str, name: str) -> str:
    return f'<clipPath id="c{name}">{rect(box, "#000")}</clipPath><g clip-path="url(#c{name})">{art}</g>'


def _title_block(sheet: Sheet, x: float, top: float, width: float, height: float, colour: str, anchor: str) -> str:
    """Title and subtitle, centred in the height that they may use."""
    small = fit(sheet.subtitle, width, height * 0.3, 24) if sheet.subtitle else None
    title = fit(sheet.title.upper() if len(sheet.title) <= 18 else sheet.title, width,
                height - (small.height + 8 if small else 0), 74)  # fmt: skip
    used = title.height + (small.height + 8 if small else 0)
    y = top + (height - used) / 2
    block = draw_lines(title, x, y, colour, anchor=anchor)
    return block + (draw_lines(small, x, y + title.height + 8, colour, anchor=anchor, weight=600) if small else "")


def _author(sheet: Sheet, x: float, y: float, width: float, colour: str, anchor: str = "start") -> str:
    size = min(19, width / max(text_width(sheet.author), 1))
    return text(x, y, sheet.author, size, colour, anchor=anchor, weight=600, spacing=0.3)


def _numeral(sheet: Sheet, x: float, y: float, size: float, width: float, colour: str, anchor: str = "middle") -> str:
    """The number, around the middle line y, no larger than `size` and no wider than `width`."""
    if not sheet.number:
        return ""
    size = min(size, width / (DIGIT_WIDTH * len(sheet.number)))
    return text(x, y + size * CAP_HEIGHT / 2, sheet.number, size, colour, anchor=anchor, weight=800)


def _tag(sheet: Sheet, x: float, y: float, anchor: str = "start") -> str:
    """The label of a collection on a small plate; x is its left, middle or right edge."""
    if not sheet.label:
        return ""
    width = text_width(sheet.label) * 17 + 26
    left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    plate = f'<rect x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" height="32" rx="4" fill="{sheet.palette.spark}"/>'
    return plate + text(left + width / 2, y + 22, sheet.label, 17, sheet.palette.shade, anchor="middle", weight=800)


def _banner(sheet: Sheet) -> str:
    """Title on paper above, art below, the number on a corner plate."""
    palette = sheet.palette
    plate = Box(WIDTH - 124, HEIGHT - 124, 124, 124)
    return (
        rect(FULL, palette.paper)
        + sheet.art(Box(0, 196, WIDTH, HEIGHT - 196))
        + _title_block(sheet, MARGIN, 22, WIDTH - 2 * MARGIN, 126, palette.ink, "start")
        + _author(sheet, MARGIN, 178, WIDTH - 2 * MARGIN, palette.ink)
        + rect(Box(0, 193, WIDTH, 6), palette.shade)
        + (rect(plate, palette.shade) + _numeral(sheet, plate.x + 62, HEIGHT - 62, 88, 104, palette.paper)
           if sheet.number else "")
        + _tag(sheet, MARGIN, HEIGHT - 54)
    )  # fmt: skip


def _spine(sheet: Sheet) -> str:
    """Art all over, a broad spine with the number, the title on a dark foot."""
    palette = sheet.palette
    spine = 92
    return (
        sheet.art(Box(spine, 0, WIDTH - spine, HEIGHT))
        + rect(Box(0, 0, spine, HEIGHT), palette.shade)
        + rect(Box(spine, 0, 5, HEIGHT), palette.spark)
        + _numeral(sheet, spine / 2, 64, 92, spine - 16, palette.paper)
        + f'<g transform="translate({spine / 2 + 6:g} {HEIGHT - 24}) rotate(-90)">'
        + _author(sheet, 0, 0, 380, palette.paper) + "</g>"
        + rect(Box(spine + 5, 400, WIDTH - spine - 5, 168), palette.paper)
        + _title_block(sheet, spine + 24, 412, WIDTH - spine - 44, 144, palette.ink, "start")
        + _tag(sheet, WIDTH - 20, 20, "end")
    )  # fmt: skip


def _disc(sheet: Sheet) -> str:
    """Art all over with a paper disc that holds the number, the title on a block below."""
    palette = sheet.palette
    foot = Box(0, 418, WIDTH, HEIGHT - 418)
    disc = (
        circle(WIDTH - 88, 92, 62, palette.shade) + circle(WIDTH - 88, 92, 56, palette.paper)
        + _numeral(sheet, WIDTH - 88, 92, 70, 92, palette.ink)
        if sheet.number else ""
    )  # fmt: skip
    return (
        sheet.art(Box(0, 0, WIDTH, 420))
        + rect(foot, palette.shade)
        + rect(Box(0, 415, WIDTH, 6), palette.spark)
        + _title_block(sheet, MARGIN, 434, WIDTH - 2 * MARGIN, 112, palette.paper, "start")
        + _author(sheet, MARGIN, HEIGHT - 24, WIDTH - 2 * MARGIN, palette.spark)
        + disc
        + _tag(sheet, MARGIN, 24)
    )


def _frame(sheet: Sheet) -> str:
    """Paper all around a window with art, everything centred."""
    palette = sheet.palette
    middle = WIDTH / 2
    window = Box(40, 176, WIDTH - 80, 318)
    medal = (
        circle(middle, window.bottom, 54, palette.paper) + circle(middle, window.bottom, 46, palette.shade)
        + _numeral(sheet, middle, window.bottom, 58, 76, palette.paper)
        if sheet.number else ""
    )  # fmt: skip
    border = (f'<rect x="16" y="16" width="{WIDTH - 32}" height="{HEIGHT - 32}" fill="none" stroke="{palette.ink}" '
              'stroke-width="3"/>')  # fmt: skip
    return (
        rect(FULL, palette.paper)
        + border
        + _title_block(sheet, middle, 34, WIDTH - 84, 128, palette.ink, "middle")
        + sheet.art(window)
        + medal
        + _author(sheet, middle, HEIGHT - 34, WIDTH - 90, palette.ink, "middle")
        + _tag(sheet, middle, window.y + 14, "middle")
    )


def _poster(sheet: Sheet) -> str:
    """Art all over, a huge number, the title on a slanted band."""
    palette = sheet.palette
    return (
        rect(FULL, palette.shade)
        + sheet.art(Box(0, 0, WIDTH, 350))
        + f'<path d="M0 332L{WIDTH} 296V492L0 520Z" fill="{palette.spark}"/>'
        + f'<path d="M0 342L{WIDTH} 306V482L0 510Z" fill="{palette.shade}"/>'
        + _title_block(sheet, MARGIN, 348, WIDTH - 2 * MARGIN, 128, palette.paper, "start")
        + rect(Box(0, HEIGHT - 58, WIDTH, 58), palette.paper)
        + _author(sheet, MARGIN, HEIGHT - 23, WIDTH - 160, palette.ink)
        + _numeral(sheet, WIDTH - 22, HEIGHT - 29, 52, 110, palette.ink, "end")
        + _tag(sheet, MARGIN, 24)
    )


def _box_set(sheet: Sheet) -> str:
    """A slipcase seen from the side: spines in a row above the title."""
    palette = sheet.palette
    spines = ""
    count, colours = 9, (palette.paper, palette.light, palette.spark)
    width = (WIDTH - 60) / count
    for place in range(count):
        x = 30 + place * width
        spines += rect(Box(x, 40, width - 3, 300), colours[place % 3])
        spines += rect(Box(x, 62, width - 3, 7), palette.shade) + circle(x + (width - 3) / 2, 312, 7, palette.shade)
    return (
        sheet.art(FULL)
        + f'<rect x="16" y="26" width="{WIDTH - 32}" height="{HEIGHT - 52}" rx="5" fill="{palette.shade}"/>'
        + spines
        + _title_block(sheet, WIDTH / 2, 362, WIDTH - 80, 116, palette.paper, "middle")
        + _tag(sheet, WIDTH / 2, 488, "middle")
        + _author(sheet, WIDTH / 2, HEIGHT - 44, WIDTH - 90, palette.paper, "middle")
    )


LAYOUTS: tuple[Callable[[Sheet], str], ...] = (_banner, _spine, _disc, _frame, _poster)
