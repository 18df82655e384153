"""Postal addresses in a text (G-1): what they look like in the countries that order from us, and what gives them away cheaply.

A shape takes its first digit before it looks at what stands in front of that digit: a pattern that begins with a digit lets the
search run from digit to digit. Every repetition is bounded, so that no text keeps a search busy.
"""

import calendar
import re
from collections.abc import Callable
from typing import Final

from mangaassist.guardrails.folding import caseless
from mangaassist.guardrails.private_words import PRIVATE_WORDS

Clue = Callable[[str], object]
"""True of every text that holds the shape, and of few others."""

Confirm = Callable[[re.Match[str]], bool]
"""Whether what has the shape is one."""


def certain(_: re.Match[str]) -> bool:
    return True


# --- what addresses are made of ------------------------------------------------------------------

_HARD: Final = "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Ln|Pkwy|Parkway|Hwy|Ct|Cir|Terrace|Trl|Cres|Tpke|Turnpike"
_SOFT: Final = (
    "Lane|Drive|Dr|Court|Place|Pl|Ter|Way|Circle|Highway|Square|Sq|Trail|Crescent|Close|Grove|Gardens|Mews|Row|Alley|Plaza|Loop"
    "|Crossing|Pike|Quay|Heights|Ridge|Run|Walk|Path|Pass|Point|Hollow|Mount|Glen|Expressway|Freeway|Bypass|Esplanade|Parade|Park"
)
_STREET: Final = rf"(?:{_HARD}|{_SOFT})"
_UNIT: Final = (
    r"(?:(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room|Rm|Floor|Fl|Bldg|Building|Lot)\b\.?\s?\#?\s?\w{1,6}"
    r"|\#\s?\w{1,5}|\d{1,2}(?:st|nd|rd|th)\s(?:floor|fl)\b)"
)
_CODES: Final = rf"(?:{'|'.join(PRIVATE_WORDS.state_codes.split())})"
_STATES: Final = "|".join(state.replace("_", r"\s") for state in PRIVATE_WORDS.states.split())
_ZIP: Final = r"\d{5}(?:-\d{4})?\b"
_NAME: Final = r"(?:[^\W\d_][\w'.-]*)"
_PLACE: Final = r"(?:[^\W\d_a-z][\w'.-]*)"
_WAY: Final = r"(?:(?:[NSEW]|[NS][EW]|North|South|East|West)\b\.?)"
_ORDINAL: Final = r"\d{1,4}(?:st|nd|rd|th)"
_HOUSE: Final = r"\d(?<![\w.$/-]\d)\d{0,5}(?:-\d{1,4})?[A-Za-z]?(?:\s1/2)?"
# A town and its state: a code in small letters is a word ("in", "me", "or") unless a zip code follows it.
_TOWN: Final = (
    rf"(?:[,.\s]{{1,3}}(?:[^\W\d_][\w'.]*[ -]?){{1,4}}?,?\s{{0,3}}"
    rf"(?:(?<=[\s,])(?:{_CODES}|(?i:{_STATES}))\b\.?(?:,?\s{{1,3}}{_ZIP})?"
    rf"|(?<=[\s,])(?i:{_CODES}),?\s{{1,3}}{_ZIP}|(?<=[\s,])[A-Z]{{1,2}}\d[A-Z\d]?\s?\d[A-Z]{{2}}\b"
    rf"|(?<=[\s,])[A-Z]{{2,3}}\s(?:[A-Z]\d[A-Z]\s?\d[A-Z]\d|\d{{4}})\b))?"
)
_AFTER_STREET: Final = rf"\b\.?(?:\s{_WAY})?(?:,?\s{{1,3}}(?i:{_UNIT}))?{_TOWN}"
_EUROPEAN_TOWN: Final = (
    rf"(?:,?\s(?:\d{{4,5}}|\d{{4}}\s?[A-Z]{{2}}|\d{{2}}-\d{{3}}|\d{{3}}\s\d{{2}})\s{_PLACE}(?:[ -]{_PLACE}){{0,2}})?"
)
_FOREIGN_STREET: Final = (
    r"(?:\w*str\.|\w*(?:stra(?:ß|ss)e|gasse|weg|platz|allee|ufer|damm|gatan|gränd|vägen|väg|vej|gade|stræde|gata"
    r"|veien|vegen|svingen"
    r"|laan|straat|gracht|plein|kade|hof|katu|tie|kuja|polku|utca|körút|ulica|terrasse|braut|stígur)\b)"
)
_FOREIGN_LEAD: Final = (
    r"(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Aa]llée|[Ii]mpasse|[Cc]hemin|[Qq]uai|Calle|C/|Avenida|Av\.|Avda\.?"
    r"|Paseo|Plaza|Rua|R\.|Travessa"
    r"|Via|Viale|Piazza|Corso|Vicolo|ul\.|ulica|al\.|os\.|plac|nám\.)"
)

# --- what tells an address from other words that begin with a number -----------------------------

_NO_HOUSE_BEFORE: Final = re.compile(
    r"\b(?:vol|volumes?|vols|chapters?|ch|no|episodes?|season|part|page|book|number|the first|the last|top|only|about|over|under"
    r"|want|need|get|read|bought|have|buy|like)\.?\s*$",
    re.IGNORECASE,
)
_COUNTED: Final = frozenset(PRIVATE_WORDS.counted.split())
"""Words that follow a count and no house number."""
_DATE: Final = re.compile(
    rf"(?:^|\s)(?:{'|'.join((*calendar.month_name[1:], *calendar.month_abbr[1:]))})\.?\s\d{{1,2}}\b"
)
_CUE: Final = re.compile(
    r"(?:\b(?:at|to|is|be|not|from|near|address|house|home|place|live|lives|move|moved|deliver|send|ship|it|on)|[:=,])\s{0,3}$"
    r"|^\s*$|\n\s*$",
    re.IGNORECASE,
)
_CONTINUES: Final = re.compile(rf"\.?\s*(?:$|[,\n.;!?)]|(?:{_UNIT}|{_ZIP}|(?-i:{_CODES})\b))", re.IGNORECASE)
_LED: Final = re.compile(r"\b(?:at|to|is|be|address|from)\s{1,2}$|[:=]\s?$", re.IGNORECASE)


def _is_address_line(found: re.Match[str]) -> bool:
    return not _NO_HOUSE_BEFORE.search(found.string[max(0, found.start() - 16) : found.start()])


def _is_typed_line(found: re.Match[str]) -> bool:
    """In small letters a street is a word like others: no count before it, and something around it that leads to an address."""
    if not _is_address_line(found) or _counts(found["name"]):
        return False
    before, kind = found.string[max(0, found.start() - 24) : found.start()], found["kind"].lower()
    led, ends = _LED.search(before), _CONTINUES.match(found.string, found.end("kind"))
    if (kind in _HARD_WORDS and kind != "street") or re.search(r"\d", found["name"]):
        return True
    return bool(led or (ends and _CUE.search(before)) or found.end() > found.end("kind") + 3)


_HARD_WORDS: Final = frozenset(_HARD.lower().split("|"))


_ANNOUNCED: Final = re.compile(
    r"\b(?:address(?:es)?|lives? at|located at|sent to|send (?:it |them )?to|ship (?:it |them )?to|deliver(?:ed)? to|moved to"
    r"|restaurant is at)\b[^.!?\d]{0,28}(?:\d{1,6}\s)?$",
    re.IGNORECASE,
)


_SENTENCE_ENDS: Final = re.compile(r"[a-z]{5}\.\s")
"""Within an address only short words end in a full stop: "St.", "Ave."."""


def _is_announced(found: re.Match[str]) -> bool:
    """Any street and number, where the words before it say that an address comes."""
    before = found.string[max(0, found.start() - 48) : found.start()]
    is_street = not (_counts(found["it"]) or _DATE.search(found["it"]) or _SENTENCE_ENDS.search(found["it"]))
    return bool(_ANNOUNCED.search(before)) and is_street and _is_address_line(found)


def _is_line_to_a_zip(found: re.Match[str]) -> bool:
    return _is_address_line(found) and not _counts(found["name"])


def _counts(words: str) -> bool:
    return any(word in _COUNTED for word in re.findall(r"[a-z]+", words.lower()))


def _is_town(found: re.Match[str]) -> bool:
    return not _counts(found["it"].rsplit(None, 2)[0]) if found["it"].islower() else True


def _is_french(found: re.Match[str]) -> bool:
    """ "Place" and "via" are English words too."""
    return _is_address_line(found) and (
        found["kind"].lower() in ("rue", "allée", "chemin", "quai", "impasse") or not found["it"].islower()
    )


# --- clues ---------------------------------------------------------------------------------------

_FIVE_IN_A_ROW: Final = re.compile(r"\d\d{4}").search
_STREETS: Final = frozenset(f"{_HARD}|{_SOFT}".lower().split("|"))
_WORD: Final = re.compile(r"[a-z]+")
_ANNOUNCERS: Final = (
    "address",
    "lives at",
    "live at",
    "located",
    "sent",
    "send",
    "ship",
    "deliver",
    "moved",
    "restaurant",
)


def _names_a_street(text: str) -> bool:
    return not _STREETS.isdisjoint(_WORD.findall(caseless(text)))


_has_digit: Final = re.compile(r"\d").search
_BEFORE_A_NUMBER: Final = re.compile(r"\s(?=\d)")
_LEADS: Final = (
    "Rue rue Avenue avenue Boulevard boulevard Allée allée Impasse impasse Chemin chemin Quai quai Calle C/ Avenida Av. Avda"
    " Paseo Plaza Rua R. Travessa Via Piazza Corso Vicolo ul. ulica al. os. plac nám."
)
_FOREIGN_LEADS: Final = tuple(_LEADS.split())
_POST_BOX: Final = ("box", "apo", "fpo", "dpo")
_UNIT_WORDS: Final = ("apt", "apartment", "suite", "ste", "unit", "fl", "#")
_ENDINGS: Final = (
    "straße strasse str. gasse weg platz allee ufer damm gatan gränd vägen väg vej gade stræde gata veien vegen svingen laan"
    " straat gracht plein kade hof katu tie kuja polku utca körút ulica terrasse braut stígur"
)
_FOREIGN_ENDINGS: Final = tuple(_ENDINGS.split())
_ROADS: Final = ("highway", "hwy", "route", "rte", "road", "cr", "fm")


def _names_a_post_box(text: str) -> bool:
    small = caseless(text)
    return any(word in small for word in _POST_BOX)


def _names_a_unit(text: str) -> bool:
    small = caseless(text)
    return any(word in small for word in _UNIT_WORDS)


def _names_a_road(text: str) -> bool:
    small = caseless(text)
    return any(word in small for word in _ROADS)


def _ends_in_street_before_a_number(text: str) -> bool:
    """As Germans, Dutch, Scandinavians and Finns write it: ``Parijsstraat 8``."""
    small = caseless(text)
    return any(small.endswith(_FOREIGN_ENDINGS, 0, gap.start()) for gap in _BEFORE_A_NUMBER.finditer(small))


def _leads_to_a_number(text: str) -> bool:
    """As in most Romance languages and Polish: ``Calle Mayor 5``."""
    return any(lead in text for lead in _FOREIGN_LEADS)


def _announces(text: str) -> bool:
    small = caseless(text)
    return any(word in small for word in _ANNOUNCERS)


def _is_japanese(text: str) -> bool:
    small = caseless(text)
    return any(word in small for word in _WARDS) or (not text.isascii() and _IDEOGRAM.search(text) is not None)


_WARDS: Final = ("-ku", "-shi", "-cho", "-machi", "-dori")
_IDEOGRAM: Final = re.compile("[〒都道府県市区町村]")

_Row = tuple[Clue, str, int, Confirm]

ROWS: Final[tuple[_Row, ...]] = (
    (
        _names_a_post_box,
        r"\b(?P<it>(?:\d{1,6}\s)?P\.?\s?O\.?\s?Box\s?\d{1,7}|(?:PSC|Unit|CMR)\s\d{1,5},?\s(?:Box|BOX)\s\d{1,6}(?:,?\s{1,3}(?:APO|FPO"
        r"|DPO)\s(?:AA|AE|AP)\s\d{5})?|(?:RR|HC|Rural Route)\s?\d{1,4},?\s(?:Box|BOX)\s\d{1,6}[A-Z]?|(?:APO|FPO"
        r"|DPO),?\s(?:AA|AE|AP)\s\d{5})\b",
        re.I,
        certain,
    ),
    (
        _names_a_street,
        rf"(?P<it>{_HOUSE}(?:[ ,]{{1,2}}(?:{_PLACE}|{_ORDINAL}|(?:of|the|de|la"
        rf"|du)\b)){{1,5}}?\s{_STREET}{_AFTER_STREET})",
        0,
        _is_address_line,
    ),
    (
        _names_a_street,
        rf"(?P<it>{_HOUSE}\s(?P<name>(?:[^\W\d_][\w'-]*\.?\s|{_ORDINAL}\s){{1,5}}?)(?P<kind>(?i:{_STREET})){_AFTER_STREET})(?!\w)",
        0,
        _is_typed_line,
    ),
    (
        _FIVE_IN_A_ROW,
        rf"(?P<it>{_HOUSE}\s(?P<name>(?:[\w'.#-]{{1,24}},?\s{{1,2}}){{1,9}}?)(?:{_CODES}|{_STATES})\.?,?\s{{1,3}}{_ZIP})",
        re.I,
        _is_line_to_a_zip,
    ),
    (
        _names_a_road,
        rf"(?P<it>{_HOUSE}\s(?:(?:US|State|County|Old)\s)?(?:Highway|Hwy|Route|Rte|Road|CR|FM)\s\d{{1,4}}\b(?:\s{_WAY})?{_TOWN})(?!\w)",
        re.I,
        _is_address_line,
    ),
    (
        _ends_in_street_before_a_number,
        rf"(?<!\w)(?P<it>(?:\d{{1,6}}\s|(?=[^\W\d_a-z]))(?:{_PLACE}\s){{0,2}}?(?i:{_FOREIGN_STREET})\s\d{{1,5}}[A"
        rf"-Za-z]?{_EUROPEAN_TOWN})(?!\w)",
        0,
        certain,
    ),
    (
        _leads_to_a_number,
        rf"(?<!\w)(?P<it>(?:\d{{1,6}},?\s)?{_FOREIGN_LEAD}\s(?:(?:de|del|della|di|da|do|dos|des|du|la|le|les"
        rf"|l')\s){{0,2}}{_PLACE}(?:\s{_PLACE}){{0,2}},?\s\d{{1,5}}{_EUROPEAN_TOWN})(?!\w)",
        0,
        certain,
    ),
    (
        _has_digit,
        rf"(?P<it>\d(?<!\w\d)\d{{0,4}}(?:\s?(?:bis|ter))?,?\s(?P<kind>rue|avenue|boulevard|place|allée|chemin|quai|impasse|via"
        rf"|calle)\s(?:{_NAME}\s?){{1,4}}(?-i:{_EUROPEAN_TOWN}))",
        re.I,
        _is_french,
    ),
    (
        _has_digit,
        rf"(?P<it>\d(?<![\w.]\d)\d{{0,5}}\s(?:{_NAME}[ ]){{1,4}}\d{{1,5}}[,.]?\s{{1,4}}\W{{0,6}}(?:{_UNIT}))(?!\w)",
        0,
        certain,
    ),
    (
        _names_a_unit,
        rf"(?P<it>{_HOUSE}\s(?:{_PLACE}\s){{1,3}}(?:(?:Apt|Unit|Suite|Ste|Fl)\b\.?\s\#?\w{{1,5}}|\#\d{{1,4}}[A-Z]){_TOWN})(?!\w)",
        0,
        _is_address_line,
    ),
    (
        _names_a_unit,
        r"(?<!\w)(?P<it>(?:Apt|Apartment|Suite|Ste)\b\.?\s\#?\d{1,5}[A-Z]?)(?!\w)",
        re.I,
        certain,
    ),
    (
        _FIVE_IN_A_ROW,
        rf"(?<!\w)(?P<it>{_PLACE}(?:\s{_PLACE}){{0,2}},\s(?:{_CODES}|{_STATES})\.?,?\s{_ZIP}|[a-z]{{3,16}}(?:\s[a-z]{{3,16}})?,?"
        rf"\s(?i:{_CODES}),?\s{_ZIP})(?!\w)",
        0,
        _is_town,
    ),
    (
        _announces,
        rf"(?P<it>(?:\d(?<![\w.-]\d)\d{{0,5}}\s(?=\D)|(?<!\w)(?=[^\W\d_a-z]))[^\W\d_][\w'.-]*(?:\s{_NAME}){{0,3}}\s\d{{1,5}}[A-Za-z]?\.?{_EUROPEAN_TOWN})(?!\w)",
        0,
        _is_announced,
    ),
    (
        _is_japanese,
        r"(?P<it>〒\s?\d{3}-\d{4}(?:\s?[^\n,.]{0,40})|[\u3400-\u9fff]{1,6}[都道府県市区町村][^\n\s]{0,24}\d{1,4}(?:[-丁番]\S{0,12})"
        r"|\d(?<![\w-]\d)\d{0,3}-\d{1,4}(?:-\d{1,4})?,?\s\w{2,20},?\s(?:\w{2,20}-(?:ku|shi|cho|machi|dori)[,\s]{0,2}){1,2}(?:\w{2,20}"
        r"[,\s]{0,2}(?:\d{3}-\d{4})?)?)",
        re.I,
        certain,
    ),
)
"""Clue, shape with the address as its group ``it``, flags, and what confirms it."""


_NUMBER_BEFORE: Final = re.compile(r"(?<![\w-])\d{1,6},?\s$")
_REST: Final = re.compile(
    rf"(?:[\s,.>?*-]{{1,6}}{_PLACE}){{1,6}}[\s,]{{1,3}}\d{{4,6}}(?![\w-])|[,\s]{{1,3}}{_ZIP}(?!-)"
)


def extent(found: re.Match[str]) -> tuple[int, int]:
    """An address with a number that stands right before it, and with town, country and code on the lines after it."""
    text, (start, end) = found.string, found.span("it")
    before = _NUMBER_BEFORE.search(text, max(0, start - 8), start)
    after = _REST.match(text, end, end + 120)
    return before.start() if before else start, after.end() if after else end
