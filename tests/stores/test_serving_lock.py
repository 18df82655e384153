"""O-7: a folder that one serving process uses is refused to the next, and free again however that process ended."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from mangaassist.errors import StartFailed
from mangaassist.stores.sqlite.serving_lock import locked

HOLDS = "import sys; from pathlib import Path; from mangaassist.stores.sqlite.serving_lock import locked; "
HOLDS += "lock = locked(Path(sys.argv[1]), ''); print('held', flush=True); sys.stdin.read()"


def test_the_second_is_told_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "new" / "serving.lock"
    with (
        closing(locked(file, "")),
        pytest.raises(StartFailed, match=r"serves from .*new\. Stop it first, or go elsewhere"),
    ):
        locked(file, "go elsewhere.")
    locked(file, "").close()


def test_who_was_killed_holds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "serving.lock"
    command = [sys.executable, "-c", HOLDS, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StartFailed):
            locked(file, "")
        other.kill()
        other.wait()
        locked(file, "").close()
