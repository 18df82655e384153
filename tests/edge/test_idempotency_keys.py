"""R-4: what an ``Idempotency-Key`` may be, and what is stored of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.edge.idempotency_keys import ALONE_CHARS, MAX_KEY_CHARS, KeySpace, key_of, key_space_of, naming
from mangaassist.errors import BadInput
from mangaassist.wire.page import PageContext
from mangaassist.wire.rest import ChatRequest

UUID = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (f'"{UUID}"', UUID),
        (UUID, UUID),
        (f" {UUID}\t", UUID),
        ('"with space"', "with space"),
        (r'"say \"hi\" \\o/"', r'say "hi" \o/'),
        ("a+b/c=:d", "a+b/c=:d"),
        ("k" * MAX_KEY_CHARS, "k" * MAX_KEY_CHARS),
        ('"' + r"\"" * MAX_KEY_CHARS + '"', '"' * MAX_KEY_CHARS),
    ],
)
def test_a_key_is_taken_quoted_or_bare(value: str, key: str) -> None:
    assert key_of([value]) == key


def test_without_the_header_there_is_no_key() -> None:
    assert key_of([]) is None


@pytest.mark.parametrize(
    "values",
    [
        [""], ["  "], ['""'], ['"'], ['"open'], ['open"'], ["two words"], ["a,b"], ["a;b"], ["a\\b"], [r'"a\b"'],
        ['"a";p=1'], ["caf\u00e9"], ['"\u00e9"'], ["a\x00b"], ['"a\tb"'], ["a\x7f"], ["k" * (MAX_KEY_CHARS + 1)],
        ['"' + "k" * (MAX_KEY_CHARS + 1) + '"'], [UUID, UUID], ["a", "b"],
    ],
)  # fmt: skip
def test_what_is_no_key_is_refused_by_the_name_of_its_header(values: list[str]) -> None:
    with pytest.raises(BadInput) as refused:
        key_of(values)
    assert refused.value.status == 400
    assert refused.value.fields[0].field == "Idempotency-Key"
    assert "Idempotency-Key" in str(refused.value)


@given(st.text(max_size=300))
def test_whatever_comes_is_a_key_or_refused(value: str) -> None:
    try:
        key = key_of([value])
    except BadInput:
        return
    assert key is not None
    assert 1 <= len(key) <= MAX_KEY_CHARS
    assert key.isascii()
    assert key.isprintable()


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=MAX_KEY_CHARS))
def test_whatever_can_be_quoted_comes_out_as_it_went_in(key: str) -> None:
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    assert key_of([f'"{quoted}"']) == key


def test_a_key_belongs_to_a_customer_else_to_a_session_else_to_an_address() -> None:
    assert key_space_of("aiko", "s_1", "10.0.0.1", "k") == KeySpace("customer", "aiko")
    assert key_space_of(None, "s_1", "10.0.0.1", "k") == KeySpace("session", "s_1")
    assert key_space_of(None, None, "10.0.0.1", "k" * ALONE_CHARS) == KeySpace("address", "10.0.0.1")


def test_a_key_that_stands_alone_is_long() -> None:
    with pytest.raises(BadInput, match="16 characters or more"):
        key_space_of(None, None, "10.0.0.1", "k" * (ALONE_CHARS - 1))


def test_names_tell_scopes_keys_and_bodies_apart_and_nothing_else() -> None:
    body = ChatRequest(message="hello")
    named = naming(KeySpace("customer", "a"), "k", body)
    assert naming(KeySpace("customer", "a"), "k", ChatRequest(message="hello")) == named
    others = [
        naming(KeySpace("session", "a"), "k", body),
        naming(KeySpace("customer", "b"), "k", body),
        naming(KeySpace("customer", "a"), "l", body),
        naming(KeySpace("customer", 'a","k'), "", body),
    ]
    assert len({other.key for other in others} | {named.key}) == 5
    for other_body in (
        ChatRequest(message="hello!"),
        ChatRequest(message="hello", session_id="s_12345678"),
        ChatRequest(message="hello", page_context=PageContext(url="http://shop.example/")),
    ):
        told = naming(KeySpace("customer", "a"), "k", other_body)
        assert (told.key, told.fingerprint == named.fingerprint) == (named.key, False)


def test_the_same_body_has_another_fingerprint_under_another_key() -> None:
    """So that nobody who reads the store can tell what somebody said, not even by guessing."""
    body = ChatRequest(message="yes")
    assert (
        naming(KeySpace("session", "s"), "k", body).fingerprint
        != naming(KeySpace("session", "s"), "l", body).fingerprint
    )
