"""How settings are read off a TOML file and the environment into frozen structs, each mistake naming where it stands (O-2)."""

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import msgspec
from msgspec import Struct

S = TypeVar("S", bound=Struct)


class Given(Struct, frozen=True):
    """A setting as somebody wrote it. ``is_text``: numbers are read from it, and lists are split at commas."""

    value: Any
    where: str
    is_text: bool = False


def from_file(file: Path | None, mistakes: list[str]) -> Iterator[tuple[tuple[str, ...], Given]]:
    """The settings that a TOML file holds, by path."""
    if file is None:
        return
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        mistakes.append(f"{file}: there is no such file")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        mistakes.append(f"{file}: cannot be read as TOML ({error})")
    else:
        for path, value in _leaves(document):
            yield path, Given(value, f"{file.name}: {'.'.join(path)}")


def _leaves(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, name))  # pyright: ignore[reportUnknownArgumentType]
        else:
            yield (*path, name), value


def from_environment(environment: Mapping[str, str], prefix: str) -> Iterator[tuple[tuple[str, ...], Given]]:
    """The settings among the variables, by path."""
    for variable, value in environment.items():
        if variable.startswith(prefix):
            yield tuple(variable.removeprefix(prefix).lower().split("__")), Given(value, variable, is_text=True)


def made(kind: type[S], given: Sequence[tuple[tuple[str, ...], Given]], mistakes: list[str]) -> S:
    """The struct with what was given, the last of each path; what cannot be taken is added to ``mistakes``."""
    known = dict(_fields(kind))
    values: dict[tuple[str, ...], Any] = {}
    for path, setting in given:
        if path not in known:
            mistakes.append(f"{setting.where}: there is no such setting{_meant(path, known)}")
            continue
        try:
            values[path] = _converted(setting, known[path])
        except msgspec.ValidationError as error:
            mistakes.append(f"{setting.where} = {setting.value!r}: {error}")
    return _built(kind, (), values, mistakes)


def _built(kind: type[S], path: tuple[str, ...], values: Mapping[tuple[str, ...], Any], mistakes: list[str]) -> S:
    chosen: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        here = (*path, field.name)
        if _is_section(field.type):
            if any(other[: len(here)] == here for other in values):
                chosen[field.name] = _built(field.type, here, values, mistakes)
        elif here in values:
            chosen[field.name] = values[here]
    try:
        return kind(**chosen)
    except ValueError as error:
        mistakes.append(f"{'.'.join(path)}.{error}")
        return kind()


def _fields(struct: type[Struct], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for field in msgspec.structs.fields(struct):
        if _is_section(field.type):
            yield from _fields(field.type, (*path, field.name))
        else:
            yield (*path, field.name), field.type


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _converted(setting: Given, kind: Any) -> Any:
    if isinstance(setting.value, str) and _is_list(kind):
        return msgspec.convert([part.strip() for part in setting.value.split(",") if part.strip()], kind)
    return msgspec.convert(setting.value, kind, strict=not setting.is_text)


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is tuple or any(get_origin(inner) is tuple for inner in get_args(kind))


def _meant(path: tuple[str, ...], known: Mapping[tuple[str, ...], Any]) -> str:
    names = {".".join(candidate): candidate for candidate in known}
    close = difflib.get_close_matches(".".join(path), names, n=1)
    return f"; did you mean {close[0]}?" if close else ""
