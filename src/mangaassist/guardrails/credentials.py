"""Secrets in a message (G-1): what opens an account, pays or proves who somebody is, told by the words that introduce it."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct
from stdnum import iban

from mangaassist.guardrails.findings import SecretKind
from mangaassist.guardrails.private_words import PRIVATE_WORDS

Confirm = Callable[[re.Match[str]], bool]


class Credential(Struct, frozen=True):
    """A shape with the secret as its group ``it``; ``confirm`` says whether it is one."""

    kind: SecretKind
    shape: re.Pattern[str]
    confirm: Confirm


def find_ibans(text: str) -> Iterator[tuple[int, int, SecretKind]]:
    """Account numbers in their international form; their groups would be taken for phone numbers."""
    for found in _IBAN.finditer(text):
        if _is_iban(found):
            yield *found.span("it"), "IBAN"


def find_secrets(text: str, has_card: bool = False) -> Iterator[tuple[int, int, SecretKind]]:
    """Where secrets stand in the text, in which NULs stand for what was found before.

    ``has_card``: a card's number was found in it, so that a code and a date may be its own.
    """
    for one in _CREDENTIALS:
        for found in one.shape.finditer(text):
            if one.confirm(found):
                yield *found.span("it"), one.kind
    if has_card or _CARD.search(text):
        for kind, shape in _OF_A_CARD:
            for found in shape.finditer(text):
                if not _GIFT.search(text[max(0, found.start() - 40) : found.start()]):
                    yield *found.span("it"), kind


def _certain(_: re.Match[str]) -> bool:
    return True


_SAYS: Final = r"[ \t]{0,2}(?:is|was|are|it's|its|to|es|ist|est|[:=]|-{1,2}>?)[ \t]{0,2}"
_QUOTE: Final = r"[\"'“‘`]?"
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)"
)
_DATE: Final = (
    r"(?:\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:19|20)?\d\d|(?:19|20)\d\d[/.-]\d{1,2}[/.-]\d{1,2}"
    rf"|{_MONTH}\.?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d|\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}\.?,?\s(?:19|20)\d\d)(?!\w)"
)
_VALUE: Final = r"(?P<it>[^\s\"'“”’`,;]{3,64})"

# --- passwords: what is said of one is no password -----------------------------------------------

_OF_A_PASSWORD: Final = frozenset(PRIVATE_WORDS.said_of_a_password.split())
_SPEAKS_OF: Final = re.compile(r"\w{1,40}(?:ing|ed|n't)[.!?]?$", re.IGNORECASE)
_MIXED: Final = re.compile(r"(?=.{0,80}\d)|(?=.{0,80}[a-z][A-Z])|(?=.{0,80}[!@#$%^&*_+=])")


def _is_a_value(found: re.Match[str]) -> bool:
    value = found["it"].rstrip(".!?)")
    if _MIXED.match(value):
        return not re.fullmatch(r"\[?REDACTED\]?", value)
    return value.lower() not in _OF_A_PASSWORD and not _SPEAKS_OF.match(value)


def _is_mixed(found: re.Match[str]) -> bool:
    return bool(re.search(r"\d", found["it"]) and re.search(r"[A-Za-z]", found["it"]))


def _is_iban(found: re.Match[str]) -> bool:
    announced = re.search(
        r"\biban\b[^\n]{0,20}$", found.string[max(0, found.start() - 32) : found.start()], re.IGNORECASE
    )
    return bool(announced) or iban.is_valid(found["it"])


def _has_digit(found: re.Match[str]) -> bool:
    return re.search(r"\d", found["it"]) is not None


_ANNOUNCED: Final = r"\b(?:pass ?word|passwd|passcode|pass ?phrase|passwort|contraseña|mot de passe|pwd|pw)"
_Row = tuple[SecretKind, str, int, Confirm]

_ROWS: Final[tuple[_Row, ...]] = (
    (
        "PASSWORD",
        rf"{_ANNOUNCED}(?:\s(?:here|there|for (?:it|this|my account)))?{_SAYS}{_QUOTE}{_VALUE}",
        re.I,
        _is_a_value,
    ),
    ("PASSWORD", rf"(?:{_ANNOUNCED}|\bpass)\s{_QUOTE}(?P<it>[^\s\"'“”’`,;]{{5,64}})", re.I, _is_mixed),
    ("PASSWORD", r"\bpin(?:\s(?:code|number|no))?(?:\s(?:is|was)|\s?[:=])?\s{0,2}(?P<it>\d{4})(?!\d)", re.I, _certain),
    (
        "BANK_ACCOUNT",
        r"\b(?:(?:routing|sort code|bank account)(?:\s(?:number|no\.?|nr|#)){0,2}|account\s(?:number|no\.?|nr|#))[^\w\n]{0,3}"
        r"(?:(?:is|=)\s)?(?P<it>\d[\d -]{4,16}\d)(?![\w-])",
        re.I,
        _certain,
    ),
    (
        "PASSPORT",
        r"\b(?:passport|driver'?s? licen[cs]e|driving licen[cs]e|national id|id card)(?:\s(?:number|no\.?|num|nr|id|#)){0,2}"
        r"[^\w\n]{0,3}(?:(?:is|was)\s)?(?P<it>[A-Z]{0,3}\d[A-Z0-9]{4,9})\b",
        re.I,
        _has_digit,
    ),
    (
        "BIRTH_DATE",
        r"\b(?:dob|d\.o\.b\.?|date of birth|birth ?da(?:te|y)|born(?:\son)?|geburtsdatum|geboren am|née? le|nacimiento)\b"
        rf"[^\w\n]{{0,3}}(?:(?:is|was|on)\s){{0,2}}(?P<it>{_DATE})",
        re.I,
        _certain,
    ),
    (
        "API_KEY",
        r"(?<!\w)(?P<it>(?:sk|pk|rk)[-_](?:(?:live|test|proj|ant)[-_])?[A-Za-z0-9_-]{16,120}|AKIA[0-9A-Z]{16}|gh[opusr]_[A-Za-z0-9]{20,60}"
        r"|github_pat_\w{20,90}|glpat-[\w-]{16,40}|hf_[A-Za-z0-9]{20,60}|xox[abprs]-[\w-]{10,90}|AIza[\w-]{30,45}"
        r"|eyJ[\w-]{10,600}\.[\w-]{10,600}\.[\w-]{5,400})",
        0,
        _certain,
    ),
    (
        "API_KEY",
        rf"\b(?:api|secret|access|auth|bearer)[ _-]?(?:key|token){_SAYS}{_QUOTE}(?P<it>[\w./+=-]{{8,120}})",
        re.I,
        _has_digit,
    ),
)
_IBAN: Final = re.compile(r"\b(?P<it>[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30})(?!\w)", re.IGNORECASE)
_CREDENTIALS: Final = tuple(
    Credential(kind, re.compile(shape, flags), confirm) for kind, shape, flags, confirm in _ROWS
)

# --- what is printed on a card -------------------------------------------------------------------

_CARD: Final = re.compile(
    r"\b(?:card|visa|master ?card|amex|american express|credit|debit|cvv2?|cvc2?|tarjeta|carte|karte)\b", re.IGNORECASE
)
_GIFT: Final = re.compile(
    r"\b(?:gift|coupon|promo|offer|voucher|discount|library|membership|code|sale|deal)\b", re.IGNORECASE
)
_CODE_WORD: Final = (
    r"(?:cvv2?|cvc2?|cvn|cid|csc|security (?:code|number)|sec code|code on the back"
    r"|(?:three|3|four|4)[- ]digits?(?: code)?)"
)
_EXPIRY: Final = (
    rf"(?P<it>(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:20)?\d\d"
    rf"|(?:0[1-9]|1[0-2])\d\d|{_MONTH}\.?\s(?:of\s)?(?:20)?\d\d)(?![\w/])"
)
_OF_A_CARD: Final[tuple[tuple[SecretKind, re.Pattern[str]], ...]] = (
    ("CARD_CODE", re.compile(rf"\b{_CODE_WORD}(?!\w)[^\d\n]{{0,24}}(?P<it>\d{{3,4}})(?!\d)", re.I)),
    (
        "CARD_CODE",
        re.compile(rf"(?<![\w$.-])(?P<it>\d{{3,4}})\s(?:is|as|for)\s(?:the|my|its)\s{_CODE_WORD}(?!\w)", re.I),
    ),
    (
        "CARD_EXPIRY",
        re.compile(
            rf"\b(?:exp(?:ir\w{{1,6}})?|valid (?:thru|through|until|till)|good thru)\b\.?[^\d\n]{{0,16}}?{_EXPIRY}",
            re.I,
        ),
    ),
    # Right behind a number that was taken out: "4556 … 09/27 123".
    ("CARD_EXPIRY", re.compile(r"\x00[\s,;/|]{1,3}(?P<it>(?:0?[1-9]|1[0-2])\s?/\s?(?:20)?\d\d)(?!\w)", re.I)),
    ("CARD_CODE", re.compile(r"\x00[\s,;/|]{1,3}(?:\d\d\s?/\s?\d\d[\s,;/|]{1,3})?(?P<it>\d{3,4})(?![\d\w/])", re.I)),
)
