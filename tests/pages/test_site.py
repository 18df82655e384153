"""O-8: the documentation site is built without a warning, loads nothing of others, and none of its links is dead."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.pages.built import Site

ROOT: Final = Path(__file__).parents[2]
BUILDING_S: Final = 500
OURS: Final = re.compile(r"https?://(127\.0\.0\.1|localhost)(:\d+)?(/|$)")
"""Addresses at which a reader's own assistant and store answer."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, peer: Callable[[str], str]) -> Site:
    built = tmp_path_factory.mktemp("site").resolve()
    command = [peer("sphinx-build"), "-q", "-E", "-W", "--keep-going", "-c", "docs/site", ".", str(built)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=BUILDING_S, check=False)
    assert done.returncode == 0, done.stderr
    return Site(built)


def test_every_link_anchor_and_picture_is_there(site: Site) -> None:
    assert list(site.broken()) == []


def test_nothing_is_loaded_from_or_led_to_a_host_of_others(site: Site) -> None:
    assert {address for address in site.strangers() if not OURS.match(address)} == set()
    styles = (file.read_text(encoding="utf-8") for file in site.root.rglob("*.css"))
    assert [
        found for style in styles for found in re.findall(r"url\(\s*['\"]?(https?:|//)[^)]*\)|@import", style)
    ] == []


def test_every_page_is_reached_from_the_first(site: Site) -> None:
    pages = {str(file.relative_to(site.root)) for file in site.pages}
    assert pages - site.reached_from("index.html") == {"search.html"}, "the search is a form and no link"
