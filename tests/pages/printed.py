"""Prints into pages of ``docs/`` what is true of the code already: ``make docs``."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.pages import dialects, knowledge, protocol, services, settings

DOCS: Final = Path(__file__).parents[2] / "docs"
BLOCKS: Final[Mapping[str, Mapping[str, Callable[[], str]]]] = {
    "protocol.md": protocol.BLOCKS,
    "settings.md": {"all_settings": settings.all_settings},
    "services.md": {"policies": services.policies},
    "knowledge.md": knowledge.BLOCKS,
    "dialects.md": {"moments": dialects.moments},
}
"""By page: what is printed into it, by name."""
_BLOCK: Final = re.compile(r"<!-- printed by `make docs`: (?P<name>\w+) -->\n.*?<!-- end -->\n", re.DOTALL)


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def refreshed(page: str) -> str:
    """A page as it has to be."""
    return _BLOCK.sub(lambda block: _printed(page, block["name"]), text_of(page))


def _printed(page: str, name: str) -> str:
    return f"<!-- printed by `make docs`: {name} -->\n\n{BLOCKS[page][name]()}\n<!-- end -->\n"


def printed(page: str) -> set[str]:
    """The names of the blocks that a page has."""
    return {block["name"] for block in _BLOCK.finditer(text_of(page))}


def main() -> None:
    for page in BLOCKS:
        (DOCS / page).write_text(refreshed(page), encoding="utf-8")


if __name__ == "__main__":
    main()
