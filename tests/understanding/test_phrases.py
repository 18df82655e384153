"""The pattern language: what each of its signs finds."""

import re

import pytest

from mangaassist.understanding.analysis import analyse
from mangaassist.understanding.phrases import BadPattern, PatternTable
from mangaassist.understanding.utterance import Mention


def hits(pattern: str, text: str, *mentions: Mention) -> bool:
    return bool(PatternTable([("key", pattern)]).find(analyse(text), mentions))


def series(text: str, name: str) -> Mention:
    start = analyse(text).small.index(name)
    return Mention(kind="series", value=name, said=name, start=start, end=start + len(name))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("volume", "how many vols"),
        ("cancel", "cancelling it"),
        ("how much (is|are)?", "how much"),
        ("how much (is|are)? it", "how much is it"),
        ("what (do|is) *2 cost", "whats that one cost"),
        ("what (do|is) *2 cost", "what does it cost"),
        ("(in stock|available)", "is it in stock"),
        ("(in stock|available)", "available?"),
        ("=returned", "i returned it"),
        ("^ <number> $", "ok 4 pls"),
        ("^ (and)? <number> $", "and 4?"),
        ("under <money>", "under $5"),
        ("under <money>", "under 5 bucks"),
        ("add <pronoun>", "add it to my cart"),
        ("i !want <any>", "i need it"),
        ("a ((b c)|d) e", "a b c e"),
        ("price *", "the price of it all"),
        ("do not", "dont"),
        ("what is", "whats"),
        ("^^ hi $$", "hi"),
        ("two <number>", "two 3"),
    ],
)
def test_a_pattern_finds_what_it_says(pattern: str, text: str) -> None:
    assert hits(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("=returned", "i return it"),
        ("what (do|is) *2 cost", "what is it that all of these cost"),
        ("^ <number> $", "i want 4"),
        ("^ how", "tell me how"),
        ("how $", "how come"),
        ("i !want <any>", "i want it"),
        ("in stock", "in the stock"),
        ("art", "start"),
        ("under <money>", "under 5 volumes"),
        ("good bad", "good. bad"),
        ("^^ hi", "ok hi"),
    ],
)
def test_a_pattern_finds_nothing_else(pattern: str, text: str) -> None:
    assert not hits(pattern, text)


def test_a_pattern_stays_within_one_sentence() -> None:
    assert not hits("good *6 much", "is it good? how much")


def test_a_slot_takes_the_whole_mention() -> None:
    text = "is one piece finished"
    assert hits("^ is <series> finish", text, series(text, "one piece"))
    assert not hits("^ is <series> finish", text)


def test_words_within_an_exact_title_ask_nothing() -> None:
    text = "is one piece finished"
    assert not hits("piece finish", text, series(text, "one piece"))
    assert hits("piece finish", text)


def test_a_hit_says_where_it_is() -> None:
    (hit,) = PatternTable([("price", "how much")]).find(analyse("hello there. ok how much is it"))
    assert (hit.key, hit.sentence, hit.start, hit.end) == ("price", 1, 3, 5)


def test_hits_come_in_the_order_of_the_table_within_a_sentence() -> None:
    table = PatternTable([("b", "much"), ("a", "how"), ("c", "never")])
    assert [hit.key for hit in table.find(analyse("how much"))] == ["b", "a"]


def test_a_table_of_another_language_finds_nothing() -> None:
    assert not PatternTable([("key", "hola")], "es").find(analyse("hola", "en"))


def test_patterns_are_stemmed_in_the_language_of_their_table() -> None:
    assert PatternTable([("key", "cuánto cuesta")], "es").find(analyse("cuanto cuestan los tomos", "es"))


@pytest.mark.parametrize("pattern", ["(a|b", "a)", "a?", "*3", "<nothing>", "(a?)", "a | b", ""])
def test_a_pattern_that_cannot_be_meant_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        PatternTable([("key", pattern)])


def test_a_long_row_of_fillers_is_read_once() -> None:
    table = PatternTable([("price", "^ how much $"), ("end", "^ where $ is")])
    analysis = analyse("so " * 300 + "how is it where it was " + "please " * 300)
    assert table.find(analysis) == []


def test_a_pattern_is_compiled_when_a_sentence_has_its_words_and_only_then(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_it = re.compile

    def noted(expression: str) -> re.Pattern[str]:
        compiled.append(expression)
        return compile_it(expression)

    table = PatternTable([("harbour", "harbour *2 lantern"), ("orchard", "orchard *2 willow")])
    text = analyse("the harbour has no lantern")
    monkeypatch.setattr(re, "compile", noted)
    for _ in range(2):
        assert [hit.key for hit in table.find(text)] == ["harbour"]
    assert ["lantern" in one for one in compiled] == [True]
