"""Text made comparable: what a shopper types and what a catalog prints come out alike."""

import re
import unicodedata
from typing import Final

_ALIKE: Final = {
    **dict.fromkeys(map(ord, "‘’ʼ`´＇"), "'"),
    **dict.fromkeys(map(ord, "“”„«»「」『』"), '"'),
    **dict.fromkeys(map(ord, "_:()[]{}*|★☆♥・·~〜/\\…—"), " "),
    **dict.fromkeys(map(ord, "–−‐‑"), "-"),
    ord("&"): " and ",
    ord("×"): "x",
}
_SENTENCE_END: Final = re.compile(r"(?<=\w\w\w)[.!?]+(?=\s+[A-Z\"]|\s*$)|\?(?=\s|$)")
_GAP: Final = re.compile(r"[.,-](?!\d)|(?<!\d)[.,-]|!")


def fold(text: str) -> str:
    """One space between words, accents and punctuation gone, case kept, ``;`` where a sentence ends.

    Dots, commas and hyphens stay between digits, where they mean a price or a range; quotes stay.

    >>> fold("Is “Haikyu!!”, vol. 3-5, like Ōoku? Yes & no.")
    'Is "Haikyu " vol 3-5 like Ooku; Yes and no;'
    """
    if not text.isascii():
        text = _without_accents(text)
    text = _SENTENCE_END.sub("; ", text.translate(_ALIKE))
    return " ".join(_GAP.sub(" ", text).split()).replace(" ;", ";")


def fold_name(name: str) -> str:
    """A name as it is compared: folded, small, without its ends' punctuation. It may hold a ``;`` ("Cells at Work! Black")."""
    return lower(fold(name)).strip(" ;\"'")


def lower(folded: str) -> str:
    """Small letters, exactly one for each, so that places in both texts are the same."""
    small = folded.lower()
    if len(small) != len(folded):
        small = "".join(char.lower() if len(char.lower()) == 1 else char for char in folded)
    return small


def is_bounded(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` is not a piece of a longer word. Kanji and hiragana run on without spaces and always pass."""
    return not (
        (start > 0 and _same_word(text[start - 1], text[start]))
        or (end < len(text) and _same_word(text[end - 1], text[end]))
    )


def _same_word(left: str, right: str) -> bool:
    kind = _script(left)
    return kind is not None and kind == _script(right)


def _script(char: str) -> str | None:
    if char.isascii():
        return "latin" if char.isalnum() else None
    if "\u30a0" <= char <= "\u30ff":
        return "katakana"
    return "latin" if char.isalpha() and char < "\u3000" else None


def _without_accents(text: str) -> str:
    """Latin accents are dropped; the voicing marks of kana belong to the letter and stay."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_ALIKE))
    return unicodedata.normalize("NFC", "".join(char for char in decomposed if not "\u0300" <= char <= "\u036f"))
