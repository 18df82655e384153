"""Messages made to keep a reader busy are read like any other: whoever sends them holds up nobody else."""

import time

import pytest

from benchmarks import evidence
from benchmarks.hostile import CHARACTERS, UNITS
from mangaassist.domain.dialogue import NEW_DIALOGUE

LONGEST_S = 1.0
"""Far above what reading takes on a busy machine; an expression that tries every way to read a text takes hours."""


@pytest.mark.parametrize("unit", UNITS)
def test_a_message_of_beginnings_that_never_end_is_read_at_once(unit: str) -> None:
    text = (unit * CHARACTERS)[:CHARACTERS]
    reader = evidence.reader()
    began = time.thread_time()
    reader.without_model(reader.heard(text), NEW_DIALOGUE)
    assert time.thread_time() - began < LONGEST_S
