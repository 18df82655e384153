"""The sentences of an answer, each with its place: what a claim is made in, and what is taken out whole."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct


class Sentence(Struct, frozen=True):
    """``text[start:end]`` with the space after it."""

    start: int
    end: int
    text: str


def sentences(text: str, titles: Iterable[str] = ()) -> Iterator[Sentence]:
    """The sentences of a text, and the lines of a list. A full stop inside a number, a price or "Vol. 3" ends none.

    Nor does one that belongs to one of ``titles``: "**Haikyu!!** is $9.99" is one sentence.
    """
    start = 0
    spelt = _spans(text, titles)
    for found in _SENTENCE_END.finditer(text):
        if found.end() > start and not _inside(text, found, spelt):
            yield Sentence(start, found.end(), text[start : found.end()])
            start = found.end()
    if start < len(text):
        yield Sentence(start, len(text), text[start:])


def _spans(text: str, titles: Iterable[str]) -> list[tuple[int, int]]:
    """Where titles with a sentence's end in them are spelt out."""
    telling = {title for title in titles if any(mark in title for mark in ".!?…")}
    return [found.span() for title in telling for found in re.finditer(re.escape(title), text, re.IGNORECASE)]


def _inside(text: str, ending: re.Match[str], spelt: Iterable[tuple[int, int]]) -> bool:
    """The mark is a title's own: the title goes on behind it, or ends there and the sentence goes on."""
    goes_on = "\n" not in ending[0] and not text[ending.end() : ending.end() + 1].isupper() and ending.end() < len(text)
    return any(start < ending.start() < end and (ending.end() < end or goes_on) for start, end in spelt)


# It begins with the mark and looks back from behind it, so that the search runs from mark to mark.
_SENTENCE_END: Final = re.compile(
    r"[.!?…。！？\n](?:"
    r"(?<=[.!?…])(?<!\b[Vv]ol.)(?<!\b[Vv]ols.)(?<!\b[Nn]o.)(?<!\bMr.)(?<!\bMs.)(?<!\bDr.)(?<!\bSt.)"
    r"[.!?…]*[\"')\]*_]{0,3}(?:\s+|$)"
    r"|(?<=[。！？])\s*|(?<=\n)\n*)"
)
