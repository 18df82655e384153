"""Readings of a text in which look-alikes look alike: full-width digits, foreign letters, invisible characters, leet."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

# Cyrillic, Greek and other letters that a reader takes for Latin ones, each beside the letter it passes for.
_LOOKALIKES: Final = (
    "аaеeоoрpсcуyхxіiјjѕsԁdӏlԛqԝwһhкkмmтtвbнhгrпnАAВBЕEКKМMНHОOРPСCТTУYХXІIЅSЈJ"
    "αaεeοoρpνvκkιiτtυuχxηnωwΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXıiɡgɑaℓlƒfᴀaᴇeᴏoꜱsɪi"
)
_DASHES: Final = "‐‑‒–—―−﹣－"
LAST_DIGIT: Final = 0x1FBF9
_SPACES: Final = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"

INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\U000e0000-\U000e007f]"
)


def _straight_table() -> dict[int, str]:
    table = dict(zip(map(ord, _LOOKALIKES[::2]), _LOOKALIKES[1::2], strict=True))
    table |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table |= {ord(dash): "-" for dash in _DASHES} | {ord(space): " " for space in _SPACES}
    table |= {ord("’"): "'", ord("‘"): "'", ord("￥"): "¥", ord("﹩"): "$", ord("﹫"): "@"}
    for code in range(0x80, LAST_DIGIT + 1):
        value = unicodedata.digit(chr(code), None) if unicodedata.category(chr(code)) == "Nd" else None
        if value is not None:
            table[code] = str(value)
    return table


_STRAIGHT: Final = _straight_table()
_LEET: Final = str.maketrans("0134578@$!|+€", "oieastbasiite")
_NOT_WORD: Final = re.compile(r"[\W_]+")


def straightened(text: str) -> str:
    """The same length, character by character: plain digits, dashes, spaces and Latin letters for their look-alikes."""
    return text if text.isascii() else text.translate(_STRAIGHT)


def visible(text: str) -> str:
    """Without characters that nobody sees: zero-width, direction marks, soft hyphens, tags."""
    return text if text.isascii() else INVISIBLE.sub("", text)


def plain(text: str) -> str:
    """For reading alone, lengths differ: compatibility forms resolved, accents and invisible characters gone, lower case."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", visible(text)).translate(_STRAIGHT)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not _is_latin_accent(c))).lower()


def _is_latin_accent(character: str) -> bool:
    # Only the accents of European letters: the voicing marks of kana (U+3099) tell words apart.
    return "\u0300" <= character <= "\u036f"


def caseless(text: str) -> str:
    """The same length in lower case, for looking up words where a pattern that ignores case looks for them.

    Such a pattern takes a dotted or dotless i and a long s for the letters they are; ``str.lower`` does not.
    """
    if text.isascii():
        return text.lower()
    return text.replace("İ", "i").replace("ı", "i").replace("ſ", "s").lower()


def unleeted(text: str) -> str:
    """``1gn0r3`` as ``ignore``; digits stand for letters wherever they can."""
    return text.translate(_LEET)


def letters(text: str) -> tuple[str, list[int]]:
    """Letters and digits alone, lower case, ``&`` as ``and``; beside each its position in ``text``."""
    found: list[str] = []
    positions: list[int] = []
    for position, character in enumerate(text):
        known = _LETTERS.get(character)
        for letter in _letter(character) if known is None else known:
            found.append(letter)
            positions.append(position)
    return "".join(found), positions


def folded(text: str) -> str:
    """The letters of ``letters`` without their positions."""
    if text.isascii():
        return _NOT_WORD.sub("", text.lower().replace("&", "and"))
    return letters(text)[0]


@lru_cache(4096)
def _letter(character: str) -> str:
    if character == "&":
        return "and"
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    return _NOT_WORD.sub("", plain(character))


_LETTERS: Final = {chr(code): _letter(chr(code)) for code in range(128)}
