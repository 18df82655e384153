"""What no act asks of a book is answered by the sentence of a page that speaks to it, or plainly not at all (T-11)."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk, ScoredChunk, SourceType
from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.domain.meaning import Untold
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

    assert "Berserk" in told
    assert content not in told
    assert "colored ink" not in told


def test_what_is_not_known_is_said_without_a_price_or_another_fact(berserk: ProductEvidence) -> None:
    told = asked_of(berserk, "glow in the dark", ("glow", "dark"))

    assert "“" not in told
    assert "paperback" not in told
    assert "$" not in told


@pytest.mark.parametrize(
    ("kind", "said", "beside"),
    [
        ("story", "what happens in it", ""),
        ("cover", "can't see", ""),
        ("making", "print", "pages"),
        ("sold", "sold", ""),
        ("maker", "Kentaro Miura", ""),
    ],
)
def test_what_no_catalog_tells_is_said_by_its_kind_with_what_is_known_beside_it(
    berserk: ProductEvidence, kind: Untold, said: str, beside: str
) -> None:
    told = answer(Act.DETAIL, Evidence(products=(berserk,)), [target(berserk)], untold=kind, left_over="big spoilers")

    assert "know" in told or "can't" in told
    assert said in told or kind == "story"
    assert beside in told
    assert "big spoilers" not in told


def test_whether_somebody_will_like_it_is_not_foretold_but_helped_with(berserk: ProductEvidence) -> None:
    told = answer(Act.WORTH_IT, Evidence(products=(berserk,)), [target(berserk)], untold="taste")

    assert "I can't know" in told
    assert "out of 5" in told
    assert not told.startswith(("Yes", "Going by readers"))


def test_the_price_in_other_money_is_left_to_the_bank(berserk: ProductEvidence) -> None:
    told = answer(Act.PRICE, Evidence(products=(berserk,)), [target(berserk)], untold="currency")

    assert "US dollars" in told
    assert "bank" in told
