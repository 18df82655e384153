"""What a model thinks aloud within its answer, ``<think>…</think>``, taken out of it as it leaves (T-9).

What a shopper sees is the same however the text arrives: nothing that may still become a tag leaves before it is known. A thought
that never ends takes the rest of the answer along, so that nobody reads it.
"""

import re
from typing import Final

_TAGS: Final = ("think", "thinking", "thought", "thoughts", "reasoning", "reflection", "scratchpad")
_TAG: Final = re.compile(rf"<(/?)(?:{'|'.join(_TAGS)})>", re.IGNORECASE)
_BEGINNINGS: Final = frozenset(
    whole[:end] for name in _TAGS for whole in (f"<{name}>", f"</{name}>") for end in range(1, len(whole))
)
_LONGEST: Final = max(map(len, _BEGINNINGS))


class Thoughts:
    """Lives as long as one answer. ``feed`` pieces, then ``finish``; together they give the text without its thoughts."""

    def __init__(self) -> None:
        self._held = ""
        self._depth = 0
        self._has_spoken = False

    def feed(self, piece: str) -> str:
        """What may leave now."""
        if not self._held and not self._depth and self._has_spoken and "<" not in piece:
            return piece
        text = self._held + piece
        said: list[str] = []
        place = 0
        for tag in _TAG.finditer(text):
            said.append(self._let(text[place : tag.start()]))
            self._depth = max(0, self._depth + (-1 if tag[1] else 1))
            place = tag.end()
        rest = text[place:]
        self._held = _beginning(rest)
        said.append(self._let(rest[: len(rest) - len(self._held)]))
        return "".join(said)

    def finish(self) -> str:
        """What was held back and became no tag."""
        rest, self._held = self._held, ""
        return self._let(rest)

    def _let(self, text: str) -> str:
        """Outside of thoughts alone; the blank lines between them and the answer go with them."""
        if self._depth:
            return ""
        shown = text if self._has_spoken else text.lstrip()
        self._has_spoken = self._has_spoken or bool(shown)
        return shown


def _beginning(text: str) -> str:
    """The end of the text that may become a tag."""
    start = text.rfind("<", -_LONGEST)
    return text[start:] if start >= 0 and text[start:].lower() in _BEGINNINGS else ""
