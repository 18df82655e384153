"""Edits as a reader should meet them: one a sentence, no doubled space, no mark on its own, and a list that stays a list (G-3)."""

import re
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from mangaassist.guardrails.edits import Edit

_SENTENCE_ENDS: Final = re.compile(r"[.!?…。！？][\"')\]*_]{0,3}(?:\s|$)|\n")
_CLOSING: Final = ".,;:!?)"


def tidied(text: str, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The same edits of ``text``, in reading order: those of one sentence joined, each cleaned up at its ends."""
    joined: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if joined and not _SENTENCE_ENDS.search(text, joined[-1].end, edit.start) and not _ends(text, joined[-1]):
            before = joined.pop()
            words = before.replacement + text[before.end : edit.start] + edit.replacement
            joined.append(replace(before, end=edit.end, replacement=words))
        else:
            joined.append(edit)
    floor, kept = 0, list[Edit]()
    ceilings = [*(one.start for one in joined[1:]), len(text)][: len(joined)]
    for edit, after in zip(joined, ceilings, strict=True):
        kept.append(_cleaned(text, edit, floor, after))
        floor = kept[-1].end
    return tuple(kept)


def _ends(text: str, edit: Edit) -> bool:
    """What was edited ended its sentence."""
    return re.search(r"(?:[.!?…。！？][\"')\]*_]{0,3}\s*|\n)\Z", text[edit.start : edit.end]) is not None


def _cleaned(text: str, edit: Edit, floor: int, ceiling: int) -> Edit:
    """``floor`` and ``ceiling`` are where the edits beside it end and begin."""
    start, end, words = edit.start, edit.end, edit.replacement
    at_line_start = start == 0 or text[start - 1] == "\n"
    breaks = re.search(r"\s*\n\s*\Z", text[start:end])
    if breaks and "\n" not in words and not (at_line_start and not words):
        end, words = start + breaks.start(), words.rstrip()  # the line goes on, or the next one begins, as before
    if not words or words.isspace():
        words = ""
        if (
            start > floor
            and text[start - 1] == " "
            and (end == len(text) or text[end] in _CLOSING or text[end].isspace())
        ):
            start -= 1
        elif at_line_start and end < ceiling and text[end] == " ":
            end += 1
    elif words.endswith(" ") and (end == len(text) or text[end].isspace()):
        words = words.rstrip(" ")
    if not words and end == len(text):
        while start > floor and text[start - 1].isspace():
            start -= 1
    return replace(edit, start=start, end=end, replacement=words)
