"""A folder of which one serving process at a time makes use."""

import sqlite3
from pathlib import Path

from mangaassist.errors import StartFailed


def locked(file: Path, remedy: str) -> sqlite3.Connection:
    """A lock that ends with the process, on every platform: an open transaction in a database of its own.

    Raises ``StartFailed``, which ends in ``remedy``, when another process holds it; ``OSError`` and ``sqlite3.Error`` when the
    folder cannot be used.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = sqlite3.connect(file, isolation_level=None, timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise StartFailed(f"Another assistant serves from {file.parent}. Stop it first, or {remedy}") from None
    return lock
