"""The file of a graph: written beside its place and moved there in one step, checked as it is read, mapped where that is enough."""

import hashlib
import mmap
import os
from pathlib import Path
from typing import Final

from msgspec import Struct

_MAGIC: Final = b"mangaassist-graph-3\n"
_DIGEST_BYTES, _COUNT_BYTES = 32, 8
HEAD_BYTES: Final = 128
"""The graph begins here: its numbers lie where a processor likes them to lie."""


class GraphFile(Struct, frozen=True, eq=False):
    """``body`` is the graph as usearch keeps it, empty for one without vectors; its memory is the file's own.

    ``in_order`` counts the vectors that were added in the order in which they came.
    """

    in_order: int
    body: memoryview


def write(path: Path, database: bytes, in_order: int, body: bytes | bytearray) -> None:
    """``database``, 16 bytes, names the database that the keys are of. Whoever has mapped the file before keeps that one."""
    counted = in_order.to_bytes(_COUNT_BYTES)
    head = (_MAGIC + database + _digest(database, counted, body) + counted).ljust(HEAD_BYTES, b"\0")
    unfinished = path.with_suffix(".partial")
    with unfinished.open("wb") as file:
        file.write(head)
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read(path: Path, database: bytes) -> GraphFile | None:
    """None when the file is missing, damaged or of another database."""
    try:
        with path.open("rb") as file:
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError):  # there is none, or it is empty
        return None
    head, body, named = bytes(mapped[:HEAD_BYTES]), mapped[HEAD_BYTES:], _MAGIC + database
    digest, counted = head[len(named) :][:_DIGEST_BYTES], head[len(named) + _DIGEST_BYTES :][:_COUNT_BYTES]
    if not head.startswith(named) or digest != _digest(database, counted, body):
        return None
    return GraphFile(int.from_bytes(counted), body)


def _digest(database: bytes, counted: bytes, body: bytes | bytearray | memoryview) -> bytes:
    digest = hashlib.blake2b(counted, digest_size=_DIGEST_BYTES, key=database)
    digest.update(body)
    return digest.digest()
