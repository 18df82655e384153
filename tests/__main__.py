"""``python -m tests``: every test, those that talk to running programs beside all others: either half waits for most of its time.

What the first half says is shown when the second is through. The exit status is that of a half that failed, if one did.
"""

import subprocess
import sys
import tempfile
from typing import Final

BESIDE: Final = ("tests/system", "tests/browser", "tests/ag_ui", "tests/agents", "tests/models")
PYTEST: Final = (sys.executable, "-m", "pytest")


def main() -> int:
    with tempfile.TemporaryFile() as said:
        beside = subprocess.Popen((*PYTEST, *BESIDE), stdout=said, stderr=subprocess.STDOUT)
        print(f"{', '.join(BESIDE)} run beside all other tests and are shown after them.", flush=True)
        try:
            others = subprocess.call((*PYTEST, *(f"--ignore={folder}" for folder in BESIDE)))
            return beside.wait() or others
        finally:
            beside.terminate()
            beside.wait()
            said.seek(0)
            print(f"{', '.join(BESIDE)}:", said.read().decode(errors="replace"), sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
