"""What a draft changes in a page, line by line and within a line word by word: pure."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final, Literal

from mangaassist.wire.console_knowledge import ChangePart
from mangaassist.wire.store_pages import PageText

MOST_WORDS: Final = 400
"""Of a line that is compared word by word; a longer one is shown whole, as it was and as it is."""
_WORDS: Final = re.compile(r"\s+|[^\s]+")

Line = tuple[ChangePart, ...]
Kind = Literal["same", "added", "removed"]


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
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (_whole("same", line) for line in after[c:d])
            continue
        for was, is_now in zip_longest(before[a:b], after[c:d]):
            yield from _line(was, is_now)


def _line(was: str | None, is_now: str | None) -> Iterator[Line]:
    if was is not None and is_now is not None and (parts := _within(was, is_now)):
        yield parts
        return
    if was is not None:
        yield _whole("removed", was)
    if is_now is not None:
        yield _whole("added", is_now)


def _within(was: str, is_now: str) -> Line:
    """The words that changed; empty where the lines have too little in common."""
    before, after = _WORDS.findall(was), _WORDS.findall(is_now)
    if max(len(before), len(after)) > MOST_WORDS:
        return ()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.5:
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
