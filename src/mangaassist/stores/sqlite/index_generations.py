"""The generations of the embedded index: a folder for each encoder's, in the one folder of the knowledge (K-3).

The first one lies in that folder itself, further ones each in a folder of its own within it. A generation is whole once its
file ``built`` is there, which is made in one step after all that it stands for is on the disk. Nothing else says which one
answers: the encoder of the settings names it, and of several of one encoder the highest number in that file.
"""

import asyncio
import contextlib
import itertools
import shutil
import sqlite3
from collections.abc import Generator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

from msgspec import Struct

from mangaassist.errors import StartFailed
from mangaassist.knowledge.generations import FORMER_KEPT, Generation
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.stores.sqlite.chunk_search import DATABASE, model_named
from mangaassist.stores.sqlite.chunk_tables import model_of
from mangaassist.stores.sqlite.index_reader import SqliteIndexReader
from mangaassist.stores.sqlite.lanes import connect
from mangaassist.stores.sqlite.process_lock import locked

BUILT: Final = "built"
LOCK: Final = "indexing.lock"
IN_USE: Final = (
    "Another process fills the knowledge in {folder}. Stop it first, or name another MANGAASSIST_CACHE_DIR; to serve beside"
    ' it, have mangaassist index fill it and say knowledge.indexed_by = "index" (MANGAASSIST_KNOWLEDGE__INDEXED_BY).'
)


class IndexGeneration(Struct, frozen=True, kw_only=True):
    """What one encoder made. ``model`` names it as the index does: its digest and the size of its vectors."""

    folder: Path
    model: str
    root: Path | None = None
    """The folder of all of them; None: there is this one alone."""

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def choice(self) -> int:
        """The higher, the later it was chosen; -1: it is not whole."""
        return _choice(self.folder)[0]

    @property
    def built(self) -> Path:
        return self.folder / BUILT

    @property
    def is_built(self) -> bool:
        return self.built.exists()

    @property
    def written_at(self) -> float:
        """When something of it was last written, seconds since 1970."""
        return max(file.stat().st_mtime for file in (self.folder / DATABASE, self.built) if file.exists())

    async def mark_built(self) -> None:
        await asyncio.to_thread(choose, self)

    @contextlib.contextmanager
    def held(self) -> Generator[None]:
        """Raises ``InUse`` when another process holds it, and ``StartFailed`` when its folder cannot be used."""
        try:
            lock = locked(self.folder / LOCK, IN_USE.format(folder=self.folder))
        except (OSError, sqlite3.Error) as error:
            raise StartFailed(f"The knowledge folder {self.folder} cannot be used ({error}).") from error
        with contextlib.closing(lock):
            yield

    async def opened(self, timeout_factor: float) -> SqliteChunkIndex:
        """To be written and searched: by the one process that indexes."""
        digest, dimensions = self._encoder
        return await SqliteChunkIndex.open(self.folder, dimensions, digest, timeout_factor=timeout_factor)

    async def followed(self, timeout_factor: float) -> SqliteIndexReader:
        """To be searched as another process writes it."""
        digest, dimensions = self._encoder
        return await SqliteIndexReader.open(self.folder, dimensions, digest, timeout_factor)

    @property
    def _encoder(self) -> tuple[str, int]:
        digest, _, dimensions = self.model.rpartition("/")
        return digest, int(dimensions)


class SqliteGenerations:
    """Those of a folder. Methods are those of ``GenerationStore``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def of(self, dimensions: int, digest: str) -> IndexGeneration:
        return await asyncio.to_thread(generation_of, self._folder, dimensions, digest)

    async def is_chosen(self, generation: Generation) -> bool:
        return await asyncio.to_thread(is_chosen, generation, self._folder)

    async def beside(self, current: Generation) -> IndexGeneration:
        return await asyncio.to_thread(beside, current, self._folder)

    async def before(self, current: Generation) -> IndexGeneration | None:
        return await asyncio.to_thread(before, current, self._folder)

    async def former_of(self, current: Generation) -> IndexGeneration | None:
        return await asyncio.to_thread(former_of, current, self._folder)

    async def every(self) -> Sequence[IndexGeneration]:
        return await asyncio.to_thread(generations, self._folder)

    async def settle_on(self, current: Generation) -> None:
        await asyncio.to_thread(settle_on, current, self._folder)


def generation_of(folder: Path, dimensions: int, digest: str) -> IndexGeneration:
    """That of an encoder, there already or still to be made. Raises ``StartFailed`` when a database cannot be read."""
    model = model_named(digest, dimensions)
    found = [one for one in generations(folder) if one.model == model]
    return max(found, key=lambda one: one.choice) if found else _to_be_made(folder, model)


def beside(current: Generation, folder: Path) -> IndexGeneration:
    """One more of the same encoder, to be made anew or to be finished."""
    begun = [one for one in generations(folder) if one.model == current.model and not one.is_built]
    return next((one for one in begun if one.name != current.name), None) or _to_be_made(folder, current.model)


def before(current: Generation, folder: Path) -> IndexGeneration | None:
    """The whole one of the same encoder that was chosen before."""
    whole = [one for one in generations(folder) if one.is_built and one.model == current.model]
    return max((one for one in whole if one.name != current.name), key=lambda one: one.choice, default=None)


def is_chosen(generation: Generation, folder: Path) -> bool:
    """Whether none of the same encoder was chosen since. Reads a few bytes of each that is whole."""
    choices = {place.name: _choice(place) for place in _places(folder)}
    mine, _ = choices.get(generation.name, (-1, ""))
    return all(choice <= mine for choice, model in choices.values() if model == generation.model)


def choose(generation: IndexGeneration) -> None:
    """It is whole, and of its encoder's the chosen one from now on."""
    root = generation.root or generation.folder
    if generation.is_built and is_chosen(generation, root):
        generation.built.touch()
        return
    latest = max((_choice(place)[0] for place in _places(root)), default=-1)
    unfinished = generation.built.with_suffix(".partial")
    unfinished.write_text(f"{latest + 1} {generation.model}")
    unfinished.replace(generation.built)


def _to_be_made(folder: Path, model: str) -> IndexGeneration:
    taken = {one.folder for one in generations(folder)}
    if folder not in taken:
        return IndexGeneration(folder=folder, model=model, root=folder)
    names = (blake2b(f"{model}{again or ''}".encode(), digest_size=8).hexdigest() for again in itertools.count())
    return IndexGeneration(
        folder=next(folder / name for name in names if folder / name not in taken), model=model, root=folder
    )


def _choice(folder: Path) -> tuple[int, str]:
    """When it was chosen, among others, and its model where that is told; -1 where it is not whole."""
    try:
        number, _, model = (folder / BUILT).read_text().partition(" ")
    except OSError:
        return -1, ""
    return (int(number), model) if number.isdecimal() else (0, "")


def _places(folder: Path) -> list[Path]:
    return [folder, *sorted(one for one in folder.iterdir() if one.is_dir())] if folder.is_dir() else []


def former_of(current: Generation, folder: Path) -> IndexGeneration | None:
    """The whole generation of another encoder that was written last, which can answer while the current one is made."""
    whole = [one for one in generations(folder) if one.is_built and one.model != current.model]
    return max(whole, key=lambda one: one.written_at, default=None)


def generations(folder: Path) -> list[IndexGeneration]:
    """All of which something was made. Raises ``StartFailed`` when one of them cannot be read."""
    places = (place for place in _places(folder) if (place / DATABASE).exists())
    found = [IndexGeneration(folder=one, model=_model(one / DATABASE), root=folder) for one in places]
    return [one for one in found if one.model]


def settle_on(current: Generation, folder: Path) -> None:
    """This one serves from now on: it is remembered as the last that did, and of others only a few are kept. For the one process
    that serves from the folder."""
    with contextlib.suppress(OSError):  # what cannot be removed now is removed at another start
        kept = generations(folder)
        for mine in (one for one in kept if one.name == current.name and one.is_built):
            mine.built.touch()
        others = [one for one in kept if one.name != current.name]
        for one in sorted(others, key=lambda one: -one.written_at)[FORMER_KEPT:]:
            _removed(one, is_root=one.folder == folder)


def _removed(one: IndexGeneration, *, is_root: bool) -> None:
    one.built.unlink(missing_ok=True)  # first: what is half removed must not be taken for whole
    if not is_root:
        shutil.rmtree(one.folder)
        return
    for file in (*one.folder.glob(f"{DATABASE}*"), *one.folder.glob("*.graph")):
        file.unlink(missing_ok=True)


def _model(path: Path) -> str:
    try:
        with contextlib.closing(connect(path)) as db:
            return model_of(db)
    except sqlite3.DatabaseError as error:
        raise StartFailed(
            f"The knowledge database {path} cannot be used ({error}). Move the folder {path.parent} away: it is built anew."
        ) from error
