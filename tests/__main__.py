"""``python -m tests``: every test, those of the running system beside all others, since either half waits for most of its time.

What the first half says is shown when the second is through. The exit status is that of a half that failed, if one did.
"""

import subprocess
import sys
import tempfile
from typing import Final

SYSTEM: Final = "tests/system"
PYTEST: Final = (sys.executable, "-m", "pytest")


def main() -> int:
    with tempfile.TemporaryFile() as said:
        system = subprocess.Popen((*PYTEST, SYSTEM), stdout=said, stderr=subprocess.STDOUT)
        print(f"{SYSTEM} runs beside all other tests and is shown after them.", flush=True)
        try:
            others = subprocess.call((*PYTEST, f"--ignore={SYSTEM}"))
            return system.wait() or others
        finally:
            system.terminate()
            system.wait()
            said.seek(0)
            print(f"{SYSTEM}:", said.read().decode(errors="replace"), sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
