"""What a decoder says is told in words for whoever does not know it."""

import pytest

from mangaassist.store_checks.plain_words import plain_mistake

WORDED = (
    ("Expected `str`, got `int` - at `$.prices[0].current`", ("text", "a whole number", "prices[0].current")),
    ("Object missing required field `as_of` - at `$.prices[2]`", ("this field", "it is missing", "prices[2].as_of")),
    ("Object missing required field `prices`", ("this field", "it is missing", "prices")),
    ("Expected `datetime` with a timezone component - at `$.a`", ("a time that says its zone", "a time without", "a")),
    ("Invalid enum value 'sold' - at `$.stock[0].state`", ("one of the contract's values", "'sold'", "stock[0].state")),
    ("JSON is malformed: invalid character (byte 0)", ("JSON", "something that is none", "")),
    ("Expected `object | null`, got `array` - at `$.x`", ("an object or null", "a list", "x")),
    ("two different answers for B0", ("what the contract says", "two different answers for B0", "")),
)


@pytest.mark.parametrize(("said", "worded"), WORDED)
def test_a_mistake_is_worded_as_what_was_expected_what_was_found_and_where(
    said: str, worded: tuple[str, str, str]
) -> None:
    assert plain_mistake(said) == worded
