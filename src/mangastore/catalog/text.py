"""Text as search sees it: folded words, pairs of Japanese characters, and the volume or format a shopper asks for."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from mangastore.data.products import Format

MAX_WORDS = 48
_STOP = (
    "a an the of and or to in on for with by from is are was be it its i me my you your we do does have has",
    "got any some please show find want looking look need like buy get can could would what which who where",
    "how about books book manga mangas series comic comics volume volumes vol vols something that this there",
    "s t m re",
)
STOP_WORDS = frozenset(word for line in _STOP for word in line.split())
_WORD = re.compile(r"[a-z0-9]+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u3005\uff66-\uff9f]+")
_VOLUME = re.compile(r"(?:\b(?:volumes?|vols?|v|book|part|no|number)\b\.?\s*#?\s*|#\s*)(\d{1,3})\b", re.IGNORECASE)
_TRAILING_NUMBER = re.compile(r"\D\s(\d{1,3})\s*$")
_FORMATS: tuple[tuple[re.Pattern[str], Format], ...] = (
    (re.compile(r"\bbox(?:ed)?[\s-]*sets?\b|\bbox\b", re.IGNORECASE), "box_set"),
    (re.compile(r"\bomnibus(?:es)?\b|\b[23]-?in-?1\b|\bdeluxe\b", re.IGNORECASE), "omnibus"),
    (re.compile(r"\bhard\s?(?:cover|back)s?\b", re.IGNORECASE), "hardcover"),
)


class Wish(msgspec.Struct, frozen=True):
    """A query, taken apart: words to look for, a volume and a format where they are named."""

    words: list[str]
    volume: int | None
    format: Format | None


def fold(text: str) -> str:
    """Lower case, without accents and apostrophes; Japanese marks stay."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(letter for letter in decomposed if not "\u0300" <= letter <= "\u036f" and letter not in "'’`ʻ")
    return unicodedata.normalize("NFC", bare)


def words_of(text: str) -> list[str]:
    """The folded words of a text; a run of Japanese becomes its pairs of neighbours."""
    words: list[str] = []
    for run in _WORD.findall(fold(text)):
        if run[0].isascii() or len(run) == 1:
            words.append(run)
        else:
            words.extend(run[place : place + 2] for place in range(len(run) - 1))
    return words


def read_wish(text: str) -> Wish:
    """What a shopper's words ask for; at most 48 words count."""
    wanted: Format | None = None
    for pattern, name in _FORMATS:
        if pattern.search(text):
            wanted, text = name, pattern.sub(" ", text)
            break
    volume = _VOLUME.search(text) or _TRAILING_NUMBER.search(text)
    return Wish(words_of(text)[:MAX_WORDS], int(volume.group(1)) if volume else None, wanted)
