"""Labelled rows from a file of JSON lines (E-1): unknown fields are ignored, a bad line is named by its number."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from mangaassist.errors import BadInput

Row = TypeVar("Row")

LINE_BOUND = 1 << 20
"""Bytes of one line at most; a longer one is no row of ours."""


def read_jsonl(path: Path, type: type[Row]) -> Iterator[tuple[int, Row]]:
    """The rows with their line numbers, from 1; empty lines are passed over.

    Raises ``BadInput`` for a file that cannot be read and for the first line that does not fit.
    """
    decoder = msgspec.json.Decoder(type)
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(iter(lambda: lines.readline(LINE_BOUND), b""), 1):
                if line.strip():
                    yield number, _decoded(decoder, line, path, number)
    except OSError as error:
        raise BadInput("unreadable_dataset", f"{path} cannot be read: {error.strerror}.") from error


def _decoded(decoder: msgspec.json.Decoder[Row], line: bytes, path: Path, number: int) -> Row:
    try:
        return decoder.decode(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput("bad_line", f"{path.name}, line {number}: {error}") from error
