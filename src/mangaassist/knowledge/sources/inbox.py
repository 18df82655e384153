"""Events that others push (K-5): kept on the disk before they are acknowledged, and handed to the pipeline by whoever runs it.

A door writes, in any process of this machine; the process with the pipeline reads. An event is a file, named after its delivery:
it is there whole or not at all, once, and remembered for as long as the same delivery might be sent again. The newest event of each
document stays: nobody else could tell it again when the knowledge is made anew.
"""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final, Literal

from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.building import Report, reported
from mangaassist.knowledge.documents import DocumentChange, PoisonedEvent, SourceProblem, decode_change, encode_change
from mangaassist.knowledge.updates import BATCH, Pipeline, rank

WAITING, TAKEN = ".event", ".taken"
NEWEST: Final = "newest"
"""The folder with the newest event of each document."""
MOST_WAITING: Final = 1000
REMEMBERED_S: Final = 900.0
"""How long a delivery is known after it was taken: longer than its signature is good for."""

Kept = Literal["kept", "known", "full"]


class EventInbox:
    """Of one source. ``folder`` is made when the first event comes; ``clock`` gives seconds since 1970."""

    def __init__(self, folder: Path, source: str, clock: Callable[[], float] = time.time) -> None:
        self.source = source
        self._folder = folder
        self._clock = clock

    async def keep(self, delivery: str, raw: bytes) -> Kept:
        """Keep an event until it is applied. ``delivery``, letters and digits, names it: one that is known is not kept again.

        Raises ``ServiceFailure`` when the disk refuses.
        """
        return await asyncio.to_thread(self._keep, delivery, raw)

    async def waits(self) -> bool:
        """Whether anything that was kept is still to be applied."""
        return bool(await asyncio.to_thread(self._waiting))

    async def apply_waiting(self, pipeline: Pipeline) -> None:
        """Apply what waits, oldest first, whoever kept it. An event that can never be applied is set aside.

        Raises ``ServiceFailure`` when the disk refuses; what waits then is applied the next time.
        """
        try:
            for path in await asyncio.to_thread(self._waiting):
                await self._apply(path, pipeline)
            await asyncio.to_thread(self._forget)
        except OSError as error:
            raise ServiceFailure("knowledge", "error", f"pushed events cannot be read ({error.strerror})") from error

    async def remember(self, changes: Sequence[DocumentChange]) -> None:
        """Keep what was applied without having waited here, to be told again. Raises ``ServiceFailure`` when the disk refuses."""
        try:
            await asyncio.to_thread(lambda: [self._remember(change) for change in changes])
        except OSError as error:
            raise ServiceFailure("knowledge", "error", f"the event could not be kept ({error.strerror})") from error

    async def tell_again(self, pipeline: Pipeline) -> Report:
        """Apply the newest event of each document, for an index that is made anew. What is known is not embedded again."""
        report = Report()
        paths = await asyncio.to_thread(lambda: sorted((self._folder / NEWEST).glob(f"*{TAKEN}")))
        for start in range(0, len(paths), BATCH):
            part = await asyncio.to_thread(_read, paths[start : start + BATCH])
            applied = await pipeline.apply([one for one in part.values() if isinstance(one, DocumentChange)])
            broken = tuple(SourceProblem(self.source, name, one) for name, one in part.items() if isinstance(one, str))
            report = report.plus(reported(self.source, applied)).plus(
                Report(problems=broken, problem_count=len(broken))
            )
        return report

    def _remember(self, change: DocumentChange) -> None:
        path = self._folder / NEWEST / f"{blake2b(change.id.encode(), digest_size=16).hexdigest()}{TAKEN}"
        with contextlib.suppress(FileNotFoundError, PoisonedEvent):  # what cannot be read is no newer
            if rank(decode_change(path.read_bytes())) >= rank(change):
                return
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix="unfinished-", delete=False) as file:
            file.write(encode_change(change).encode())
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)

    async def _apply(self, path: Path, pipeline: Pipeline) -> None:
        raw = await asyncio.to_thread(path.read_bytes)
        try:
            change = decode_change(raw)
        except PoisonedEvent as error:
            await pipeline.set_aside(self.source, "", 0, error, raw.decode("utf-8", "replace"))
        else:
            await asyncio.to_thread(self._remember, change)
            await pipeline.persist([change])
        await asyncio.to_thread(path.rename, path.with_suffix(TAKEN))

    def _keep(self, delivery: str, raw: bytes) -> Kept:
        path = self._folder / f"{delivery}{WAITING}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if path.exists() or path.with_suffix(TAKEN).exists():
                return "known"
            if len(self._waiting()) >= MOST_WAITING:
                return "full"
            with tempfile.NamedTemporaryFile(dir=self._folder, prefix="unfinished-") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
                os.link(file.name, path)
        except FileExistsError:
            return "known"
        except OSError as error:
            raise ServiceFailure("knowledge", "error", f"the event could not be kept ({error.strerror})") from error
        return "kept"

    def _waiting(self) -> list[Path]:
        found = self._folder.glob(f"*{WAITING}") if self._folder.is_dir() else ()
        return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))

    def _forget(self) -> None:
        for path in self._folder.glob(f"*{TAKEN}") if self._folder.is_dir() else ():
            with contextlib.suppress(OSError):
                if self._clock() - path.stat().st_ctime > REMEMBERED_S:
                    path.unlink()


def _read(paths: Sequence[Path]) -> dict[str, DocumentChange | str]:
    """By file the event, or what is wrong with it."""
    read: dict[str, DocumentChange | str] = {}
    for path in paths:
        try:
            read[path.name] = decode_change(path.read_bytes())
        except PoisonedEvent as error:
            read[path.name] = error.detail
    return read
