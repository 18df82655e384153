"""Personal data in a text (G-1): e-mail, phone, card and social security numbers, postal addresses; and what merely looks so.

Order numbers, ISBNs, ASINs, prices and dates are not personal: their digits are set aside before anything is looked for.

Most texts hold nothing of the kind, so every shape has a clue that is cheap to miss. And a shape takes its first digit before it
looks at what stands in front of that digit: a pattern that begins with a digit lets the search run from digit to digit.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final, Literal

import phonenumbers
from msgspec import Struct
from stdnum import isbn, luhn
from stdnum.us import ssn

from mangaassist.guardrails.folding import caseless, straightened

PiiKind = Literal["EMAIL", "PHONE", "CREDIT_CARD", "SSN", "ADDRESS"]
REDACTED: Final = "[REDACTED]"


class PiiSpan(Struct, frozen=True):
    """``text[start:end]`` is personal data of this kind."""

    start: int
    end: int
    kind: PiiKind


Clue = Callable[[str], object]
"""True of every text that holds the shape, and of few others."""


class Candidate(Struct, frozen=True):
    """A shape that may be personal data; ``confirm`` gets the match and says whether it is."""

    kind: PiiKind
    clue: Clue
    shape: re.Pattern[str]
    confirm: Callable[[re.Match[str]], bool]


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
    for candidate in _CANDIDATES:
        if candidate.clue not in possible:
            continue
        for found in candidate.shape.finditer(blanked):
            if candidate.confirm(found) and (candidate.kind != "ADDRESS" or _POSTAL.search(straight)):
                start, end = found.span("it")
                spans.append(PiiSpan(start, end, candidate.kind))
                blanked = blanked[:start] + "\x00" * (end - start) + blanked[end:]
    return tuple(sorted(spans, key=lambda span: span.start))


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
      | (?<![\w-])(?:\d{4}[ ]){5}\d\d(?![\w-]) | \b1Z[0-9A-Z]{16}\b       # parcels
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
    before = found.string[max(0, found.start() - 48) : found.start()]
    return "-" in found[2] or _PHONE_BEFORE.search(before) is not None


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _certain(_: re.Match[str]) -> bool:
    return True


# --- cards and social security numbers -----------------------------------------------------------

_CARD_CONTEXT: Final = re.compile(
    r"\b(?:card|cc|visa|master ?card|amex|american express|discover|maestro|credit|debit|tarjeta|carte)\b",
    re.IGNORECASE,
)
_CARD_LENGTHS: Final = ((("4",), (13, 16, 19)), (("34", "37"), (15,)), (("30", "36", "38", "39"), (14, 16)))


def _is_card(found: re.Match[str]) -> bool:
    number = _digits(found["it"])
    if len(set(number)) == 1:
        return False
    plausible = (13 <= len(number) <= 19 and number[0] in "23456") or (len(number) == 15 and number.startswith("1800"))
    if plausible and luhn.is_valid(number):
        return True
    before = found.string[max(0, found.start() - 60) : found.start()]
    return bool(_CARD_CONTEXT.search(before)) and len(number) >= 12


def _is_ssn(found: re.Match[str]) -> bool:
    if ssn.is_valid(_digits(found["it"])):
        return True
    return bool(_SSN_CONTEXT.search(found.string[max(0, found.start() - 40) : found.start()]))


_SSN_CONTEXT: Final = re.compile(r"\b(?:ssn|social security|social|tax ?id|itin)\b", re.IGNORECASE)


def _is_announced_ssn(found: re.Match[str]) -> bool:
    return bool(_SSN_CONTEXT.search(found.string[max(0, found.start() - 40) : found.start()]))


# --- phone numbers -------------------------------------------------------------------------------

_PHONE_BEFORE: Final = re.compile(
    r"(?:\b(?:phone|tel|telephone|call(?:ing|ed)?|cell|mobile|fax|whatsapp|text|sms|dial(?:ed)?|ring|answering"
    r"|reach|contact"
    r"|number|hotline|line|llama|teléfono|telefono|handy|numéro)\b|☎|📞)[^\d\n]{0,24}\n{0,2}[^\d\n]{0,6}$",
    re.IGNORECASE,
)
_NOT_A_PHONE_BEFORE: Final = re.compile(
    r"\b(?:order|tracking|track|isbn|sku|volume|vol|chapter|ch|card|account|invoice|ticket|case|reference|model"
    r"|item|zip|licen[cs]e|passport|id|member|membership|coupon|code|serial|pages?|price)"
    r"(?:s|\.)?[^\d\n]{0,16}$",
    re.IGNORECASE,
)
_PHONE_AFTER: Final = re.compile(r"^\s?-?\s?\(?(?:office|fax|mobile|cell|home|work)\b", re.IGNORECASE)


def _is_foreign_number(found: re.Match[str]) -> bool:
    try:
        number = phonenumbers.parse(found["it"], None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)


def _is_grouped_number(found: re.Match[str]) -> bool:
    return 7 <= len(_digits(found["it"])) <= 15 and not _is_called_otherwise(found)


def _is_called_otherwise(found: re.Match[str]) -> bool:
    return bool(_NOT_A_PHONE_BEFORE.search(found.string[max(0, found.start() - 30) : found.start()]))


def _is_plain_number(found: re.Match[str]) -> bool:
    """Ten bare digits: a number that the North American plan really gives out."""
    if _is_called_otherwise(found):
        return False
    return phonenumbers.is_valid_number(phonenumbers.parse(found["it"], "US"))


def _is_announced_number(found: re.Match[str]) -> bool:
    if not 6 <= len(_digits(found["it"])) <= 15 or _is_called_otherwise(found):
        return False
    before = found.string[max(0, found.start() - 48) : found.start()]
    return bool(_PHONE_BEFORE.search(before) or _PHONE_AFTER.search(found.string[found.end() : found.end() + 12]))


# --- postal addresses ----------------------------------------------------------------------------

_STREET: Final = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Terrace|Ter|Way|Circle"
    r"|Cir|Parkway|Pkwy"
    r"|Highway|Hwy|Square|Sq|Trail|Trl|Crescent|Cres|Close|Grove|Gardens|Mews|Row|Alley|Plaza|Loop|Crossing"
    r"|Pike|Turnpike|Quay"
    r"|Heights|Ridge|Run|Walk|Path|Pass|Point|Hollow|Mount|Glen|Expressway|Freeway|Bypass|Esplanade|Parade)"
)
_UNIT: Final = r"(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room|Rm|Floor|Fl|Bldg|Building)\b\.?\s?\#?\s?\w{1,6}|\#\s?\d{1,5}"
_STATE: Final = (
    r"(?:A[AEKLPRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT"
    r"|V[AIT]|W[AIVY])"
)
_NAME: Final = r"(?:[^\W\d_][\w'.-]*)"
_PLACE: Final = r"(?:[^\W\d_a-z][\w'.-]*)"
_TOWN: Final = (
    rf"(?:[,\s]{{1,3}}{_PLACE}(?:[ -]{_PLACE}){{0,3}},?\s{{1,3}}(?:{_STATE}\b\.?,?\s{{1,3}}\d{{5}}(?:-\d{{4}})?"
    rf"|[A-Z]{{1,2}}\d[A-Z\d]?\s?\d[A-Z]{{2}}))?"
)
_FOREIGN_STREET: Final = (
    r"(?:\w*(?:stra(?:ß|ss)e|str\.|gasse|weg|platz|allee|ufer|damm|gatan|gränd|vägen|väg|vej|gade|stræde|gata"
    r"|veien|vegen|svingen"
    r"|laan|straat|gracht|plein|kade|hof|katu|tie|kuja|polku|utca|körút|ulica|terrasse|braut|stígur)\b)"
)
_FOREIGN_LEAD: Final = (
    r"(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Aa]llée|[Ii]mpasse|[Cc]hemin|[Qq]uai|Calle|C/|Avenida|Av\.|Avda\.?"
    r"|Paseo|Plaza|Rua|R\.|Travessa"
    r"|Via|Viale|Piazza|Corso|Vicolo|ul\.|ulica|al\.|os\.|plac|nám\.)"
)


def _is_address_line(found: re.Match[str]) -> bool:
    return not re.search(
        r"\b(?:vol|volumes?|chapters?|no|episodes?|season|part|page)\.?\s*$",
        found.string[max(0, found.start() - 12) : found.start()],
        re.IGNORECASE,
    )


# --- clues ---------------------------------------------------------------------------------------

_AT: Final = re.compile("@").search
_SPELT_AT: Final = re.compile(r"[\[(][aA][tT]").search
_SIX_DIGITS: Final = re.compile(r"\d(?:\D{0,4}\d){5}").search
"""No number of a person is shorter, and none has more than four characters between two of its digits."""
_FIVE_IN_A_ROW: Final = re.compile(r"\d\d{4}").search
_DIGIT: Final = re.compile(r"\d")
_has_digit: Final = _DIGIT.search
_BEFORE_A_NUMBER: Final = re.compile(r"\s(?=\d)")
_LEADS: Final = (
    "Rue rue Avenue avenue Boulevard boulevard Allée allée Impasse impasse Chemin chemin Quai quai Calle C/ Avenida Av. Avda"
    " Paseo Plaza Rua R. Travessa Via Piazza Corso Vicolo ul. ulica al. os. plac nám."
)
_FOREIGN_LEADS: Final = tuple(_LEADS.split())
_POSTAL: Final = re.compile(
    rf"\b(?:{_STREET}|{_FOREIGN_LEAD[3:-1]}|apt|apartment|suite|ste|box|psc|[AFD]PO)\b|{_FOREIGN_STREET}"
    rf"|{_STATE},?\s\d{{5}}|\d\s(?:{_NAME}\s){{1,4}}\d|ul\.|r\.",
    re.IGNORECASE,
)
"""A text with an address has one of these; it costs too much to be looked for before an address has been found."""
_POST_BOX: Final = ("box", "apo", "fpo", "dpo")
_UNIT_WORDS: Final = ("apt", "apartment", "suite", "ste")
_ENDINGS: Final = (
    "straße strasse str. gasse weg platz allee ufer damm gatan gränd vägen väg vej gade stræde gata veien vegen svingen laan"
    " straat gracht plein kade hof katu tie kuja polku utca körút ulica terrasse braut stígur"
)
_FOREIGN_ENDINGS: Final = tuple(_ENDINGS.split())


def _dials_abroad(text: str) -> bool:
    return "+" in text and len(_DIGIT.findall(text)) >= 6


def _names_a_post_box(text: str) -> bool:
    small = caseless(text)
    return any(word in small for word in _POST_BOX)


def _names_a_unit(text: str) -> bool:
    small = caseless(text)
    return any(word in small for word in _UNIT_WORDS)


def _ends_in_street_before_a_number(text: str) -> bool:
    """As Germans, Dutch, Scandinavians and Finns write it: ``Parijsstraat 8``."""
    small = caseless(text)
    return any(small.endswith(_FOREIGN_ENDINGS, 0, gap.start()) for gap in _BEFORE_A_NUMBER.finditer(small))


def _leads_to_a_number(text: str) -> bool:
    """As in most Romance languages and Polish: ``Calle Mayor 5``."""
    return any(lead in text for lead in _FOREIGN_LEADS)


_Row = tuple[PiiKind, Clue, str, int, Callable[[re.Match[str]], bool]]

# The order matters: what an earlier row takes is out of the later ones' sight.
_ROWS: Final[tuple[_Row, ...]] = (
    (
        "EMAIL",
        _AT,
        r"(?P<it>[\w.+!#$%&'*/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24})(?![\w@])",
        0,
        _certain,
    ),
    (
        "EMAIL",
        _SPELT_AT,
        r"(?<![\w.+-])(?P<it>[\w.+-]{1,64}\s?[\[(]at[\])]\s?[\w-]{1,63}(?:\s?[\[(]dot[\])]\s?|\.)\w{2,12})",
        re.I,
        _certain,
    ),
    ("SSN", _SIX_DIGITS, r"(?P<it>\d(?<![\w.+-]\d)\d\d([- .])\d\d\2\d{4})(?![\w-])", 0, _is_ssn),
    ("SSN", _SIX_DIGITS, r"(?P<it>\d(?<![\w.+-]\d)\d{8})(?![\w-])", 0, _is_announced_ssn),
    ("CREDIT_CARD", _SIX_DIGITS, r"(?P<it>\d(?<![\w.+-]\d)(?:[ -]?\d){11,18})(?![\w-])", 0, _is_card),
    (
        "PHONE",
        _dials_abroad,
        r"(?<![\w+])(?P<it>\+\d{1,3}(?:[ .-]{0,2}\(?\d{1,5}\)?){1,6}(?:\s?(?:x|ext\.?)\s?\d{1,6})?)(?!\w)",
        re.I,
        _is_foreign_number,
    ),
    (
        "PHONE",
        _SIX_DIGITS,
        r"(?<![\w.+-])(?P<it>(?:(?:001|\+?1)[ .-]?)?(?:\([2-9]\d\d\)\s?"
        r"|[2-9]\d\d[ .-])\d{3}[ .-]\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})?)(?!\w)",
        re.I,
        _is_grouped_number,
    ),
    (
        "PHONE",
        _SIX_DIGITS,
        r"(?<![\w.+-])(?P<it>(?:001-|1-)?\d{3}-\d{3}-\d{4}(?:x\d{1,6})?)(?!\w)",
        0,
        _is_grouped_number,
    ),
    (
        "PHONE",
        _SIX_DIGITS,
        r"(?<![\w.+-])(?P<it>\(\d{2,5}\)\s?\d{2,4}[ -]\d{3,4}|\(\d{2,5}\)\s?\d{6,8})(?![\w-])",
        0,
        _is_grouped_number,
    ),
    (
        "PHONE",
        _SIX_DIGITS,
        r"(?<![\w.+-])(?P<it>0\d{1,4}(?:[ -]\d{2,4}){2,4}|0\d{1,4}[ -/]\d{6,8})(?![\w])",
        0,
        _is_grouped_number,
    ),
    ("PHONE", _SIX_DIGITS, r"(?P<it>[2-9](?<![\w.+-][2-9])\d{9})(?![\w-])", 0, _is_plain_number),
    (
        "ADDRESS",
        _names_a_post_box,
        r"\b(?P<it>(?:\d{1,6}\s)?P\.?\s?O\.?\s?Box\s?\d{1,7}|PSC\s\d{1,5},?\s(?:Box|BOX)\s\d{1,6}|(?:APO|FPO"
        r"|DPO)\s(?:AA|AE|AP)\s\d{5})\b",
        re.I,
        _certain,
    ),
    (
        "ADDRESS",
        _has_digit,
        rf"(?P<it>\d(?<![\w.]\d)\d{{0,5}}[A-Za-z]?(?:[ ,]{{1,2}}(?:{_PLACE}|\d{{1,4}}(?:st|nd|rd|th)|(?:of|the|de|la"
        rf"|du)\b)){{1,4}}?\s{_STREET}\b\.?(?:,?\s{{1,3}}(?:{_UNIT}))?{_TOWN})",
        0,
        _is_address_line,
    ),
    (
        "ADDRESS",
        _has_digit,
        rf"(?P<it>\d(?<![\w.]\d)\d{{0,5}}[A-Za-z]?\s(?:[a-z]+\s){{1,3}}?(?:street|st|avenue|ave|road|rd|boulevard"
        rf"|blvd|lane|ln|drive|court|terrace)\b\.?(?:,?\s{{1,3}}(?:{_UNIT}))?)",
        re.I,
        _is_address_line,
    ),
    (
        "ADDRESS",
        _ends_in_street_before_a_number,
        rf"(?<!\w)(?P<it>(?:\d{{1,6}}\s|(?=[^\W\d_a-z]))(?:{_PLACE}\s){{0,2}}?(?i:{_FOREIGN_STREET})\s\d{{1,5}}[A"
        rf"-Za-z]?)(?!\w)",
        0,
        _certain,
    ),
    (
        "ADDRESS",
        _leads_to_a_number,
        rf"(?<!\w)(?P<it>(?:\d{{1,6}},?\s)?{_FOREIGN_LEAD}\s(?:(?:de|del|della|di|da|do|dos|des|du|la|le|les"
        rf"|l')\s){{0,2}}{_PLACE}(?:\s{_PLACE}){{0,2}},?\s\d{{1,5}})(?!\w)",
        0,
        _certain,
    ),
    (
        "ADDRESS",
        _has_digit,
        rf"(?P<it>\d(?<!\w\d)\d{{0,4}}(?:\s?(?:bis|ter))?,?\s(?:rue|avenue|boulevard|place|allée|chemin|quai|via"
        rf"|calle)\s(?:{_NAME}\s?){{1,4}})",
        re.I,
        _certain,
    ),
    (
        "ADDRESS",
        _has_digit,
        rf"(?P<it>\d(?<![\w.]\d)\d{{0,5}}\s(?:{_NAME}[ ]){{1,4}}\d{{1,5}}[,.]?\s{{1,4}}\W{{0,6}}(?:{_UNIT}))(?!\w)",
        0,
        _certain,
    ),
    (
        "ADDRESS",
        _names_a_unit,
        r"(?<!\w)(?P<it>(?:Apt|Apartment|Suite|Ste)\b\.?\s\#?\d{1,5}[A-Z]?)(?!\w)",
        re.I,
        _certain,
    ),
    (
        "ADDRESS",
        _FIVE_IN_A_ROW,
        rf"(?<!\w)(?P<it>{_PLACE}(?:\s{_PLACE}){{0,2}},\s{_STATE}\.?,?\s\d{{5}}(?:-\d{{4}})?)(?!\w)",
        0,
        _certain,
    ),
    (
        "PHONE",
        _SIX_DIGITS,
        r"(?<![\w.+-])(?P<it>\(?\d{1,5}\)?(?:[ ./-]{1,2}\(?\d{1,5}\)?){1,6}(?:x\d{1,6})?|\d{6,13})(?!\w)",
        0,
        _is_announced_number,
    ),
)
_CANDIDATES: Final = tuple(
    Candidate(kind, clue, re.compile(shape, flags), confirm) for kind, clue, shape, flags, confirm in _ROWS
)
_CLUES: Final = frozenset(candidate.clue for candidate in _CANDIDATES)
