"""Which of several wordings an answer uses: never one that this conversation has heard, while there is another.

Wordings are data (``data/phrases.toml``): a key and its variants, with ``{fields}``; ``{ware}`` and ``{wares}`` are what is sold.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final

from mangaassist.domain.dialogue import AskedFor, Proposal
from mangaassist.domain.writing import WritingNotes, WritingTask


def _flat(table: dict[str, object], prefix: str = "") -> list[tuple[str, tuple[str, ...]]]:
    rows: list[tuple[str, tuple[str, ...]]] = []
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            rows += _flat(value, f"{key}.")  # pyright: ignore[reportUnknownArgumentType] -- tomllib's tables are dicts of strings
        elif isinstance(value, list):
            rows.append((key, tuple(str(one) for one in value)))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- of strings, by this file's shape
        else:
            rows.append((key, (str(value),)))
    return rows


_FILE: Final = files("mangaassist.models.writers.offline") / "data" / "phrases.toml"
PHRASES: Final = dict(_flat(tomllib.loads(_FILE.read_text(encoding="utf-8"))))
"""Every key with its variants; tables within tables make dotted keys: ``recommendation.opening``."""


class Phrasing:
    """The wordings of one answer, and what it did to the dialogue beside its text. Lives as long as the composing of it."""

    def __init__(self, task: WritingTask) -> None:
        self._seed = f"{len(task.history)}\0{task.meaning.question}"
        self._heard = frozenset(task.state.phrases)
        self._facts = task.evidence.facts
        self._used: list[str] = []
        self._proposal: Proposal | None = None
        self._asked_for: AskedFor = ""
        self._chosen = ""

    def say(self, key: str, **fields: str) -> str:
        """One of the variants of ``key``, decided by the message: an unheard one where there is any. Raises ``KeyError``."""
        return self.pick(key, PHRASES[key], **fields)

    def pick(self, key: str, variants: Sequence[str], **fields: str) -> str:
        """The same of variants that stand elsewhere than in the data; ``key`` is what they are remembered by."""
        fresh = [place for place in range(len(variants)) if f"{key}:{place}" not in self._heard]
        places = fresh or range(len(variants))
        digest = hashlib.blake2b(f"{key}\0{self._seed}".encode(errors="replace"), digest_size=8).digest()
        place = places[int.from_bytes(digest) % len(places)]
        self._used.append(f"{key}:{place}")
        return self._worded(variants[place], fields)

    def _worded(self, wording: str, fields: Mapping[str, str]) -> str:
        """Its fields filled; the store's own words are among them. Without any, braces are those of a price's placeholder."""
        return wording.format(**{**self._facts.own_words, **fields}) if fields else self._facts.worded(wording)

    def once(self, key: str, **fields: str) -> str:
        """The same, but nothing when every variant has been heard: for hooks that nobody misses."""
        if all(f"{key}:{place}" in self._heard for place in range(len(PHRASES[key]))):
            return ""
        return self.say(key, **fields)

    def is_new(self, key: str) -> bool:
        """Whether the conversation has heard no wording of it."""
        return not any(f"{key}:{place}" in self._heard for place in range(len(PHRASES[key])))

    def propose(self, proposal: Proposal) -> None:
        """What "yes" shall do next; the last one counts."""
        self._proposal = proposal

    def ask_for(self, what: AskedFor) -> None:
        self._asked_for = what

    def choose(self, series_id: str) -> None:
        """Which of several the answer names as the one."""
        self._chosen = series_id

    @property
    def notes(self) -> WritingNotes:
        return WritingNotes(
            phrases=tuple(dict.fromkeys(self._used)),
            proposal=self._proposal,
            asked_for=self._asked_for,
            chosen=self._chosen,
        )
