"""``mangaassist check-store`` (O-4): its status, its lines, its JSON."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mangaassist.cli import app
from tests.own_stores import Served, free_port


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check-store", *arguments], env=environment)
    return result.exit_code, result.stdout


def test_a_new_store_passes_as_it_is_written(new_store: Served) -> None:
    status, said = run(new_store.url, "--grpc", new_store.grpc, "--shopper", "dora", STORE_PASSWORD="dora-demo")
    assert status == 0
    assert "The store can be served." in said
    assert re.search(r"^ok +orders +GET /orders/v1/orders +2 orders$", said, re.MULTILINE)


def test_as_json_each_check_is_a_row_and_nothing_else_is_on_standard_output(new_store: Served) -> None:
    status, said = run(new_store.url, "--grpc", new_store.grpc, "--json")
    report = json.loads(said)
    assert (status, report["passes"], report["store"]) == (0, True, new_store.url)
    assert {"check", "service", "endpoint", "verdict", "field", "expected", "found", "docs"} <= set(
        report["findings"][0]
    )
    assert report["counts"]["ok"] > 40


def test_where_nobody_answers_the_status_is_1_and_says_so() -> None:
    status, said = run(f"http://127.0.0.1:{free_port()}", "--grpc", f"127.0.0.1:{free_port()}")
    assert status == 1
    assert "nobody answers there" in said


@pytest.mark.parametrize("name", ["nobody", "dora"])
def test_who_cannot_sign_in_is_told_and_nothing_secret_with_it(new_store: Served, name: str) -> None:
    result = CliRunner().invoke(
        app, ["check-store", new_store.url, "--shopper", name], env={"STORE_PASSWORD": "wrong-secret"}
    )
    assert result.exit_code == 1
    assert "HTTP 401" in str(result.exception)
    assert "wrong-secret" not in f"{result.output}{result.exception}"


def test_an_address_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["check-store", "the-store"])
    assert "http://127.0.0.1:8080" in str(result.exception)
