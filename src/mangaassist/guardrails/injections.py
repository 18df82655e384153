"""Messages that give the assistant orders (G-1): signs of prompt injection, looked for in every reading of the text.

A sign has a weight. One that no shopper writes is enough to refuse the message before anybody reads it. Those that a shopper may
write by chance make it suspicious: then what the encoder's pass tells decides with them, or, where that is away, they alone once
they weigh enough. "Can I ignore volume 0" is a question about books.
"""

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from mangaassist.guardrails.folding import plain, unleeted, visible
from mangaassist.guardrails.injection_patterns import PATTERNS, InjectionPattern

ENOUGH: Final = 1.0
"""What signs weigh together where they alone refuse a message."""
CERTAIN: Final = 2.0
"""What they weigh where nothing that a model says could excuse it."""
SUSPECT: Final = 0.3
"""From here on a message is read by the model even where rules settle what is asked."""
READ_AT_MOST: Final = 4000
"""Characters of one reading that are looked at; the wire lets no message in that is longer (W-11)."""


class TextVariant(Struct, frozen=True):
    """The message as somebody may mean it."""

    name: str
    text: str


class Suspicion(Struct, frozen=True):
    """The ``signs`` of a message's worst reading, as ``reading:sign``, and what they weigh, 0 to 1 and above.

    ``is_certain``: no shopper writes so.
    """

    signs: tuple[str, ...] = ()
    weight: float = 0.0
    is_certain: bool = False


def suspicion_of(text: str) -> Suspicion:
    """What the patterns make of a message."""
    worst = Suspicion()
    for variant in variants(text):
        weights = [(sign.name, sign.weight) for sign in _signs(variant)]
        weight = sum(weight for _, weight in weights)
        if weight > worst.weight:
            is_certain = weight >= CERTAIN or any(alone >= ENOUGH for _, alone in weights)
            worst = Suspicion(tuple(f"{variant.name}:{name}" for name, _ in weights), weight, is_certain)
        if worst.is_certain:
            break
    return worst


def gives_orders(text: str) -> bool:
    """Whether the signs of a text are enough by themselves."""
    return suspicion_of(text).weight >= ENOUGH


def is_injection(weight: float, risk: float | None, asks_nothing: bool = False) -> bool:
    """What signs of this weight and the model's ``risk``, 0 to 1 or None where it is away, say together (G-1).

    ``asks_nothing``: nobody could tell what the message asks of a store, so that there is less to excuse it.
    """
    if risk is None:
        return weight >= ENOUGH
    needed = next(least for above, least in RISK_NEEDED if weight >= above)
    return risk >= (min(needed, ASKS_NOTHING) if asks_nothing else needed)


ASKS_NOTHING: Final = 0.6
"""The risk that is needed of an English message of which nobody could tell what it asks; the layer knows English best."""
RISK_NEEDED: Final = ((ENOUGH, 0.1), (0.5, 0.5), (0.0, 0.8))
"""The weight of the signs, heaviest first, and the risk from which the model makes an injection of them: for heavy ones it may only
excuse them. Chosen by the false positives on customers' messages and prompts with trigger words (training/safety/DATACARD.md)."""


def variants(text: str) -> Iterator[TextVariant]:
    """The text as it stands, then what it says once its disguises are taken off."""
    written = " ".join(plain(text[:READ_AT_MOST]).split())
    yield TextVariant("plain", written)
    if not written.isascii() or not text.isascii():
        # Look-alike letters are letters of other languages: those are read once more as they are.
        yield TextVariant(
            "native", " ".join(unicodedata.normalize("NFKC", visible(text[:READ_AT_MOST])).lower().split())
        )
    if _SPACED.search(written):
        yield TextVariant("spaced", _closed_up(text[:READ_AT_MOST]))
    if _LEET.search(written):
        yield TextVariant("leet", unleeted(written))
    if len(written) < 600:
        yield from _turned(written)
    for hidden in _decoded(text):
        yield TextVariant("encoded", " ".join(plain(hidden).split()))


def _signs(variant: TextVariant) -> Iterator[InjectionPattern]:
    for sign in PATTERNS:
        if sign.shape.search(variant.text):
            yield sign


_SPACED: Final = re.compile(r"(?<![^\W_])(?:[^\W_][\W_]{1,3}){5,}[^\W_](?![^\W_])")
_LEET: Final = re.compile(r"[a-z][0134578@$!|+][a-z]|[0134578@$][a-z]{2}")
_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}[\s:]?){12,}")
_TURNED_WORDS: Final = re.compile(r"\b(?:vtaber|qvfertneq|cebzcg|vafgehpgvba|erirny|flfgrz|sbetrg|bireevqr|olcnff)")
_BACKWARD_WORDS: Final = re.compile(r"\b(?:erongi|dragersid|tpmorp|tpmorpmetsys|snoitcurtsni|laever|metsys|tegrof)\b")


def _closed_up(text: str) -> str:
    """``i g n o r e   a l l`` as ``ignore all``: single letters joined, wider gaps kept as spaces."""
    wide = re.sub(r"(?:[^\S\n]{2,}|[^\S\n]*[|/][^\S\n]*)", "\x1f", visible(text))
    if "\x1f" not in wide:
        # Without wider gaps nobody can tell words apart, so the signs that need no spaces are what counts.
        return " ".join(_JOINED.sub(lambda found: re.sub(r"[\W_]", "", found[0]), plain(text)).split())
    joined = (_JOINED.sub(lambda found: re.sub(r"[\W_]", "", found[0]), plain(word)) for word in wide.split("\x1f"))
    return " ".join(joined)


_JOINED: Final = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,2}[^\W_](?![^\W_])){3,}")


def _turned(text: str) -> Iterator[TextVariant]:
    if _TURNED_WORDS.search(text):
        yield TextVariant("rot13", codecs.decode(text, "rot13"))
    if _BACKWARD_WORDS.search(text):
        yield TextVariant("backward", text[::-1])


def _decoded(text: str) -> Iterator[str]:
    """What base64 and hexadecimal runs say, when they say something that can be read."""
    for found in _BASE64.finditer(text):
        run = found[0].rstrip("=").replace("-", "+").replace("_", "/")
        yield from _readable(run + "=" * (-len(run) % 4), lambda run: base64.b64decode(run, validate=True))
    for found in _HEX.finditer(text):
        yield from _readable(re.sub(r"[\s:]", "", found[0]), bytes.fromhex)


def _readable(run: str, decode: Callable[[str], bytes]) -> Iterator[str]:
    try:
        hidden = decode(run).decode("utf-8")
    except (binascii.Error, ValueError):
        return
    if hidden.isprintable() or "\n" in hidden:
        yield hidden
