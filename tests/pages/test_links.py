"""O-8: every link between files of the repository leads to a file, and to a place in it, as GitHub reads them too."""

import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("docs", "examples", "training", "deploy")
READ: Final = sorted(
    [*ROOT.glob("*.md"), ROOT / "llms.txt", *(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.md"))]
)
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
_FENCED: Final = re.compile(r"^(`{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"`[^`\n]+`")


def links_of(file: Path) -> list[str]:
    text = _CODE.sub("", _FENCED.sub("", file.read_text(encoding="utf-8")))
    return [whole or picture for whole, picture in _LINK.findall(text)]


@cache
def places_in(file: Path) -> frozenset[str]:
    """The names of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", file.read_text(encoding="utf-8")), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


@pytest.mark.parametrize("file", READ, ids=[str(file.relative_to(ROOT)) for file in READ])
def test_every_link_leads_to_a_file_and_to_a_place_in_it(file: Path) -> None:
    dead: list[str] = []
    for link in links_of(file):
        address, _, place = link.partition("#")
        led = (file.parent / address).resolve() if address else file
        if not led.is_file() or (place and led.suffix == ".md" and place not in places_in(led)):
            dead.append(link)
    assert dead == []


def test_the_map_for_agents_names_every_page_of_the_documentation() -> None:
    """In the form of llmstxt.org: a title, a summary, and lists of links with what is behind each."""
    text = (ROOT / "llms.txt").read_text(encoding="utf-8")
    title, _, summary, *_ = text.splitlines()
    assert (title[:2], summary[:2]) == ("# ", "> ")
    listed = [line for section in text.split("\n## ")[1:] for line in section.splitlines()[1:] if line]
    assert [line for line in listed if not re.fullmatch(r"- \[[^\]]+\]\([^)]+\): .+", line)] == []
    pages = {f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md")}
    assert pages - set(links_of(ROOT / "llms.txt")) == {"docs/index.md"}
