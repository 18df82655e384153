"""Programs of others that the tests talk to, and that pip does not bring: where they are, and how they are had.

``python -m tests.peers``, which ``make test`` runs first, installs those that are missing where it may. What it cannot install
is not an error: the tests that need it are skipped, with one line that says what is missing (see the ``peer`` fixture).
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import pytest
from msgspec import Struct
from platformdirs import user_cache_path

APT: Final = (
    "apt-get",
    "-qq",
    "-o",
    "DPkg::Lock::Timeout=120",
    "-o",
    "Acquire::Retries=1",
    "-o",
    "Acquire::http::Timeout=30",
)
QUIET: Final = {"DEBIAN_FRONTEND": "noninteractive", "SYSTEMD_OFFLINE": "1"}
"""Nobody is asked anything, and a package that holds a server does not start it: the tests start their own."""

NPM: Final = (
    "install",
    "--no-save",
    "--no-package-lock",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
)
CACHE: Final = user_cache_path("mangaassist-tests", appauthor=False)
"""Where packages of npm are kept, one folder a version, outside of the tree."""


class Peer(Struct, frozen=True, kw_only=True):
    """One program. ``commands`` are its names on PATH, best first; the environment's ``variable`` names another and wins.

    ``debian``: the packages of Debian and its kin that bring it, and what it needs beside it; ``npm``: the package of npm that
    does, as ``name@version``. ``module``: what is wanted of it is no program but a library, and this is its folder.
    """

    commands: tuple[str, ...] = ()
    variable: str
    debian: tuple[str, ...] = ()
    npm: str | None = None
    module: str | None = None

    def path(self) -> str | None:
        """Where it is, or None."""
        chosen = os.environ.get(self.variable)
        if self.npm is not None and self.module is not None:
            folder = Path(chosen) if chosen is not None else npm_folder(self.npm) / "node_modules" / self.module
            return str(folder) if folder.is_dir() else None
        if chosen is not None:
            return shutil.which(chosen)
        places = None if self.npm is None else str(npm_folder(self.npm) / "node_modules" / ".bin")
        return next((found for name in self.commands if (found := shutil.which(name, path=places))), None)

    def how(self) -> str:
        """How to have it, for a person."""
        wanted = (
            " and ".join(self.debian) if self.npm is None else f"npm, and run `python -m tests.peers` for {self.npm}"
        )
        return f"install {wanted} (`make test` does as root), or name one in {self.variable}"


def npm_folder(package: str) -> Path:
    return CACHE / package.replace("/", "+")


PEERS: Final[dict[str, Peer]] = {
    "chromium": Peer(
        commands=("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
        variable="TEST_CHROMIUM",
        debian=("chromium", "fonts-noto-cjk"),
    ),
    "redis-server": Peer(
        commands=("redis-server",),
        variable="TEST_REDIS_SERVER",
        debian=("redis-server",),
    ),
    "npm": Peer(
        commands=("npm",),
        variable="TEST_NPM",
        debian=("nodejs", "npm"),
    ),
    "node": Peer(
        commands=("node", "nodejs"),
        variable="TEST_NODE",
        debian=("nodejs",),
    ),
    "ai@7": Peer(
        variable="TEST_AI_SDK_7",
        npm="ai@7.0.173",
        module="ai",
    ),
    "ai@6": Peer(
        variable="TEST_AI_SDK_6",
        npm="ai@6.0.325",
        module="ai",
    ),
    "dynalite": Peer(
        commands=("dynalite",),
        variable="TEST_DYNALITE",
        npm="dynalite@4.0.0",
    ),
}


def needed(name: str) -> str:
    """Where the program is. Skips the test when it is nowhere, and says how to have it."""
    peer = PEERS[name]
    if (path := peer.path()) is None:
        pytest.skip(f"no {name}: {peer.how()}")
    return path


def from_debian(missing: Iterable[Peer]) -> None:
    """Install packages, where there is apt and it may be used."""
    packages = [package for peer in missing for package in peer.debian]
    if not packages or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print(f"Installing {', '.join(packages)} for the tests ...", flush=True)
    environment = os.environ | QUIET
    for command in (("update",), ("install", "--yes", "--no-install-recommends", *packages)):
        if subprocess.run([*APT, *command], env=environment, stdout=subprocess.DEVNULL).returncode:
            print(f"apt-get {command[0]} failed; what needs {', '.join(packages)} will be skipped.", flush=True)
            return


def from_npm(missing: Iterable[Peer]) -> None:
    """Install packages, each into its own folder of the cache, where there is npm. Their install scripts are not run."""
    npm = PEERS["npm"].path()
    for package in (peer.npm for peer in missing if peer.npm is not None):
        if npm is None:
            return
        print(f"Installing {package} for the tests ...", flush=True)
        if subprocess.run(
            [npm, *NPM, "--prefix", str(npm_folder(package)), package], stdout=subprocess.DEVNULL
        ).returncode:
            print(f"npm install {package} failed; what needs it will be skipped.", flush=True)


WAYS: Final[tuple[Callable[[Iterable[Peer]], None], ...]] = (from_debian, from_npm)
"""How programs are had, in this order: each takes those that are missing, and leaves what it cannot bring."""


def main() -> None:
    for bring in WAYS:
        bring([peer for peer in PEERS.values() if peer.path() is None and peer.variable not in os.environ])


if __name__ == "__main__":
    main()
