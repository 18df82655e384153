"""The geometry on a cover: patterns that fill a box, drawn from circles, waves, rays and stars."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from mangastore.covers.palette import Palette
from mangastore.data import draws


class Box(msgspec.Struct, frozen=True):
    """Where to draw, in the cover's units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height


Pattern = Callable[[Box, Palette, str], str]


def rect(box: Box, colour: str) -> str:
    """A filled box."""
    return f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" fill="{colour}"/>'


def circle(x: float, y: float, radius: float, colour: str, extra: str = "") -> str:
    """A filled circle."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}"{extra}/>'


def _path(points: str, colour: str, extra: str = "") -> str:
    return f'<path d="{points}" fill="{colour}"{extra}/>'


def rising_sun(box: Box, palette: Palette, key: str) -> str:
    """Rays from behind a disc."""
    x, y = box.x + box.width * (0.35 + 0.3 * draws.fraction(key, "x")), box.y + box.height * 0.62
    rays, reach = draws.pick((10, 12, 14), key, "rays"), 900.0
    turn = draws.fraction(key, "turn") * math.tau
    points = ""
    for ray in range(rays):
        a, b = (turn + (ray + part) * math.tau / rays for part in (0.0, 0.5))
        points += f"M{x:.1f} {y:.1f}L{x + reach * math.cos(a):.1f} {y + reach * math.sin(a):.1f}"
        points += f"L{x + reach * math.cos(b):.1f} {y + reach * math.sin(b):.1f}Z"
    radius = box.width * (0.2 + 0.06 * draws.fraction(key, "radius"))
    disc = circle(x, y, radius + 12, palette.ground) + circle(x, y, radius, palette.spark)
    return _path(points, palette.light, ' opacity=".55"') + disc


def waves(box: Box, palette: Palette, key: str) -> str:
    """Seigaiha: rows of overlapping arcs, calm below a moon."""
    radius = box.width / draws.pick((6, 8), key, "size")
    moon = circle(
        box.x + box.width * (0.25 + 0.5 * draws.fraction(key, "moon")),
        box.y + box.height * 0.26,
        box.width * 0.17,
        palette.spark,
    )
    shapes = [moon]
    row, y = 0, box.y + box.height * 0.46
    while y < box.bottom + radius * 2:
        x = box.x - (radius if row % 2 else 0)
        while x < box.right + radius:
            rings = (
                (1.0, palette.shade),
                (0.93, palette.light),
                (0.66, palette.shade),
                (0.6, palette.ground),
                (0.32, palette.shade),
                (0.26, palette.spark),
            )
            shapes += [circle(x, y + radius, radius * size, colour) for size, colour in rings]
            x += radius * 2
        y, row = y + radius / 2, row + 1
    return "".join(shapes)


def peaks(box: Box, palette: Palette, key: str) -> str:
    """Ranges of mountains, one behind the other."""
    sun = circle(
        box.x + box.width * (0.2 + 0.6 * draws.fraction(key, "sun")),
        box.y + box.height * 0.33,
        box.width * 0.16,
        palette.spark,
    )
    layers = [sun]
    colours = ((palette.light, 0.65), (palette.light, 1.0), (palette.shade, 0.75), (palette.shade, 1.0))
    for depth, (colour, opacity) in enumerate(colours):
        floor = box.y + box.height * (0.42 + 0.15 * depth)
        points, x = f"M{box.x:g} {box.bottom:g}", box.x
        while x < box.right + 90:
            height = draws.between(10, 95 - 12 * depth, key, "peak", depth, int(x))
            points += f"L{x:.0f} {floor + 26:.0f}L{x + 42:.0f} {floor - height:.0f}"
            x += 84 + 10 * (depth % 2)
        layers.append(_path(f"{points}L{x:.0f} {box.bottom:g}Z", colour, f' opacity="{opacity}"'))
    return "".join(layers)


def tiles(box: Box, palette: Palette, key: str) -> str:
    """Quarter circles in a grid, each turned by chance."""
    columns = draws.pick((4, 5), key, "columns")
    side = box.width / columns
    shapes: list[str] = []
    for row in range(math.ceil(box.height / side)):
        for column in range(columns):
            x, y = box.x + column * side, box.y + row * side
            turn = draws.between(0, 3, key, "turn", row, column)
            colour = draws.weighted(
                ((palette.light, 4.0), (palette.spark, 2.0), (palette.shade, 3.0), (palette.paper, 0.7)),
                key,
                "colour",
                row,
                column,
            )
            corner = ((x, y, 1, 1), (x + side, y, -1, 1), (x + side, y + side, -1, -1), (x, y + side, 1, -1))[turn]
            cx, cy, dx, dy = corner
            sweep = 1 if dx * dy > 0 else 0
            shapes.append(
                _path(
                    f"M{cx:.1f} {cy:.1f}H{cx + dx * side:.1f}A{side:.1f} {side:.1f} 0 0 {sweep} {cx:.1f} "
                    f"{cy + dy * side:.1f}Z",
                    colour,
                )
            )
    return "".join(shapes)


def halftone(box: Box, palette: Palette, key: str) -> str:
    """Dots that grow toward a corner, as in a printed shadow."""
    step = 25.0
    left, up = draws.fraction(key, "left") < 0.5, draws.fraction(key, "up") < 0.35
    big = circle(
        box.x + box.width * (0.66 if left else 0.34),
        box.y + box.height * (0.6 if up else 0.42),
        box.width * 0.27,
        palette.spark,
    )
    dots = ""
    for row in range(int(box.height / step) + 2):
        for column in range(int(box.width / step) + 2):
            x = box.x + column * step + (step / 2 if row % 2 else 0)
            y = box.y + row * step
            across = (x - box.x) / box.width
            down = (y - box.y) / box.height
            near = ((1 - across) if left else across) * 0.45 + ((1 - down) if up else down) * 0.75
            radius = step * 0.72 * max(near - 0.22, 0)
            if radius > 1:
                dots += _dot(x, y, radius)
    return big + _path(dots, palette.shade)


def _dot(x: float, y: float, radius: float) -> str:
    """A circle as a part of a path."""
    half = f"a{radius:.1f} {radius:.1f} 0 1 0"
    return f"M{x - radius:.1f} {y:.1f}{half} {2 * radius:.1f} 0{half} {-2 * radius:.1f} 0"


def speed_lines(box: Box, palette: Palette, key: str) -> str:
    """Wedges that rush toward one point."""
    x, y = (
        box.x + box.width * (0.3 + 0.4 * draws.fraction(key, "x")),
        box.y + box.height * (0.4 + 0.2 * draws.fraction(key, "y")),
    )
    points = ""
    for line in range(46):
        angle = (line + draws.fraction(key, "angle", line)) * math.tau / 46
        start, width = 95 + 90 * draws.fraction(key, "start", line), 0.012 + 0.034 * draws.fraction(key, "width", line)
        points += f"M{x + start * math.cos(angle):.1f} {y + start * math.sin(angle):.1f}"
        for side in (angle - width, angle + width):
            points += f"L{x + 900 * math.cos(side):.1f} {y + 900 * math.sin(side):.1f}"
        points += "Z"
    core = circle(x, y, 74, palette.spark) + circle(x, y, 44, palette.light)
    return core + _path(points, palette.shade)


def stars(box: Box, palette: Palette, key: str) -> str:
    """Asanoha: six-pointed hemp leaves in lines."""
    side = box.width / draws.pick((4, 5), key, "size")
    height = side * math.sqrt(3) / 2
    lines = ""
    for row in range(-1, int(box.height / height) + 2):
        for column in range(-1, int(box.width / side) + 2):
            x = box.x + column * side + (side / 2 if row % 2 else 0)
            y = box.y + row * height
            lines += _leaf(x, y, side, height, 1) + _leaf(x + side / 2, y + height, side, height, -1)
    moon = circle(box.x + box.width * 0.5, box.y + box.height * 0.5, box.width * 0.3, palette.light)
    return f'{moon}<path d="{lines}" fill="none" stroke="{palette.spark}" stroke-width="2.5" opacity=".85"/>'


def _leaf(x: float, y: float, side: float, height: float, way: int) -> str:
    """A triangle with its centre joined to its corners."""
    corners = ((x, y), (x + side * way, y), (x + side / 2 * way, y + height * way))
    cx, cy = sum(corner[0] for corner in corners) / 3, sum(corner[1] for corner in corners) / 3
    outline = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in corners) + "Z"
    return outline + "".join(f"M{cx:.1f} {cy:.1f}L{a:.1f} {b:.1f}" for a, b in corners)


def ripples(box: Box, palette: Palette, key: str) -> str:
    """Two sets of rings that meet."""
    shapes: list[str] = []
    for place, colour in ((0, palette.light), (1, palette.spark)):
        x = box.x + box.width * ((0.12, 0.88)[place] + 0.2 * (draws.fraction(key, "x", place) - 0.5))
        y = box.y + box.height * ((0.75, 0.3)[place] + 0.2 * (draws.fraction(key, "y", place) - 0.5))
        shapes += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{ring * 24}" fill="none" stroke="{colour}" '
            f'stroke-width="{10 - ring * 0.6:.1f}" opacity="{1 - ring * 0.07:.2f}"/>'
            for ring in range(9, 0, -1)
        ]
        shapes.append(circle(x, y, 14, palette.paper))
    return "".join(shapes)


def ribbons(box: Box, palette: Palette, key: str) -> str:
    """Broad curved bands across the box."""
    shapes: list[str] = []
    colours = (palette.light, palette.spark, palette.shade, palette.paper)
    for band in range(5):
        y = box.y + box.height * (0.1 + 0.2 * band)
        rise, thick = draws.between(-120, 120, key, "rise", band), draws.between(26, 58, key, "thick", band)
        middle = box.x + box.width / 2
        end = y + rise / 3
        top = f"M{box.x:g} {y:.0f}C{middle:.0f} {y - rise:.0f} {middle:.0f} {y + rise:.0f} {box.right:g} {end:.0f}"
        below = f"V{end + thick:.0f}C{middle:.0f} {y + rise + thick:.0f} {middle:.0f} {y - rise + thick:.0f}"
        bottom = f"{below} {box.x:g} {y + thick:.0f}Z"
        shapes.append(_path(top + bottom, colours[band % len(colours)], ' opacity=".92"'))
    return "".join(shapes)


def blocks(box: Box, palette: Palette, key: str) -> str:
    """A skyline of lit windows under a big moon."""
    shapes = [circle(box.x + box.width * (0.3 + 0.4 * draws.fraction(key, "moon")), box.y + box.height * 0.36,
                     box.width * 0.24, palette.spark)]  # fmt: skip
    x, house = box.x, 0
    while x < box.right:
        width = draws.between(38, 72, key, "width", house)
        top = box.bottom - box.height * (0.2 + 0.4 * draws.fraction(key, "height", house))
        shapes.append(rect(Box(x, top, width + 1, box.bottom - top), palette.shade))
        for window in range(draws.between(2, 7, key, "windows", house)):
            wx = x + 8 + 14 * draws.between(0, max((width - 20) // 14, 0), key, "wx", house, window)
            wy = top + 12 + 20 * draws.between(0, 7, key, "wy", house, window)
            shapes.append(rect(Box(wx, wy, 8, 11), palette.light))
        x, house = x + width, house + 1
    return "".join(shapes)


PATTERNS: tuple[Pattern, ...] = (
    rising_sun,
    waves,
    peaks,
    tiles,
    halftone,
    speed_lines,
    stars,
    ripples,
    ribbons,
    blocks,
)
