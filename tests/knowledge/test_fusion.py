"""K-2: two ways of searching become one order, and a list does not say the same thing twice."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mangaassist.knowledge import fusion
from mangaassist.knowledge.candidates import word_weight
from mangaassist.knowledge.words import asked, coverage, function_share, indexed

F32 = np.float32
scores = arrays(F32, st.integers(1, 20), elements=st.floats(0, 1, width=32))


def unit(*rows: tuple[float, ...]) -> np.ndarray:
    vectors = np.array(rows, F32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@given(cosines=scores)
def test_without_words_the_order_is_that_of_the_cosines(cosines: np.ndarray) -> None:
    assert fusion.best(fusion.fuse(cosines, np.zeros_like(cosines), 0.3), 5) == fusion.best(cosines, 5)


def test_a_telling_word_lifts_a_chunk_over_one_that_is_a_little_nearer() -> None:
    fused = fusion.fuse(np.array([0.6, 0.5], F32), np.array([0.0, 1.5], F32), 0.25)
    assert fusion.best(fused, 1) == [1]


def test_an_everyday_word_does_not() -> None:
    fused = fusion.fuse(np.array([0.6, 0.5], F32), np.array([0.0, 0.1], F32), 0.25)
    assert fusion.best(fused, 1) == [0]


@given(relevance=scores, count=st.integers(0, 25), diversity=st.floats(0, 1))
def test_mmr_chooses_distinct_places_and_begins_with_the_most_relevant(
    relevance: np.ndarray, count: int, diversity: float
) -> None:
    vectors = np.random.default_rng(len(relevance)).normal(size=(len(relevance), 8)).astype(F32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    chosen = fusion.mmr(relevance, vectors, count, diversity)
    assert len(chosen) == len(set(chosen)) == min(count, len(relevance))
    if chosen and diversity < 1:
        assert relevance[chosen[0]] == relevance.max()


def test_mmr_prefers_another_series_to_a_second_volume() -> None:
    vectors = unit((1, 0.01, 0), (1, 0, 0.01), (0.5, 1, 0))
    assert fusion.mmr(np.array([0.8, 0.79, 0.6], F32), vectors, 2, 0.3) == [0, 2]


def test_mmr_without_diversity_is_the_order_of_relevance() -> None:
    vectors = unit((1, 0.01, 0), (1, 0, 0.01), (0.5, 1, 0))
    assert fusion.mmr(np.array([0.8, 0.79, 0.6], F32), vectors, 3, 0) == [0, 1, 2]


def test_a_chunk_that_repeats_an_earlier_one_is_passed_over() -> None:
    vectors = unit((1, 0), (1, 0.01), (0, 1))
    assert fusion.distinct([0, 1, 2], vectors, 2, 0.97) == [0, 2]


def test_words_weigh_more_in_keywords_than_in_a_sentence() -> None:
    assert word_weight("berserk deluxe 3") > word_weight("how do I send back the parcel I got") > 0


def test_grammar_is_not_looked_up() -> None:
    assert asked("How do I return the 3rd volume of it?") == ["return", "3rd", "volume"]


def test_a_question_of_mere_grammar_looks_nothing_up() -> None:
    assert asked("what is it?") == []
    assert function_share("what is it?") == 1.0


def test_what_a_long_message_looks_up_is_bounded() -> None:
    assert len(asked(" ".join(f"word{n}" for n in range(400)))) == 32


def test_japanese_is_looked_up_in_pairs_of_characters() -> None:
    assert indexed("進撃の巨人 1").split() == ["進撃", "撃の", "の巨", "巨人", "1"]


def test_coverage_is_the_part_of_the_telling_words_that_occurs() -> None:
    assert coverage("How do I return damaged goods?", "Returns: we take what was damaged back.") == 2 / 3
    assert coverage("the", "the") == 0.0
