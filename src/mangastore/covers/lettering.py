"""Lettering: a title broken into lines of even length and sized to its box."""

from __future__ import annotations

from html import escape
from itertools import combinations, pairwise

import msgspec

SANS = "'Avenir Next','Futura','Century Gothic','Helvetica Neue',Arial,'Liberation Sans',sans-serif"
LINE_HEIGHT = 1.06
MAX_LINES = 4
# Widths of bold sans letters in units of the font size, measured generously so that other fonts fit too.
NARROW, WIDE = set("iljtfrI.,:;'!|()-’ "), set("mwMW@%&—")
WIDTHS = ((NARROW, 0.36), (WIDE, 0.92))


class Lines(msgspec.Struct, frozen=True):
    """Lines of text and the font size at which they fit."""

    texts: list[str]
    size: float

    @property
    def height(self) -> float:
        """How high the lines are together."""
        return len(self.texts) * self.size * LINE_HEIGHT


def text_width(text: str) -> float:
    """The width of a text at font size 1, an estimate on the safe side."""
    return sum(_letter_width(letter) for letter in text)


def _letter_width(letter: str) -> float:
    for letters, width in WIDTHS:
        if letter in letters:
            return width
    if not letter.isascii() and not letter.isalpha():
        return 0.8
    return 0.74 if letter.isupper() or letter.isdigit() else 0.61


def fit(text: str, width: float, height: float, largest: float) -> Lines:
    """Break a text so that it can be set as large as possible in a box."""
    words = text.split()
    best = Lines([text], 0)
    for count in range(1, min(len(words), MAX_LINES) + 1):
        texts = _even_lines(words, count)
        widest = max(map(text_width, texts))
        size = min(largest, width / widest, height / (count * LINE_HEIGHT))
        if size > best.size * 1.04:
            best = Lines(texts, round(size, 1))
    return best


def _even_lines(words: list[str], count: int) -> list[str]:
    """The break into so many lines whose widest line is narrowest."""
    best: list[str] = [" ".join(words)]
    for cuts in combinations(range(1, len(words)), count - 1):
        edges = (0, *cuts, len(words))
        lines = [" ".join(words[start:end]) for start, end in pairwise(edges)]
        if len(best) != count or max(map(text_width, lines)) < max(map(text_width, best)):
            best = lines
    return best


def text(x: float, y: float, words: str, size: float, colour: str, *, anchor: str = "start", weight: int = 700,
         spacing: float = 0) -> str:  # fmt: skip
    """One line of text with its baseline at y."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}" font-weight="{weight}" fill="{colour}"'
        f' text-anchor="{anchor}"{f" letter-spacing={chr(34)}{spacing:g}{chr(34)}" if spacing else ""}>{escape(words)}</text>'
    )


def draw_lines(lines: Lines, x: float, top: float, colour: str, *, anchor: str = "start", weight: int = 800) -> str:
    """Lines one under the other, the first one's top at `top`."""
    step = lines.size * LINE_HEIGHT
    return "".join(
        text(x, top + lines.size * 0.82 + step * place, words, lines.size, colour, anchor=anchor, weight=weight)
        for place, words in enumerate(lines.texts)
    )


def split_title(title: str) -> tuple[str, str]:
    """A title and its subtitle: what follows a colon or a long dash."""
    for mark in (": ", "—", " - ", " ~"):
        head, found, tail = title.partition(mark)
        if found and len(head) >= 3:
            return head, tail.strip(" ~")
    return title, ""
