"""What all tests share: repeatable properties, programs beside us, and a run that leaves nothing out."""

import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final, TypeVar

import pytest
from hypothesis import settings

from deploy.peers import NOBODY
from mangaassist.models import local
from mangaassist.models.provisioning import ProvisionedEncoder, provision
from tests.dynalite import dynalite
from tests.kinesalite import kinesalite
from tests.moto_server import moto_server
from tests.peers import needed
from tests.published import Published, watching

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

# No deadline: an example's time is the machine's, not the code's.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


SEEN: Final = pytest.StashKey[Published]()


@pytest.fixture(scope="session")
def published(pytestconfig: pytest.Config) -> Generator[Published]:
    """What was said in public in this run, and whether it was as published."""
    made = pytestconfig.stash[SEEN] = Published()
    with watching(made):
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    seen = config.stash.get(SEEN, None)
    if seen is not None and seen.frames + seen.answers:
        terminalreporter.write_line(f"As published: {seen.frames} frames and {seen.answers} HTTP answers.")


@pytest.fixture(autouse=True)
def as_published(published: Published) -> Generator[None]:
    """Nothing leaves the assistant that its documents do not tell of, whatever a test is about (R-8)."""
    yield
    assert published.take() == []


@pytest.fixture(scope="session")
def peer() -> Callable[[str], str]:
    """Gives the path of a program of ``tests.peers``; skips the test where there is none."""
    return needed


@pytest.fixture(scope="session")
def dynalite_url(peer: Callable[[str], str]) -> Generator[str]:
    """The address of a server that speaks DynamoDB, one for all tests: each makes its own table."""
    with dynalite(peer("dynalite")) as url:
        yield url


@pytest.fixture(scope="session")
def moto_url() -> Generator[str]:
    """The address of moto's server, one for all tests."""
    with moto_server() as url:
        yield url


@pytest.fixture(params=["dynalite", "moto"])
def dynamodb_url(request: pytest.FixtureRequest) -> str:
    """The address of each server that speaks DynamoDB, one after the other."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(scope="session")
def kinesalite_url(peer: Callable[[str], str]) -> Generator[str]:
    """The address of a server that speaks Kinesis, one for all tests: each makes its own stream."""
    with kinesalite(peer("kinesalite")) as server:
        yield server.url


@pytest.fixture(params=["kinesalite", "moto"])
def kinesis_url(request: pytest.FixtureRequest) -> str:
    """The address of each server that speaks Kinesis, one after the other."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that are nobody's, and none of those that lie on this machine."""
    for name, value in NOBODY.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def local_weights() -> Path:
    """The file of the small model that is really run."""
    return local.weights()


@pytest.fixture(scope="session")
def local_model(local_weights: Path) -> Generator[str]:
    """The address of its server, one for all tests."""
    with local.served(local_weights) as server:
        server.wait()
        yield server.url


@pytest.fixture(scope="session")
def provisioned(tmp_path_factory: pytest.TempPathFactory) -> ProvisionedEncoder:
    """The packaged encoder, built once for all tests that only read it."""
    return provision(tmp_path_factory.mktemp("encoder"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="leave nothing out: what would be skipped fails")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _failed_if_left_out(report, item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _failed_if_left_out(report, collector.config)


def _failed_if_left_out(report: Report, config: pytest.Config) -> Report:
    """With ``--whole`` a skip is a failure that gives the skip's reason. An expected failure was run, and stays."""
    if report.skipped and not hasattr(report, "wasxfail") and config.getoption("--whole"):
        _, _, reason = report.longrepr  # pytest gives where, and why
        report.outcome, report.longrepr = "failed", f"left out: {reason.removeprefix('Skipped: ')}"
    return report
