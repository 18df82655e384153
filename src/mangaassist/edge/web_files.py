"""The widget as it is served: its modules in one file under an address that names its content, and everything compressed.

The sources in ``web/`` are plain modules that run as they are. Joined they are one request, where a browser on a slow line would
make twenty, one wave after the other. Only what our own modules use is understood: imports and exports of names, each on one line.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from importlib import resources
from typing import Final

from msgspec import Struct

ENTRY: Final = "widget.js"
"""What a page's script tag names: its address stays, so it is asked for anew each time."""
JOINED: Final = "conversation.js"
LANGUAGES: Final = ("es.js", "ja.js")
"""Loaded beside the joined file, by pages in that language."""
SMALL: Final = 400
"""Bytes below which nothing is gained by packing."""
_MEDIA_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
_IMPORT: Final = re.compile(
    r'^import (?:(?P<whole>\w+)|\{ (?P<names>[^}]+) \}) from "\./(?P<name>[\w-]+\.js)";\n', re.M
)
_EXPORT: Final = re.compile(r"^export (?=(?:async function|function|class|const) (?P<name>\w+))", re.M)
_DEFAULT: Final = re.compile(r"^export default ", re.M)
_BLOCK: Final = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.M | re.S)
_COMMENT: Final = re.compile(r"^[ \t]*//.*\n", re.M)
_REMARK: Final = re.compile(r"(?<=[;{,(]) // [^\"`\n]*$", re.M)
_SHEET: Final = re.compile(r"`\n[^`$]*`")
_PLAIN: Final = re.compile(r"^[^'`/]*(?:`[^'`/]*`[^'`/]*)?$", re.M)
"""A line without patterns and comments, and with one template at most."""
_SPACED: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`]*`| ?(=>|[=!]==|&&|\|\||\?\?|[=?:,;{}()<>]) ?')
"""A string or template, or a sign with the space around it."""
_INDENT: Final = re.compile(r"^[ \t]+|[ \t]+$|^\n", re.M)


class WebFile(Struct, frozen=True, kw_only=True):
    """``packed`` is the same by gzip; empty where that gains nothing. ``is_immutable``: its address names its content."""

    body: bytes
    packed: bytes
    media_type: str
    etag: str
    is_immutable: bool = False


def lean(source: str) -> str:
    """The same program without the lines that only people read, and without the space that they like to see.

    What stands in quotes stays as it is; a template on lines of its own is a style sheet.
    """
    said = _INDENT.sub("", _REMARK.sub("", _COMMENT.sub("", _BLOCK.sub("", source))))
    pieces: list[str] = []
    end = 0
    for sheet in _SHEET.finditer(said):
        pieces += (_PLAIN.sub(_close, said[end : sheet.start()]), _tight(sheet[0]))
        end = sheet.end()
    return "".join((*pieces, _PLAIN.sub(_close, said[end:])))


def _close(line: re.Match[str]) -> str:
    return _SPACED.sub(lambda found: found[1] or found[0], line[0])


def _tight(sheet: str) -> str:
    return re.sub(r":\s+", ":", re.sub(r"\s*([{};,])\s*", r"\1", sheet))


def joined(entry: str, sources: Mapping[str, str]) -> str:
    """One module that exports what ``entry`` does, each module that it needs a function called once, before those that need it."""
    order: list[str] = []
    _order(entry, sources, order, ())
    parts = [_wrapped(name, sources[name]) for name in order[:-1]]
    return "".join((*parts, _IMPORT.sub(_bound, sources[entry])))


def _order(name: str, sources: Mapping[str, str], order: list[str], needed_by: tuple[str, ...]) -> None:
    if name in needed_by:
        raise ValueError(f"modules need each other in a ring: {' > '.join((*needed_by, name))}")
    if name in order:
        return
    for found in _IMPORT.finditer(sources[name]):
        _order(found["name"], sources, order, (*needed_by, name))
    order.append(name)


def _wrapped(name: str, source: str) -> str:
    names = [found["name"] for found in _EXPORT.finditer(source)]
    body = _EXPORT.sub("", _IMPORT.sub(_bound, source))
    if _DEFAULT.search(body):
        body = _DEFAULT.sub("const whole = ", body)
        names.append("default: whole")
    return f"const {_variable(name)} = (() => {{\n{body}\nreturn {{ {', '.join(names)} }};\n}})();\n"


def _bound(found: re.Match[str]) -> str:
    names = f"{{ default: {found['whole']} }}" if found["whole"] else f"{{ {found['names'].replace(' as ', ': ')} }}"
    return f"const {names} = {_variable(found['name'])};\n"


def _variable(name: str) -> str:
    return "$" + name.removesuffix(".js").replace("-", "_")


def _file(name: str, text: str, *, is_immutable: bool = False) -> WebFile:
    body = text.encode()
    packed = gzip.compress(body, 9, mtime=0) if len(body) > SMALL else b""
    return WebFile(
        body=body,
        packed=packed,
        media_type=_MEDIA_TYPES[name[name.rfind(".") :]],
        etag=f'"{_digest(text)}"',
        is_immutable=is_immutable,
    )


def _digest(*texts: str) -> str:
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:16]


def _served() -> dict[str, WebFile]:
    folder = resources.files("mangaassist") / "web"
    sources = {
        file.name: file.read_text("utf-8")
        for file in folder.iterdir()
        if file.name[file.name.rfind(".") :] in _MEDIA_TYPES
    }
    conversation = lean(joined(JOINED, sources))
    languages = {name: lean(sources[name]) for name in LANGUAGES}
    version = _digest(conversation, *languages.values())
    entry = lean(sources[ENTRY]).replace('"./', f'"./{version}/')
    return {
        **{name: _file(name, text) for name, text in sources.items()},
        ENTRY: _file(ENTRY, entry),
        f"{version}/{JOINED}": _file(JOINED, conversation, is_immutable=True),
        **{f"{version}/{name}": _file(name, text, is_immutable=True) for name, text in languages.items()},
    }


FILES: Final[Mapping[str, WebFile]] = _served()
"""By what stands behind ``/widget/`` in their address."""
