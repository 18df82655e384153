"""Programs of others that run beside ours, and that pip does not bring: where they are, and how they are had."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from msgspec import Struct
from platformdirs import user_cache_path

APT_GET: Final = (
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

NPM_OPTIONS: Final = (
    "install",
    "--no-save",
    "--no-package-lock",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
)
ROOT: Final = Path(__file__).parents[1]
CACHE: Final = user_cache_path("mangaassist-tests", appauthor=False)
"""Where packages of npm are kept, one folder a version, outside of the tree."""


class Peer(Struct, frozen=True, kw_only=True):
    """One program. ``commands`` are its names on PATH, best first; the environment's ``variable`` names another and wins.

    ``debian``: the packages of Debian and its kin that bring it, and what it needs beside it; ``npm``: the package of npm that
    does, as ``name@version``, and ``beside`` those that are wanted in the same folder; ``is_alone``: not even those that it
    names as its peers. ``module``: what is wanted of it is no program but a library, and this is its folder. ``target``: the target
    of our Makefile that brings it into this checkout, from a lock of its own.
    """

    commands: tuple[str, ...] = ()
    variable: str
    debian: tuple[str, ...] = ()
    npm: str | None = None
    beside: tuple[str, ...] = ()
    is_alone: bool = False
    module: str | None = None
    target: str | None = None

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
        if self.target is not None:
            return f"run `make {self.target}` (`make test` does), or name one in {self.variable}"
        wanted = (
            " and ".join(self.debian) if self.npm is None else f"npm, and run `python -m tests.peers` for {self.npm}"
        )
        return f"install {wanted} (`make test` does as root), or name one in {self.variable}"


def npm_folder(package: str) -> Path:
    return CACHE / package.replace("/", "+")


REDIS: Final = Peer(
    commands=("redis-server",),
    variable="TEST_REDIS_SERVER",
    debian=("redis-server",),
)
NPM: Final = Peer(
    commands=("npm",),
    variable="TEST_NPM",
    debian=("nodejs", "npm"),
)
DYNALITE: Final = Peer(
    commands=("dynalite",),
    variable="TEST_DYNALITE",
    npm="dynalite@4.0.0",
)
"""Speaks DynamoDB."""

NOBODY: Final = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""A server on this machine takes any credentials: these are not those of whoever runs it."""


def from_debian(missing: Iterable[Peer]) -> None:
    """Install packages, where there is apt and it may be used."""
    packages = [package for peer in missing for package in peer.debian]
    if not packages or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print(f"Installing {', '.join(packages)} ...", flush=True)
    environment = os.environ | QUIET
    for command in (("update",), ("install", "--yes", "--no-install-recommends", *packages)):
        if subprocess.run([*APT_GET, *command], env=environment, stdout=subprocess.DEVNULL).returncode:
            print(f"apt-get {command[0]} failed; what needs {', '.join(packages)} has to do without.", flush=True)
            return


def from_npm(missing: Iterable[Peer]) -> None:
    """Install packages, each into its own folder of the cache, where there is npm. Their install scripts are not run."""
    npm = NPM.path()
    for peer in missing:
        if npm is None or peer.npm is None:
            continue
        print(f"Installing {peer.npm} ...", flush=True)
        alone = ["--omit=peer"] if peer.is_alone else []
        command = [npm, *NPM_OPTIONS, *alone, "--prefix", str(npm_folder(peer.npm)), peer.npm, *peer.beside]
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
            print(f"npm install {peer.npm} failed; what needs it has to do without.", flush=True)


def from_make(missing: Iterable[Peer]) -> None:
    """Make those that have a target, each into this checkout."""
    make = shutil.which("make")
    for peer in missing:
        if make is None or peer.target is None:
            continue
        print(f"Making {peer.target} ...", flush=True)
        if subprocess.run([make, "--silent", peer.target], cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
            print(f"make {peer.target} failed; what needs it has to do without.", flush=True)


WAYS: Final[tuple[Callable[[Iterable[Peer]], None], ...]] = (from_debian, from_npm, from_make)
"""How programs are had, in this order: each takes those that are missing, and leaves what it cannot bring."""
