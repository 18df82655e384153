"""R-6, R-8, R-9: schemathesis makes requests of the published document, good ones and bad ones, and judges every answer by it."""

import subprocess
import sys
from collections.abc import Generator
from itertools import count
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.loopback import Loopback, loopback

RULES = Path(__file__).parent / "schemathesis.toml"
REQUESTS = 5_000
DRAWS = 100
"""Cases of one operation at a time."""
ONLY_OF_CUSTOMERS = [positive_data_acceptance]
"""Not of a guest: a session and a long enough key, which customers need not name, are nothing that a document can demand."""
CALLERS = ({}, {"authorization": "Bearer aiko"}, {"authorization": "Bearer nonsense"})
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture(scope="module")
def served() -> Generator[Loopback]:
    with loopback() as at:
        yield at


def fuzz(operation: APIOperation, mode: GenerationMode, number: int) -> None:
    """So many requests of one operation, each of every caller. Raises what schemathesis finds wrong with an answer."""

    @seed(number)
    @settings(
        max_examples=DRAWS, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def asks(case: Case) -> None:
        for headers in CALLERS:
            case.call_and_validate(headers=headers, excluded_checks=[] if headers else ONLY_OF_CUSTOMERS)

    asks()


def test_of_five_thousand_requests_none_is_answered_with_anything_but_what_is_published(served: Loopback) -> None:
    rules = schemathesis.Config.from_path(RULES)
    schema = schemathesis.openapi.from_url(f"{served.url}/schema/openapi.json", config=rules)
    operations = [found.ok() for found in schema.get_all_operations()]
    wordy = [operation for operation in operations if operation.body]
    before = served.requests
    for number in count():
        for operation in wordy if number else operations:
            for mode in MODES if operation.body else MODES[:1]:
                fuzz(operation, mode, number)
        if served.requests - before >= REQUESTS:
            break


def test_every_constraint_of_the_document_is_kept_at_its_edges(served: Loopback) -> None:
    """Each on its own: too long and just not too long, a type for another, a field less, a method that is none."""
    document = f"{served.url}/schema/openapi.json"
    options = ["--phases", "examples,coverage", "--checks", "all", "--seed", "1", "-H", "Authorization: Bearer aiko"]
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(RULES), "run", document, *options]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=500)
    assert ran.returncode == 0, ran.stdout
