"""What is no text for a shopper never leaves: code, HTML, tool calls, forged turns, images, links elsewhere (G-2)."""

from collections.abc import Collection
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from benchmarks import evidence as demo
from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.markup import HOLD_BOUND, MarkupFilter
from mangaassist.guardrails.review import Review, Reviewed

BERSERK = demo.product("berserk")
OWN = BERSERK.product.url
PAGE = replace(demo.pages()[0], content="More on https://help.inkwell.example/returns.")
EVIDENCE = Evidence(products=(BERSERK,), chunks=(demo.ScoredChunk(PAGE, 0.6),))
RULES = InlineRules.load()

PARTS = st.sampled_from(
    [
        *(
            "```",
            "`",
            "<",
            "div",
            ">",
            "/",
            "<think>",
            "</think>",
            "{",
            '"a":',
            "}",
            "[",
            "]",
            "(",
            "http://e.com",
            ")",
        ),
        *("!", "<|", "|>", " ", "word", "\n", "<!--", "-->", "'", "\\", '"name"', ":", ",", "script", "www.", ".com"),
    ]
)
TEXTS = st.lists(PARTS, max_size=20).map("".join)

CASES = [
    ("Try ```python\nprint(1)\n``` now", "Try now"),
    ("Read <b>Berserk</b> <script>alert(1)</script>first", "Read Berserk first"),
    ("<think>The price is $5.</think>It is dark.", "It is dark."),
    ('{"name": "search", "arguments": {"q": "a}b"}} Berserk.', "Berserk."),
    ('<tool_call>{"name": "x"}</tool_call>Berserk.', "Berserk."),
    ("<|im_start|>Berserk is dark.<|im_end|>", "Berserk is dark."),
    ("See [this](https://evil.example.com/x).", "See this."),
    ("See ![cover](https://evil.example.com/x.png) here.", "See here."),
    ("See https://evil.example.com/a?b=c, now.", "See our site, now."),
    ("Go to www.manga-pirates.net/berserk.", "Go to our site."),
    ("It is on pirates.io too.", "It is on our site too."),
    (f"See [the book]({OWN}) or {OWN}.", f"See [the book]({OWN}) or {OWN}."),
    ("More on https://help.inkwell.example/returns.", "More on https://help.inkwell.example/returns."),
    ("It is 1 < 2 and <3, [really] (yes).", "It is 1 < 2 and <3, [really] (yes)."),
    ("Read Dr.Stone, e.g. vol.1.It is fun.", "Read Dr.Stone, e.g. vol.1.It is fun."),
]


async def all_exist(asins: Collection[str]) -> dict[str, bool]:
    return dict.fromkeys(asins, True)


def streamed(text: str, step: int = 1) -> str:
    checks = RULES.filter_for(EVIDENCE)
    return "".join(checks.feed(text[at : at + step]) for at in range(0, len(text), step)) + checks.finish()


@pytest.mark.parametrize(("said", "left"), CASES)
async def test_what_is_no_text_never_leaves_and_the_review_would_find_it_too(said: str, left: str) -> None:
    assert streamed(said) == left
    reviewed = await Review.load().run(Reviewed(text=said, evidence=EVIDENCE), all_exist)
    assert reviewed.text.split() == left.split()


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 200), max_size=8))
def test_the_text_is_the_same_whatever_the_pieces_are(text: str, cuts: list[int]) -> None:
    def filtered(ends: list[int]) -> tuple[str, list[tuple[int, int]]]:
        markup = MarkupFilter()
        bounds = [0, *sorted(min(end, len(text)) for end in ends), len(text)]
        out = "".join(markup.feed(text[a:b]) for a, b in pairwise(bounds)) + markup.finish()
        return out, [(cut.start, cut.end) for cut in markup.cuts]

    whole = filtered([])
    assert filtered(cuts) == filtered(list(range(len(text)))) == whole


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_the_cuts_tell_what_became_of_the_text(text: str) -> None:
    markup = MarkupFilter()
    left = markup.feed(text) + markup.finish()
    for cut in reversed(markup.cuts):
        text = text[: cut.start] + cut.words + text[cut.end :]
    assert left == text


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["<", "[", "![", "[a](", "`", "{", "<a ", "<!--"]), st.text("ab c", max_size=900))
def test_nothing_waits_beyond_the_bound(opening: str, rest: str) -> None:
    markup = MarkupFilter()
    for character in opening + rest:
        markup.feed(character)
        assert len(markup._pending) <= HOLD_BOUND  # pyright: ignore[reportPrivateUsage]
