"""JSON from outside into our types, or a ``BadInput`` that names what is wrong (W-11, R-6, R-9)."""

import re
from typing import Any, TypeVar

import msgspec

from mangaassist.errors import BadInput, FieldProblem

T = TypeVar("T")

_AT_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_NAMED_FIELD = re.compile(r"(?:missing required field|unknown field) `(?P<name>[^`]+)`")
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


def decode(decoder: msgspec.json.Decoder[T], data: bytes | str) -> T:
    """Decode and validate one JSON document.

    Raises ``BadInput`` with code ``invalid_encoding`` (not UTF-8, a NUL, a lone surrogate), ``invalid_json`` (malformed, or nested
    too deeply) or ``invalid_field`` (with the path of the field).
    """
    try:
        decoded = decoder.decode(data)
    except UnicodeError:
        raise BadInput("invalid_encoding", "The text is not valid UTF-8.") from None
    except msgspec.ValidationError as error:
        raise _invalid_field(str(error)) from None
    except RecursionError:
        raise BadInput("invalid_json", "The JSON is nested too deeply.") from None
    except msgspec.DecodeError as error:
        raise BadInput("invalid_json", f"This is not valid JSON: {error}.") from None
    _refuse_unprintable(decoded, "")
    return decoded


def _invalid_field(complaint: str) -> BadInput:
    at = _AT_PATH.search(complaint)
    path = at["path"] if at else ""
    reason = complaint[: at.start()] if at else complaint
    if named := _NAMED_FIELD.search(reason):
        path = f"{path}.{named['name']}".lstrip(".")
    wrong = FieldProblem(path or "(body)", _reworded(reason))
    return BadInput("invalid_field", f"{wrong.field}: {wrong.detail}", [wrong])


def _reworded(reason: str) -> str:
    """Say a validation message in words that do not need a Python dictionary."""
    for pattern, words in _WORDINGS:
        if match := pattern.search(reason):
            return match.expand(words)
    return reason


_WORDINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Expected `str` of length >= 1$"), "must not be empty"),
    (re.compile(r"Expected `(?:str|array)` of length <= (\d+)"), r"must not be longer than \1"),
    (re.compile(r"missing required field"), "is missing"),
    (re.compile(r"Invalid value '(.{0,64})'"), r"'\1' is not known here"),
    (re.compile(r"Expected `str` matching regex '\^B0"), "must be an ASIN such as B0ABCD1234"),
    (re.compile(r"Expected `str` matching regex"), "has characters that are not allowed here"),
    (re.compile(r"Expected `(\w+)(?: \| null)?`, got `(\w+)`"), r"must be \1, not \2"),
)


def _refuse_unprintable(value: Any, path: str) -> None:
    """R-9: neither NUL nor a lone surrogate goes on into stores and models."""
    match value:
        case str():
            if _FORBIDDEN.search(value):
                detail = "holds a NUL or a lone surrogate"
                raise BadInput("invalid_encoding", f"{path}: {detail}", [FieldProblem(path or "(body)", detail)])
        case msgspec.Struct():
            for name in value.__struct_fields__:
                _refuse_unprintable(getattr(value, name), f"{path}.{name}".lstrip("."))
        case dict():
            for name, held in value.items():  # pyright: ignore[reportUnknownVariableType] - JSON
                _refuse_unprintable(name, path)
                _refuse_unprintable(held, f"{path}.{name}".lstrip("."))
        case list() | tuple():
            for index, item in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                _refuse_unprintable(item, f"{path}[{index}]")
        case _:
            pass
