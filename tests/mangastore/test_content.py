"""Content files: what is approved is served, and an edit shows up without a restart."""

from __future__ import annotations

import os
from pathlib import Path

from mangastore.data.content import ContentLibrary

ENTRY = """---
id: {id}
title: A title
category: returns
status: {status}
version: {version}
updated: 2026-05-04
---
{body}
"""


def _write(folder: Path, name: str, *, status: str = "approved", version: int = 1, body: str = "A text.") -> Path:
    path = folder / "faq" / f"{name}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(ENTRY.format(id=name, status=status, version=version, body=body), encoding="utf-8")
    return path


def test_drafts_are_never_served(tmp_path: Path) -> None:
    _write(tmp_path, "faq-a")
    _write(tmp_path, "faq-b", status="draft")
    entries = ContentLibrary(tmp_path).approved()
    assert list(entries) == ["faq-a"]
    assert entries["faq-a"].updated_at == "2026-05-04T00:00:00Z"
    assert entries["faq-a"].source_type == "faq"


def test_an_edit_shows_up_within_a_second_and_not_before(tmp_path: Path) -> None:
    now = [0.0]
    library = ContentLibrary(tmp_path, monotonic=lambda: now[0])
    _write(tmp_path, "faq-a")
    assert library.approved()["faq-a"].body == "A text."
    _write(tmp_path, "faq-a", version=2, body="Another, longer text.")
    _write(tmp_path, "faq-c")
    assert library.approved()["faq-a"].body == "A text."
    now[0] = 1.0
    assert library.approved()["faq-a"].body == "Another, longer text."
    assert "faq-c" in library.approved()
    (tmp_path / "faq" / "faq-c.md").unlink()
    now[0] = 2.0
    assert "faq-c" not in library.approved()


def test_an_edit_without_a_new_version_is_newer_all_the_same(tmp_path: Path) -> None:
    path = _write(tmp_path, "faq-a", version=3)
    before = ContentLibrary(tmp_path).approved()["faq-a"]
    path.write_text(path.read_text().replace("---\nA text", "questions: [how is it]\n---\nA text"))
    _touched_a_second_later(path)
    after = ContentLibrary(tmp_path).approved()["faq-a"]
    assert after.questions == ["how is it"]
    assert after.version > before.version


def test_a_newer_version_wins_over_a_later_edit(tmp_path: Path) -> None:
    newer = ContentLibrary(tmp_path)
    _write(tmp_path, "faq-a", version=4)
    version = newer.approved()["faq-a"].version
    _touched_a_second_later(_write(tmp_path, "faq-a", version=3))
    assert ContentLibrary(tmp_path).approved()["faq-a"].version < version


def _touched_a_second_later(path: Path) -> None:
    later = path.stat().st_mtime + 1
    os.utime(path, (later, later))


def test_a_broken_file_keeps_its_last_good_entry_and_is_named(tmp_path: Path) -> None:
    now = [0.0]
    library = ContentLibrary(tmp_path, monotonic=lambda: now[0])
    path = _write(tmp_path, "faq-a")
    library.approved()
    path.write_text("---\nid: [\n---\nx\n")
    now[0] = 1.0
    assert library.approved()["faq-a"].body == "A text."
    assert "faq-a.md" in str(library.rejected[0])


def test_the_stores_own_content_is_complete() -> None:
    library = ContentLibrary()
    entries = library.approved().values()
    assert library.rejected == []
    assert sum(entry.source_type in ("faq", "policy") for entry in entries) >= 120
    assert sum(entry.source_type == "editorial" for entry in entries) >= 40


def test_every_faq_and_policy_says_how_shoppers_word_what_it_answers() -> None:
    pages = [entry for entry in ContentLibrary().approved().values() if entry.source_type in ("faq", "policy")]
    for entry in pages:
        assert 6 <= len(entry.questions) <= 20, entry.id
        assert len(set(entry.questions)) == len(entry.questions), entry.id
    everything = [question for entry in pages for question in entry.questions]
    twice = {question for question in everything if everything.count(question) > 1}
    assert not twice  # one wording that stands for two pages tells neither from the other


def test_wordings_that_are_no_list_of_texts_are_named(tmp_path: Path) -> None:
    path = _write(tmp_path, "faq-a")
    path.write_text(path.read_text().replace("---\nA text", "questions: yes\n---\nA text"))
    library = ContentLibrary(tmp_path)
    assert library.approved() == {}
    assert "questions" in str(library.rejected[0])
