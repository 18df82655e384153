"""The marks by which a model says where it has something from, ``[p1]``, taken out of its answer as it leaves (K-6).

What a shopper sees is the same however the text arrives: nothing that may still become a mark leaves before it is known.
"""

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

_MOST: Final = 40
_INSIDE: Final = rf"[ ]?[pP]\d[\dpP ,;]{{0,{_MOST}}}"
_MARK: Final = re.compile(rf"(?:\[{_INSIDE}\]|\({_INSIDE}\))")
"""One or several ids in brackets; models write round ones, too."""
_MAY_BECOME: Final = re.compile(rf"[ \t]*(?:[\[(](?:[ ]?(?:[pP](?:\d[\dpP ,;]{{0,{_MOST}}})?)?)?)?\Z")
"""An end that is a mark's beginning, and the spaces before it: they go with it."""
_BEGUN: Final = re.compile(r"\[[ ]?(?:[pP][\dpP ,;]*)?\Z|\([ ]?[pP]\d[\dpP ,;]*\Z")
"""What of it is nothing but a torn mark once no more comes."""
_PLAIN: Final = re.compile(r"[^\[(]*[^\[( \t]", re.DOTALL)
"""Nothing of a mark, as most pieces are."""
_ID: Final = re.compile(r"p\d+")
_SPACES: Final = " \t"
MOST_SPACES: Final = 64
"""A run of spaces that is longer is held back no more."""
_LONGEST: Final = MOST_SPACES + _MOST + 8
"""How far from the end what is held back may begin."""


class Cited(Struct, frozen=True):
    """``chunk_ids`` in the order in which they were cited first; ``unknown`` ids were none of those that were given."""

    chunk_ids: tuple[str, ...] = ()
    unknown: int = 0


class Citations:
    """Lives as long as one answer. ``feed`` pieces, then ``finish``; together they give the text without its marks."""

    def __init__(self, given: Mapping[str, str]) -> None:
        """``given`` are the ids of pieces of knowledge by the short ids that the model may cite."""
        self._given = given
        self._held = ""
        self._begins_line = True
        self._skips_spaces = False
        self._found: list[str] = []

    @property
    def cited(self) -> Cited:
        known = (self._given[name] for name in self._found if name in self._given)
        return Cited(tuple(dict.fromkeys(known)), sum(name not in self._given for name in self._found))

    def feed(self, piece: str) -> str:
        """What may leave now."""
        if not self._held and not self._skips_spaces and _PLAIN.fullmatch(piece):
            return self._let(piece)
        text = self._held + piece
        said: list[str] = []
        place = 0
        for mark in _MARK.finditer(text):
            said.append(self._let(text[place : mark.start()].rstrip(_SPACES)))
            self._found += _ID.findall(mark[0].lower())
            self._skips_spaces = self._begins_line
            place = mark.end()
        rest = self._without_skipped(text[place:])
        held = _MAY_BECOME.search(rest, max(0, len(rest) - _LONGEST))
        self._held = held[0] if held and len(held[0]) - len(held[0].lstrip(_SPACES)) <= MOST_SPACES else ""
        said.append(self._let(rest[: len(rest) - len(self._held)]))
        return "".join(said)

    def finish(self) -> str:
        """What was held back, without a mark that was torn off."""
        rest = self._held
        self._held = ""
        torn = _BEGUN.search(rest)
        return self._let(rest[: torn.start()].rstrip(_SPACES) if torn else rest)

    def _let(self, text: str) -> str:
        text = self._without_skipped(text)
        if text:
            self._skips_spaces = False
            self._begins_line = text.endswith("\n")
        return text

    def _without_skipped(self, text: str) -> str:
        """A mark at the beginning of a line takes the spaces behind it along."""
        return text.lstrip(_SPACES) if self._skips_spaces else text
