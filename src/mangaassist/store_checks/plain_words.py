"""What is wrong with an answer, as a contract's decoder words it, in words that need no knowledge of the decoder."""

import re
from typing import Final

_PLACE: Final = re.compile(r" - at `(?:\$\.?|key in )?(?P<field>[^`]*)`$")
_TYPES: Final = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "array": "a list", "object": "an object",
    "null": "null", "datetime": "a time such as 2026-11-03T09:30:00Z", "date": "a day such as 2026-11-03",
    "time": "a time of day such as 09:00:00", "decimal": "an amount as text, such as \"9.99\"",
}  # fmt: skip
_PATTERNS: Final = (
    (r"^B0[A-Z0-9]{8}$", 'an ASIN: B0 and eight capitals or digits, such as "B012345678"'),
    (r"^[0-9]{1,7}\.[0-9]{2}\Z", 'an amount as text with two decimals, such as "9.99"'),
    (r"^\d{3}-\d{7}-\d{7}$", 'an order number such as "100-0000001-0000001"'),
    (r"^[A-Z]{2}$", 'a country of two capitals, such as "US"'),
    (r"^(https?://", "an address that begins with http:// or https://, or nothing"),
    (r"^(?!.*<[A-Za-z/!])", "one line of plain text, without markup"),
    (r"^(?![\s\S]*<[A-Za-z/!])", "plain text, without markup"),
)
_SHAPES: Final = (
    (re.compile(r"^Object missing required field `(?P<name>[^`]+)`$"), "this field", "it is missing"),
    (re.compile(r"^Expected `[^`]+` with a timezone component$"), "a time that says its zone", "a time without"),
    (re.compile(r"^Expected `(?P<kind>[^`]+)`, got `(?P<got>[^`]+)`$"), "{kind}", "{got}"),
    (re.compile(r"^Invalid enum value (?P<got>.+)$"), "one of the contract's values", "{got}"),
    (re.compile(r"^Expected `[^`]+` matching regex (?P<regex>.+)$"), "{regex}", "another text"),
    (re.compile(r"^Expected `(?P<kind>[^`]+)` (?P<bound>(?:<=|>=|<|>|of length).*)$"), "{kind} {bound}", "another"),
    (re.compile(r"^Invalid RFC3339 encoded (?P<kind>datetime|date|time)$"), "{kind}", "another text"),
    (re.compile(r"^JSON is malformed.*$"), "JSON", "something that is none"),
)


def plain_mistake(message: str) -> tuple[str, str, str]:
    """What was expected, what was found, and in which field: "prices[0].current"; empty where it is the whole answer."""
    place = _PLACE.search(message)
    field, said = (place["field"], message[: place.start()]) if place else ("", message)
    for shape, expected, found in _SHAPES:
        if match := shape.match(said):
            words = {name: _worded(name, value) for name, value in match.groupdict().items()}
            return expected.format(**words).strip(), found.format(**words), _joined(field, match)
    return "what the contract says", said, field


def _joined(field: str, match: "re.Match[str]") -> str:
    missing = match.groupdict().get("name")
    return ".".join(filter(None, (field, missing))) if missing else field


def _worded(name: str, value: str) -> str:
    if name == "regex":
        return next((words for start, words in _PATTERNS if start in value.replace("\\\\", "\\")), f"text like {value}")
    return (
        " or ".join(_TYPES.get(one.strip(), one.strip()) for one in value.split("|")) if name != "got" else _got(value)
    )


def _got(value: str) -> str:
    return _TYPES.get(value, value)
