"""What no act asks of a book is answered by the sentence of a page that speaks to it, or plainly not at all (T-11)."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk, ScoredChunk, SourceType
from mangaassist.domain.evidence import Evidence, ProductEvidence
from tests.writing.hand_built import answer, target


@pytest.fixture(scope="session")
def berserk(shelf: SimpleNamespace) -> ProductEvidence:
    return shelf.product("berserk")


def written(title: str, content: str, source: SourceType) -> ScoredChunk:
    chunk = Chunk(
        chunk_id="p#0",
        document_id="p",
        title=title,
        content=content,
        source_type=source,
        category="",
        last_updated=datetime(2026, 11, 1, tzinfo=UTC),
        version=1,
    )
    return ScoredChunk(chunk, 0.5)


GUIDE = (
    "Begin with volume 1. In the end Berserk was finished in colored ink by nobody. The palace burns in a later book."
)


def asked_of(known: ProductEvidence, asked: str, words: tuple[str, ...], *pages: ScoredChunk) -> str:
    evidence = Evidence(products=(known,), chunks=pages)
    return answer(Act.DETAIL, evidence, [target(known)], left_over=asked, describes=words)


def test_the_sentence_of_a_guide_that_names_the_book_and_meets_the_question_is_told(berserk: ProductEvidence) -> None:
    told = asked_of(berserk, "colored ink", ("color", "ink"), written("A guide to ink", GUIDE, "editorial"))

    assert "finished in colored ink" in told
    assert "volume 1" not in told


@pytest.mark.parametrize(
    ("title", "content", "source"),
    [
        ("A guide to ink", "Some books have colored ink.", "editorial"),
        ("A guide to ink", "**Berserk** is long.", "editorial"),
        ("How do I pay?", "Colored ink is no payment.", "faq"),
        ("What readers think", "**Berserk** is praised for colored ink.", "reviews"),
    ],
    ids=["of other books", "of other things", "of other rules", "an opinion"],
)
def test_a_page_that_speaks_of_something_else_answers_nothing(
    berserk: ProductEvidence, title: str, content: str, source: SourceType
) -> None:
    told = asked_of(berserk, "colored ink", ("color", "ink"), written(title, content, source))

    assert "“colored ink”" in told
    assert content not in told


def test_what_is_not_known_is_said_without_a_price_or_another_fact(berserk: ProductEvidence) -> None:
    told = asked_of(berserk, "glow in the dark", ("glow", "dark"))

    assert "glow in the dark" in told
    assert "paperback" not in told
    assert "$" not in told
