"""The inline filter (G-2, M-7)."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.inline import HOLD_BOUND, InlineRules
from mangaassist.guardrails.money import INSTEAD_OF_A_PRICE, amounts
from mangaassist.guardrails.pii import find_pii

RULES = InlineRules.load()
PRICES = {"B0BERSERK1": "$9.99", "B0BERSERK2": "$11.49"}
AMOUNTS = frozenset({Decimal(35)})

PIECES = st.sampled_from(
    [
        *("{", "{{", "}", "}}", "{{price:", "B0BERSERK1", "B0UNKNOWN9", "{{price:B0BERSERK1}}", "price", ":"),
        *("$", "€", "USD", "9", "9.99", "35", "1,200", "555", "4556 7712 6146 2002", "(", ")", "-", "+1", "123"),
        *("twelve", "hundred", "and", "dollars", "cents", "stars", "out", "bob@example.com", "bob", "@", ".com"),
        *("Amazon", "amazon", "A m a z o n", "Barnes", "&", "Noble", "book", "walker", "at", "Target", "Lily"),
        *("Main", "Street", "Apt", "One", "Piece", "vol.", "the", "é", "円", "アマゾン", "９", "\u200b", "x" * 60),
        *(" ", "  ", "\n", ".", ",", "!"),
    ]
)
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", " "])), max_size=30).map(
    lambda parts: "".join(piece + gap for piece, gap in parts)
)


def filtered(text: str, cuts: list[int] | None = None) -> str:
    checks = RULES.filter(PRICES, AMOUNTS)
    ends = [*sorted(min(cut, len(text)) for cut in cuts or []), len(text)]
    starts = [0, *ends[:-1]]
    return "".join(checks.feed(text[a:b]) for a, b in zip(starts, ends, strict=True)) + checks.finish()


def letter_by_letter(text: str) -> str:
    return filtered(text, list(range(1, len(text))))


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 400), max_size=12))
def test_the_text_is_the_same_whatever_the_pieces_are(text: str, cuts: list[int]) -> None:
    whole = filtered(text)
    assert filtered(text, cuts) == whole
    assert letter_by_letter(text) == whole


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400), st.lists(st.integers(0, 400), max_size=12))
def test_no_text_at_all_makes_the_pieces_matter(text: str, cuts: list[int]) -> None:
    assert filtered(text, cuts) == filtered(text)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_no_placeholder_ever_leaves(text: str) -> None:
    left = letter_by_letter(text)
    assert "{{" not in left
    assert "price:B0" not in left


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_nothing_is_held_beyond_the_bound(text: str) -> None:
    checks = RULES.filter(PRICES, AMOUNTS)
    for character in text:
        checks.feed(character)
        assert len(checks._pending) <= HOLD_BOUND  # pyright: ignore[reportPrivateUsage]


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_what_waits_is_a_word_under_way_or_words_that_may_become_a_match(text: str) -> None:
    checks = RULES.filter(PRICES, AMOUNTS)
    for character in text:
        checks.feed(character)
        pending = checks._pending  # pyright: ignore[reportPrivateUsage]
        complete = pending[: pending.rstrip().rfind(" ") + 1].rstrip()
        assert not complete or any(RULES.holdback.awaiting(complete[:end]) for end in range(len(complete), 0, -1)), (
            pending
        )


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 400), max_size=12))
def test_no_secret_and_no_competitor_ever_leaves(text: str, cuts: list[int]) -> None:
    left = filtered(text.replace("\n", " ").replace("  ", " "), cuts)
    assert not [span for span in find_pii(left) if span.kind != "ADDRESS"]
    assert "bob@example.com" not in left


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("It is {{price:B0BERSERK1}} today", "It is $9.99 today"),
        ("It is {{ Price : b0berserk1 }} today", "It is $9.99 today"),
        ("It is ${{price:B0BERSERK1}}.50 today", "It is $9.99 today"),
        ("It is {{price:B0BERSERK1}}/$8.00 today", f"It is $9.99/{INSTEAD_OF_A_PRICE} today"),
        ("It is {{price:B0UNKNOWN9}} today", f"It is {INSTEAD_OF_A_PRICE} today"),
        ("It is {{price:B0BERS", f"It is {INSTEAD_OF_A_PRICE}"),
        ("It is $9.99 today", f"It is {INSTEAD_OF_A_PRICE} today"),
        ("It is 12.99 dollars today", f"It is {INSTEAD_OF_A_PRICE} today"),
        ("It is USD 12.99 today", f"It is {INSTEAD_OF_A_PRICE} today"),
        ("It is twelve dollars today", f"It is {INSTEAD_OF_A_PRICE} today"),
        ("It is yours for a fiver today", f"It is yours for {INSTEAD_OF_A_PRICE} today"),
        ("You pay a dollar fifty today", f"You pay {INSTEAD_OF_A_PRICE} today"),
        ("A dolphin and a dog", "A dolphin and a dog"),
        ("It is ＄９.９９ today", f"It is {INSTEAD_OF_A_PRICE} today"),
        ("It is ＄12 today", f"It is {INSTEAD_OF_A_PRICE} today"),
        ("It is ￥1200 today", f"It is {INSTEAD_OF_A_PRICE} today"),
        ("It is １２ ｄｏｌｌａｒｓ today", f"It is {INSTEAD_OF_A_PRICE} today"),
        ("Shipping is free over $35 today", "Shipping is free over $35 today"),
        ("Rated at 4.95 stars by 1,200 readers", "Rated at 4.95 stars by 1,200 readers"),
        ("Volume 3 of 42 is out since 2004", "Volume 3 of 42 is out since 2004"),
        ("write to bob.smith@example.com now", "write to [REDACTED] now"),
        ("call 555-123-4567 now", "call [REDACTED] now"),
        ("call 415-555-2671 x12 now", "call [REDACTED] now"),
        ("call ４１５-555 ２６７１ now", "call [REDACTED] now"),
        ("pay with 4556 7712 6146 2002 now", "pay with [REDACTED] now"),
        ("order 112-3456789-0123456 is here", "order 112-3456789-0123456 is here"),
        ("ISBN 978-1-59307-020-5 is it", "ISBN 978-1-59307-020-5 is it"),
        ("cheaper on Amazon or Barnes & Noble!", "cheaper on another store or another store!"),
        ("try A m a z o n today", "try another store today"),
        ("Luffy lands on Amazon Lily there", "Luffy lands on Amazon Lily there"),
        ("you find it at Target too", "you find it at another store too"),
        ("aimed at target audiences of teens", "aimed at target audiences of teens"),
    ],
)
def test_what_leaves(said: str, left: str) -> None:
    assert letter_by_letter(said) == left


@pytest.mark.parametrize(
    "pieces", [("$9", ".99 "), ("{{pri", "ce:B0BERSERK1}} "), ("555-", "123-4567 "), ("bo", "b@x.org ")]
)
def test_nothing_slips_through_a_chunk_boundary(pieces: tuple[str, str]) -> None:
    checks = RULES.filter(PRICES, AMOUNTS)
    assert checks.feed(pieces[0]) == ""
    assert checks.feed(pieces[1]).strip() + checks.finish().strip() in {"$9.99", INSTEAD_OF_A_PRICE, "[REDACTED]"}


def test_an_ordinary_word_leaves_when_the_next_character_arrives() -> None:
    checks = RULES.filter(PRICES, AMOUNTS)
    assert checks.feed("dark") == ""
    assert checks.feed(" ") == "dark "


def test_a_number_leaves_as_soon_as_the_next_word_cannot_belong_to_it() -> None:
    checks = RULES.filter(PRICES, AMOUNTS)
    assert checks.feed("3 ") == ""
    assert checks.feed("v") == "3 "


def test_a_live_price_leaves_without_a_finding_and_a_raw_one_with_it() -> None:
    checks = RULES.filter(PRICES, AMOUNTS)
    checks.feed("{{price:B0BERSERK1}} is not $8.00 ")
    checks.finish()
    assert [(finding.kind, finding.original) for finding in checks.findings] == [("raw_price", "$8.00")]
    assert "8.00" not in repr(checks.findings)


def test_the_store_may_give_its_own_contacts_and_nobody_elses(rules: InlineRules, evidence: Evidence) -> None:
    checks = rules.filter_for(evidence)
    left = (
        checks.feed("Call 1-800-555-0142, write to help@inkwellmanga.example or to bob@example.com.") + checks.finish()
    )
    assert left == "Call 1-800-555-0142, write to help@inkwellmanga.example or to [REDACTED]."


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_what_left_holds_no_unknown_amount_in_a_single_line(text: str) -> None:
    left = filtered(text.replace("\n", " ").replace("  ", " "))
    allowed = {*AMOUNTS, Decimal("9.99"), Decimal("11.49")}
    assert all(amount.value in allowed for amount in amounts(left) if left[amount.start] in "$€")


def test_an_overlong_address_is_taken_whole() -> None:
    left = letter_by_letter("x" * 500 + "@example.com stays")
    assert "example.com" not in left
    assert left.endswith(" stays")
    assert not find_pii(left)


@pytest.mark.parametrize("gap", [" ", "\n", "円"])
def test_a_figure_that_is_longer_than_all_that_is_held_is_taken_whole(gap: str) -> None:
    left = letter_by_letter("It is $" + "9" * 500 + gap + "today")
    assert "9" not in left
    assert left.startswith(f"It is {INSTEAD_OF_A_PRICE}")
    assert left.endswith("today")
