"""The store's pages of words: faq, policies and guides from Markdown files, read anew when an editor saves one."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal, cast

import msgspec
import yaml

CONTENT_FOLDER = Path(__file__).parent.parent / "content"
LOOK_EVERY_S = 1.0
EDIT_SPAN = 1 << 42
"""More than the milliseconds of any time of change: between equal versions of a page that time decides which is newer."""

SourceType = Literal["faq", "policy", "editorial"]

SOURCE_TYPES: dict[str, SourceType] = {
    "faq": "faq",
    "faqs": "faq",
    "policy": "policy",
    "policies": "policy",
    "editorial": "editorial",
    "editorials": "editorial",
    "guide": "editorial",
    "guides": "editorial",
}
_FRONT_MATTER = re.compile(r"\A---\r?\n(.*?)\r?\n---\r?\n(.*)\Z", re.DOTALL)


Question = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a page says to one question, verdict first, and how shoppers word that question."""

    says: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    asks: Annotated[list[Question], msgspec.Meta(min_length=1, max_length=50)]


Questions = Annotated[list[Question], msgspec.Meta(max_length=50)]
Answers = Annotated[list[Answer], msgspec.Meta(max_length=50)]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One page of words, approved or still a draft."""

    id: str
    source_type: SourceType
    title: str
    category: str
    body: str
    status: Literal["draft", "approved"]
    version: int
    """Of two readings of a page the greater one is the newer."""
    updated_at: str
    questions: Questions = []
    """How shoppers word what the page answers."""

    answers: Answers = []
    """What the page says to single questions."""

    language: str = ""
    """Of the store whose page it is (BCP 47); empty for what every store tells."""


class BadEntryError(Exception):
    """A content file does not fit; names the file and what is wrong."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)
        self.path, self.why = path, why

    def __str__(self) -> str:
        return f"{self.path.name}: {self.why}"


class ContentLibrary:
    """The approved entries by id; looks at most once a second whether a file changed."""

    def __init__(
        self,
        folder: Path = CONTENT_FOLDER,
        monotonic: Callable[[], float] = time.monotonic,
        from_desk: Callable[[], dict[str, Entry]] = dict,
    ) -> None:
        """`from_desk` gives what was approved at the desk: of it and a file of the same id the newer one is the page."""
        self._folder, self._monotonic, self._from_desk = folder, monotonic, from_desk
        self._looked_at = float("-inf")
        self._files: dict[Path, tuple[tuple[int, int], list[Entry]]] = {}
        self._approved: dict[str, Entry] = {}
        self.rejected: list[BadEntryError] = []
        """Files that could not be read when they were last looked at; their last good entries stay up."""

    def approved(self) -> dict[str, Entry]:
        """Every approved entry by id, ordered by id."""
        now = self._monotonic()
        if now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            self._refresh()
        return self._with_desk(self._from_desk())

    def _with_desk(self, approved: dict[str, Entry]) -> dict[str, Entry]:
        if not approved:
            return self._approved
        newer = {
            entry_id: entry
            for entry_id, entry in approved.items()
            if entry_id not in self._approved or entry.version > self._approved[entry_id].version
        }
        return dict(sorted({**self._approved, **newer}.items()))

    def _refresh(self) -> None:
        self.rejected = []
        fresh = {path: self._read_if_changed(path) for path in sorted(self._folder.rglob("*.md"))}
        changed = fresh.keys() != self._files.keys() or any(fresh[path] is not self._files[path] for path in fresh)
        self._files = fresh
        if changed:
            entries = [entry for _, found in fresh.values() for entry in found if entry.status == "approved"]
            self._approved = {entry.id: entry for entry in sorted(entries, key=lambda entry: entry.id)}

    def _read_if_changed(self, path: Path) -> tuple[tuple[int, int], list[Entry]]:
        facts = path.stat()
        # A file that is moved here keeps its time of writing, but not that of its entry.
        stamp = (max(facts.st_mtime_ns, facts.st_ctime_ns) // 1_000_000, facts.st_size)
        known = self._files.get(path)
        if known and known[0] == stamp:
            return known
        try:
            return stamp, [_edited(entry, stamp[0]) for entry in read_entries(path, self._folder)]
        except BadEntryError as error:
            self.rejected.append(error)
            return known or ((0, 0), [])


def _edited(entry: Entry, changed_ms: int) -> Entry:
    """An editor who saves a page need not count: an edit without a new version is an edit all the same."""
    return msgspec.structs.replace(entry, version=entry.version * EDIT_SPAN + changed_ms)


def read_entries(path: Path, root: Path) -> Iterator[Entry]:
    """The entry of one file; a file without front matter (a README) holds none. Raises BadEntryError."""
    match = _FRONT_MATTER.match(path.read_text(encoding="utf-8"))
    if match is None:
        return
    try:
        front: object = yaml.safe_load(match.group(1))
    except yaml.YAMLError as error:
        raise BadEntryError(path, f"front matter is no YAML: {error}") from error
    if not isinstance(front, dict):
        raise BadEntryError(path, "front matter holds no fields")
    yield _entry(path, root, cast("dict[str, object]", front), match.group(2).strip())


def _entry(path: Path, root: Path, front: dict[str, object], body: str) -> Entry:
    folder = path.relative_to(root).parts[0]
    kind = SOURCE_TYPES.get(str(front.get("source_type", folder)).lower())
    if kind is None:
        raise BadEntryError(path, f"lies in no folder of {', '.join(sorted(set(SOURCE_TYPES.values())))}")
    fields = {
        "id": str(front.get("id", "")),
        "source_type": kind,
        "title": str(front.get("title", "")),
        "category": str(front.get("category", kind)),
        "body": body,
        "status": front.get("status", "draft"),
        "version": front.get("version", 1),
        "questions": front.get("questions", []),
        "answers": front.get("answers", []),
        "language": front.get("language", ""),
        "updated_at": _rfc3339(str(front.get("updated", ""))),
    }
    if not fields["id"] or not fields["title"] or not body:
        raise BadEntryError(path, "needs an id, a title and a text")
    try:
        return msgspec.convert(fields, Entry)
    except msgspec.ValidationError as error:
        raise BadEntryError(path, str(error)) from error


def _rfc3339(updated: str) -> str:
    """A day or a moment as RFC 3339 text; a day means its beginning."""
    day, _, rest = updated.partition(" ")
    if rest:
        return f"{day}T{rest[:8]}Z"
    return updated if "T" in day else f"{day or '2025-01-01'}T00:00:00Z"
