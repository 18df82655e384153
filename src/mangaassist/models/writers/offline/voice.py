"""Which of several phrasings the old composers take; the wording itself is ``wording.py``'s."""

import hashlib
import re
from collections.abc import Sequence
from typing import Final, TypeVar

from mangaassist.domain.meaning import Meaning
from mangaassist.models.writers.offline.wording import (
    FORMAT_PLURALS,
    FORMAT_WORDS,
    NO_PRICE,
    bold,
    by_authors,
    count_of,
    day,
    day_of_year,
    in_stock_words,
    joined,
    listed,
    name,
    opening_of,
    paragraphs,
    priced,
    sentence,
    sentences_of,
    series_name,
    theme_words,
)

__all__ = [
    "FORMAT_PLURALS",
    "FORMAT_WORDS",
    "NO_PRICE",
    "Voice",
    "bold",
    "by_authors",
    "count_of",
    "day",
    "day_of_year",
    "in_stock_words",
    "joined",
    "liked_series",
    "listed",
    "name",
    "opening_of",
    "paragraphs",
    "priced",
    "sentence",
    "sentences_of",
    "series_name",
    "theme_words",
]

T = TypeVar("T")


class Voice:
    """Chooses phrasings by the message, so that one message always reads the same and two do not sound canned."""

    def __init__(self, message: str) -> None:
        self._message = message

    def pick(self, key: str, options: Sequence[T]) -> T:
        """One of ``options`` (at least one), decided by message and key."""
        digest = hashlib.blake2b(f"{key}\0{self._message}".encode(errors="replace"), digest_size=8).digest()
        return options[int.from_bytes(digest) % len(options)]


_LIKED: Final = re.compile(
    r"\b(?:like|similar to|along the lines of|as good as|better than|reminds me of)\b", re.IGNORECASE
)


def liked_series(meaning: Meaning) -> str:
    """The series that a message measures its wish by ("something like Vagabond"); empty when there is none."""
    found = _LIKED.search(meaning.text)
    if found is None or not meaning.entities.series:
        return ""
    behind = meaning.text[found.end() :].lower()
    named = [mention.title for mention in meaning.entities.series if mention.title.lower() in behind]
    return named[0] if named else meaning.entities.series[-1].title if len(meaning.entities.series) == 1 else ""
