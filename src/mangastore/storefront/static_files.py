"""The storefront's scripts and styles, read once and served from memory; their folder's address changes when any of them does."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

STATIC_FOLDER: Final = Path(__file__).parent / "static"
MEDIA_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class StaticFile(msgspec.Struct, frozen=True):
    """A file with the tag that tells whether it changed."""

    body: bytes
    media_type: str
    etag: str


def read_static_files(folder: Path = STATIC_FOLDER) -> dict[str, StaticFile]:
    """Every file of the folder that the storefront may serve, by name."""
    files: dict[str, StaticFile] = {}
    for path in sorted(folder.iterdir()):
        media_type = MEDIA_TYPES.get(path.suffix)
        if media_type:
            body = path.read_bytes()
            files[path.name] = StaticFile(body, media_type, f'"{blake2b(body, digest_size=8).hexdigest()}"')
    return files


def _version(files: Mapping[str, StaticFile]) -> str:
    summary = blake2b(digest_size=6)
    for name, file in files.items():
        summary.update(f"{name}{file.etag}".encode())
    return summary.hexdigest()


STATIC_FILES: Final = read_static_files()
VERSION: Final = _version(STATIC_FILES)
"""One for all files: modules import each other by their names, and so find those of the same version."""


def asset(name: str) -> str:
    """The address of a file, which never has other contents."""
    return f"/static/{VERSION}/{name}"
