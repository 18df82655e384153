"""What customers set, kept in a file of the state folder that is replaced in one step: a restart finds it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class StateFile(Generic[T]):
    """One value of a kind, as JSON. One that cannot be read is moved aside, as `….unreadable`, and begins anew."""

    def __init__(self, path: Path, kind: type[T]) -> None:
        self._path, self._decoder = path, msgspec.json.Decoder(kind)

    def read(self) -> T | None:
        """As it was written last; None where nothing was."""
        try:
            return self._decoder.decode(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError:
            self._path.replace(self._path.with_suffix(".unreadable"))
            return None

    def write(self, value: T) -> None:
        """All of it or, where the process dies meanwhile, nothing. It is on the disk when this returns."""
        write_whole(self._path, msgspec.json.encode(value))


def write_whole(path: Path, body: bytes) -> None:
    """Put a file there that is whole, in the place of one that is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.partial")
    with unfinished.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
