"""The storefront's scripts and styles, read once and served from memory."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import msgspec

STATIC_FOLDER = Path(__file__).parent / "static"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


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
