"""What others than the store's services wrote, as a prompt quotes it: data without anything that nobody sees (G-10)."""

import re
import unicodedata
from typing import Final

from mangaassist.domain.evidence import AMOUNT


def as_data(text: str) -> str:
    """What others wrote: composed, and without the characters that nobody sees."""
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text))


def without_amounts(text: str) -> str:
    """Prices of another day are nobody's business (M-7)."""
    return AMOUNT.sub("(price)", text)


def shortened(text: str, most_chars: int) -> str:
    """The beginning of a text, up to the end of a sentence or else of a word."""
    if len(text) <= most_chars:
        return text
    beginning = text[:most_chars]
    end = max(beginning.rfind(mark) + 1 for mark in (". ", "! ", "? ", "\n"))
    return beginning[: end or max(0, beginning.rfind(" "))].rstrip()


_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
"""Controls, zero-width characters, direction marks, variation selectors and tags: where text for a model alone hides."""
