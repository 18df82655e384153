"""What a write changes (K-4), decided before anything is sent: which revisions are taken, and what becomes of each document."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from mangaassist.knowledge.index import Revision
from mangaassist.stores.opensearch.chunk_documents import (
    Head,
    chunk_key,
    chunks_of,
    head_id,
    head_of,
    rank,
    routing,
)

Action = Literal["index", "create", "update", "delete"]


class SeenHead(Struct, frozen=True):
    """A head as it was read, and the place in the shard's history at which it was."""

    head: Head
    seq_no: int
    primary_term: int


class Operation(Struct, frozen=True, eq=False):
    """One of a bulk: its action with what that is told, and the text that it writes, None where it deletes."""

    action: Action
    about: Mapping[str, Any]
    source: Any = None


class Replacement(Struct, frozen=True, eq=False):
    """What becomes of one document: its ``chunks`` are written, ``dropped`` ones deleted, and then its ``head`` over ``seen``."""

    head: Head
    seen: SeenHead | None
    chunks: Mapping[str, Any]
    dropped: frozenset[str]

    def operations(self) -> Iterable[Operation]:
        """Of its chunks. What a newer version has written meanwhile stays as that has it."""
        for chunk_id, source in self.chunks.items():
            yield Operation("index", self._about(chunk_id), source)
        yield from drops(self.head, self.dropped)

    def seal(self) -> Operation:
        """Of its head: it stands only where nobody wrote it since it was read."""
        about = {"_id": head_id(self.head.document_id), "routing": routing(self.head.document_id)}
        if self.seen is None:
            return Operation("create", about, self.head)
        expected = {"if_seq_no": self.seen.seq_no, "if_primary_term": self.seen.primary_term}
        return Operation("index", about | expected, self.head)

    def _about(self, chunk_id: str) -> dict[str, Any]:
        return _versioned(self.head, chunk_id)


class Plan(Struct, frozen=True, eq=False):
    """``taken`` says of each revision whether it counts, as far as what was read goes; ``replacements`` by document."""

    taken: tuple[bool, ...]
    replacements: Mapping[str, Replacement]


def plan(revisions: Sequence[Revision], heads: Mapping[str, SeenHead]) -> Plan:
    """In order; of several revisions of a document the last that is taken is written."""
    newest = {document_id: (seen.head.version, seen.head.removed) for document_id, seen in heads.items()}
    taken: list[bool] = []
    chosen: dict[str, Revision] = {}
    for revision in revisions:
        taken.append(counts(revision, newest.get(revision.document_id)))
        if taken[-1]:
            newest[revision.document_id] = (revision.version, revision.removes)
            chosen[revision.document_id] = revision
    return Plan(tuple(taken), {one: _replacement(revision, heads.get(one)) for one, revision in chosen.items()})


def counts(revision: Revision, kept: tuple[int, bool] | None) -> bool:
    """Whether a revision replaces a version that is kept, or its removal (K-4: version wins)."""
    if kept is None:
        return True
    version, removed = kept
    return revision.version > version or (revision.version == version and revision.removes and not removed)


def _replacement(revision: Revision, seen: SeenHead | None) -> Replacement:
    head = head_of(revision, 1 if seen is None else seen.head.writes + 1)
    before = frozenset(() if seen is None else seen.head.chunk_ids)
    return Replacement(head, seen, chunks_of(revision), before - frozenset(head.chunk_ids))


def drops(head: Head, chunk_ids: Iterable[str]) -> Iterable[Operation]:
    """Chunks that do not belong to the version of a head, deleted as of that version."""
    for chunk_id in chunk_ids:
        yield Operation("delete", _versioned(head, chunk_id))


def _versioned(head: Head, chunk_id: str) -> dict[str, Any]:
    return {
        "_id": chunk_key(chunk_id),
        "routing": routing(head.document_id),
        "version": rank(head.version, removed=head.removed),
        "version_type": "external_gte",
    }
