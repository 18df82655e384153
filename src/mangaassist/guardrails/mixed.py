"""A message of two minds (G-1): orders to the assistant in one sentence, an honest question to the store in another.

The honest half is served where it stands by itself: every sentence that is left asks something of a store or is a pleasantry, and
none of them speaks to the assistant about itself. Longer messages, and those whose orders are spread over sentences, are refused
whole.
"""

import re
import tomllib
from importlib.resources import files
from typing import Final, Self

import msgspec
from msgspec import Struct

from mangaassist.guardrails.injections import gives_orders
from mangaassist.guardrails.sentences import sentences

LONGEST: Final = 600
"""Characters of a message that somebody wrote in two minds; orders that are longer are a composition."""
MOST: Final = 6
"""Its sentences."""


class Halves(Struct, frozen=True):
    honest: str
    dropped: str


class _Words(Struct, frozen=True):
    """``data/errands.toml``, which explains the fields."""

    errands: str
    pleasantries: str
    to_the_assistant: str

    @classmethod
    def load(cls) -> Self:
        source = files("mangaassist.guardrails").joinpath("data/errands.toml").read_text("utf-8")
        return msgspec.convert(tomllib.loads(source), cls)


def halves(text: str) -> Halves | None:
    """The honest half of a message and the other one; None where the message is of one mind."""
    if len(text) > LONGEST:
        return None
    parts = [one.text.strip() for one in sentences(text) if one.text.strip()]
    if not 1 < len(parts) <= MOST:
        return None
    ordered = [part for part in parts if gives_orders(part)]
    kept = [part for part in parts if part not in ordered]
    honest = " ".join(kept)
    if not ordered or not any(map(_ERRAND.search, kept)) or not all(map(_is_honest, kept)) or gives_orders(honest):
        return None
    return Halves(honest, " ".join(ordered))


def _is_honest(part: str) -> bool:
    if _TO_THE_ASSISTANT.search(part):
        return False
    return bool(_ERRAND.search(part) or _PLEASANTRY.fullmatch(part))


def _any(words: str) -> str:
    return "|".join(re.escape(word).replace("_", r"\s") for word in words.split())


_WORDS: Final = _Words.load()
_ERRAND: Final = re.compile(rf"(?<!in )\b(?:{_any(_WORDS.errands)})s?\b", re.IGNORECASE)
_PLEASANTRY: Final = re.compile(rf"(?:\W*\b(?:{_any(_WORDS.pleasantries)})\b\W*){{1,6}}", re.IGNORECASE)
_TO_THE_ASSISTANT: Final = re.compile(rf"\b(?:{_any(_WORDS.to_the_assistant)})s?\b", re.IGNORECASE)
