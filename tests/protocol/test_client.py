"""W-1 to W-4: a client that is written from ``docs/protocol.md`` alone holds a conversation, over every loss of its line."""

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import Loopback, loopback
from tests.pages.protocol import CLIENT

DRIVER = Path(__file__).parent / "shopper.mjs"


class Client:
    """The client in Node. Told what to do; gives how its answers grow."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def does(self, **what: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def hears(self, asked: str, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if told["asked"] == asked and until(told):
                return told
        raise AssertionError(f"the client ended: {self._process.wait()}")

    def answer(self, asked: str) -> dict[str, Any]:
        return self.hears(asked, lambda told: told["receipt"])


@pytest.fixture
def served() -> Generator[Loopback]:
    with loopback() as at:
        yield at


@pytest.fixture
def client(served: Loopback, peer: Callable[[str], str]) -> Generator[Client]:
    address = served.url.replace("http", "ws", 1) + "/ws"
    command = [peer("node"), "--experimental-websocket", "--no-warnings", str(DRIVER), str(CLIENT), address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Client(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


def test_an_answer_reads_as_it_does_after_its_corrections(client: Client) -> None:
    client.does(ask="one wrong card")
    assert client.answer("one wrong card") == {
        "asked": "one wrong card", "text": "one right ", "products": 1, "problem": None, "receipt": True,
    }  # fmt: skip


def test_an_answer_goes_on_after_the_server_has_closed_the_line(client: Client, served: Loopback) -> None:
    client.does(ask="one pause pause pause two wrong")
    client.hears("one pause pause pause two wrong", lambda told: told["text"] == "one ")
    served.drop_everybody()
    assert client.answer("one pause pause pause two wrong")["text"] == "one two right "
    assert len(served.process.answers.asked) == 1


def test_what_is_lost_on_its_way_is_asked_again_and_answered_once(client: Client, served: Loopback) -> None:
    for number in range(5):
        client.does(ask=f"question {number}", lose=number > 0)
        assert client.answer(f"question {number}")["text"] == f"question {number} "
    asked = Counter(message.message_id for message in served.process.answers.asked)
    assert list(asked.values()) == [1] * 5


def test_an_answer_that_fails_or_is_stopped_has_its_receipt(client: Client) -> None:
    client.does(ask="one boom")
    assert client.answer("one boom")["problem"] == "internal"
    client.does(ask="one forever two")
    client.hears("one forever two", lambda told: told["text"] == "one ")
    client.does(stop=True)
    assert client.answer("one forever two")["text"] == "one "


def test_what_was_not_taken_is_asked_again_when_its_time_has_come(client: Client, served: Loopback) -> None:
    """Three messages wait, and the fifth is refused, until the first is answered."""
    client.does(ask="one forever two")
    client.hears("one forever two", lambda told: told["text"] == "one ")
    for number in range(4):
        client.does(ask=f"question {number}")
    refused = client.hears("question 3", lambda told: True)
    assert (refused["text"], refused["problem"], refused["receipt"]) == ("", None, False)
    client.does(stop=True)
    assert client.answer("question 3")["text"] == "question 3 "
    assert [message.text for message in served.process.answers.asked].count("question 3") == 1


def test_after_the_log_was_lost_the_conversation_goes_on_behind_a_gap(client: Client, served: Loopback) -> None:
    client.does(ask="before")
    client.answer("before")
    served.lose_the_log()
    client.does(ask="after", lose=True)
    assert client.answer("after")["text"] == "after "


def test_when_somebody_else_signs_in_a_new_conversation_begins(client: Client, served: Loopback) -> None:
    client.does(ask="mine")
    client.answer("mine")
    served.sign_in_elsewhere()
    client.does(ask="again")
    assert client.answer("again")["text"] == "again "
    first, second = served.process.answers.sessions
    assert first.session_id != second.session_id
