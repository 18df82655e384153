"""O-7: a folder that one process uses is refused to the next, and free again however that process ended."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from mangaassist.stores.sqlite.process_lock import InUse, locked

HOLDS = "import sys; from pathlib import Path; from mangaassist.stores.sqlite.process_lock import locked; "
HOLDS += "lock = locked(Path(sys.argv[1]), ''); print('held', flush=True); sys.stdin.read()"


def test_the_second_is_told_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "new" / "process.lock"
    with closing(locked(file, "")), pytest.raises(InUse, match=r"go elsewhere"):
        locked(file, "It is taken: go elsewhere.")
    locked(file, "").close()


def test_who_was_killed_holds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "process.lock"
    command = [sys.executable, "-c", HOLDS, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(InUse):
            locked(file, "")
        other.kill()
        other.wait()
        locked(file, "").close()
