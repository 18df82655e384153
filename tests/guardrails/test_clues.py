"""What spares the guardrails a closer look never spares them a finding (G-1, G-3, G-4, G-5): every shape keeps its clue."""

import re
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mangaassist.guardrails import pii, toxicity
from mangaassist.guardrails.claims.table import CLAIMS, Claim
from mangaassist.guardrails.folding import caseless
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.pii import PiiPattern
from mangaassist.guardrails.stages import scope
from mangaassist.guardrails.stages.scope import Elsewhere
from mangaassist.guardrails.toxicity import ToxicityLexicon, ToxicPattern

LEXICON = ToxicityLexicon.load()
RULES = InlineRules.load()

matching = partial(st.from_regex, alphabet=st.characters(codec="utf-8", exclude_characters="\x00"))
bounded = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.mark.parametrize(
    ("claim", "shape"),
    [(claim, shape) for claim in CLAIMS for shape in claim.shapes],
    ids=lambda it: getattr(it, "kind", ""),
)
@given(data=st.data())
@settings(bounded, max_examples=10)
def test_what_words_a_claim_holds_one_of_its_clues(claim: Claim, shape: re.Pattern[str], data: st.DataObject) -> None:
    said = caseless(data.draw(matching(shape)))
    assert any(clue in said for clue in claim.clues)


@pytest.mark.parametrize("other", scope._ELSEWHERE, ids=lambda other: other.kind)  # pyright: ignore[reportPrivateUsage]
@given(data=st.data())
@bounded
def test_what_leads_away_from_the_shop_holds_one_of_its_clues(other: Elsewhere, data: st.DataObject) -> None:
    said = caseless(data.draw(matching(other.shape)))
    assert any(clue in said for clue in other.clues)


@pytest.mark.parametrize("pattern", pii._PATTERNS, ids=lambda pattern: pattern.kind)  # pyright: ignore[reportPrivateUsage]
@given(data=st.data())
@bounded
def test_what_is_personal_holds_its_clue(pattern: PiiPattern, data: st.DataObject) -> None:
    found = pattern.shape.search(data.draw(matching(pattern.shape)))
    # A number of five digits has the shape of the last row and is none of its numbers; four abroad have a row of their own.
    if found and pattern.confirm(found) and (pattern.kind != "PHONE" or len(re.findall(r"\d", found["it"])) >= 6):
        assert pattern.clue(found.string)


@pytest.mark.parametrize("pattern", LEXICON._patterns, ids=lambda pattern: pattern.kind)  # pyright: ignore[reportPrivateUsage]
@given(data=st.data())
@bounded
def test_what_is_toxic_holds_a_word_of_the_list_that_it_needs(pattern: ToxicPattern, data: st.DataObject) -> None:
    said = data.draw(matching(pattern.shape))
    assert pattern.needs in LEXICON._stems.lists_in(said)  # pyright: ignore[reportPrivateUsage]


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_small_letters_take_the_places_of_large_ones(text: str) -> None:
    assert len(caseless(text)) == len(text)
    assert all(re.search("[iks]", small) for large, small in zip(text, caseless(text), strict=True) if large in "İıKſ")


@given(st.text(alphabet="ab01@$!| -.\n", max_size=24))
@settings(max_examples=600, deadline=None)
def test_leet_is_seen_wherever_a_sign_stands_for_a_letter(text: str) -> None:
    plainly = re.compile(r"[a-z][0134578@$!|+]+[a-z]|\b[0134578@$]+[a-z]{2}|[a-z]{2}[@$!13]\b")
    assert bool(toxicity._LEET.search(text)) == bool(plainly.search(text))  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize(
    "word",
    ["Amazon", "$9.99", "9.99", "dollars", "12", "twelve", "USD", "a@b.org", "{{price:", "B0BERSERK1", "Apt"],
)
def test_a_word_that_may_begin_or_be_something_is_never_plain(word: str) -> None:
    assert not RULES.is_plain(word)
