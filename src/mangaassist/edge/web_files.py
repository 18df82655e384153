"""The widget as it is served: its modules in one file under an address that names its content, and everything compressed.

The sources in ``web/`` are plain modules that run as they are. Joined they are one request, where a browser on a slow line would
make twenty, one wave after the other. Only what our own modules use is understood: imports and exports of names, each on one line.
"""

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any, Final, cast

import brotli
import rcssmin
import rjsmin
from msgspec import Struct

ENTRY: Final = "widget.js"
"""What a page's script tag names: its address stays, so it is asked for anew each time."""
JOINED: Final = "conversation.js"
LANGUAGES: Final = ("es.js", "ja.js")
"""Loaded beside the joined file, by pages in that language."""
WORKER: Final = "shared-line.js"
"""Loaded by a worker of the page's, where there is one: beside the joined file for our own pages, under its own name for others."""
SMALL: Final = 400
"""Bytes below which nothing is gained by packing."""
_MEDIA_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
_IMPORT: Final = re.compile(
    r'^import (?:(?P<whole>\w+)|\{ (?P<names>[^}]+) \}) from "\./(?P<name>[\w-]+\.js)";\n', re.M
)
_EXPORT: Final = re.compile(r"^export (?=(?:async function|function|class|const) \w)", re.M)
_DEFAULT: Final = re.compile(r"^export default ", re.M)
_DECLARED: Final = re.compile(r"^(?:export )?(?:async function|function|class|const|let) (\w+)", re.M)
_SHEET: Final = re.compile(r"(?<== `)\n[^`$]*(?=`;$)", re.M)
"""What stands in a template by itself, assigned on lines of its own, is a style sheet."""
_scripts, _sheets, _brotli = cast(Any, rjsmin), cast(Any, rcssmin), cast(Any, brotli)  # they ship no types

Pack = Callable[[bytes], bytes]


def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


def _brotlied(body: bytes) -> bytes:
    """Of the last step, which takes twice as long for a fortieth less, nobody would notice the difference."""
    return _brotli.compress(body, mode=_brotli.MODE_TEXT, quality=10)


ALONE: Final[Mapping[str, Pack]] = {"gzip": _gzipped}
LOADED: Final[Mapping[str, Pack]] = {"br": _brotlied, **ALONE}
"""By their names in HTTP, the better ones first. What shops load gets all of them."""


class WebFile(Struct, frozen=True, kw_only=True):
    """``packed`` is the same by encoding, the smallest first; empty where that gains nothing. ``is_immutable``: its address names
    its content."""

    body: bytes
    packed: Mapping[str, bytes]
    media_type: str
    etag: str
    is_immutable: bool = False


def lean(source: str) -> str:
    """The same program without what only people read: comments, and the space that they like to see; style sheets as well."""
    return _scripts.jsmin(_SHEET.sub(lambda sheet: _sheets.cssmin(sheet[0]), source))


def joined(entry: str, sources: Mapping[str, str]) -> str:
    """One module that exports what ``entry`` does: the modules that it needs, each before those that need it, in one scope.

    So a name means one thing in all of them, and a default export is called as its file. Raises ``ValueError`` where that is not
    so, and where modules need each other in a ring.
    """
    order: list[str] = []
    _order(entry, sources, order, ())
    owners: dict[str, str] = {}
    for name in order:
        for declared in _declared(name, sources[name]):
            if owners.setdefault(declared, name) != name:
                raise ValueError(f"{owners[declared]} and {name} both declare {declared}")
    bare = (_EXPORT.sub("", _DEFAULT.sub(f"const {_stem(name)} = ", sources[name])) for name in order[:-1])
    return _IMPORT.sub("", "".join((*bare, sources[entry])))


def _order(name: str, sources: Mapping[str, str], order: list[str], needed_by: tuple[str, ...]) -> None:
    if name in needed_by:
        raise ValueError(f"modules need each other in a ring: {' > '.join((*needed_by, name))}")
    if name in order:
        return
    for found in _IMPORT.finditer(sources[name]):
        if found["whole"] not in (None, _stem(found["name"])) or " as " in found[0]:
            raise ValueError(f"{name} calls something of {found['name']} by another name")
        _order(found["name"], sources, order, (*needed_by, name))
    order.append(name)


def _declared(name: str, source: str) -> list[str]:
    return [*_DECLARED.findall(source), *([_stem(name)] if _DEFAULT.search(source) else ())]


def _stem(name: str) -> str:
    return name.removesuffix(".js")


def _file(name: str, text: str, packs: Mapping[str, Pack] = ALONE, *, is_immutable: bool = False) -> WebFile:
    body = text.encode()
    return WebFile(
        body=body,
        packed={encoding: pack(body) for encoding, pack in packs.items()} if len(body) > SMALL else {},
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
    worker = lean(sources[WORKER])
    version = _digest(conversation, worker, *languages.values())
    entry = lean(sources[ENTRY]).replace('"./', f'"./{version}/')
    return {
        **{name: _file(name, text) for name, text in sources.items()},
        ENTRY: _file(ENTRY, entry, LOADED),
        WORKER: _file(WORKER, worker, LOADED),
        f"{version}/{WORKER}": _file(WORKER, worker, LOADED, is_immutable=True),
        f"{version}/{JOINED}": _file(JOINED, conversation, LOADED, is_immutable=True),
        **{f"{version}/{name}": _file(name, text, LOADED, is_immutable=True) for name, text in languages.items()},
    }


FILES: Final[Mapping[str, WebFile]] = _served()
"""By what stands behind ``/widget/`` in their address."""
