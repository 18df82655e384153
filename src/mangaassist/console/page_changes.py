"""What a draft changes in a page, line by line and within a line word by word: pure, and bounded whatever an editor writes.

Comparing takes the square of what is compared, and more where the same stands again and again. So what begins and ends alike is
not compared, what repeats is no place to hold on to, and what is left is shown whole where it is too much.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Final, Literal, TypeVar

from mangaassist.wire.console_knowledge import ChangePart
from mangaassist.wire.store_pages import PageText

MOST_LINES: Final = 400
"""That are compared, of either text; where more have changed, all of them are shown as they were and as they are."""
MOST_WORDS: Final = 400
"""Of a line that is compared word by word; a longer one is shown whole, as it was and as it is."""
MOST_PAIRS: Final = 400_000
"""Of words that are compared in a page; lines after that are shown whole."""
ALIKE: Final = 0.5
"""The share of its words that a line keeps, where it is shown as one line that has changed."""
MOST_REPEATED: Final = 20
"""What stands there more often, as empty lines do, is matched only beside something that does not."""
_WORDS: Final = re.compile(r"\s+|[^\s]+")

Line = tuple[ChangePart, ...]
Kind = Literal["same", "added", "removed"]
Piece = TypeVar("Piece", bound=Hashable)


def changes(before: PageText | None, after: PageText) -> tuple[Line, ...]:
    """Every line of both: title, kind, category, wordings, answers and text. ``before`` None: all of it is new."""
    return tuple(_compared(_lines(before) if before else (), _lines(after)))


def _lines(page: PageText) -> Sequence[str]:
    head = (f"title: {page.title}", f"kind: {page.source_type}", f"category: {page.category or page.source_type}")
    asked = [f"asked as: {question}" for question in page.questions]
    answers = [
        line
        for answer in page.answers
        for line in (f"answers: {answer.says}", *(f"  when: {one}" for one in answer.asks))
    ]
    return (*head, *asked, *answers, *page.body.splitlines())


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    begin = _alike(before, after)
    end = _alike(before[begin:][::-1], after[begin:][::-1])
    was, is_now = before[begin : len(before) - end], after[begin : len(after) - end]
    yield from (_whole("same", line) for line in after[:begin])
    yield from _between(was, is_now)
    yield from (_whole("same", line) for line in after[len(after) - end :])


def _alike(before: Sequence[str], after: Sequence[str]) -> int:
    """How many lines both begin with."""
    differing = (at for at, (was, is_now) in enumerate(zip(before, after, strict=False)) if was != is_now)
    return next(differing, min(len(before), len(after)))


def _between(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    if max(len(before), len(after)) > MOST_LINES:
        yield from (_whole("removed", line) for line in before)
        yield from (_whole("added", line) for line in after)
        return
    words = _Words()
    for tag, a, b, c, d in _matcher(before, after).get_opcodes():
        if tag == "equal":
            yield from (_whole("same", line) for line in after[c:d])
            continue
        for was, is_now in zip_longest(before[a:b], after[c:d]):
            yield from words.line(was, is_now)


def _matcher(before: Sequence[Piece], after: Sequence[Piece]) -> "SequenceMatcher[Any]":
    often = {piece for piece, count in Counter(after).items() if count > MOST_REPEATED}
    return SequenceMatcher(often.__contains__, before, after, autojunk=False)


class _Words:
    """Compares the words of lines, as long as there are not too many in a page."""

    def __init__(self) -> None:
        self._left = MOST_PAIRS

    def line(self, was: str | None, is_now: str | None) -> Iterator[Line]:
        if was is not None and is_now is not None and (parts := self._within(was, is_now)):
            yield parts
            return
        if was is not None:
            yield _whole("removed", was)
        if is_now is not None:
            yield _whole("added", is_now)

    def _within(self, was: str, is_now: str) -> Line:
        """The words that changed; empty where the lines have too little in common."""
        before, after = _WORDS.findall(was), _WORDS.findall(is_now)
        self._left -= len(before) * len(after)
        if self._left < 0 or max(len(before), len(after)) > MOST_WORDS:
            return ()
        matcher = _matcher(before, after)
        if matcher.quick_ratio() < ALIKE or matcher.ratio() < ALIKE:
            return ()
        parts: list[ChangePart] = []
        for tag, a, b, c, d in matcher.get_opcodes():
            if tag == "equal":
                parts.append(ChangePart(kind="same", text="".join(after[c:d])))
                continue
            if b > a:
                parts.append(ChangePart(kind="removed", text="".join(before[a:b])))
            if d > c:
                parts.append(ChangePart(kind="added", text="".join(after[c:d])))
        return tuple(parts)


def _whole(kind: Kind, line: str) -> Line:
    return (ChangePart(kind=kind, text=line),)
