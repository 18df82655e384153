"""Personal data and secrets, as shoppers type them (G-1)."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from benchmarks.hostile import OF_ORDERS
from mangaassist.domain.sentences import sentences_of
from mangaassist.guardrails.findings import PRIVATE_KINDS
from mangaassist.guardrails.intake import Intake
from mangaassist.guardrails.pii import find_pii, find_private
from mangaassist.guardrails.spelt_out import spelt_out_numbers
from mangastore.data.content import ContentLibrary

WRITTEN = Path(__file__).parents[2] / "training" / "safety" / "personal.jsonl"
ROWS = [json.loads(line) for line in WRITTEN.read_text("utf-8").splitlines()]
intake = Intake()


def test_nearly_all_that_is_personal_is_seen_and_nothing_else() -> None:
    found, right, gold, seen = (Counter[str]() for _ in range(4))
    for row in ROWS:
        spans = find_private(row["text"])
        for span in spans:
            found[span.kind] += 1
            right[span.kind] += any(
                one["type"] == span.kind and one["start"] < span.end and span.start < one["end"] for one in row["spans"]
            )
        for one in row["spans"]:
            gold[one["type"]] += 1
            seen[one["type"]] += any(one["start"] < span.end and span.start < one["end"] for span in spans)
    assert right == found
    assert {kind: seen[kind] / gold[kind] for kind in gold if seen[kind] < 0.94 * gold[kind]} == {}
    assert set(gold) <= PRIVATE_KINDS


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (
            "my card 4556 7712 6146 2002 cvv 123 exp 09/27 was declined",
            "my card [REDACTED] cvv [REDACTED] exp [REDACTED] was declined",
        ),
        ("card 4556 7712 6146 2002 09/27 123", "card [REDACTED] [REDACTED] [REDACTED]"),
        ("my password is hunter2 and i can't log in", "my password is [REDACTED] and i can't log in"),
        ("my password is not working", "my password is not working"),
        ("the coupon expires 12/25", "the coupon expires 12/25"),
        ("bob dot smith at gmail dot com is my email", "[REDACTED] is my email"),
        ("is it on sale at target.com", "is it on sale at target.com"),
        ("call five five five zero one two three", "call [REDACTED]"),
        ("volumes one two three four five six seven", "volumes one two three four five six seven"),
        ("volumes 21 22 23 24 25 26 27 28", "volumes 21 22 23 24 25 26 27 28"),
        ("4.99, 5.99, 6.99, 7.99, 8.99", "4.99, 5.99, 6.99, 7.99, 8.99"),
        ("4.99, 5.99, 9.99, 12.99, 3.99", "4.99, 5.99, 9.99, 12.99, 3.99"),  # its digits have the check digit of a card
        ("refund to DE89 3704 0044 0532 0130 00", "refund to [REDACTED]"),
        ("dob 03/04/1999, old enough?", "dob [REDACTED], old enough?"),
        ("send it to 12 main st apt 4 brooklyn ny 11201 instead", "send it to [REDACTED] instead"),
    ],
)
def test_what_is_left_of_a_message(said: str, left: str) -> None:
    assert intake.screen(said).text == left


def with_check_digit(body: str) -> str:
    return body + luhn.calc_check_digit(body)


CARDS = st.from_regex(r"4[0-9]{14}|5[1-5][0-9]{13}|3[47][0-9]{12}", fullmatch=True).map(with_check_digit)
SEPARATORS = st.sampled_from([" ", "-", ".", "/", "_", "·", " - ", "  ", ",", ", ", "\u2011", "\u200b", "\u00a0"])


@settings(max_examples=300, deadline=None)
@given(CARDS.filter(lambda card: len(set(card)) > 2), SEPARATORS, st.sampled_from([1, 3, 4, 5]))
def test_no_digit_of_a_card_is_left_however_they_are_set_apart(card: str, separator: str, size: int) -> None:
    written = separator.join(card[at : at + size] for at in range(0, len(card), size))
    left = intake.screen(f"please charge {written} today").text
    assert not any(character.isdigit() for character in left), left


UNITS = (
    *OF_ORDERS,
    *(
        "at ",
        " dot ",
        "a dot ",
        "a at b dot ",
        "one ",
        "1 ",
        "1, ",
        "12 Main ",
        "12 main st ",
        "iban ",
        "de12",
        "cvv ",
        "card exp ",
    ),
    *(
        "password is ",
        "st ",
        "Ave, ",
        "Rue ",
        "A1 ",
        "-ku ",
        "〒",
        "address ",
        "amazon ",
        "at Target ",
        "b & ",
        "a@",
        "@a.",
        "eyJaaaaaaaaaaa.",
    ),
)


@pytest.mark.parametrize("unit", UNITS)
def test_twice_as_much_of_anything_takes_no_more_than_a_few_times_as_long(unit: str) -> None:
    def spent(length: int) -> float:
        message = (unit * length)[:length]
        taken: list[float] = []
        for _ in range(3):
            began = time.thread_time()
            find_private(message)
            taken.append(time.thread_time() - began)
        return min(taken)

    # Processor time and a ratio: a search that goes back would take sixteen times as long for four times as much.
    assert any(spent(2000) <= 9 * spent(500) + 0.01 for _ in range(4))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Start with the first volume. Call Bob at 415-555-2671.", "PHONE"),
        ("It was 4556 7712 6146 2002-$5 less.", "CREDIT_CARD"),
    ],
)
def test_what_stands_before_or_behind_in_another_sentence_hides_no_number(text: str, kind: str) -> None:
    assert [span.kind for span in find_pii(text)] == [kind]


def test_what_the_stores_pages_tell_is_nobodys_address_whichever_of_their_sentences_stand_together() -> None:
    """G-4: an answer quotes two sentences of a page, not always neighbours: "at least 10 characters. You must be 13"."""
    for entry in ContentLibrary().approved().values():
        told = sentences_of(entry.body, entry.title)
        for first in told:
            for second in told:
                found = [span for span in find_pii(f"{first} {second}") if span.kind == "ADDRESS"]
                assert not found, (entry.id, first, second)


def test_a_longer_row_of_figures_than_any_number_is_none() -> None:
    assert list(spelt_out_numbers("one " * 60)) == []
