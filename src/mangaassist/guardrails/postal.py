"""Postal addresses in a text (G-1): what they look like in the countries that order from us, and what gives them away cheaply.

A shape takes its first digit before it looks at what stands in front of that digit: a pattern that begins with a digit lets the
search run from digit to digit.
"""

import re
from collections.abc import Callable
from typing import Final

from mangaassist.guardrails.folding import caseless

Clue = Callable[[str], object]
"""True of every text that holds the shape, and of few others."""

Confirm = Callable[[re.Match[str]], bool]
"""Whether what has the shape is one."""


def certain(_: re.Match[str]) -> bool:
    return True


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


_FIVE_IN_A_ROW: Final = re.compile(r"\d\d{4}").search
_has_digit: Final = re.compile(r"\d").search
_BEFORE_A_NUMBER: Final = re.compile(r"\s(?=\d)")
_LEADS: Final = (
    "Rue rue Avenue avenue Boulevard boulevard Allée allée Impasse impasse Chemin chemin Quai quai Calle C/ Avenida Av. Avda"
    " Paseo Plaza Rua R. Travessa Via Piazza Corso Vicolo ul. ulica al. os. plac nám."
)
_FOREIGN_LEADS: Final = tuple(_LEADS.split())
POSTAL: Final = re.compile(
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


_Row = tuple[Clue, str, int, Confirm]

ROWS: Final[tuple[_Row, ...]] = (
    (
        _names_a_post_box,
        r"\b(?P<it>(?:\d{1,6}\s)?P\.?\s?O\.?\s?Box\s?\d{1,7}|PSC\s\d{1,5},?\s(?:Box|BOX)\s\d{1,6}|(?:APO|FPO"
        r"|DPO)\s(?:AA|AE|AP)\s\d{5})\b",
        re.I,
        certain,
    ),
    (
        _has_digit,
        rf"(?P<it>\d(?<![\w.]\d)\d{{0,5}}[A-Za-z]?(?:[ ,]{{1,2}}(?:{_PLACE}|\d{{1,4}}(?:st|nd|rd|th)|(?:of|the|de|la"
        rf"|du)\b)){{1,4}}?\s{_STREET}\b\.?(?:,?\s{{1,3}}(?:{_UNIT}))?{_TOWN})",
        0,
        _is_address_line,
    ),
    (
        _has_digit,
        rf"(?P<it>\d(?<![\w.]\d)\d{{0,5}}[A-Za-z]?\s(?:[a-z]+\s){{1,3}}?(?:street|st|avenue|ave|road|rd|boulevard"
        rf"|blvd|lane|ln|drive|court|terrace)\b\.?(?:,?\s{{1,3}}(?:{_UNIT}))?)",
        re.I,
        _is_address_line,
    ),
    (
        _ends_in_street_before_a_number,
        rf"(?<!\w)(?P<it>(?:\d{{1,6}}\s|(?=[^\W\d_a-z]))(?:{_PLACE}\s){{0,2}}?(?i:{_FOREIGN_STREET})\s\d{{1,5}}[A"
        rf"-Za-z]?)(?!\w)",
        0,
        certain,
    ),
    (
        _leads_to_a_number,
        rf"(?<!\w)(?P<it>(?:\d{{1,6}},?\s)?{_FOREIGN_LEAD}\s(?:(?:de|del|della|di|da|do|dos|des|du|la|le|les"
        rf"|l')\s){{0,2}}{_PLACE}(?:\s{_PLACE}){{0,2}},?\s\d{{1,5}})(?!\w)",
        0,
        certain,
    ),
    (
        _has_digit,
        rf"(?P<it>\d(?<!\w\d)\d{{0,4}}(?:\s?(?:bis|ter))?,?\s(?:rue|avenue|boulevard|place|allée|chemin|quai|via"
        rf"|calle)\s(?:{_NAME}\s?){{1,4}})",
        re.I,
        certain,
    ),
    (
        _has_digit,
        rf"(?P<it>\d(?<![\w.]\d)\d{{0,5}}\s(?:{_NAME}[ ]){{1,4}}\d{{1,5}}[,.]?\s{{1,4}}\W{{0,6}}(?:{_UNIT}))(?!\w)",
        0,
        certain,
    ),
    (
        _names_a_unit,
        r"(?<!\w)(?P<it>(?:Apt|Apartment|Suite|Ste)\b\.?\s\#?\d{1,5}[A-Z]?)(?!\w)",
        re.I,
        certain,
    ),
    (
        _FIVE_IN_A_ROW,
        rf"(?<!\w)(?P<it>{_PLACE}(?:\s{_PLACE}){{0,2}},\s{_STATE}\.?,?\s\d{{5}}(?:-\d{{4}})?)(?!\w)",
        0,
        certain,
    ),
)
"""Clue, shape with the address as its group ``it``, flags, and what confirms it."""
