"""O-8: what the image is made of is there, and it runs as nobody in particular."""

import fnmatch
import json
import re
import shlex
import tomllib
from itertools import chain
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from mangaassist.edge.probes import PATHS
from mangaassist.settings import Settings, load

ROOT: Final = Path(__file__).parents[2]
DOCKERFILE: Final = (ROOT / "deploy/image/Dockerfile").read_text(encoding="utf-8")
LINES: Final = [
    line.strip() for line in re.sub(r"\\\n", " ", DOCKERFILE).splitlines() if line.strip() and not line.startswith("#")
]


def told(instruction: str) -> list[str]:
    """What stands behind each such instruction."""
    return [line.partition(" ")[2].strip() for line in LINES if line.partition(" ")[0] == instruction]


def runtime() -> list[str]:
    """The lines of the last stage."""
    return LINES[max(at for at, line in enumerate(LINES) if line.startswith("FROM ")) :]


def pins(file: str) -> dict[str, str]:
    """Of a lock: each package with its version, and all that stands under it, hashes above all."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return {entry.partition("==")[0]: entry for entry in re.split(r"\n(?=\S)", text.strip())}


def test_every_file_that_is_copied_is_there_and_let_through() -> None:
    copied = [path for line in told("COPY") if "--from" not in line for path in shlex.split(line)[:-1]]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = [line[1:] for line in ignored if line.startswith("!")]
    assert copied
    for path in copied:
        assert (ROOT / path).exists(), path
        assert any(path == one or path.startswith(f"{one}/") for one in kept), f"{path} is not let through"


def test_what_the_image_does_not_need_is_kept_out() -> None:
    ignored = [
        line
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert ignored[0] == "**"
    assert not {"!tests", "!.git", "!data", "!benchmarks"} & set(ignored)
    assert any(fnmatch.fnmatch("src/x/__pycache__", line) for line in ignored[1:])


def test_it_does_not_run_as_root() -> None:
    users = [line.split()[1] for line in runtime() if line.startswith("USER ")]
    assert users
    assert all(int(user.partition(":")[0]) > 0 for user in users)


def test_its_health_is_asked_at_a_probe_of_ours() -> None:
    (check,) = told("HEALTHCHECK")
    (address,) = re.findall(r"http://[^']+", check)
    parts = urlsplit(address)
    assert parts.path in PATHS
    assert parts.port == Settings().server.port


def test_its_python_is_the_oldest_that_the_package_supports_and_the_lock_was_made_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (base,) = told("ARG")
    assert project["requires-python"] == ">=" + re.findall(r"python:(\d+\.\d+)-", base)[0]


@pytest.mark.parametrize("file", ["deploy/image/requirements.lock", "deploy/image/build.lock"])
def test_what_it_installs_is_what_is_tested(file: str) -> None:
    """The same versions and the same hashes as the lock of everything: ``make image-lock``."""
    whole = pins("requirements.lock")
    installed = pins(file)
    assert [name for name, entry in installed.items() if whole.get(name) != entry] == [], "run make image-lock"
    assert all("--hash=sha256:" in entry for entry in installed.values())


def test_it_installs_whatever_serving_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = (project["optional-dependencies"][name] for name in ("redis", "aws", "otlp", "openai"))
    needed = {re.split(r"[^a-z0-9-]", one)[0] for one in [*project["dependencies"], *chain(*extras)]}
    assert needed - set(pins("deploy/image/requirements.lock")) == set(), "run make image-lock"


def test_nothing_is_installed_without_a_hash_but_the_wheel_that_was_made_here() -> None:
    installs = [part for line in told("RUN") for part in line.split("&&") if " pip install " in part]
    assert len(installs) == 3
    assert all("--require-hashes" in one or "--no-index wheels/" in one for one in installs)


def test_what_it_sets_is_a_setting_and_the_folders_that_it_writes_are_volumes() -> None:
    environment = dict(re.findall(r"(MANGAASSIST_\w+)=(\S+)", " ".join(runtime())))
    settings = load(None, environment)
    (volumes,) = told("VOLUME")
    assert {str(settings.data), str(settings.cache)} <= set(json.loads(volumes))
    assert settings.server.host == "0.0.0.0"
