"""A folder of which one process at a time makes use."""

import sqlite3
from pathlib import Path

from mangaassist.errors import StartFailed


class InUse(StartFailed):
    """Another process holds the lock."""


def locked(file: Path, refusal: str) -> sqlite3.Connection:
    """A lock that ends with the process, on every platform: an open transaction in a database of its own.

    Raises ``InUse``, worded by ``refusal``, when another process holds it; ``OSError`` and ``sqlite3.Error`` when the folder
    cannot be used.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = sqlite3.connect(file, isolation_level=None, timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise InUse(refusal) from None
    return lock
