"""Whether a text is surely English, by words that few other languages have: what reads risks knows no other as well (G-1)."""

import re
import tomllib
from importlib.resources import files
from typing import Final

LEAST, SHARE = 2, 0.15
"""How many of its words must be such, and which share."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")


def is_english(text: str) -> bool:
    """Short texts may be English and not be known as such."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    known = sum(word in _ENGLISH for word in words)
    return known >= LEAST and known >= SHARE * len(words)


_FILE: Final = files("mangaassist.guardrails").joinpath("data/english.toml")
_ENGLISH: Final = frozenset(tomllib.loads(_FILE.read_text("utf-8"))["words"].split())
