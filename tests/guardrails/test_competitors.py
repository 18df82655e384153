"""Other shops, told from what merely sounds like them (G-3 stage 4, G-2)."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaassist.guardrails.competitors import CompetitorNames
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.shops import ShopTable
from mangastore.data.content import ContentLibrary
from mangastore.data.series import load_series

NAMES = CompetitorNames.load()
RULES = InlineRules(NAMES)
WRITTEN = Path(__file__).parents[2] / "training" / "safety" / "competitors.jsonl"
ROWS = [json.loads(line) for line in WRITTEN.read_text("utf-8").splitlines()]

WORDS = (
    "Target target Walmart Amazon amazon Lily the at from on and audience sells has it viz Viz store own online Crunchyroll buy "
    "anime kindle Kindle a fire edition b&n Barnes & Noble n book walker BookWalker am4zon 's .com , . dark Dark Horse Direct "
    "prime Prime minister right stuff indigo blue apple books our is cheaper"
)
PIECES = st.sampled_from(WORDS.split())
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", " ", " "])), max_size=24).map(
    lambda parts: "".join(piece + gap for piece, gap in parts)
)


def left(text: str, cuts: list[int]) -> str:
    checks = RULES.filter({}, frozenset())
    ends = [*sorted(min(cut, len(text)) for cut in cuts), len(text)]
    return "".join(checks.feed(text[a:b]) for a, b in zip([0, *ends], ends, strict=False)) + checks.finish()


def test_nearly_every_shop_is_heard_and_nothing_that_sounds_like_one() -> None:
    named = [row["text"] for row in ROWS if row["label"]]
    heard = [text for text in named if NAMES.find(text)]
    assert len(heard) >= 0.95 * len(named)
    assert [row["text"] for row in ROWS if not row["label"] and NAMES.find(row["text"])] == []


def test_no_book_or_author_of_the_store_is_taken_for_a_shop() -> None:
    said = [text for one in load_series() for text in (one.title, *one.authors, one.synopsis)]
    assert [text for text in said if NAMES.find(text)] == []


@pytest.mark.parametrize(
    ("said", "shop"),
    [
        ("am4zon has it", "Amazon"),
        ("a m a z o n has it", "Amazon"),
        ("kinokunyia has it", "Kinokuniya"),
        ("BOOK-DEPOSITORY had it", "Book Depository"),
        ("barnes and nobles has it", "Barnes & Noble"),
        ("it's on target.com", "Target"),
        ("the Viz store has it", "Viz"),
        ("Target or Walmart, which is nearer", "Target"),
    ],
)
def test_a_shop_is_heard_however_it_is_spelt(said: str, shop: str) -> None:
    assert shop in {name.shop for name in NAMES.find(said)}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Buy it at the Crunchyroll Store now.", "Buy it at the different store now."),
        ("Try Viz's own online shop now.", "Try another store now."),
        ("Target's website has it.", "another store has it."),
        ("Published by Viz Media, for a target audience.", "Published by Viz Media, for a target audience."),
    ],
)
def test_a_shop_goes_with_the_words_that_belong_to_it_while_streaming(said: str, told: str) -> None:
    assert left(said, list(range(1, len(said)))) == told


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 200), max_size=10))
def test_what_leaves_is_the_same_whatever_the_pieces_are(text: str, cuts: list[int]) -> None:
    assert left(text, cuts) == left(text, [])


def test_each_spelling_stands_in_the_table_once() -> None:
    table = ShopTable.load()
    ways = [
        (word, shop)
        for section in (table.sure, table.cased, table.place, table.site, table.brand)
        for shop, words in section.items()
        for word in words
    ]
    assert len({word.replace(" ", "") for word, _ in ways}) == len(ways)
    assert {*table.unless, *table.not_after} <= {word for word, _ in ways}
    assert len({shop for _, shop in ways}) >= 150


def test_what_the_demo_stores_own_pages_say_is_told_as_it_stands() -> None:
    pages = ContentLibrary().approved().values()
    told = [text for page in pages for text in (page.body, *(answer.says for answer in page.answers))]
    assert len(told) > 1000
    assert [text for text in told if list(NAMES.find(text))] == []
