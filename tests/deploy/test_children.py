"""The processes of a cluster on one machine: none outlives the one that started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.cluster.children import Children, Ended

STAYS = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
FAILS = [sys.executable, "-S", "-c", "import sys; sys.exit('no disk')"]
LISTENS = [
    sys.executable, "-S", "-c",
    "import socket, sys, time; s = socket.create_server(('127.0.0.1', 0));"
    " print(s.getsockname()[1], flush=True); time.sleep(600)",
]  # fmt: skip
STARTS_ONE = """
import signal, sys, time
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):  # whoever runs the tests may have had them ignored
    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
from pathlib import Path
from deploy.cluster.children import Children
with Children(Path(sys.argv[1])) as children:
    print(children.start("child", [sys.executable, "-S", "-c", "import time; time.sleep(600)"], {}).pid, flush=True)
    children.watch()
"""
LIMIT_S = 60


def is_running(pid: int) -> bool:
    """Whether there is such a process; one that has ended and that nobody has asked about is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def comes_to_an_end(pid: int) -> bool:
    until = time.monotonic() + LIMIT_S
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_running(pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_whatever_ends_the_one_that_started_them_ends_them(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_ONE, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as starter:
        assert starter.stdout is not None
        child = int(starter.stdout.readline())
        assert is_running(child)
        starter.send_signal(number)
    assert comes_to_an_end(child)


def test_at_the_end_all_have_ended(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        pids = [children.start(name, STAYS, {}).pid for name in ("one", "two")]
    assert not any(map(is_running, pids))


def test_one_that_ends_is_named_with_its_last_words(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        stays = children.start("one that stays", STAYS, {}).pid
        children.start("one that fails", FAILS, {})
        with pytest.raises(Ended, match=r"The one that fails has ended \(code 1\)\.\nno disk"):
            children.watch()
    assert not is_running(stays)


def test_one_that_is_killed_is_said_to_have_been(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        os.kill(children.start("victim", STAYS, {}).pid, signal.SIGKILL)
        with pytest.raises(Ended, match=r"The victim has ended \(by SIGKILL\)"):
            children.watch()


def test_one_that_ends_before_it_listens_is_not_waited_for(tmp_path: Path) -> None:
    with Children(tmp_path) as children, pytest.raises(Ended, match="no disk"):
        children.start("one that fails", FAILS, {}).listening(1)


def test_one_is_waited_for_until_it_listens(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        listens = children.start("one that listens", LISTENS, {})
        told = tmp_path / "one-that-listens.log"
        until = time.monotonic() + LIMIT_S
        while not told.read_text() and time.monotonic() < until:
            time.sleep(0.02)
        listens.listening(int(told.read_text()))


def test_work_that_is_done_is_over_and_work_that_fails_is_said_to_have(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        children.run("work", [sys.executable, "-S", "-c", ""], {})
        with pytest.raises(Ended, match=r"The work has ended \(code 1\)"):
            children.run("work", FAILS, {})
