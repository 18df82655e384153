"""Where a sentence of a page ends, for whoever embeds or quotes it."""

import pytest

from mangaassist.domain.sentences import is_end, sentences_of


@pytest.mark.parametrize("short", ["Dr.", "Mr.", "St.", "vs.", "Vol."])
def test_a_shortened_word_ends_no_sentence(short: str) -> None:
    text = f"It begins with {short} Tenma in a hospital. Then it rains."
    assert sentences_of(text) == (f"It begins with {short} Tenma in a hospital.", "Then it rains.")
    assert not is_end(text, text.index(short) + len(short) - 1)
    assert is_end(text, text.index("hospital.") + len("hospital"))
