"""What ``make audit`` says, above all where it can say nothing: no news is never told as good news."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.known_flaws import LOCK, NOBODY_ASKED, audit

FINE = {"name": "msgspec", "version": "0.19", "vulns": []}
FLAWED = {"name": "aiohttp", "version": "3.1", "vulns": [{"id": "GHSA-1", "fix_versions": ["3.2"], "aliases": []}]}
SKIPPED = {"name": "ours", "skip_reason": "not on the index"}


def said(output: str, code: int = 0) -> tuple[int, str]:
    out = io.StringIO()
    program = f"import sys; sys.stdout.write({output!r}); sys.exit({code})"
    return audit([sys.executable, "-c", program], out), out.getvalue()


def report(*packages: Any) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_what_is_known_to_be_wrong_is_told_with_what_fixes_it() -> None:
    code, words = said(report(FINE, FLAWED), code=1)
    assert (code, "aiohttp 3.1: GHSA-1, fixed in 3.2" in words) == (1, True)


def test_nothing_known_is_good_news() -> None:
    assert said(report(FINE)) == (0, "1 packages asked of, 0 with something known to be wrong.\n")


@pytest.mark.parametrize("output", ["", "Traceback (most recent call last): ConnectionError", '{"x": 1}'])
def test_a_service_that_cannot_be_reached_is_said_to_be_and_is_no_good_news(output: str) -> None:
    code, words = said(output, code=1)
    assert code == NOBODY_ASKED
    assert "could not be reached" in words


def test_a_tool_that_is_not_there_is_no_good_news() -> None:
    out = io.StringIO()
    assert audit(["/nowhere/pip-audit"], out) == NOBODY_ASKED


@pytest.mark.parametrize("packages", [(FINE, SKIPPED), ()])
def test_what_nobody_was_asked_of_is_no_good_news(packages: tuple[Any, ...]) -> None:
    assert said(report(*packages))[0] == NOBODY_ASKED


@pytest.mark.parametrize("lock", [LOCK, Path("deploy/audit.lock"), Path("docs/site/requirements.lock")])
def test_every_package_of_a_lock_is_pinned_by_its_hash_and_none_by_an_address(lock: Path) -> None:
    text = lock.read_text()
    pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line for line in pinned)
    assert text.count("--hash=sha256:") >= len(pinned)
    assert "://" not in text
