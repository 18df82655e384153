"""Pushed events in a folder, for the processes of one machine (K-5).

An event is a file, named after its delivery: it is there whole or not at all, once.
"""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import IO, Final

from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.sources.pushed_events import MOST_WAITING, REMEMBERED_S, Kept

WAITING, TAKEN = ".event", ".taken"
NEWEST: Final = "newest"
"""The folder with the newest event of each document."""


class FolderEvents:
    """Methods are those of ``PushedEvents``. ``folder`` is made when the first event comes; ``clock`` gives seconds since 1970."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.time,
        most_waiting: int = MOST_WAITING,
        remembered_s: float = REMEMBERED_S,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._most_waiting = most_waiting
        self._remembered_s = remembered_s

    async def keep(self, delivery: str, event: bytes) -> Kept:
        return await asyncio.to_thread(self._keep, delivery, event)

    async def waiting(self) -> Sequence[str]:
        return await asyncio.to_thread(self._waiting)

    async def read(self, delivery: str) -> bytes:
        with _told("cannot be read"):
            return await asyncio.to_thread((self._folder / f"{delivery}{WAITING}").read_bytes)

    async def take(self, delivery: str) -> None:
        path = self._folder / f"{delivery}{WAITING}"
        with _told("cannot be taken"):
            await asyncio.to_thread(path.rename, path.with_suffix(TAKEN))

    async def forget(self) -> None:
        await asyncio.to_thread(self._forget)

    async def remember(self, document_id: str, event: bytes) -> None:
        await asyncio.to_thread(self._remember, document_id, event)

    async def remembered(self, document_id: str) -> bytes | None:
        path = self._newest(document_id)
        with _told("cannot be read"):
            return await asyncio.to_thread(lambda: path.read_bytes() if path.exists() else None)

    async def newest(self, after: str, limit: int) -> Sequence[tuple[str, bytes]]:
        return await asyncio.to_thread(self._page, after, limit)

    def _keep(self, delivery: str, event: bytes) -> Kept:
        path = self._folder / f"{delivery}{WAITING}"
        with _told("could not be kept"):
            self._folder.mkdir(parents=True, exist_ok=True)
            if path.exists() or path.with_suffix(TAKEN).exists():
                return "known"
            if len(self._waiting()) >= self._most_waiting:
                return "full"
            with tempfile.NamedTemporaryFile(dir=self._folder, prefix="unfinished-") as file:
                _write(file, event)
                try:
                    os.link(file.name, path)
                except FileExistsError:
                    return "known"
            return "kept"

    def _waiting(self) -> list[str]:
        with _told("cannot be read"):
            found = self._folder.glob(f"*{WAITING}") if self._folder.is_dir() else ()
            return [path.stem for path in sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))]

    def _forget(self) -> None:
        for path in self._folder.glob(f"*{TAKEN}") if self._folder.is_dir() else ():
            with contextlib.suppress(OSError):
                if self._clock() - path.stat().st_ctime > self._remembered_s:
                    path.unlink()

    def _newest(self, document_id: str) -> Path:
        return self._folder / NEWEST / f"{blake2b(document_id.encode(), digest_size=16).hexdigest()}{TAKEN}"

    def _remember(self, document_id: str, event: bytes) -> None:
        path = self._newest(document_id)
        with _told("could not be kept"):
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix="unfinished-", delete=False) as file:
                _write(file, event)
            Path(file.name).replace(path)

    def _page(self, after: str, limit: int) -> list[tuple[str, bytes]]:
        with _told("cannot be read"):
            paths = sorted((self._folder / NEWEST).glob(f"*{TAKEN}"))
            return [(path.name, path.read_bytes()) for path in paths if path.name > after][:limit]


def _write(file: IO[bytes], event: bytes) -> None:
    file.write(event)
    file.flush()
    os.fsync(file.fileno())


@contextlib.contextmanager
def _told(what: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise ServiceFailure("knowledge", "error", f"a pushed event {what} ({error.strerror})") from error
