"""``make audit``: what is publicly known to be wrong with the packages of the lock. It needs the network, and says so without one.

pip-audit asks the database of open source vulnerabilities (OSV) of each locked package by name and version; it runs in an
environment of its own, from a lock of its own (``deploy/audit.lock``), so that nothing of it is beside the assistant.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TextIO

import msgspec
from msgspec import Struct

LOCK: Final = Path("requirements.lock")
COMMAND: Final = (
    ".venv-audit/bin/pip-audit", "-r", str(LOCK), "--disable-pip", "--vulnerability-service", "osv", "--format", "json",
    "--progress-spinner", "off", "--timeout", "15",
)  # fmt: skip
LIMIT_S: Final = 900
NOBODY_ASKED: Final = 2


class Flaw(Struct, frozen=True):
    id: str
    fix_versions: list[str] = []


class Package(Struct, frozen=True):
    name: str
    version: str = ""
    vulns: list[Flaw] = []
    skip_reason: str = ""


class Report(Struct, frozen=True):
    dependencies: list[Package]


def audit(command: Sequence[str] = COMMAND, out: TextIO = sys.stdout) -> int:
    """0: nothing is known; 1: something is; 2: nobody could be asked of all of them, which is neither good news nor bad."""
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
        report = msgspec.json.decode(ran.stdout, type=Report)
    except (OSError, subprocess.TimeoutExpired, msgspec.MsgspecError):
        print(
            "Nobody was asked: the vulnerability service could not be reached from here. Whether something is known to be"
            " wrong with the locked packages is not known; run it where the network is.",
            file=out,
        )
        return NOBODY_ASKED
    return told(report, out)


def told(report: Report, out: TextIO) -> int:
    flawed = [package for package in report.dependencies if package.vulns]
    unasked = [package for package in report.dependencies if package.skip_reason]
    for package in flawed:
        for flaw in package.vulns:
            fixed = f"fixed in {', '.join(flaw.fix_versions)}" if flaw.fix_versions else "not fixed yet"
            print(f"{package.name} {package.version}: {flaw.id}, {fixed}", file=out)
    for package in unasked:
        print(f"{package.name}: not asked of ({package.skip_reason})", file=out)
    asked = len(report.dependencies) - len(unasked)
    print(f"{asked} packages asked of, {len(flawed)} with something known to be wrong.", file=out)
    return 1 if flawed else NOBODY_ASKED if unasked or not asked else 0


if __name__ == "__main__":
    sys.exit(audit())
