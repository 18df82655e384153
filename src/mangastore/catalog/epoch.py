"""Epochs of the catalogue: they keep cursors and versions increasing over restarts that change what is sold.

Edits live in memory and end with the process. A start that finds the catalogue as it was before, unedited, goes on in
the same epoch, so that readers' cursors stay valid; any other start opens a new epoch, in which everything is newer.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

CHANGES_PER_EPOCH = 1 << 20
"""Cursors of one epoch; with seconds since 1970 as epochs a cursor still fits a double exactly."""


class EpochRecord(msgspec.Struct, kw_only=True):
    """What the state folder remembers between starts."""

    epoch: int
    digest: str
    edited: bool = False
    asins: list[str] = []


class Epoch:
    """The epoch of this process, kept in a file of the state folder."""

    def __init__(self, path: Path, record: EpochRecord, vanished: list[str]) -> None:
        self._path, self._record = path, record
        self.vanished = vanished
        """ASINs of the epoch before that are no longer sold."""

    @classmethod
    def open(cls, state_dir: Path, digest: str, asins: Iterable[str]) -> Epoch:
        """Go on in the last epoch where nothing changed since, otherwise begin a new one."""
        path, sold = state_dir / "catalogue.json", list(asins)
        last = _read(path)
        if last and last.digest == digest and not last.edited:
            return cls(path, last, [])
        number = max(int(time.time()), last.epoch + 1 if last else 0)
        epoch = cls(path, EpochRecord(epoch=number, digest=digest, asins=sold), _gone(last, sold))
        epoch.save()
        return epoch

    @property
    def first_cursor(self) -> int:
        """The cursor of the epoch's first change."""
        return self._record.epoch * CHANGES_PER_EPOCH + 1

    def note_edit(self) -> None:
        """Remember that this process changed the catalogue, so that the next start opens a new epoch."""
        if not self._record.edited:
            self._record.edited = True
            self.save()

    def save(self) -> None:
        """Write the record in one step."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(self._record))
        fresh.replace(self._path)


def _read(path: Path) -> EpochRecord | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=EpochRecord)
    except (OSError, msgspec.MsgspecError):
        return None


def _gone(last: EpochRecord | None, sold: list[str]) -> list[str]:
    return sorted(set(last.asins) - set(sold)) if last else []
