"""G-7, O-4: ``mangaassist audit`` on a trail in a folder."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mangaassist.cli import app
from mangaassist.errors import AssistantError, StartFailed
from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.stores.sqlite.audit import SqliteAuditLog
from tests.contracts.audit_log import ASIN, CONTEXT, PHONE, PRICE

Command = Callable[..., Result]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("MANGAASSIST_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def ran(*words: str) -> Result:
        done = CliRunner().invoke(app, ["audit", *words])
        if isinstance(done.exception, AssistantError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done

    return ran


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    async def filled() -> None:
        log = SqliteAuditLog(tmp_path / "audit.db", AuditSeal.kept_in(tmp_path / "audit.key"))
        await log.append([PRICE, PHONE], CONTEXT)
        await log.close()

    asyncio.run(filled())
    return tmp_path


def told(done: Result) -> Any:
    return json.loads(done.stdout)


def test_a_trail_that_holds_is_said_to_with_its_head(command: Command, trail: Path) -> None:
    check = told(command("--json"))
    assert (check["entries"], check["whole"], check["problems"]) == (2, True, [])
    assert told(command("verify", "--head", *check["heads"], "--json"))["whole"]
    assert "whole" in command().stdout


def test_a_trail_that_is_missing_or_lacks_what_was_noted_does_not_hold(command: Command, tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="no audit trail"):
        command("verify")
    assert not (tmp_path / "audit.db").exists()


def test_a_head_that_is_not_in_the_trail_is_missed(command: Command, trail: Path) -> None:
    with pytest.raises(StartFailed, match="record 7, which was noted, is missing"):
        command("verify", "--head", "audit:7:abc")
    with pytest.raises(AssistantError, match="is no head"):
        command("verify", "--head", "seven")


def test_what_is_searched_for_is_shown_and_what_is_sealed_only_when_asked(command: Command, trail: Path) -> None:
    (price,) = told(command("search", "--asin", ASIN, "--text", "$8.00", "--json"))["entries"]
    assert (price["original"], price["replacement"], price["customer_id"]) == ("$8.00", "$9.99", "c1")
    assert "2671" not in command("search", "--customer", "c1").stdout
    assert "415-555-2671" in command("search", "--customer", "c1", "--open").stdout
    assert "Nothing" in command("search", "--until", "2020-01-01").stdout


def test_an_asin_is_found_however_it_is_typed(command: Command, trail: Path) -> None:
    assert len(told(command("search", "--asin", f" {ASIN.lower()}", "--json"))["entries"]) == 2


def test_a_moment_may_say_how_far_from_utc_it_is(command: Command, trail: Path) -> None:
    (kept,) = told(command("search", "--stage", "prices", "--json"))["entries"]
    written = datetime.fromisoformat(kept["at"])
    ahead, offset = written + timedelta(hours=3), timezone(timedelta(hours=9))
    assert "Nothing" in command("search", "--since", ahead.isoformat(), "--stage", "prices").stdout
    same = written.astimezone(offset).isoformat()
    assert "Nothing" not in command("search", "--since", same, "--stage", "prices").stdout


def test_who_looks_for_a_text_is_told_that_what_is_sealed_was_not_looked_into(command: Command, trail: Path) -> None:
    assert "--open" in command("search", "--text", "415-555").stdout
    assert "415-555-2671 (opened)" in command("search", "--text", "415-555", "--open").stdout
    assert "--open" not in command("search", "--text", "no such words", "--open").stdout


def test_looking_and_handing_out_are_in_the_trail(command: Command, trail: Path) -> None:
    command("search", "--asin", ASIN)
    command("export", str(trail / "out.jsonl"), "--open")
    lines = [json.loads(line) for line in (trail / "out.jsonl").read_text().splitlines()]
    assert [(line["stage"], line["kind"]) for line in lines] == [
        ("prices", "wrong_price"),
        ("pii", "PHONE"),
        ("operator", "read"),
        ("operator", "exported"),
    ]
    assert lines[1]["original"] == "415-555-2671"
    assert lines[2]["customer_id"].startswith("command of ")
    assert told(command("--json"))["whole"]
