"""Covers: well-formed drawings, the same every time."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import aiohttp
import pytest

from mangastore.covers.drawing import draw_cover
from mangastore.covers.lettering import fit, text_width
from mangastore.data.products import Product, make_products
from mangastore.data.series import load_series


@pytest.fixture(scope="module")
def one_of_each() -> list[Product]:
    """The first volume, omnibus and box set of every series."""
    seen: dict[tuple[str, str], Product] = {}
    for product in make_products(load_series()):
        seen.setdefault((product.series.id, product.format), product)
    return list(seen.values())


def test_every_cover_is_well_formed_and_loads_nothing(one_of_each: list[Product]) -> None:
    for product in one_of_each:
        drawing = draw_cover(product)
        root = ElementTree.fromstring(drawing)
        assert root.tag.endswith("svg")
        assert not re.search(r"[ \"](nan|inf)\b", drawing)
        assert "http" not in drawing.replace("http://www.w3.org/2000/svg", "")
        assert len(drawing) < 60_000


def test_a_cover_is_the_same_every_time_and_differs_between_volumes(one_of_each: list[Product]) -> None:
    first, second, *_ = make_products(load_series())
    assert draw_cover(first) == draw_cover(first)
    assert draw_cover(first) != draw_cover(second)


@pytest.mark.parametrize(
    "title", ["X", "One Piece", "Komi Can't Communicate", "Honorificabilitudinitatibus", "A " * 40 + "B"]
)
def test_letters_stay_in_their_box(title: str) -> None:
    lines = fit(title, 300, 120, 70)
    assert lines.height <= 120 * 1.001
    assert max(map(text_width, lines.texts)) * lines.size <= 301
    assert " ".join(lines.texts).split() == title.split()


async def test_a_cover_is_served_as_svg(http: aiohttp.ClientSession, asin: str) -> None:
    async with http.get(f"/covers/{asin}.svg") as response:
        assert response.status == 200
        assert response.content_type == "image/svg+xml"
        assert "max-age" in response.headers["Cache-Control"]
        ElementTree.fromstring(await response.text())


@pytest.mark.parametrize("name", ["B0ZZZZZZZZ.svg", "nonsense", "..%2f..%2fetc%2fpasswd", "B0ZZZZZZZZ.png"])
async def test_what_is_no_cover_is_not_served(http: aiohttp.ClientSession, name: str) -> None:
    async with http.get(f"/covers/{name}") as response:
        assert response.status in (400, 404)
