"""The help pages send shoppers only to places that the shop has (D-1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import aiohttp
import pytest

from mangastore.data.content import ContentLibrary, Entry
from mangastore.storefront.account import FILLED_IN
from mangastore.storefront.static_files import STATIC_FOLDER

NAMED: Final[Mapping[str, re.Pattern[str]]] = {
    "part of the account": re.compile(r"\bAccount, ([A-Z][a-z]+(?: [A-Z][a-z]+)*)"),
    "page": re.compile(r"\b([A-Z][a-z]+(?: [a-z]+)??) page\b"),
    "button": re.compile(
        r"\b(?:[Cc]hoose|[Pp]ress|[Uu]se|then) "
        r"((?:Turn|Delete|Download|Return|Edit|Continue|This is|Forgot|Notify|Sign|Create|Report|Apply)\b(?: (?:a |my )?[a-z]+)?)"
    ),
}
OF_EVERY_SHOP: Final = frozenset(("Product", "The", "Every", "Yes", "Series", "Copyright", "Each"))
"""Words before "page" that name none."""


def _named(kind: str, entry: Entry) -> Iterator[str]:
    texts = (entry.body, *(answer.says for answer in entry.answers))
    for text in texts:
        for found in NAMED[kind].finditer(text):
            if found[1].split()[0] not in OF_EVERY_SHOP:
                yield found[1]


def _all_named(kind: str) -> set[str]:
    entries = ContentLibrary().approved().values()
    return {name for entry in entries if entry.source_type != "editorial" for name in _named(kind, entry)}


def _words_of_the_shop() -> str:
    folder = STATIC_FOLDER.parent
    files = (*STATIC_FOLDER.glob("*.js"), *folder.glob("*.py"))
    return "\n".join(path.read_text("utf-8") for path in files)


def test_every_part_of_the_account_that_a_page_names_is_there() -> None:
    titles = set(re.findall(r'title: "([^"]+)"', (STATIC_FOLDER / "account-parts.js").read_text("utf-8")))
    named = _all_named("part of the account")
    assert {"Payment", "Privacy", "Security"} <= named
    assert named <= titles


def test_every_page_that_a_page_names_has_its_heading() -> None:
    titles = {row.title for row in FILLED_IN.values()}
    parts = set(re.findall(r'title: "([^"]+)"', _words_of_the_shop()))
    headings = {title.removeprefix("My ").capitalize() for title in titles} | parts
    named = _all_named("page")
    assert {"Orders", "Gift cards"} <= named
    assert named <= headings


def test_every_button_that_a_page_names_can_be_pressed() -> None:
    shop = _words_of_the_shop()
    named = _all_named("button")
    assert {"Return items", "Edit address", "Notify me", "This is a gift", "Apply"} <= named
    assert [name for name in sorted(named) if not re.search(rf'[">]{name}\b[^"<>{{}}$=]*["<]', shop)] == []


@pytest.mark.parametrize("path", ["/wishes", "/gift-cards", "/orders/invoice", "/returns/reports", "/account"])
async def test_each_place_is_a_page(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as response:
        assert response.status == 200
        assert f'<div id="{path.rpartition("/")[2]}"></div>' in await response.text()
