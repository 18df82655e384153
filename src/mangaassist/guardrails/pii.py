"""Personal data in a text (G-1): e-mail, phone, card and social security numbers, postal addresses; and what merely looks so.

Order numbers, ISBNs, ASINs, prices and dates are not personal: their digits are set aside before anything is looked for.

Most texts hold nothing of the kind, so every shape has a clue that is cheap to miss. And a shape takes its first digit before it
looks at what stands in front of that digit: a pattern that begins with a digit lets the search run from digit to digit.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from msgspec import Struct
from stdnum import isbn

from mangaassist.guardrails import cards, phones, postal
from mangaassist.guardrails.credentials import find_ibans, find_secrets
from mangaassist.guardrails.findings import PiiKind, PrivateKind
from mangaassist.guardrails.folding import caseless, straightened
from mangaassist.guardrails.phones import SIX_DIGITS
from mangaassist.guardrails.postal import Clue, Confirm, certain
from mangaassist.guardrails.spelt_out import spelt_out_mail, spelt_out_numbers

REDACTED: Final = "[REDACTED]"


class PiiSpan(Struct, frozen=True):
    """``text[start:end]`` is personal data of this kind."""

    start: int
    end: int
    kind: PrivateKind


class PiiPattern(Struct, frozen=True):
    """A shape that may be personal data; ``confirm`` gets the match and says whether it is."""

    kind: PiiKind
    clue: Clue
    shape: re.Pattern[str]
    confirm: Confirm


def find_pii(text: str) -> tuple[PiiSpan, ...]:
    """Every piece of personal data in reading order, without overlaps."""
    if not _WORTH_A_LOOK.search(text):
        return ()
    straight = _UNSPACED.sub(" ", straightened(text))
    possible = {clue for clue in _CLUES if clue(straight)}
    if not possible:
        return ()
    blanked = _without_identifiers(straight)
    spans: list[PiiSpan] = []
    for pattern in _PATTERNS:
        if pattern.clue not in possible:
            continue
        for found in pattern.shape.finditer(blanked):
            if pattern.confirm(found):
                start, end = _EXTENTS.get(pattern.kind, _as_found)(found)
                if "\x00" in blanked[start:end]:
                    continue
                spans.append(PiiSpan(start, end, pattern.kind))
                blanked = blanked[:start] + "\x00" * (end - start) + blanked[end:]
    return tuple(sorted(spans, key=lambda span: span.start))


def find_private(text: str) -> tuple[PiiSpan, ...]:
    """What a message holds that nobody may store (G-1): personal data, also where it is written out in words, and secrets."""
    straight = straightened(text)
    spans = [PiiSpan(start, end, kind) for start, end, kind in find_ibans(straight)]
    straight = _blanked(straight, spans)
    spans += [*find_pii(straight), *(PiiSpan(start, end, "EMAIL") for start, end in spelt_out_mail(straight))]
    spans += (PiiSpan(start, end, kind) for start, end, kind in spelt_out_numbers(straight))
    has_card = any(span.kind == "CREDIT_CARD" for span in spans)
    straight = _blanked(straight, spans)
    spans += (PiiSpan(start, end, kind) for start, end, kind in find_secrets(straight, has_card))
    return _apart(spans)


def _blanked(text: str, spans: Iterable[PiiSpan]) -> str:
    for span in spans:
        text = text[: span.start] + "\x00" * (span.end - span.start) + text[span.end :]
    return text


def _apart(spans: Iterable[PiiSpan]) -> tuple[PiiSpan, ...]:
    """In reading order; of those that overlap one for all, of the kind that begins first or is longer."""
    kept: list[PiiSpan] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if kept and span.start < kept[-1].end:
            kept[-1] = PiiSpan(kept[-1].start, max(kept[-1].end, span.end), kept[-1].kind)
        else:
            kept.append(span)
    return tuple(kept)


def redacted(text: str, spans: Iterable[PiiSpan]) -> str:
    """The text with ``[REDACTED]`` in place of each span."""
    for span in sorted(spans, key=lambda span: -span.start):
        text = text[: span.start] + REDACTED + text[span.end :]
    return text


def contacts_in(texts: Iterable[str]) -> frozenset[str]:
    """The phone numbers and addresses that these texts give, as ``contact_key`` writes them: a store's own may be said."""
    return frozenset(contact_key(text[span.start : span.end]) for text in texts for span in find_pii(text))


def contact_key(text: str) -> str:
    """One spelling for all ways to write the same number or e-mail address."""
    return re.sub(r"[\s().-]", "", straightened(text)).lower().removeprefix("+1")


# Chinese and Japanese put no space between a word and a number.
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_WORTH_A_LOOK: Final = re.compile(r"\d|[@＠﹫]|\(at\)|\[at\]")

# What the shop's own numbers look like; their digits never count.
_IDENTIFIERS: Final = re.compile(
    r"""(?=[\dB$£€¥UCAN])(?:                                                # nothing begins otherwise
        (?<![\w-])\d{3}-\d{7}-\d{7}(?![\w-])                                   # order number
      | \bB0[A-Z0-9]{8}\b                                                    # ASIN
      | (?<![\w.])(?:US|CA|AU?|C|NZ)?[$£€¥]\s?\d[\d,]*(?:\.\d{1,2})?(?![\d-]) # price
      | (?<![\w.])\d{1,3}(?:,\d{3})*(?:\.\d{2})?\s?(?:dollars|USD|EUR|yen)\b
      | (?<![\d/.-])\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?![\d/.-])                # dates
      | (?<![\d/.-])(?:19|20)\d\d[/.-]\d{1,2}[/.-]\d{1,2}(?![\d/-])
      | (?<![\d-])(?:19|20)\d\d\s?-\s?(?:19|20)\d\d(?![\d-])                  # years
      | (?<![\w-])(?:\d{4}[ ]){5}\d\d(?![\w-]) | \b1Z[ ]?(?:[0-9A-Z][ ]?){15}[0-9A-Z]\b   # parcels
      | \b\d{1,2}:\d\d(?::\d\d)?\b)
    """,
    re.VERBOSE,
)
_ISBN: Final = re.compile(
    r"(?<![\w-])(ISBN(?:-1[03])?:?\s*)?(97[89][- ]?(?:\d[- ]?){9}\d|(?:\d[- ]?){9}[\dXx])(?![\w-])", re.IGNORECASE
)


_LONG_AS_AN_ISBN: Final = re.compile(r"\d(?:[- ]?\d){8}[- ]?[\dXx]")


def _without_identifiers(text: str) -> str:
    """The same length with the shop's own numbers blanked out."""
    text = _IDENTIFIERS.sub(_blank, text)
    if not _LONG_AS_AN_ISBN.search(text):
        return text
    return _ISBN.sub(lambda found: _blank(found) if _is_isbn(found) else found[0], text)


def _blank(found: re.Match[str]) -> str:
    return "\x01" * len(found[0])


def _is_isbn(found: re.Match[str]) -> bool:
    """Announced as one, or with a right check digit and none of a phone number's grouping: one in eleven of those has one too."""
    number = found[2]
    if found[1]:
        return True
    if " " in number or not isbn.is_valid(number):
        return False
    return number.startswith(("978", "979")) or number.count("-") == 3 or not _is_announced_as_phone(found)


def _is_announced_as_phone(found: re.Match[str]) -> bool:
    return "-" in found[2] or phones.is_announced(found.string, found.start())


# --- clues ---------------------------------------------------------------------------------------

_AT: Final = re.compile("@").search
_SPELT_AT: Final = re.compile(r"[\[(][aA][tT]").search


def _as_found(found: re.Match[str]) -> tuple[int, int]:
    return found.span("it")


_EXTENTS: Final[Mapping[PiiKind, Callable[[re.Match[str]], tuple[int, int]]]] = {
    "ADDRESS": postal.extent,
    "CREDIT_CARD": cards.extent,
}
"""How far what was found reaches, where that is not what its shape took."""


def _tells_the_last_four(text: str) -> bool:
    small = caseless(text)
    return "last" in small or "end" in small


_Row = tuple[PiiKind, Clue, str, int, Confirm]

# The order matters: what an earlier row takes is out of the later ones' sight.
_ROWS: Final[tuple[_Row, ...]] = (
    (
        "EMAIL",
        _AT,
        r"(?P<it>[\w.+!#$%&'*/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24})(?![\w@])",
        0,
        certain,
    ),
    (
        "EMAIL",
        _SPELT_AT,
        r"(?<![\w.+-])(?P<it>[\w.+-]{1,64}\s?[\[(]at[\])]\s?[\w-]{1,63}(?:\s?[\[(]dot[\])]\s?|\.)\w{2,12})",
        re.I,
        certain,
    ),
    ("CREDIT_CARD", SIX_DIGITS, cards.CARD_SHAPE, 0, cards.is_card),
    *(("SSN", SIX_DIGITS, *row) for row in cards.SSN_ROWS),
    ("SSN", _tells_the_last_four, cards.LAST_FOUR, re.I, certain),
    ("SSN", _tells_the_last_four, cards.ENDING, re.I, certain),
    *(("PHONE", *row) for row in phones.ROWS),
    *(("ADDRESS", *row) for row in postal.ROWS),
    ("PHONE", *phones.ANNOUNCED),
)
_PATTERNS: Final = tuple(
    PiiPattern(kind, clue, re.compile(shape, flags), confirm) for kind, clue, shape, flags, confirm in _ROWS
)
_CLUES: Final = frozenset(pattern.clue for pattern in _PATTERNS)
