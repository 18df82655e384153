"""The editors' desk: a page is a draft until somebody else approves it, and only then is it the store's (K-5).

An editor saves a draft, which nobody is shown; an approver, who is not the draft's editor, makes exactly what they read the page.
Both are kept in a file a page, replaced in one step.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from mangastore.data.content import EDIT_SPAN, Answers, Entry, Questions, SourceType

Refusal = Literal["not_there", "changed", "own_draft"]


class DraftText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an editor writes."""

    source_type: SourceType
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    body: Annotated[str, msgspec.Meta(min_length=1, max_length=50_000)]
    category: Annotated[str, msgspec.Meta(max_length=100)] = ""
    questions: Questions = []
    answers: Answers = []
    language: Annotated[str, msgspec.Meta(max_length=35)] = ""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A page that is not approved. `revision` counts its savings; `edited_by` is a customer's id."""

    id: str
    revision: int
    edited_by: str
    edited_at: str
    text: DraftText


class DraftRefusedError(Exception):
    """There is no such draft, it is another one by now, or whoever approves it wrote it."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why: Refusal = why


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of a page: revisions go on counting after an approval."""

    draft: Draft | None = None
    approved: Entry | None = None
    revisions: int = 0


class PageDesk:
    """Drafts and what became of them. `now` gives the time in UTC."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folder, self._now = folder, now
        self._kept = {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}

    def drafts(self) -> list[Draft]:
        """What waits for an approval, by id."""
        return [kept.draft for _, kept in sorted(self._kept.items()) if kept.draft is not None]

    def approved(self) -> dict[str, Entry]:
        """What was approved here, by id."""
        return {entry_id: kept.approved for entry_id, kept in self._kept.items() if kept.approved is not None}

    def save(self, entry_id: str, text: DraftText, editor: str) -> Draft:
        """Keep a draft in the place of the one before; the approved page stays as it is."""
        kept = self._kept.get(entry_id, _Kept())
        revision = kept.revisions + 1
        draft = Draft(id=entry_id, revision=revision, edited_by=editor, edited_at=self._now_told(), text=text)
        self._keep(entry_id, msgspec.structs.replace(kept, draft=draft, revisions=revision))
        return draft

    def approve(self, entry_id: str, revision: int, approver: str, newest: int) -> Entry:
        """Make a draft the page. `newest`: the version of the page so far, 0 where there is none. Raises DraftRefusedError."""
        kept = self._kept.get(entry_id, _Kept())
        draft = kept.draft
        if draft is None:
            raise DraftRefusedError("not_there")
        if draft.revision != revision:
            raise DraftRefusedError("changed")
        if draft.edited_by == approver:
            raise DraftRefusedError("own_draft")
        edited = newest // EDIT_SPAN * EDIT_SPAN + int(self._now().timestamp() * 1000)
        entry = _entry(draft, max(newest + 1, edited), self._now_told())
        self._keep(entry_id, msgspec.structs.replace(kept, draft=None, approved=entry))
        return entry

    def discard(self, entry_id: str) -> None:
        """Drop a draft. Raises DraftRefusedError where there is none."""
        kept = self._kept.get(entry_id, _Kept())
        if kept.draft is None:
            raise DraftRefusedError("not_there")
        self._keep(entry_id, msgspec.structs.replace(kept, draft=None))

    def _keep(self, entry_id: str, kept: _Kept) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"{entry_id}.partial"
        unfinished.write_bytes(msgspec.json.encode(kept))
        unfinished.replace(self._folder / f"{entry_id}.json")
        self._kept = {**self._kept, entry_id: kept}

    def _now_told(self) -> str:
        return self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _entry(draft: Draft, version: int, approved_at: str) -> Entry:
    text = draft.text
    return Entry(
        id=draft.id,
        source_type=text.source_type,
        title=text.title,
        category=text.category or text.source_type,
        body=text.body,
        status="approved",
        version=version,
        updated_at=approved_at,
        questions=text.questions,
        answers=text.answers,
        language=text.language,
    )


def _read(path: Path) -> _Kept:
    """A file that is no page's is as good as none: what it held was never approved, or is written anew."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(path.read_bytes(), type=_Kept)
    return _Kept()
