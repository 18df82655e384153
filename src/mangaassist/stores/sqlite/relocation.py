"""Brings the databases that an earlier version kept in the cache to the folder of what must not be lost (O-7)."""

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Final

from mangaassist.errors import StartFailed

DATABASES: Final = ("sessions.db", "audit.db")


def bring_over(former: Path, folder: Path) -> None:
    """Move each database of ``former`` that ``folder`` lacks; one that is in both stays, and ``folder``'s is used.

    A database is copied whole before the original goes, so a crash at any moment loses nothing. Raises ``StartFailed`` when
    another process has one open, or when it cannot be read or written.
    """
    for name in DATABASES:
        if (former / name).exists() and not (folder / name).exists():
            try:
                _moved(former / name, folder / name)
            except (OSError, sqlite3.Error) as error:
                raise StartFailed(
                    f"{former / name} belongs into {folder} and could not be moved there ({error}). Stop what uses it, or"
                    " move it by hand, with the files beside it whose names begin alike."
                ) from error


def _moved(source: Path, target: Path) -> None:
    _closed(source)
    arriving = target.with_suffix(".arriving")
    shutil.copyfile(source, arriving)
    arriving.chmod(0o600)
    _synced(arriving)
    arriving.replace(target)
    _synced(target.parent)
    source.unlink()


def _closed(database: Path) -> None:
    """Write what stands in its log into the database itself. Raises where somebody has it open."""
    with contextlib.closing(sqlite3.connect(database, timeout=1)) as db:
        (mode,) = db.execute("PRAGMA journal_mode = DELETE").fetchone()
        if mode != "delete":
            raise sqlite3.OperationalError("it is in use")


def _synced(path: Path) -> None:
    """What was written to the file or folder survives the loss of power."""
    if path.is_dir() and os.name == "nt":  # folders cannot be opened there
        return
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
