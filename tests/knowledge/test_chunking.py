"""K-1: chunks of at most 512 tokens with 50 overlapping, cut at sentence ends where one is near."""

import itertools
import random
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaassist.knowledge.chunking import (
    CHUNK_TOKENS,
    OVERLAP_TOKENS,
    SECTION,
    chunks_of,
    cut,
    embedded_text,
)
from mangaassist.knowledge.documents import Document
from mangaassist.models.encoder import OnnxEncoder

WORDS = re.compile(r"\w+|[^\w\s]")


def spans(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in WORDS.finditer(text)]


def document(body: str, title: str = "Returns") -> Document:
    return Document(
        document_id="d",
        title=title,
        body=body,
        source_type="faq",
        version=1,
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


texts = st.text(alphabet=st.sampled_from("ab .!\n,。あ'x9"), max_size=600)


@given(text=texts, limit=st.integers(10, 60), overlap=st.integers(0, 5))
def test_nothing_of_a_text_is_lost(text: str, limit: int, overlap: int) -> None:
    pieces = cut(text, spans, limit, overlap)
    covered = 0
    for start, end in pieces:
        assert start <= covered, "there is a gap between two pieces"
        assert end > covered, "a piece says nothing new"
        covered = end
    assert not text[covered:].strip() or not spans(text)


@given(text=texts, limit=st.integers(10, 60), overlap=st.integers(0, 5))
def test_no_piece_has_more_tokens_than_the_limit(text: str, limit: int, overlap: int) -> None:
    assert all(len(spans(text[start:end])) <= limit for start, end in cut(text, spans, limit, overlap))


@given(text=texts, limit=st.integers(10, 60), overlap=st.integers(0, 5))
def test_pieces_overlap_by_no_more_than_asked_for(text: str, limit: int, overlap: int) -> None:
    pieces = cut(text, spans, limit, overlap)
    for (_, end), (start, _) in itertools.pairwise(pieces):
        assert len(spans(text[start:end])) <= overlap


def test_pieces_of_plain_words_overlap_by_exactly_what_was_asked_for() -> None:
    text = " ".join(f"word{number}" for number in range(1000))
    pieces = cut(text, spans, 100, 10)
    assert {len(spans(text[start:end])) for (_, end), (start, _) in itertools.pairwise(pieces)} == {10}


def test_a_cut_is_made_after_a_sentence_that_ends_near() -> None:
    text = "one " * 85 + "end. " + "two " * 60
    (start, end), *_ = cut(text, spans, 100, 10)
    assert text[start:end].strip().endswith("end.")


def test_a_sentence_that_ends_too_early_does_not_make_a_short_piece() -> None:
    text = "one. " + "two " * 200
    (start, end), *_ = cut(text, spans, 100, 10)
    assert len(spans(text[start:end])) == 100


def test_a_price_is_not_the_end_of_a_sentence() -> None:
    text = "one " * 90 + "costs 4.99 each " + "two " * 60
    (start, end), *_ = cut(text, spans, 100, 10)
    assert "4.99" in text[start:end]


def test_a_piece_that_is_more_tokens_by_itself_gives_some_to_the_next() -> None:
    """A tokenizer sees a word that was cut in two as other tokens than the whole."""

    def whimsical(text: str) -> list[tuple[int, int]]:
        size = 4 if len(text) > 100 else 2
        return [(start, min(start + size, len(text))) for start in range(0, len(text), size)]

    text = "x" * 210
    pieces = cut(text, whimsical, 20, 2)
    assert all(len(whimsical(text[start:end])) <= 20 for start, end in pieces)
    assert pieces[-1][1] == len(text)


@pytest.mark.parametrize(("tokens", "pieces"), [(0, []), (1, [1]), (99, [99]), (100, [100]), (101, [100, 11])])
def test_one_token_more_than_fits_begins_a_piece_that_repeats_the_overlap(tokens: int, pieces: list[int]) -> None:
    text = " ".join(f"w{number}" for number in range(tokens))
    assert [len(spans(text[start:end])) for start, end in cut(text, spans, 100, 10)] == pieces


@pytest.mark.parametrize("text", ["あ" * 1000, "x9" * 500], ids=["no spaces", "a word without end"])
def test_text_without_sentences_or_spaces_fills_every_piece_but_the_last(text: str) -> None:
    def characters(part: str) -> list[tuple[int, int]]:
        return [(place, place + 1) for place in range(len(part))]

    pieces = cut(text, characters, 100, 10)
    assert {end - start for start, end in pieces[:-1]} == {100}
    assert {end - start for (_, end), (start, _) in itertools.pairwise(pieces)} == {10}


def test_a_table_is_cut_between_its_rows() -> None:
    table = "\n".join(f"| country {number} | {number} days | {number}.99 |" for number in range(60))
    pieces = cut(table, spans, 100, 10)
    assert len(pieces) > 5
    assert all(table[start:end].endswith("|\n") for start, end in pieces[:-1])


def test_a_sentence_in_a_script_without_spaces_ends_a_piece() -> None:
    def characters(part: str) -> list[tuple[int, int]]:
        return [(place, place + 1) for place in range(len(part))]

    text = ("進" * 29 + "。") * 30
    assert all(text[start:end].endswith("。") for start, end in cut(text, characters, 100, 10))


def prose(seed: int, count: int) -> list[str]:
    """Sentences of 3 to 12 words, the same for a seed."""
    rng = random.Random(seed)
    return [
        " ".join("".join(rng.choices("abcdefgh", k=rng.randint(1, 9))) for _ in range(rng.randint(3, 12))) + ". "
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("put_in", [0, 1, 7, 40])
def test_far_from_an_edit_a_page_is_cut_as_before(seed: int, put_in: int) -> None:
    """K-1: an edit changes the pieces around it, however long the page is and however much is put in."""
    before, after = prose(seed, 150), prose(seed + 100, 150)
    old, new = ("".join([*before, *edit, *after]) for edit in (prose(seed + 200, 1), prose(seed + 300, put_in)))
    kept = {old[start:end] for start, end in cut(old, spans, 40, 5)}
    changed = [new[start:end] for start, end in cut(new, spans, 40, 5) if new[start:end] not in kept]
    own = len(spans("".join(prose(seed + 300, put_in)))) / (40 - 5)
    assert len(kept) > 50
    assert len(changed) <= own + 3 * SECTION + 2


def test_an_overlap_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        cut("a b c", spans, 10, 8)


def test_a_page_without_a_body_is_still_found_by_its_title() -> None:
    [only] = chunks_of(document(""), spans)
    assert embedded_text(only, spans) == "Returns"


def test_a_piece_keeps_its_id_when_something_is_put_in_before_it() -> None:
    body = " ".join(f"Sentence {number} tells of {number * 7} things." for number in range(2000))
    old = {chunk.chunk_id: chunk.content for chunk in chunks_of(document(body), spans)}
    new = {chunk.chunk_id: chunk.content for chunk in chunks_of(document("Another beginning. " * 500 + body), spans)}
    assert len(new) > len(old), "more stands before it than one piece holds"
    shared = old.keys() & new.keys() - {"d#0"}
    assert len(shared) > len(old) / 2
    assert all(old[one] == new[one] for one in shared)


def test_pieces_that_say_the_same_have_ids_of_their_own() -> None:
    chunks = chunks_of(document("The same words. " * 3000), spans)
    assert len({chunk.chunk_id for chunk in chunks}) == len(chunks) > 5


def test_a_body_that_begins_with_its_title_is_not_embedded_twice() -> None:
    [only] = chunks_of(document("Returns are free."), spans)
    assert embedded_text(only, spans) == "Returns are free."


@settings(deadline=None)
@given(title=st.text(alphabet="ab c", min_size=1, max_size=400).filter(str.strip), count=st.integers(0, 1500))
def test_title_and_content_fit_the_encoder_together(title: str, count: int) -> None:
    for chunk in chunks_of(document("word " * count, title), spans):
        assert len(spans(embedded_text(chunk, spans))) + 2 <= CHUNK_TOKENS


async def test_the_encoders_own_tokenizer_counts(encoder: OnnxEncoder) -> None:
    body = " ".join(
        f"Unquestionably, paragraph {n} is about antidisestablishmentarianism. 進撃の巨人!" for n in range(300)
    )
    chunks = chunks_of(document(body), encoder.spans)
    assert len(chunks) > 5
    for chunk in chunks:
        assert encoder.count_tokens(embedded_text(chunk, encoder.spans)) + 2 <= CHUNK_TOKENS
        assert chunk.content in body
    for earlier, later in itertools.pairwise(chunks):
        shared = later.content[: len(later.content)]
        while not earlier.content.endswith(shared):
            shared = shared[:-1]
        assert 0 < encoder.count_tokens(shared) <= OVERLAP_TOKENS


@pytest.mark.parametrize("body", ["x" * 50_000, "進" * 5_000, "\u200b" * 3_000, "a\u0301" * 4_000, "🎌" * 3_000])
async def test_text_without_words_or_ends_is_cut_all_the_same(encoder: OnnxEncoder, body: str) -> None:
    for chunk in chunks_of(document(body), encoder.spans):
        assert encoder.count_tokens(embedded_text(chunk, encoder.spans)) + 2 <= CHUNK_TOKENS
