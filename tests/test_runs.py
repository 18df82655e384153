"""How the tests themselves run: what a machine lacks is skipped in one line, and a whole run leaves nothing out."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.peers import from_make
from mangaassist.settings import PREFIX
from tests import peers
from tests.peers import PEERS, Peer

ROOT = Path(__file__).parent.parent
SOME = """
import pytest

def test_one_that_passes(): pass
def test_one_with_a_browser(peer): assert peer("chromium")
def test_another_with_a_browser(peer): assert peer("chromium")
@pytest.mark.xfail
def test_a_known_defect(): assert False
"""
LEFT_OUT_WHOLE = 'import pytest\npytest.skip("another system\'s", allow_module_level=True)\n'


def run(folder: Path, source: str, *options: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest with our plugin, in a folder of its own and without a browser."""
    (folder / "test_some.py").write_text(source)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "tests.conftest", "-p", "no:cacheprovider", *options, "test_some.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "TEST_CHROMIUM": "nowhere", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
    )  # fmt: skip


def test_what_needs_a_missing_program_is_skipped_in_one_line_that_says_how_to_have_it(tmp_path: Path) -> None:
    done = run(tmp_path, SOME)
    assert done.returncode == 0, done.stdout
    [line] = re.findall(r"^SKIPPED.*", done.stdout, re.MULTILINE)
    assert line.startswith("SKIPPED [2]")
    for said in ("no chromium", "fonts-noto-cjk", "TEST_CHROMIUM"):
        assert said in line


def test_a_whole_run_fails_for_each_test_that_was_skipped_and_for_no_other(tmp_path: Path) -> None:
    done = run(tmp_path, SOME, "--whole")
    assert done.returncode == 1
    assert "2 failed, 1 passed, 1 xfailed" in done.stdout
    assert "left out: no chromium" in done.stdout


def test_a_whole_run_fails_for_a_module_that_was_skipped(tmp_path: Path) -> None:
    assert run(tmp_path, LEFT_OUT_WHOLE).returncode == 5
    done = run(tmp_path, LEFT_OUT_WHOLE, "--whole")
    assert done.returncode == 2
    assert "another system's" in done.stdout


def test_the_environment_names_a_program_and_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (program := tmp_path / "browser").touch(0o755)
    monkeypatch.setenv("TEST_CHROMIUM", str(program))
    assert peers.needed("chromium") == str(program)


def test_the_first_name_on_the_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("chromium", "google-chrome"):
        (tmp_path / name).touch(0o755)
    monkeypatch.delenv("TEST_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert PEERS["chromium"].path() == str(tmp_path / "chromium")


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-get that notes what it is asked, alone on the path; gives the file with its notes."""
    notes = tmp_path / "notes"
    (command := tmp_path / "apt-get").write_text(f'#!/bin/sh\necho "$@" >> {notes}\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for peer in PEERS.values():
        monkeypatch.delenv(peer.variable, raising=False)
    return notes


def test_root_gets_the_packages_of_all_that_is_missing(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    missing = {package for peer in PEERS.values() if peer.path() is None for package in peer.debian}
    peers.main()
    update, install = apt.read_text().splitlines()
    assert update.endswith("update")
    assert missing
    assert missing <= set(install.split())


def test_nobody_else_does(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    peers.main()
    assert not apt.exists()


def test_what_is_there_or_was_named_is_not_installed(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("TEST_CHROMIUM", "nowhere")
    for name in ("redis-server", "npm", "node", "dynalite"):
        (apt.parent / name).touch(0o755)
        monkeypatch.setenv("TEST_DYNALITE", str(apt.parent / "dynalite"))
    peers.main()
    assert not apt.exists()


def test_a_package_of_npm_is_installed_at_its_version_into_a_folder_outside_of_the_tree(
    apt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, notes = tmp_path / "cache", tmp_path / "npm-notes"
    (npm := tmp_path / "npm").write_text(f'#!/bin/sh\necho "$@" >> {notes}\n')
    npm.chmod(0o755)
    monkeypatch.setattr("deploy.peers.CACHE", cache)

    def installs() -> list[str]:
        return [line for line in notes.read_text().splitlines() if line.endswith(" dynalite@4.0.0")]

    peers.main()
    [asked] = installs()
    assert asked.startswith("install ")
    assert asked.endswith(f"--prefix {cache}/dynalite@4.0.0 dynalite@4.0.0")
    assert {"--no-package-lock", "--ignore-scripts"} <= set(asked.split())
    bin_folder = cache / "dynalite@4.0.0" / "node_modules" / ".bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "dynalite").touch(0o755)
    assert peers.needed("dynalite") == str(bin_folder / "dynalite")
    peers.main()
    assert installs() == [asked]


def test_what_has_a_lock_of_its_own_is_made_by_our_makefile(apt: Path, tmp_path: Path) -> None:
    (make := tmp_path / "make").write_text(f'#!/bin/sh\necho "$PWD $@" >> {apt}\n')
    make.chmod(0o755)
    target = PEERS["sphinx-build"].target
    from_make([PEERS["sphinx-build"], PEERS["chromium"]])
    assert apt.read_text() == f"{ROOT} --silent {target}\n"
    assert f"\n{target}:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_without_npm_it_is_said_how_to_have_its_packages(
    apt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.peers.CACHE", tmp_path / "cache")
    peers.main()
    with pytest.raises(pytest.skip.Exception, match=r"no dynalite: install npm.* dynalite@4\.0\.0 .*TEST_DYNALITE"):
        peers.needed("dynalite")


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_every_peer_can_be_looked_for_and_had(peer: Peer) -> None:
    assert (peer.commands or peer.module) and (peer.debian or peer.npm or peer.target)
    assert not peer.variable.startswith(PREFIX), "the assistant would take it for a setting"
