"""A folder of Markdown pages with front matter: what content editors write, approve and change (K-5)."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml
from msgspec import Meta, Struct

from mangaassist.domain.chunks import IN_FOLDER, SourceType
from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.documents import BODY_LIMIT, Answer, Document, SourceProblem

FILE_LIMIT = 4 * BODY_LIMIT
"""Bytes of a file that is read at all."""
FILES_LIMIT = 20_000
FRONT_LIMIT = 16_384
FOLDERS: dict[str, SourceType] = {"faq": "faq", "policy": "policy", "policies": "policy", "editorial": "editorial"}
CHANGE_SPAN = 1 << 42
"""Milliseconds since 1970 until the year 2109."""

_FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)(.*)\Z", re.DOTALL)


class _Front(Struct):
    title: Annotated[str, Meta(min_length=1, max_length=1000)]
    status: Literal["draft", "approved"]
    id: str = ""
    category: str = ""
    source_type: Literal["faq", "policy", "editorial"] | None = None
    version: Annotated[int, Meta(ge=1, le=1 << 20)] = 1
    updated: Any = None
    """A date or a moment, as YAML reads it."""
    questions: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    language: str = ""


class FolderSource:
    """Reads ``*.md`` below a folder. Front matter names ``title`` and ``status``, and may name ``id``, ``category``,
    ``source_type`` (else the folder's name says it: faq, policy, editorial), ``version``, ``updated``, ``language`` and
    ``questions``: how shoppers word what the page answers; ``answers``: what it ``says`` to one question that shoppers ask in the
    words of ``asks``.

    A page with the ``id`` of one of the store's takes its place. Drafts are not given. An edit without a new ``version`` is an
    edit all the same: the file's own time of change decides between equal versions. Files that did not change since the last
    reading are not read again.
    """

    def __init__(self, folder: Path, name: str = "folder", only: Path | None = None) -> None:
        """``only``: of the pages below the folder this one alone."""
        self.name = name
        self._only = only
        self._folder = folder
        self._read: dict[Path, tuple[tuple[int, int], Document | SourceProblem | None]] = {}

    async def read(self) -> AsyncIterator[Document | SourceProblem]:
        """Raises ``ServiceFailure`` when the folder is not there: it may be mounted again, so nothing is taken out."""
        for one in await asyncio.to_thread(self._all):
            yield one

    def _all(self) -> list[Document | SourceProblem]:
        if not self._folder.is_dir():
            raise ServiceFailure("knowledge", "unreachable", f"there is no folder {self._folder.name}")
        seen: dict[Path, tuple[tuple[int, int], Document | SourceProblem | None]] = {}
        found: list[Document | SourceProblem] = []
        for number, path in enumerate(_pages(self._folder) if self._only is None else (self._only,)):
            if number == FILES_LIMIT:
                found.append(
                    SourceProblem(self.name, self._folder.name, f"only the first {FILES_LIMIT} files are read")
                )
                break
            seen[path] = self._one(path)
            if (given := seen[path][1]) is not None:
                found.append(given)
        self._read = seen
        return found

    def _one(self, path: Path) -> tuple[tuple[int, int], Document | SourceProblem | None]:
        try:
            state = path.stat()
            # A file that is moved here keeps its time of writing, but not that of its entry.
            stamp = (max(state.st_mtime_ns, state.st_ctime_ns) // 1_000_000, state.st_size)
            if path in self._read and self._read[path][0] == stamp:
                return self._read[path]
            return stamp, self._document(path, *stamp)
        except OSError as error:
            return (0, 0), SourceProblem(self.name, self._where(path), f"cannot be read ({error.strerror})")

    def _document(self, path: Path, changed_ms: int, size: int) -> Document | SourceProblem | None:
        """The page of a file, None for a draft."""
        try:
            if size > FILE_LIMIT:
                raise ValueError(f"has {size} bytes, more than {FILE_LIMIT}")
            front, body = _parted(path.read_bytes().decode("utf-8-sig"))
            if front.status == "draft":
                return None
            return self._page(path, front, body, changed_ms)
        except UnicodeDecodeError as error:
            return SourceProblem(self.name, self._where(path), f"is not UTF-8 (byte {error.start})")
        except ValueError as error:
            return SourceProblem(self.name, self._where(path), str(error))

    def _page(self, path: Path, front: _Front, body: str, changed_ms: int) -> Document:
        source_type = front.source_type or _by_folder(path.relative_to(self._folder))
        updated = front.updated or datetime.fromtimestamp(changed_ms / 1000, UTC)
        page = {
            "document_id": front.id or f"{IN_FOLDER}{source_type}-{path.stem}",
            "title": front.title,
            "body": body.strip(),
            "source_type": source_type,
            "category": front.category,
            "version": front.version * CHANGE_SPAN + changed_ms,
            "updated_at": _moment(updated),
            "questions": front.questions,
            "answers": front.answers,
            "language": front.language,
        }
        return msgspec.convert(page, Document)

    def _where(self, path: Path) -> str:
        return os.fsencode(path.relative_to(self._folder)).decode("utf-8", "replace")


def _pages(folder: Path) -> Iterator[Path]:
    """Markdown files in a fixed order; links out of the folder are not followed."""
    root = folder.resolve()
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent) / name
            if path.suffix.lower() == ".md" and not name.startswith(".") and path.resolve().is_relative_to(root):
                yield path


def _parted(text: str) -> tuple[_Front, str]:
    """Front matter and body. Raises ``ValueError`` (``msgspec.ValidationError`` is one) that says what is wrong."""
    found = _FRONT.match(text.replace("\r\n", "\n"))
    if found is None or len(found[1]) > FRONT_LIMIT:
        raise ValueError("has no front matter between two lines of ---")
    try:
        front: Any = yaml.safe_load(found[1])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        first_line = str(error).partition("\n")[0]
        raise ValueError(f"has broken front matter ({first_line})") from error
    if not isinstance(front, dict):
        raise ValueError("has front matter that is no list of names and values")
    if front.get("status") not in ("draft", "approved"):  # pyright: ignore[reportUnknownMemberType]
        raise ValueError("needs a status in its front matter: draft or approved")
    return msgspec.convert(front, _Front), found[2]


def _by_folder(path: Path) -> SourceType:
    for part in reversed(path.parts[:-1]):
        if part.lower() in FOLDERS:
            return FOLDERS[part.lower()]
    raise ValueError(f"needs a source_type, or to lie in a folder named {', '.join(FOLDERS)}")


def _moment(day: Any) -> datetime:
    """Raises ``ValueError`` on what is neither a date nor a moment."""
    if not isinstance(day, date):
        raise ValueError(f"has {day!r} for updated, which is no date")
    moment = day if isinstance(day, datetime) else datetime.combine(day, time(), UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
