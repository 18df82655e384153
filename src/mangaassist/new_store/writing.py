"""``mangaassist new-store``: writes a store that runs, for an engineer to put their own in its place (O-4)."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from mangaassist.errors import BadInput

SKELETON: Final = files("mangaassist.new_store") / "skeleton"


def write(folder: Path, data: Path | None = None) -> list[Path]:
    """Write the skeleton into a folder that is not there or empty; gives the files, relative to it. ``data``: a folder of which the
    files take the place of those in ``data/``.

    Raises ``BadInput`` where something is there already, or nothing can be written.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadInput("not_empty", f"{folder} is there already: name a folder that is new or empty.")
        return sorted(_written(folder, path, content) for path, content in {**dict(skeleton()), **_own(data)}.items())
    except OSError as error:
        raise BadInput("not_written", f"{folder} cannot be written: {error.strerror}.") from error


def _own(data: Path | None) -> dict[Path, bytes]:
    """Raises ``BadInput`` for a folder without files."""
    if data is None:
        return {}
    found = {Path("data") / path.name: path.read_bytes() for path in sorted(data.iterdir()) if path.is_file()}
    if not found:
        raise BadInput("no_data", f"{data} holds no data of a store.")
    return found


def skeleton() -> Iterator[tuple[Path, bytes]]:
    """Every file of a new store, by its place in the folder."""
    yield from _below(SKELETON, Path())


def _below(place: Traversable, path: Path) -> Iterator[tuple[Path, bytes]]:
    for entry in place.iterdir():
        if entry.is_dir():
            yield from () if entry.name == "__pycache__" else _below(entry, path / entry.name)
        else:
            yield path / entry.name, entry.read_bytes()


def _written(folder: Path, path: Path, content: bytes) -> Path:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return path
