"""The sentences of a page: what is embedded one by one, and what an answer quotes."""

import re
from functools import lru_cache
from typing import Final

KNOWN_PAGES: Final = 256
ABBREVIATIONS: Final = ("Dr", "Mr", "Mrs", "Ms", "St", "Prof", "Vol", "vol", "vs", "No")
"""Behind these a full stop ends no sentence."""
_SHORTENED: Final = "".join(rf"(?<!\b{word}\.)" for word in ABBREVIATIONS)
_SENTENCE: Final = re.compile(rf"(?<=[.!?]){_SHORTENED}[\"”)]?\s+(?=[A-Z\"“(\d])")
_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)]*\)")


def is_end(text: str, place: int) -> bool:
    """Whether the character at ``place`` ends a sentence of ``text``, where a space or nothing follows it."""
    if text[place] not in ".!?" or text[place + 1 : place + 2] not in ("", " "):
        return False
    return text[place] != "." or not text[:place].endswith(tuple(f" {word}" for word in ABBREVIATIONS))


@lru_cache(KNOWN_PAGES)
def sentences_of(content: str, title: str = "") -> tuple[str, ...]:
    """In the page's order, links as their words; without headings, tables and a first line that repeats the ``title``."""
    found: list[str] = []
    for line in _body(content, title).splitlines():
        line = _LINK.sub(r"\1", line.strip())
        if not line or line.startswith(("#", "|")):
            continue
        pieces = [line[2:]] if line.startswith(("- ", "* ")) else _SENTENCE.split(line)
        found += [text for text in (piece.strip() for piece in pieces) if text]
    return tuple(found)


def _body(content: str, title: str) -> str:
    body = content.strip()
    first, _, rest = body.partition("\n")
    return rest.strip() if first.strip("#* ").rstrip() == title and rest.strip() else body
