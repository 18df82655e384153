"""A built site, as somebody who clicks through it finds it: pages, what they link to, and what they load."""

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from msgspec import Struct, field

LOADED: Final[Mapping[str, str]] = {"img": "src", "script": "src", "source": "src", "iframe": "src", "link": "href"}


class Page(Struct):
    """One file of HTML: the names that links may lead to, where its links lead, and what it loads."""

    file: Path
    ids: set[str] = field(default_factory=set[str])
    links: list[str] = field(default_factory=list[str])
    loads: list[str] = field(default_factory=list[str])


class _Reader(HTMLParser):
    def __init__(self, file: Path) -> None:
        super().__init__()
        self.page = Page(file)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value is not None}
        self.page.ids.update(given[name] for name in ("id", "name") if name in given)
        if tag == "a" and "href" in given:
            self.page.links.append(given["href"])
        if tag in LOADED and LOADED[tag] in given:
            self.page.loads.append(given[LOADED[tag]])


class Site:
    def __init__(self, root: Path) -> None:
        self.root = root
        files = sorted(file for file in root.rglob("*.html") if "_downloads" not in file.parts)  # examples are not ours
        self.pages = {file: _read(file) for file in files}

    def broken(self) -> Iterator[str]:
        """Links, pictures, styles and scripts that lead nowhere."""
        for page in self.pages.values():
            for address in (*page.links, *page.loads):
                if not urlsplit(address).netloc and not self._is_there(page, address):
                    yield f"{page.file.relative_to(self.root)}: {address}"

    def _is_there(self, page: Page, address: str) -> bool:
        file, place = self._led_to(page, address)
        if not file.is_file():
            return False
        return not place or file not in self.pages or place in self.pages[file].ids

    def _led_to(self, page: Page, address: str) -> tuple[Path, str]:
        parts = urlsplit(address)
        file = (page.file.parent / unquote(parts.path)).resolve() if parts.path else page.file
        return file, unquote(parts.fragment)

    def strangers(self) -> set[str]:
        """Whatever of another host is loaded or linked."""
        told = (address for page in self.pages.values() for address in (*page.links, *page.loads))
        return {address for address in told if urlsplit(address).netloc}

    def reached_from(self, start: str) -> set[str]:
        """The pages to which one can click from there, itself included."""
        waiting, reached = [(self.root / start).resolve()], set[Path]()
        while waiting:
            file = waiting.pop()
            if file in self.pages and file not in reached:
                reached.add(file)
                waiting.extend(self._led_to(self.pages[file], address)[0] for address in self.pages[file].links)
        return {str(file.relative_to(self.root)) for file in reached}


def _read(file: Path) -> Page:
    reader = _Reader(file)
    reader.feed(file.read_text(encoding="utf-8"))
    return reader.page
