"""The audit's rows: appended, searched, checked and dropped on a connection that its caller owns (G-7).

``kept`` is the entry as it is chained. What stands beside it, and the two tables that find an entry by a product or by a piece
of text, are copies to search by; a check compares them, because a copy that was changed would hide an entry.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final

from msgspec.structs import replace

from mangaassist.guardrails.audit import SHOWN, AuditCheck, AuditEntry, AuditPoint, AuditQuery, decoded, encoded, moment
from mangaassist.guardrails.audit_chain import GENESIS, ChainCheck, Kind, chained, is_marked, marked
from mangaassist.guardrails.audit_seal import AuditSeal

CHAIN: Final = "audit"
"""The one chain of the file."""
DROPPED_AT_ONCE: Final = 2000

_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS audit (
        number INTEGER PRIMARY KEY,
        customer_id TEXT,
        session_id TEXT NOT NULL,
        response_id TEXT NOT NULL,
        kept BLOB NOT NULL,
        digest TEXT NOT NULL,
        at TEXT NOT NULL DEFAULT '',
        stage TEXT NOT NULL DEFAULT '',
        words TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS audit_points (
        kind TEXT PRIMARY KEY,
        number INTEGER NOT NULL,
        digest TEXT NOT NULL,
        at TEXT NOT NULL,
        mark TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS audit_asins (
        asin TEXT NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (asin, number)
    ) STRICT, WITHOUT ROWID""",
    """CREATE VIRTUAL TABLE IF NOT EXISTS audit_words
        USING fts5(words, content='audit', content_rowid='number', tokenize='trigram')""",
)
_GUARDS: Final = (
    "CREATE INDEX IF NOT EXISTS audit_by_customer ON audit (customer_id, number)",
    "CREATE INDEX IF NOT EXISTS audit_by_response ON audit (response_id, number)",
    "CREATE INDEX IF NOT EXISTS audit_by_session ON audit (session_id, number)",
    "CREATE INDEX IF NOT EXISTS audit_by_stage ON audit (stage, number)",
    "CREATE INDEX IF NOT EXISTS audit_by_time ON audit (at, number)",
    "CREATE TRIGGER IF NOT EXISTS audit_keeps BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE DELETE ON audit"
    " WHEN OLD.number > coalesce((SELECT number FROM audit_points WHERE kind = 'dropped'), 0)"
    " BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
)
_ADDED: Final = {
    "at": "ALTER TABLE audit ADD COLUMN at TEXT NOT NULL DEFAULT ''",
    "stage": "ALTER TABLE audit ADD COLUMN stage TEXT NOT NULL DEFAULT ''",
    "words": "ALTER TABLE audit ADD COLUMN words TEXT NOT NULL DEFAULT ''",
}
"""Columns that a trail of an earlier version lacks."""
_FOR_EARLIER: Final = ("DROP TRIGGER IF EXISTS audit_keeps", "DROP TRIGGER IF EXISTS audit_stays", *_ADDED.values())


def prepare(db: sqlite3.Connection, seal: AuditSeal) -> None:
    """Make the tables where they are not, once for all processes; a trail of an earlier version is kept on, and can be searched."""
    db.execute("BEGIN IMMEDIATE")
    before = {row[1] for row in db.execute("PRAGMA table_info(audit)")}
    is_earlier = bool(before) and not before >= _ADDED.keys()
    for statement in (*(_FOR_EARLIER if is_earlier else ()), *_TABLES):
        db.execute(statement)
    if is_earlier:
        _bring_up(db, seal)
    for statement in _GUARDS:
        db.execute(statement)
    db.execute("COMMIT")


def _bring_up(db: sqlite3.Connection, seal: AuditSeal) -> None:
    head: AuditPoint | None = None
    for number, kept, digest in db.execute("SELECT number, kept, digest FROM audit ORDER BY number").fetchall():
        said = decoded(kept)
        db.execute(
            "UPDATE audit SET at = ?, stage = ?, words = ? WHERE number = ?", (said.at, said.stage, said.words, number)
        )
        _make_findable(db, number, said)
        head = AuditPoint(chain=CHAIN, number=number, digest=digest, at=said.at)
    if head is not None:
        _put_point(db, "head", marked(head, "head", seal))


def append(db: sqlite3.Connection, entries: Sequence[AuditEntry], seal: AuditSeal) -> None:
    """Whatever the clock did, no entry is earlier than the one before it: what follows in time follows in number."""
    last = db.execute("SELECT number, digest, at FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    dropped = None if last else point(db, "dropped")
    number, digest, at = last or ((dropped.number, dropped.digest, "") if dropped else (0, GENESIS, ""))
    for kept in entries:
        kept = replace(kept, at=max(kept.at, at))
        body = encoded(kept)
        number, digest, at = number + 1, chained(digest, body), kept.at
        db.execute(
            "INSERT INTO audit (number, customer_id, session_id, response_id, kept, digest, at, stage, words)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, kept.customer_id, kept.session_id, kept.response_id, body, digest, at, kept.stage, kept.words),
        )
        _make_findable(db, number, kept)
    _put_point(db, "head", marked(AuditPoint(chain=CHAIN, number=number, digest=digest, at=at), "head", seal))


def _make_findable(db: sqlite3.Connection, number: int, kept: AuditEntry) -> None:
    db.executemany("INSERT INTO audit_asins VALUES (?, ?)", ((asin, number) for asin in set(kept.asins)))
    db.execute("INSERT INTO audit_words (rowid, words) VALUES (?, ?)", (number, kept.words))


def point(db: sqlite3.Connection, kind: Kind) -> AuditPoint | None:
    row = db.execute("SELECT number, digest, at, mark FROM audit_points WHERE kind = ?", (kind,)).fetchone()
    return None if row is None else AuditPoint(chain=CHAIN, number=row[0], digest=row[1], at=row[2], mark=row[3])


def _put_point(db: sqlite3.Connection, kind: Kind, where: AuditPoint) -> None:
    row = (kind, where.number, where.digest, where.at, where.mark)
    db.execute("INSERT OR REPLACE INTO audit_points VALUES (?, ?, ?, ?, ?)", row)


# ---- searching

_NARROW: Final = {
    "customer_id": "customer_id = :customer_id",
    "session_id": "session_id = :session_id",
    "response_id": "response_id = :response_id",
    "asin": "number IN (SELECT number FROM audit_asins WHERE asin = :asin)",
}
"""What few entries have: those are looked through for a text."""
_WIDE: Final = {
    "stage": "stage = :stage",
    "since": "number >= (SELECT number FROM audit WHERE at >= :since ORDER BY at, number LIMIT 1)",
    "until": "number <= (SELECT number FROM audit WHERE at < :until ORDER BY at DESC, number DESC LIMIT 1)",
}
"""Numbers follow each other as times do, so that a time is looked up once and is a number from there on."""
_BY_WORDS: Final = "audit_words MATCH :text"


def found(db: sqlite3.Connection, query: AuditQuery, limit: int) -> list[AuditEntry]:
    """The words' own index is asked where nothing narrower is named, and only stages that nearly all entries have."""
    given = {name: value for name in (*_NARROW, *_WIDE) if (value := getattr(query, name)) is not None}
    conditions = [(_NARROW | _WIDE)[name] for name in given]
    by_words = query.text is not None and not given.keys() & _NARROW.keys() and query.stage in (None, SHOWN)
    tables, order = "audit", "number"
    if by_words:
        tables, order = "audit_words JOIN audit ON audit.number = audit_words.rowid", "audit_words.rowid"
        conditions = [_BY_WORDS, *(each.replace("number", order, 1) for each in conditions)]
    values: dict[str, Any] = {name: moment(it) if isinstance(it, datetime) else it for name, it in given.items()}
    values["text"] = '"' + (query.text or "").replace('"', '""') + '"'
    statement = (
        f"SELECT kept, audit.words FROM {tables} WHERE {' AND '.join(conditions) or 'true'} ORDER BY {order} DESC"  # noqa: S608  all of it stands above
    )
    text = (query.text or "").casefold()
    fitting = (decoded(kept) for kept, words in db.execute(statement, values) if by_words or text in words.casefold())
    return list(islice(fitting, limit))


def page(db: sqlite3.Connection, after: int, limit: int) -> list[tuple[int, AuditEntry]]:
    """The next entries, the oldest first."""
    rows = db.execute("SELECT number, kept FROM audit WHERE number > ? ORDER BY number LIMIT ?", (after, limit))
    return [(number, decoded(kept)) for number, kept in rows]


# ---- keeping


def drop(db: sqlite3.Connection, before: datetime, now: datetime, seal: AuditSeal) -> int:
    """Some of the oldest rows that are older; gives how many, and 0 when there are no more."""
    oldest = db.execute("SELECT min(number) FROM audit").fetchone()[0] or 0
    last = db.execute(
        "SELECT number, digest FROM audit WHERE number < ? AND at < ? ORDER BY number DESC LIMIT 1",
        (oldest + DROPPED_AT_ONCE, moment(before)),
    ).fetchone()
    if last is None:
        return 0
    through, digest = last
    _put_point(
        db, "dropped", marked(AuditPoint(chain=CHAIN, number=through, digest=digest, at=moment(now)), "dropped", seal)
    )
    db.execute(
        "INSERT INTO audit_words (audit_words, rowid, words) SELECT 'delete', number, words FROM audit WHERE number <= ?",
        (through,),
    )
    for number, kept in db.execute("SELECT number, kept FROM audit WHERE number <= ?", (through,)).fetchall():
        asins = ((asin, number) for asin in set(decoded(kept).asins))
        db.executemany("DELETE FROM audit_asins WHERE asin = ? AND number = ?", asins)
    return db.execute("DELETE FROM audit WHERE number <= ?", (through,)).rowcount


# ---- checking


def check(db: sqlite3.Connection, seal: AuditSeal, noted: Sequence[AuditPoint]) -> AuditCheck:
    """All of it as it is at one moment."""
    db.execute("BEGIN")
    try:
        return _checked(db, seal, noted)
    finally:
        db.execute("COMMIT")


def _checked(db: sqlite3.Connection, seal: AuditSeal, noted: Sequence[AuditPoint]) -> AuditCheck:
    dropped, head = point(db, "dropped"), point(db, "head")
    chain = ChainCheck(CHAIN, dropped, seal, noted)
    asins = _Asins(db)
    rows = db.execute(
        "SELECT number, kept, digest, at, customer_id, session_id, response_id, stage, words FROM audit ORDER BY number"
    )
    for number, kept, digest, *copies in rows:
        chain.take(number, kept, digest)
        said = decoded(kept)
        searched = [said.at, said.customer_id, said.session_id, said.response_id, said.stage, said.words]
        if copies != searched or asins.of(number) != set(said.asins):
            chain.problem(f"what record {number} is searched by is not what it says")
    chain.end(head)
    (searchable,) = db.execute("SELECT count(*) FROM audit_words_docsize").fetchone()
    if searchable != chain.records:
        chain.problem(f"{searchable} of {chain.records} records are found by their words")
    return AuditCheck(
        entries=chain.records,
        dropped=chain.dropped,
        heads=(head,) if head and is_marked(head, "head", seal) else (),
        problems=tuple(chain.problems),
    )


class _Asins:
    """The products by which records are found, in the records' order."""

    def __init__(self, db: sqlite3.Connection) -> None:
        ordered = db.execute("SELECT number, asin FROM audit_asins ORDER BY number")
        self._groups: Iterator[tuple[int, Iterator[tuple[int, str]]]] = groupby(ordered, itemgetter(0))
        self._next = self._advance()

    def of(self, number: int) -> set[str]:
        while self._next is not None and self._next[0] < number:
            self._next = self._advance()
        if self._next is None or self._next[0] > number:
            return set()
        found, self._next = self._next[1], self._advance()
        return found

    def _advance(self) -> tuple[int, set[str]] | None:
        number, rows = next(self._groups, (None, iter(())))
        return None if number is None else (number, {asin for _, asin in rows})
